//! The connectors as the log keeps them. An account key is taken once and for all; a token is sealed
//! before it gets here, or it does not get here.

use std::collections::HashMap;
use std::path::Path;

use hubtrail_core::identity::AccountKey;
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Store, StoreError};
use crate::connector::{AlertBudget, Connector, ConnectorId, Credentials, Invalid, Settings};
use crate::secret::{Keyring, Sealed};
use row::select;

mod row;

#[derive(Clone, Debug)]
pub struct NewConnector {
    pub settings: Settings,
    pub created_at: UtcMs,
}

impl Store {
    /// Adds a connector under the account key that is free for its name, with what opens the account sealed
    /// for that key.
    ///
    /// # Errors
    /// When a setting is refused, the name is taken, or it could not be stored.
    pub fn add_connector(
        &self,
        new: NewConnector,
        credentials: impl Into<Credentials>,
        keyring: &Keyring,
    ) -> Result<Connector, StoreError> {
        new.settings.check()?;
        let (keyring, credentials) = (keyring.clone(), credentials.into());
        self.write(move |writer| {
            let conn = &writer.conn;
            refuse_taken_name(conn, &new.settings.name, None)?;
            let mut connector = Connector {
                id: ConnectorId(0),
                account: take_account_key(conn, &new.settings.name)?,
                settings: new.settings,
                sealed_token: Sealed(Vec::new()),
                sealed_oauth: None,
                created_at: new.created_at,
                portal_id: None,
                time_zone: None,
                removed: false,
                declared: false,
                revision: 1,
            };
            connector.put_sealed(&credentials, &keyring)?;
            connector.id = row::insert(conn, &connector)?;
            Ok(connector)
        })
    }

