//! Entries per hour: what charts and totals are drawn from, so that no screen counts entries.

use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use rusqlite::params;

use super::{Store, StoreError};
use crate::connector::ConnectorId;

/// Which hours to look at, whole ones: those that begin within the range.
#[derive(Clone, Debug, Default)]
pub struct Hours {
    pub connector: Option<ConnectorId>,
    pub stream: Option<Stream>,
    pub after: Option<UtcMs>,
    pub before: Option<UtcMs>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HourTotal {
    pub hour: UtcMs,
    pub entries: i64,
}

/// Entries of one event type and object type; of records that could not be read when both are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindTotal {
    pub event_type: Option<String>,
    pub object_type: Option<String>,
    pub entries: i64,
}

macro_rules! from_rollup {
    ($select:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $select,
            // The other way round, every hour of every account would be looked at: the streams are few.
            " FROM stream s CROSS JOIN rollup r ON r.stream = s.id LEFT JOIN kind k ON k.id = r.kind ",
            "WHERE (?1 IS NULL OR s.connector = ?1) AND (?2 IS NULL OR s.code = ?2) ",
            "AND r.hour >= ?3 AND r.hour < ?4 ",
            $rest
        )
    };
}

pub(super) const OF_HOURS: &str = from_rollup!("r.hour, sum(r.entries)", "GROUP BY r.hour ORDER BY r.hour");
pub(super) const OF_KINDS: &str =
    from_rollup!("k.event_type, k.object_type, sum(r.entries)", "GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2");

impl Hours {
    fn params(&self) -> (Option<i64>, Option<u8>, i64, i64) {
        (
            self.connector.map(|connector| connector.0),
            self.stream.map(Stream::code),
            self.after.map_or(i64::MIN, |after| after.0),
            self.before.map_or(i64::MAX, |before| before.0),
        )
    }
}

impl Store {
    /// Hour by hour, oldest first; hours without entries are left out.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn histogram(&self, hours: &Hours) -> Result<Vec<HourTotal>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(OF_HOURS)?;
            let totals = statement.query_map(hours.params(), |row| {
                Ok(HourTotal { hour: UtcMs(row.get(0)?), entries: row.get(1)? })
            })?;
            Ok(totals.collect::<Result<_, _>>()?)
        })
    }

    /// By what happened to what, the most frequent first.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn totals(&self, hours: &Hours) -> Result<Vec<KindTotal>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(OF_KINDS)?;
            let totals = statement.query_map(hours.params(), |row| {
                Ok(KindTotal { event_type: row.get(0)?, object_type: row.get(1)?, entries: row.get(2)? })
            })?;
            Ok(totals.collect::<Result<_, _>>()?)
        })
    }
}

/// Takes removed entries out of their hour. An hour without entries has no row.
pub(super) fn subtract(
    conn: &rusqlite::Connection,
    stream: i64,
    hour: UtcMs,
    kind: i64,
    entries: i64,
) -> Result<(), StoreError> {
    conn.prepare_cached(
        "UPDATE rollup SET entries = entries - ?4 WHERE stream = ?1 AND hour = ?2 AND kind = ?3",
    )?
    .execute(params![stream, hour.0, kind, entries])?;
    conn.prepare_cached("DELETE FROM rollup WHERE stream = ?1 AND hour = ?2 AND kind = ?3 AND entries <= 0")?
        .execute(params![stream, hour.0, kind])?;
    Ok(())
}
