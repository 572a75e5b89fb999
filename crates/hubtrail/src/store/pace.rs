//! How fast a history is being collected, from the newest entries of it.

use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use rusqlite::params;

use super::{Store, StoreError, stream, writer};
use crate::connector::ConnectorId;

/// So many of the log's newest entries are looked at, whosever they are.
const MOST: i64 = 4_000;

/// What the newest entries of a history tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    pub entries: i64,
    /// In how much time they came.
    pub took_ms: i64,
    /// How much of the history they span.
    pub spanned_ms: i64,
}

pub(super) const NEWEST: &str = "SELECT count(*), max(seen_at) - min(seen_at), max(timestamp) - min(timestamp) \
     FROM entry WHERE position > ?4 AND +stream = ?1 AND +timestamp <= ?2 AND seen_at >= ?3";

impl Store {
    /// Of the entries dated until `to` that came since `after`.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn pace(
        &self,
        connector: ConnectorId,
        stream: Stream,
        to: UtcMs,
        after: UtcMs,
    ) -> Result<Option<Pace>, StoreError> {
        self.read(|conn| {
            let Some(id) = stream::find(conn, connector, stream)? else { return Ok(None) };
            let row = params![id, to.0, after.0, writer::stored_head(conn)?.0 - MOST];
            let pace = conn.prepare_cached(NEWEST)?.query_row(row, |row| {
                Ok(Pace {
                    entries: row.get(0)?,
                    took_ms: row.get::<_, Option<i64>>(1)?.unwrap_or_default(),
                    spanned_ms: row.get::<_, Option<i64>>(2)?.unwrap_or_default(),
                })
            })?;
            Ok(Some(pace).filter(|pace| pace.entries > 1 && pace.took_ms > 0))
        })
    }
}
