//! Reading an account's log again in order of time, some of it at a time, so that a reader of years of it
//! holds nothing open and nobody back. What nobody wants to see is passed over unread.

use std::collections::HashSet;

use hubtrail_core::event::Event;
use hubtrail_core::identity::EventId;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, params};

use super::original::{self, original_columns, original_joins};
use super::{Cursor, Position, Store, StoreError, stream};
use crate::connector::ConnectorId;

/// A place in an account's past, and up to where it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replay {
    pub connector: ConnectorId,
    /// What comes behind this, by time and then by position.
    pub from: Cursor,
    /// Earlier than this time.
    pub before: UtcMs,
    /// Entries that came into the log later than this one are left out.
    pub up_to: Position,
}

/// What one reading brought.
#[derive(Clone, Debug, Default)]
pub struct Replayed {
    pub events: Vec<(Event, EventId)>,
    /// The last entry that was passed, wanted or not: where to go on from.
    pub last: Option<Cursor>,
    /// There may be more.
    pub more: bool,
    pub passed: usize,
}

pub(super) const IN_TIME: &str = concat!(
    "SELECT e.timestamp, e.position, e.kind, e.event_id, ",
    original_columns!(),
    " FROM entry e",
    original_joins!(),
    "WHERE e.stream = ?1 AND e.timestamp >= ?2 AND e.timestamp < ?3 AND (e.timestamp > ?2 OR e.position > ?4) \
     ORDER BY e.timestamp, e.position"
);

/// A kind of event that an account has ever had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenKind {
    /// The number under which the log keeps it.
    pub number: i64,
    pub object_type: String,
    pub event: String,
}

/// Some kinds of events of a span of time; [`Store::window`] reads it by their index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window<'a> {
    pub kinds: &'a [i64],
    pub from: UtcMs,
    pub before: UtcMs,
    pub up_to: Position,
}

pub(super) const OF_KIND: &str = concat!(
    "SELECT e.timestamp, e.position, e.event_id, ",
    original_columns!(),
    " FROM entry e",
    original_joins!(),
    "WHERE e.kind = ?1 AND e.timestamp >= ?2 AND e.timestamp < ?3 ORDER BY e.timestamp, e.position"
);

impl Replay {
    #[must_use]
    pub fn new(connector: ConnectorId, after: UtcMs, up_to: Position) -> Self {
        let from = Cursor { timestamp: after, position: Position(0) };
        Self { connector, from, before: UtcMs(i64::MAX), up_to }
    }
}

impl Store {
    /// At most `limit` entries of the content stream, those of them whose kind (object type and event) is wanted.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn replay(
        &self,
        replay: &Replay,
        limit: usize,
        wants: impl Fn(&str, &str) -> bool,
    ) -> Result<Replayed, StoreError> {
        self.read_at_once(|conn| {
            let Some(stream) = stream::find(conn, replay.connector, Stream::Content)? else {
                return Ok(Replayed::default());
            };
            let wanted = kinds(conn, stream, wants)?;
            read(conn, stream, replay, limit, &wanted)
        })
    }
}

impl Store {
    /// # Errors
    /// When the log cannot be read.
    pub fn kinds_seen(&self, connector: ConnectorId) -> Result<Vec<SeenKind>, StoreError> {
        self.read(|conn| {
            let Some(stream) = stream::find(conn, connector, Stream::Content)? else { return Ok(Vec::new()) };
            let sql = "SELECT id, object_type, event_type FROM kind WHERE stream = ?1";
            let mut statement = conn.prepare_cached(sql)?;
            let kinds = statement.query_map([stream], |row| {
                Ok(SeenKind { number: row.get(0)?, object_type: row.get(1)?, event: row.get(2)? })
            })?;
            Ok(kinds.collect::<Result<_, _>>()?)
        })
    }

    /// All events of a window, in order of time.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn window(&self, window: &Window<'_>) -> Result<Vec<(Event, EventId)>, StoreError> {
        let mut found = self.read_at_once(|conn| {
            let mut statement = conn.prepare_cached(OF_KIND)?;
            let mut found: Vec<(Cursor, Event, EventId)> = Vec::new();
            for kind in window.kinds {
                let mut rows = statement.query(params![kind, window.from.0, window.before.0])?;
                while let Some(row) = rows.next()? {
                    let at = Cursor { timestamp: UtcMs(row.get(0)?), position: row.get(1)? };
                    if at.position <= window.up_to
                        && let Ok(event) = Event::read(&original::read(row, 3)?)
                    {
                        found.push((at, event, EventId(row.get(2)?)));
                    }
                }
            }
            Ok(found)
        })?;
        found.sort_by_key(|(at, ..)| (at.timestamp, at.position));
        Ok(found.into_iter().map(|(_, event, id)| (event, id)).collect())
    }
}

fn kinds(
    conn: &Connection,
    stream: i64,
    wants: impl Fn(&str, &str) -> bool,
) -> Result<HashSet<i64>, StoreError> {
    let sql = "SELECT id, object_type, event_type FROM kind WHERE stream = ?1";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([stream])?;
    let mut wanted = HashSet::new();
    while let Some(row) = rows.next()? {
        if wants(row.get_ref(1)?.as_str()?, row.get_ref(2)?.as_str()?) {
            wanted.insert(row.get(0)?);
        }
    }
    Ok(wanted)
}

fn read(
    conn: &Connection,
    stream: i64,
    replay: &Replay,
    limit: usize,
    wanted: &HashSet<i64>,
) -> Result<Replayed, StoreError> {
    let mut statement = conn.prepare_cached(IN_TIME)?;
    let key = params![stream, replay.from.timestamp.0, replay.before.0, replay.from.position];
    let mut rows = statement.query(key)?;
    let mut replayed = Replayed::default();
    while let Some(row) = rows.next()? {
        let at = Cursor { timestamp: UtcMs(row.get(0)?), position: row.get(1)? };
        replayed.passed += 1;
        let kind: Option<i64> = row.get(2)?;
        // What could not be read has no kind.
        let is_wanted = at.position <= replay.up_to && kind.is_some_and(|kind| wanted.contains(&kind));
        if is_wanted && let Ok(event) = Event::read(&original::read(row, 4)?) {
            replayed.events.push((event, EventId(row.get(3)?)));
        }
        replayed.last = Some(at);
        if replayed.passed == limit {
            replayed.more = true;
            break;
        }
    }
    Ok(replayed)
}
