//! How much of today's share of an account's calls is used. A restart must not forget it: other
//! integrations live on the same allowance.

use hubtrail_core::allowance::Spent;
use rusqlite::{OptionalExtension as _, params};

use super::{Store, StoreError};
use crate::connector::ConnectorId;

impl Store {
    /// # Errors
    /// When the log cannot be read.
    pub fn spent(&self, connector: ConnectorId) -> Result<Option<Spent>, StoreError> {
        let stored: Option<String> = self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT spent FROM calls WHERE connector = ?1")?;
            Ok(statement.query_row([connector.0], |row| row.get(0)).optional()?)
        })?;
        // Of another version's form nothing can be counted, and by tomorrow it does not matter.
        Ok(stored.and_then(|json| serde_json::from_str(&json).ok()))
    }

    /// # Errors
    /// When it could not be stored.
    pub fn set_spent(&self, connector: ConnectorId, spent: &Spent) -> Result<(), StoreError> {
        let Ok(json) = serde_json::to_string(spent) else { return Ok(()) };
        self.write(move |writer| {
            writer
                .conn
                .prepare_cached(
                    "INSERT INTO calls (connector, spent) VALUES (?1, ?2) \
                     ON CONFLICT (connector) DO UPDATE SET spent = excluded.spent",
                )?
                .execute(params![connector.0, json])?;
            Ok(())
        })
    }
}
