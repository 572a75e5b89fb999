//! What stands in the way of a stream, in words: what happened, and what a person does about it. It
//! stands until it is cleared, so that a status screen shows it for as long as it is true.

use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Store, StoreError, stream};
use crate::connector::ConnectorId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// A short word for programs, such as `credentials`.
    pub kind: String,
    pub message: String,
    pub fix: String,
    pub at: UtcMs,
}

impl Store {
    /// # Errors
    /// When it could not be stored.
    pub fn set_failure(
        &self,
        connector: ConnectorId,
        stream: Stream,
        failure: Failure,
    ) -> Result<(), StoreError> {
        self.write(move |writer| {
            let id = stream::find_or_add(&writer.conn, connector, stream)?;
            writer
                .conn
                .prepare_cached(
                    "INSERT INTO failure (stream, kind, message, fix, at) VALUES (?1, ?2, ?3, ?4, ?5) \
                     ON CONFLICT (stream) DO UPDATE SET kind = excluded.kind, message = excluded.message, \
                     fix = excluded.fix, at = excluded.at",
                )?
                .execute(params![id, failure.kind, failure.message, failure.fix, failure.at.0])?;
            Ok(())
        })
    }

    /// # Errors
    /// When it could not be stored.
    pub fn clear_failure(&self, connector: ConnectorId, stream: Stream) -> Result<(), StoreError> {
        self.write(move |writer| {
            if let Some(id) = stream::find(&writer.conn, connector, stream)? {
                writer.conn.prepare_cached("DELETE FROM failure WHERE stream = ?1")?.execute([id])?;
            }
            Ok(())
        })
    }
}

pub(super) fn of(conn: &Connection, stream: i64) -> Result<Option<Failure>, StoreError> {
    let mut statement =
        conn.prepare_cached("SELECT kind, message, fix, at FROM failure WHERE stream = ?1")?;
    let failure = statement.query_row([stream], |row| {
        Ok(Failure { kind: row.get(0)?, message: row.get(1)?, fix: row.get(2)?, at: UtcMs(row.get(3)?) })
    });
    Ok(failure.optional()?)
}
