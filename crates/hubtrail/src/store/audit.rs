//! Hubtrail's own audit trail: what people did to Hubtrail itself, from where. Written in the transaction
//! of the change wherever there is one, and never changed afterwards. A detail holds no secret.

use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, Row, params};

use super::{Store, StoreError};
use crate::access::{Accounts, Actor};
use crate::connector::ConnectorId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Newer entries have larger numbers.
    pub id: i64,
    pub at: UtcMs,
    pub actor: String,
    pub origin: String,
    /// What was done to which kind of thing: `user.create`.
    pub action: String,
    pub object: String,
    pub connector: Option<ConnectorId>,
    pub detail: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAudit {
    actor: String,
    origin: String,
    action: &'static str,
    object: String,
    connector: Option<ConnectorId>,
    detail: String,
}

/// Which entries, newest first.
#[derive(Clone, Debug)]
pub struct AuditSearch {
    /// Entries about other connectors, or about none in particular, are for those who see all.
    pub within: Accounts,
    pub connector: Option<ConnectorId>,
    pub actor: Option<String>,
    /// An action, or the beginning of several: `user` finds `user.create`.
    pub action: Option<String>,
    /// Older than the entry of this number.
    pub before: Option<i64>,
    pub limit: u32,
}

impl NewAudit {
    #[must_use]
    pub fn by(actor: &Actor, action: &'static str, object: impl Into<String>) -> Self {
        Self {
            actor: actor.name.clone(),
            origin: actor.origin.clone(),
            action,
            object: object.into(),
            connector: None,
            detail: String::new(),
        }
    }

    #[must_use]
    pub fn connector(self, connector: Option<ConnectorId>) -> Self {
        Self { connector, ..self }
    }

    #[must_use]
    pub fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }
}

impl Store {
    /// For what is not itself a change of the log; a change writes its entry along.
    ///
    /// # Errors
    /// When it could not be stored.
    pub fn audit(&self, entry: NewAudit, at: UtcMs) -> Result<(), StoreError> {
        self.write(move |writer| append(&writer.conn, &entry, at))
    }

    /// # Errors
    /// When the log cannot be read.
    pub fn audit_trail(&self, search: &AuditSearch) -> Result<Vec<AuditEntry>, StoreError> {
        let connectors = match (&search.within, search.connector) {
            (Accounts::All, None) => None,
            (within, Some(wanted)) if within.contain(wanted) => Some(vec![wanted]),
            (Accounts::Some(own), None) => Some(own.iter().copied().collect()),
            (_, Some(_)) => return Ok(Vec::new()),
        };
        let among = connectors.map_or_else(|| "1".to_owned(), |connectors| one_of(&connectors));
        let sql = format!(
            "SELECT id, at, actor, origin, action, object, connector, detail FROM audit WHERE {among} \
             AND id < ?1 AND (?2 IS NULL OR actor = ?2) \
             AND (?3 IS NULL OR action = ?3 OR substr(action, 1, length(?3) + 1) = ?3 || '.') \
             ORDER BY id DESC LIMIT ?4"
        );
        let before = search.before.unwrap_or(i64::MAX);
        self.read(|conn| {
            let mut statement = conn.prepare(&sql)?;
            let entries =
                statement.query_map(params![before, search.actor, search.action, search.limit], read)?;
            Ok(entries.collect::<Result<_, _>>()?)
        })
    }
}

/// Numbers only: nothing of a person's is put into SQL.
fn one_of(connectors: &[ConnectorId]) -> String {
    let ids: Vec<String> = connectors.iter().map(|id| id.0.to_string()).collect();
    format!("connector IN ({})", ids.join(","))
}

pub(super) fn append(conn: &Connection, entry: &NewAudit, at: UtcMs) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO audit (at, actor, origin, action, object, connector, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        at.0,
        entry.actor,
        entry.origin,
        entry.action,
        entry.object,
        entry.connector.map(|connector| connector.0),
        entry.detail,
    ])?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<AuditEntry> {
    Ok(AuditEntry {
        id: row.get(0)?,
        at: UtcMs(row.get(1)?),
        actor: row.get(2)?,
        origin: row.get(3)?,
        action: row.get(4)?,
        object: row.get(5)?,
        connector: row.get::<_, Option<i64>>(6)?.map(ConnectorId),
        detail: row.get(7)?,
    })
}
