//! From the digest of a secret to the one who holds it.

use hubtrail_core::time::UtcMs;
use rusqlite::params;

use super::super::{Store, StoreError};
use super::accounts;
use crate::access::{Caller, Who};

impl Store {
    /// The holder of a token that is neither revoked nor expired.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn caller_of_token(&self, digest: &[u8; 32], now: UtcMs) -> Result<Option<Caller>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT id, name, role, accounts FROM token WHERE digest = ?1 AND revoked_at IS NULL \
                 AND (expires_at IS NULL OR expires_at > ?2)",
            )?;
            let mut rows = statement.query(params![digest, now.0])?;
            let Some(row) = rows.next()? else { return Ok(None) };
            let who = Who::Token { id: row.get(0)?, name: row.get(1)? };
            Ok(Some(Caller { who, role: accounts::role(row, 2)?, accounts: accounts::read(row, 3)? }))
        })
    }

    /// The person of a session that has not expired.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn caller_of_session(&self, digest: &[u8; 32], now: UtcMs) -> Result<Option<Caller>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT u.id, u.name, u.role, u.accounts FROM session s JOIN user u ON u.id = s.user \
                 WHERE s.digest = ?1 AND s.expires_at > ?2 AND u.disabled = 0",
            )?;
            let mut rows = statement.query(params![digest, now.0])?;
            let Some(row) = rows.next()? else { return Ok(None) };
            let who = Who::Person { id: row.get(0)?, name: row.get(1)? };
            Ok(Some(Caller { who, role: accounts::role(row, 2)?, accounts: accounts::read(row, 3)? }))
        })
    }
}
