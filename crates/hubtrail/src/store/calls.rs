//! How much of today's share of an account's calls is used. A restart must not forget it: other
//! integrations live on the same allowance.

use hubtrail_core::allowance::{Spent, Usage};
use rusqlite::{OptionalExtension as _, params};
use serde::de::DeserializeOwned;

use super::{Store, StoreError};
use crate::connector::ConnectorId;

impl Store {
    /// # Errors
    /// When the log cannot be read.
    pub fn spent(&self, connector: ConnectorId) -> Result<Option<Spent>, StoreError> {
        self.stored_calls(connector, "SELECT spent FROM calls WHERE connector = ?1")
    }

    /// The limits, and what was used of them, as they were when they were last stored.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn usage(&self, connector: ConnectorId) -> Result<Option<Usage>, StoreError> {
        self.stored_calls(connector, "SELECT usage FROM calls WHERE connector = ?1")
    }

    fn stored_calls<T: DeserializeOwned>(
        &self,
        connector: ConnectorId,
        sql: &str,
    ) -> Result<Option<T>, StoreError> {
        let stored: Option<Option<String>> = self.read(|conn| {
            Ok(conn.prepare_cached(sql)?.query_row([connector.0], |row| row.get(0)).optional()?)
        })?;
        // Of another version's form nothing can be counted, and by tomorrow it does not matter.
        Ok(stored.flatten().and_then(|json| serde_json::from_str(&json).ok()))
    }

    /// # Errors
    /// When it could not be stored.
    pub fn set_spent(&self, connector: ConnectorId, spent: &Spent, usage: &Usage) -> Result<(), StoreError> {
        let (Ok(spent), Ok(usage)) = (serde_json::to_string(spent), serde_json::to_string(usage)) else {
            return Ok(());
        };
        self.write(move |writer| {
            writer
                .conn
                .prepare_cached(
                    "INSERT INTO calls (connector, spent, usage) VALUES (?1, ?2, ?3) \
                     ON CONFLICT (connector) DO UPDATE SET spent = excluded.spent, usage = excluded.usage",
                )?
                .execute(params![connector.0, spent, usage])?;
            Ok(())
        })
    }
}
