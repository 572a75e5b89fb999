//! The facts of a status screen, per stream. Everything here is kept up by the append itself or found
//! at the end of an index: it is true, and it is cheap.

use hubtrail_core::checkpoint::Checkpoint;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, Row};

use super::failure::{self, Failure};
use super::stream;
use super::verification::{self, Verification};
use super::{Position, Store, StoreError, entry};
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
    /// When HubSpot last answered with a page that was stored, new or not, by HubSpot's clock.
    pub appended_at: Option<UtcMs>,
    /// The same by ours.
    pub polled_at: Option<UtcMs>,
    /// When something new came last, and where in the log it is.
    pub brought: Option<(UtcMs, Position)>,
    pub checkpoint: Checkpoint,
    pub open_gaps: i64,
    /// What stands in the way, of the most important walk first.
    pub failures: Vec<Failure>,
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
            let mut statement =
                conn.prepare_cached(&format!("{SELECT} WHERE c.removed = 0 ORDER BY c.name, s.code"))?;
            let facts = statement.query_map([], read)?;
            facts.map(|row| complete(conn, row?)).collect()
        })
    }

    /// The streams of one connector, also of one that was removed.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn facts_of(&self, connector: ConnectorId) -> Result<Vec<StreamFacts>, StoreError> {
        self.read_at_once(|conn| {
            let mut statement =
                conn.prepare_cached(&format!("{SELECT} WHERE s.connector = ?1 ORDER BY s.code"))?;
            let facts = statement.query_map([connector.0], read)?;
            facts.map(|row| complete(conn, row?)).collect()
        })
    }
}

const SELECT: &str = "SELECT s.id, s.connector, s.code, s.entries, s.unparsed, s.future, s.newest, s.appended_at, \
     s.polled_at, s.brought_at, s.brought, \
     (SELECT count(*) FROM gap g WHERE g.stream = s.id AND g.resolved_at IS NULL) \
     FROM stream s JOIN connector c ON c.id = s.connector";

fn read(row: &Row<'_>) -> rusqlite::Result<(i64, StreamFacts)> {
    let time =
        |column| -> rusqlite::Result<Option<UtcMs>> { Ok(row.get::<_, Option<i64>>(column)?.map(UtcMs)) };
    let facts = StreamFacts {
        connector: ConnectorId(row.get(1)?),
        stream: entry::stream(row, 2)?,
        entries: row.get(3)?,
        unparsed: row.get(4)?,
        future: row.get(5)?,
        oldest: None,
        newest: time(6)?,
        appended_at: time(7)?,
        polled_at: time(8)?,
        brought: time(9)?.zip(row.get(10)?),
        checkpoint: Checkpoint::default(),
        open_gaps: row.get(11)?,
        failures: Vec::new(),
        verified: None,
    };
    Ok((row.get(0)?, facts))
}

fn complete(conn: &Connection, (id, facts): (i64, StreamFacts)) -> Result<StreamFacts, StoreError> {
    let oldest: Option<i64> = conn.prepare_cached(OLDEST)?.query_row([id], |row| row.get(0))?;
    Ok(StreamFacts {
        oldest: oldest.map(UtcMs),
        checkpoint: stream::checkpoint(conn, id)?,
        failures: failure::of(conn, id)?,
        verified: verification::newest(conn, id)?,
        ..facts
    })
}
