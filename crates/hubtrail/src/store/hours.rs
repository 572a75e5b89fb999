//! What was heard of HubSpot, hour by hour: that it answered, and what stood in the way. Facts only; what an hour
//! was like is for whoever reads them.

use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, params};

use super::{Store, StoreError, entry};
use crate::connector::ConnectorId;

/// HubSpot answered.
pub(crate) const ANSWERED: &str = "answered";

const KEPT_MS: i64 = 90 * 24 * 3_600_000;

/// Something that was heard in an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    pub stream: Stream,
    pub hour: UtcMs,
    /// `answered`, or the kind of a failure.
    pub what: String,
}

/// Once an hour; the rest of the time it costs a look.
pub(super) fn note(conn: &Connection, stream: i64, at: UtcMs, what: &str) -> Result<(), StoreError> {
    let hour = at.hour();
    let sql = "INSERT OR IGNORE INTO collection_hour (stream, hour, what) VALUES (?1, ?2, ?3)";
    if conn.prepare_cached(sql)?.execute(params![stream, hour.0, what])? > 0 {
        conn.prepare_cached("DELETE FROM collection_hour WHERE stream = ?1 AND hour < ?2")?
            .execute(params![stream, hour.minus(KEPT_MS).0])?;
    }
    Ok(())
}

impl Store {
    /// What was heard of a connector's streams from an hour on, oldest first.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn heard(&self, connector: ConnectorId, since: UtcMs) -> Result<Vec<Heard>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT s.code, h.hour, h.what FROM stream s JOIN collection_hour h ON h.stream = s.id \
                       WHERE s.connector = ?1 AND h.hour >= ?2 ORDER BY s.code, h.hour";
            let mut statement = conn.prepare_cached(sql)?;
            let rows = statement.query_map(params![connector.0, since.0], |row| {
                Ok(Heard { stream: entry::stream(row, 0)?, hour: UtcMs(row.get(1)?), what: row.get(2)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}
