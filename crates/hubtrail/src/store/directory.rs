//! Who is behind the user ids of an account's events, as HubSpot last told. Looked up when an event is
//! shown; never part of what an event is.

use hubtrail_core::time::UtcMs;
use rusqlite::{OptionalExtension as _, Row, params};

use super::{Store, StoreError, connectors};
use crate::connector::ConnectorId;
use crate::hubspot::{Directory, Person};

/// When the lists were last read, and which of them the token may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirectoryRead {
    pub at: UtcMs,
    pub users_allowed: bool,
    pub owners_allowed: bool,
}

const PUT: &str = "INSERT INTO directory (connector, user_id, email, first_name, last_name, role, gone, fetched_at) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (connector, user_id) DO UPDATE SET \
     email = coalesce(excluded.email, email), first_name = coalesce(excluded.first_name, first_name), \
     last_name = coalesce(excluded.last_name, last_name), role = excluded.role, gone = excluded.gone, \
     fetched_at = excluded.fetched_at";

impl Store {
    /// Puts what HubSpot tells now in the place of what it told before. Whoever is no longer in the list of
    /// users has left, and is remembered.
    ///
    /// # Errors
    /// When nothing of it was stored.
    pub fn replace_people(
        &self,
        connector: ConnectorId,
        directory: Directory,
        at: UtcMs,
    ) -> Result<(), StoreError> {
        self.write(move |writer| {
            let conn = &writer.conn;
            connectors::must_exist(conn, connector)?;
            if directory.users_allowed {
                conn.prepare_cached("UPDATE directory SET gone = 1, fetched_at = ?2 WHERE connector = ?1")?
                    .execute(params![connector.0, at.0])?;
            }
            let mut put = conn.prepare_cached(PUT)?;
            for Person { user_id, email, first_name, last_name, role, gone } in &directory.people {
                put.execute(params![connector.0, user_id, email, first_name, last_name, role, gone, at.0])?;
            }
            conn.prepare_cached(
                "INSERT INTO directory_read (connector, at, users_allowed, owners_allowed) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (connector) DO UPDATE SET at = excluded.at, \
                 users_allowed = excluded.users_allowed, owners_allowed = excluded.owners_allowed",
            )?
            .execute(params![connector.0, at.0, directory.users_allowed, directory.owners_allowed])?;
            Ok(())
        })
    }

    /// None when the lists were never read.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn directory_read(&self, connector: ConnectorId) -> Result<Option<DirectoryRead>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT at, users_allowed, owners_allowed FROM directory_read WHERE connector = ?1";
            let read = conn.prepare_cached(sql)?.query_row([connector.0], |row| {
                Ok(DirectoryRead {
                    at: UtcMs(row.get(0)?),
                    users_allowed: row.get(1)?,
                    owners_allowed: row.get(2)?,
                })
            });
            Ok(read.optional()?)
        })
    }

    /// Everybody who was ever known, by user id.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn people(&self, connector: ConnectorId) -> Result<Vec<Person>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT user_id, email, first_name, last_name, role, gone FROM directory \
                       WHERE connector = ?1 ORDER BY user_id";
            let mut statement = conn.prepare_cached(sql)?;
            let people = statement.query_map([connector.0], read)?;
            Ok(people.collect::<Result<_, _>>()?)
        })
    }

    /// # Errors
    /// When the log cannot be read.
    pub fn person(&self, connector: ConnectorId, user_id: &str) -> Result<Option<Person>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT user_id, email, first_name, last_name, role, gone FROM directory \
                       WHERE connector = ?1 AND user_id = ?2";
            Ok(conn.prepare_cached(sql)?.query_row(params![connector.0, user_id], read).optional()?)
        })
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Person> {
    Ok(Person {
        user_id: row.get(0)?,
        email: row.get(1)?,
        first_name: row.get(2)?,
        last_name: row.get(3)?,
        role: row.get(4)?,
        gone: row.get(5)?,
    })
}