    /// Those that collect, by name.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn connectors(&self) -> Result<Vec<Connector>, StoreError> {
        self.read(|conn| all(conn, select!("WHERE removed = 0 ORDER BY name")))
    }

    /// How many alerts are wanted of those that have a number of their own.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn alert_budgets(&self) -> Result<HashMap<ConnectorId, AlertBudget>, StoreError> {
        let own = self.read(|conn| all(conn, select!("WHERE alert_budget <> 'default'")))?;
        Ok(own.into_iter().map(|connector| (connector.id, connector.settings.alert_budget)).collect())
    }

    /// Those that are neither paused nor removed, each with its revision.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn collecting(&self) -> Result<Vec<(ConnectorId, i64)>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT id, revision FROM connector WHERE removed = 0 AND paused = 0";
            let mut statement = conn.prepare_cached(sql)?;
            let rows = statement.query_map([], |row| Ok((ConnectorId(row.get(0)?), row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Also those that were removed while their entries were kept, for naming the origin of an entry.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn connectors_ever(&self) -> Result<Vec<Connector>, StoreError> {
        self.read(|conn| all(conn, select!("ORDER BY id")))
    }

    /// # Errors
    /// When there is none of that number.
    pub fn connector_by_id(&self, id: ConnectorId) -> Result<Connector, StoreError> {
        self.read(|conn| by_id(conn, id))
    }

    /// As [`Store::connector_by_id`], also one that was removed while its entries were kept.
    ///
    /// # Errors
    /// When there is none of that number.
    pub fn connector_ever(&self, id: ConnectorId) -> Result<Connector, StoreError> {
        self.read(|conn| one(conn, select!("WHERE id = ?1"), id))
    }

    /// # Errors
    /// When there is none of that name; the error lists those that exist.
    pub fn connector(&self, name: &str) -> Result<Connector, StoreError> {
        self.read(|conn| by_name(conn, name))
    }

    /// Stores the settings, if nobody has changed them since they were read, and gives them back as stored.
    ///
    /// # Errors
    /// When a setting is refused, the name is taken, the connector was changed meanwhile or removed, or the
    /// configuration file declares it.
    pub fn update_connector(&self, connector: &Connector) -> Result<Connector, StoreError> {
        connector.settings.check()?;
        let connector = connector.clone();
        self.write(move |writer| {
            refuse_declared(&writer.conn, connector.id)?;
            refuse_other_host(&by_id(&writer.conn, connector.id)?, &connector)?;
            update(&writer.conn, &connector)
        })
    }

    /// As [`Store::update_connector`], together with what opens the account from now on.
    ///
    /// # Errors
    /// As [`Store::update_connector`], or when the credentials cannot be sealed.
    pub fn replace_credentials(
        &self,
        connector: &Connector,
        credentials: impl Into<Credentials>,
        keyring: &Keyring,
    ) -> Result<Connector, StoreError> {
        connector.settings.check()?;
        let mut connector = connector.clone();
        connector.put_sealed(&credentials.into(), keyring)?;
        self.write(move |writer| {
            refuse_declared(&writer.conn, connector.id)?;
            update(&writer.conn, &connector)?;
            row::replace_credentials(&writer.conn, &connector)?;
            by_id(&writer.conn, connector.id)
        })
    }

    /// Keeps the refresh token that HubSpot gave in place of the one that is sealed in `old`, unless a person
    /// has replaced that one meanwhile. Nothing that is configured changes by it.
    ///
    /// # Errors
    /// When it could not be stored.
    pub fn keep_refresh_token(&self, id: ConnectorId, old: Sealed, new: Sealed) -> Result<(), StoreError> {
        self.write(move |writer| {
            let sql = "UPDATE connector SET sealed_oauth = ?3 WHERE id = ?1 AND sealed_oauth = ?2";
            writer.conn.prepare_cached(sql)?.execute(params![id.0, old.0, new.0])?;
            Ok(())
        })
    }

    /// As [`Store::update_connector`], by the configuration file that declares it; none: it no longer does.
    ///
    /// # Errors
    /// When a setting is refused, the name is taken, or the connector was changed meanwhile or removed.
    pub fn declare_connector(
        &self,
        connector: &Connector,
        credentials: Option<(&Credentials, &Keyring)>,
        file: Option<&Path>,
    ) -> Result<Connector, StoreError> {
        connector.settings.check()?;
        let (mut connector, file) = (connector.clone(), file.map(|file| file.display().to_string()));
        if let Some((credentials, keyring)) = credentials {
            connector.put_sealed(credentials, keyring)?;
        }
        let replace = credentials.is_some();
        self.write(move |writer| {
            let conn = &writer.conn;
            update(conn, &connector)?;
            if replace {
                row::replace_credentials(conn, &connector)?;
            }
            let sql = "UPDATE connector SET declared_in = ?2 WHERE id = ?1";
            conn.prepare_cached(sql)?.execute(params![connector.id.0, file])?;
            by_id(conn, connector.id)
        })
    }

    /// Keeps what HubSpot says of the account, which nobody configures.
    ///
    /// # Errors
    /// When it could not be stored.
    pub fn note_account(
        &self,
        id: ConnectorId,
        portal_id: Option<i64>,
        time_zone: Option<String>,
    ) -> Result<(), StoreError> {
        self.write(move |writer| {
            let sql = "UPDATE connector SET portal_id = coalesce(?2, portal_id), \
                       time_zone = coalesce(?3, time_zone) WHERE id = ?1";
            writer.conn.prepare_cached(sql)?.execute(params![id.0, portal_id, time_zone])?;
            Ok(())
        })
    }
}

fn update(conn: &Connection, connector: &Connector) -> Result<Connector, StoreError> {
    let stored = by_id(conn, connector.id)?;
    if stored.revision != connector.revision {
        return Err(StoreError::Conflict { name: stored.settings.name });
    }
    refuse_taken_name(conn, &connector.settings.name, Some(connector.id))?;
    row::update(conn, connector)?;
    by_id(conn, connector.id)
}

/// Whoever may change settings may not thereby send the token where they can read it.
fn refuse_other_host(stored: &Connector, wanted: &Connector) -> Result<(), Invalid> {
    if stored.settings.base_url.origin() == wanted.settings.base_url.origin() {
        return Ok(());
    }
    Err(Invalid {
        field: "base_url",
        reason: "the token would be sent to another host".to_owned(),
        fix: "give the token again together with the address",
    })
}

/// The one place that keeps a declared connector as it is declared.
pub(super) fn refuse_declared(conn: &Connection, id: ConnectorId) -> Result<(), StoreError> {
    let sql = "SELECT name, declared_in FROM connector WHERE id = ?1 AND declared_in IS NOT NULL";
    let declared = conn.prepare_cached(sql)?.query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)));
    match declared.optional()? {
        Some((name, file)) => Err(StoreError::Declared { name, file }),
        None => Ok(()),
    }
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
        connectors.push(row::read(row)?);
    }
    Ok(connectors)
}

pub(super) fn by_name(conn: &Connection, name: &str) -> Result<Connector, StoreError> {
    let mut statement = conn.prepare_cached(select!("WHERE removed = 0 AND name = ?1"))?;
    let mut rows = statement.query([name.trim()])?;
    match rows.next()? {
        Some(found) => row::read(found),
        None => Err(unknown(conn, name)),
    }
}

fn by_id(conn: &Connection, id: ConnectorId) -> Result<Connector, StoreError> {
    one(conn, select!("WHERE removed = 0 AND id = ?1"), id)
}

fn one(conn: &Connection, sql: &str, id: ConnectorId) -> Result<Connector, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([id.0])?;
    match rows.next()? {
        Some(found) => row::read(found),
        None => Err(unknown(conn, &format!("number {id}"))),
    }
}

pub(super) fn is_there(conn: &Connection, id: ConnectorId) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM connector WHERE id = ?1 AND removed = 0";
    Ok(conn.prepare_cached(sql)?.exists([id.0])?)
}

pub(super) fn must_exist(conn: &Connection, id: ConnectorId) -> Result<(), StoreError> {
    if is_there(conn, id)? { Ok(()) } else { Err(unknown(conn, &format!("number {id}"))) }
}

fn unknown(conn: &Connection, name: &str) -> StoreError {
    let known = all(conn, select!("WHERE removed = 0 ORDER BY name"));
    let known = match known {
        Ok(connectors) => connectors.into_iter().map(|connector| connector.settings.name).collect(),
        Err(error) => return error,
    };
    StoreError::UnknownConnector { name: name.to_owned(), known }
}
