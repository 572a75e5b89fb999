//! The connectors as the log keeps them. An account key is taken once and for all; a token is sealed
//! before it gets here, or it does not get here.

use hubtrail_core::identity::AccountKey;
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use secrecy::SecretString;

use super::{Store, StoreError};
use crate::connector::{Connector, ConnectorId, Settings};
use crate::secret::{Context, Keyring, Sealed};

#[derive(Clone, Debug)]
pub struct NewConnector {
    pub settings: Settings,
    pub created_at: UtcMs,
}

macro_rules! select_connector {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, account, base_url, api_version, start, poll_interval_ms, rate_limit, page_size, paused, ",
            "sealed_token, created_at, portal_id, time_zone, removed FROM connector ",
            $rest
        )
    };
}

impl Store {
    /// Adds a connector under the account key that is free for its name, with its token sealed for that key.
    ///
    /// # Errors
    /// When a setting is refused, the name is taken, or it could not be stored.
    pub fn add_connector(
        &self,
        new: NewConnector,
        token: SecretString,
        keyring: &Keyring,
    ) -> Result<Connector, StoreError> {
        new.settings.check()?;
        let keyring = keyring.clone();
        self.write(move |writer| {
            let conn = &writer.conn;
            refuse_taken_name(conn, &new.settings.name, None)?;
            let account = take_account_key(conn, &new.settings.name)?;
            let sealed = keyring.seal(Context { account: &account, field: Context::TOKEN }, &token)?;
            conn.prepare_cached(
                "INSERT INTO connector (account, created_at, name, base_url, api_version, start, poll_interval_ms, \
                 rate_limit, page_size, paused, sealed_token) VALUES (?1, ?2, '', '', '', '', 0, '', 0, 0, x'')",
            )?
            .execute(params![account.0, new.created_at.0])?;
            let connector = Connector {
                id: ConnectorId(conn.last_insert_rowid()),
                account,
                settings: new.settings,
                sealed_token: sealed,
                created_at: new.created_at,
                portal_id: None,
                time_zone: None,
                removed: false,
            };
            save(conn, &connector)?;
            Ok(connector)
        })
    }

    /// Those that collect, by name.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn connectors(&self) -> Result<Vec<Connector>, StoreError> {
        self.read(|conn| all(conn, select_connector!("WHERE removed = 0 ORDER BY name")))
    }

    /// Also those that were removed while their entries were kept, for naming the origin of an entry.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn connectors_ever(&self) -> Result<Vec<Connector>, StoreError> {
        self.read(|conn| all(conn, select_connector!("ORDER BY id")))
    }

    /// # Errors
    /// When there is none of that name; the error lists those that exist.
    pub fn connector(&self, name: &str) -> Result<Connector, StoreError> {
        self.read(|conn| by_name(conn, name))
    }

    /// Stores everything but the account key and the time of creation, which never change.
    ///
    /// # Errors
    /// When a setting is refused, the name is taken, or the connector was removed.
    pub fn update_connector(&self, connector: &Connector) -> Result<(), StoreError> {
        connector.settings.check()?;
        let connector = connector.clone();
        self.write(move |writer| {
            must_exist(&writer.conn, connector.id)?;
            refuse_taken_name(&writer.conn, &connector.settings.name, Some(connector.id))?;
            save(&writer.conn, &connector)
        })
    }
}

fn save(conn: &Connection, connector: &Connector) -> Result<(), StoreError> {
    let settings = &connector.settings;
    conn.prepare_cached(
        "UPDATE connector SET name = ?2, base_url = ?3, api_version = ?4, start = ?5, poll_interval_ms = ?6, \
         rate_limit = ?7, page_size = ?8, paused = ?9, sealed_token = ?10, portal_id = ?11, time_zone = ?12 WHERE id = ?1",
    )?
    .execute(params![
        connector.id.0,
        settings.name,
        settings.base_url.as_str(),
        settings.api_version.as_str(),
        settings.start.to_string(),
        settings.poll_interval_ms,
        settings.rate_limit.to_string(),
        settings.page_size,
        settings.paused,
        connector.sealed_token.0,
        connector.portal_id,
        connector.time_zone,
    ])?;
    Ok(())
}

/// The connector's name, or the first `name-2`, `name-3` … that no connector ever had.
fn take_account_key(conn: &Connection, name: &str) -> Result<AccountKey, StoreError> {
    let mut statement =
        conn.prepare_cached("INSERT INTO account (key) VALUES (?1) ON CONFLICT DO NOTHING")?;
    let mut key = name.to_owned();
    let mut n = 1_u64;
    while statement.execute([&key])? == 0 {
        n += 1;
        key = format!("{name}-{n}");
    }
    Ok(AccountKey(key))
}

fn refuse_taken_name(conn: &Connection, name: &str, own: Option<ConnectorId>) -> Result<(), StoreError> {
    let sql = "SELECT id FROM connector WHERE removed = 0 AND name = ?1";
    let holder = conn.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?;
    if holder.map(ConnectorId).is_some_and(|holder| Some(holder) != own) {
        return Err(StoreError::DuplicateName(name.to_owned()));
    }
    Ok(())
}

fn all(conn: &Connection, sql: &str) -> Result<Vec<Connector>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut connectors = Vec::new();
    while let Some(row) = rows.next()? {
        connectors.push(read(row)?);
    }
    Ok(connectors)
}

pub(super) fn by_name(conn: &Connection, name: &str) -> Result<Connector, StoreError> {
    let mut statement = conn.prepare_cached(select_connector!("WHERE removed = 0 AND name = ?1"))?;
    let mut rows = statement.query([name.trim()])?;
    match rows.next()? {
        Some(row) => read(row),
        None => Err(unknown(conn, name)),
    }
}

pub(super) fn must_exist(conn: &Connection, id: ConnectorId) -> Result<(), StoreError> {
    let sql = "SELECT 1 FROM connector WHERE id = ?1 AND removed = 0";
    if conn.prepare_cached(sql)?.exists([id.0])? {
        Ok(())
    } else {
        Err(unknown(conn, &format!("number {id}")))
    }
}

fn unknown(conn: &Connection, name: &str) -> StoreError {
    let known = all(conn, select_connector!("WHERE removed = 0 ORDER BY name"));
    let known = match known {
        Ok(connectors) => connectors.into_iter().map(|connector| connector.settings.name).collect(),
        Err(error) => return error,
    };
    StoreError::UnknownConnector { name: name.to_owned(), known }
}

fn read(row: &Row<'_>) -> Result<Connector, StoreError> {
    let text = |column| row.get::<_, String>(column);
    let damaged = |error: &dyn std::fmt::Display| StoreError::unreadable("a connector", error);
    Ok(Connector {
        id: ConnectorId(row.get(0)?),
        account: AccountKey(text(2)?),
        settings: Settings {
            name: text(1)?,
            base_url: text(3)?.parse().map_err(|error| damaged(&error))?,
            api_version: text(4)?.parse().map_err(|error| damaged(&error))?,
            start: text(5)?.parse().map_err(|error| damaged(&error))?,
            poll_interval_ms: row.get(6)?,
            rate_limit: text(7)?.parse().map_err(|error| damaged(&error))?,
            page_size: row.get(8)?,
            paused: row.get(9)?,
        },
        sealed_token: Sealed(row.get(10)?),
        created_at: UtcMs(row.get(11)?),
        portal_id: row.get(12)?,
        time_zone: row.get(13)?,
        removed: row.get(14)?,
    })
}
