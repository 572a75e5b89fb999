//! The facts of a status screen, per stream. Everything here is kept up by the append itself or found
//! at the end of an index: it is true, and it is cheap.

use hubtrail_core::checkpoint::Checkpoint;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use rusqlite::Connection;

use super::failure::{self, Failure};
use super::stream;
use super::verification::{self, Verification};
use super::{Store, StoreError, entry};
use crate::connector::ConnectorId;

#[derive(Clone, Debug, PartialEq)]
pub struct StreamFacts {
    pub connector: ConnectorId,
    pub stream: Stream,
    pub entries: i64,
    /// Of those, records that could not be read.
    pub unparsed: i64,
    /// Of those, records dated later than they were received.
    pub future: i64,
    pub oldest: Option<UtcMs>,
    /// The newest event that is not dated in the future: freshness is measured from here.
    pub newest: Option<UtcMs>,
    /// When HubSpot last answered with a page that was stored, new or not.
    pub appended_at: Option<UtcMs>,
    pub checkpoint: Checkpoint,
    pub open_gaps: i64,
    pub failure: Option<Failure>,
    pub verified: Option<Verification>,
}

pub(super) const OLDEST: &str = "SELECT min(timestamp) FROM entry WHERE stream = ?1";

impl Store {
    /// Every stream that was ever used, of the connectors that were not removed.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn facts(&self) -> Result<Vec<StreamFacts>, StoreError> {
        self.read_at_once(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT s.id, s.connector, s.code, s.entries, s.unparsed, s.future, s.newest, s.appended_at, \
                 (SELECT count(*) FROM gap g WHERE g.stream = s.id AND g.resolved_at IS NULL) \
                 FROM stream s JOIN connector c ON c.id = s.connector WHERE c.removed = 0 ORDER BY c.name, s.code",
            )?;
            let facts = statement.query_map([], |row| {
                let facts = StreamFacts {
                    connector: ConnectorId(row.get(1)?),
                    stream: entry::stream(row, 2)?,
                    entries: row.get(3)?,
                    unparsed: row.get(4)?,
                    future: row.get(5)?,
                    oldest: None,
                    newest: row.get::<_, Option<i64>>(6)?.map(UtcMs),
                    appended_at: row.get::<_, Option<i64>>(7)?.map(UtcMs),
                    checkpoint: Checkpoint::default(),
                    open_gaps: row.get(8)?,
                    failure: None,
                    verified: None,
                };
                Ok((row.get(0)?, facts))
            })?;
            facts.map(|row| complete(conn, row?)).collect()
        })
    }
}

fn complete(conn: &Connection, (id, facts): (i64, StreamFacts)) -> Result<StreamFacts, StoreError> {
    let oldest: Option<i64> = conn.prepare_cached(OLDEST)?.query_row([id], |row| row.get(0))?;
    Ok(StreamFacts {
        oldest: oldest.map(UtcMs),
        checkpoint: stream::checkpoint(conn, id)?,
        failure: failure::of(conn, id)?,
        verified: verification::newest(conn, id)?,
        ..facts
    })
}
