//! The sessions of people who signed in. One ends when it was not used for a while, when it is old, when
//! its person signs out, is disabled, or gets another password.

use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, params};

use super::super::audit::{self, NewAudit};
use super::super::{Store, StoreError};
use super::users;
use crate::access::{Actor, Digest};

#[derive(Clone, Debug)]
pub struct NewSession {
    pub digest: Digest,
    pub user: i64,
    pub created_at: UtcMs,
    pub expires_at: UtcMs,
}

impl Store {
    /// # Errors
    /// When there is no such user any more, or it could not be stored.
    pub fn start_session(&self, new: NewSession, actor: &Actor) -> Result<(), StoreError> {
        let actor = actor.clone();
        self.write(move |writer| {
            let (conn, at) = (&writer.conn, new.created_at);
            let user = users::enabled(conn, new.user)?;
            conn.prepare_cached("DELETE FROM session WHERE expires_at <= ?1")?.execute([at.0])?;
            let sql = "INSERT INTO session (digest, user, created_at, expires_at) VALUES (?1, ?2, ?3, ?4)";
            conn.prepare_cached(sql)?.execute(params![new.digest, user.id, at.0, new.expires_at.0])?;
            conn.prepare_cached("UPDATE user SET signed_in_at = ?2 WHERE id = ?1")?
                .execute(params![user.id, at.0])?;
            audit::append(conn, &NewAudit::by(&actor, "session.create", &user.name), at)
        })
    }

    /// Moves the end of a session that is in use.
    ///
    /// # Errors
    /// When it could not be stored.
    pub fn extend_session(&self, digest: Digest, expires_at: UtcMs) -> Result<(), StoreError> {
        self.write(move |writer| {
            let sql = "UPDATE session SET expires_at = max(expires_at, ?2) WHERE digest = ?1";
            writer.conn.prepare_cached(sql)?.execute(params![digest, expires_at.0])?;
            Ok(())
        })
    }

    /// # Errors
    /// When it could not be stored.
    pub fn end_session(&self, digest: Digest, actor: &Actor, at: UtcMs) -> Result<(), StoreError> {
        let actor = actor.clone();
        self.write(move |writer| {
            let ended =
                writer.conn.prepare_cached("DELETE FROM session WHERE digest = ?1")?.execute([digest])?;
            if ended > 0 {
                audit::append(&writer.conn, &NewAudit::by(&actor, "session.delete", &actor.name), at)?;
            }
            Ok(())
        })
    }
}

pub(super) fn end_all_of(conn: &Connection, user: i64) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM session WHERE user = ?1")?.execute([user])?;
    Ok(())
}
