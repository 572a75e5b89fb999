//! From the digest of a secret to the one who holds it.

use hubtrail_core::time::UtcMs;
use rusqlite::params;

use super::super::{Store, StoreError};
use super::accounts;
use crate::access::{Caller, Digest, Who};

/// A credential that holds, and when it was last known to be in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    pub caller: Caller,
    /// Of a token: the last use that was noted. Of a session: when it ends without another use.
    pub noted: Option<UtcMs>,
    pub created_at: UtcMs,
}

impl Store {
    /// The holder of a token that is neither revoked nor expired.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn credential_of_token(&self, digest: &Digest, now: UtcMs) -> Result<Option<Credential>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT id, name, role, accounts, used_at, created_at FROM token WHERE digest = ?1 \
                 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?2)",
            )?;
            let mut rows = statement.query(params![digest, now.0])?;
            let Some(row) = rows.next()? else { return Ok(None) };
            let who = Who::Token { id: row.get(0)?, name: row.get(1)? };
            credential(row, who).map(Some)
        })
    }

    /// The person of a session that has not expired.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn credential_of_session(
        &self,
        digest: &Digest,
        now: UtcMs,
    ) -> Result<Option<Credential>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT u.id, u.name, u.role, u.accounts, s.expires_at, s.created_at \
                 FROM session s JOIN user u ON u.id = s.user \
                 WHERE s.digest = ?1 AND s.expires_at > ?2 AND u.disabled = 0",
            )?;
            let mut rows = statement.query(params![digest, now.0])?;
            let Some(row) = rows.next()? else { return Ok(None) };
            let who = Who::Person { id: row.get(0)?, name: row.get(1)? };
            credential(row, who).map(Some)
        })
    }
}

fn credential(row: &rusqlite::Row<'_>, who: Who) -> Result<Credential, StoreError> {
    Ok(Credential {
        caller: Caller { who, role: accounts::role(row, 2)?, accounts: accounts::read(row, 3)? },
        noted: row.get::<_, Option<i64>>(4)?.map(UtcMs),
        created_at: UtcMs(row.get(5)?),
    })
}
