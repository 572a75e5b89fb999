//! Entries that a receiver refuses for good. The entry itself stays where it is, in the log; it is not
//! delivered by itself again, and a dead letter goes with its entry.

use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, Row, params};

use super::{Position, Store, StoreError};
use crate::sink::SinkId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDeadLetter {
    pub position: Position,
    pub event_id: String,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    pub id: i64,
    pub sink: SinkId,
    pub position: Position,
    pub event_id: String,
    pub reason: String,
    pub refused_at: UtcMs,
    pub attempts: i64,
    /// Somebody asked for it to be delivered once more.
    pub again: bool,
}

const SELECT: &str =
    "SELECT id, sink, position, event_id, reason, refused_at, attempts, again FROM dead_letter";

impl Store {
    /// The oldest first, after the one of a number.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn dead_letters(&self, sink: SinkId, after: i64, limit: u32) -> Result<Vec<DeadLetter>, StoreError> {
        self.read(|conn| {
            let sql = format!("{SELECT} WHERE sink = ?1 AND id > ?2 ORDER BY id LIMIT ?3");
            let mut statement = conn.prepare_cached(&sql)?;
            let letters = statement.query_map(params![sink.0, after, limit], read)?;
            Ok(letters.collect::<Result<_, _>>()?)
        })
    }

    /// Those that somebody wants delivered once more.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn dead_letters_to_retry(&self, sink: SinkId, limit: u32) -> Result<Vec<DeadLetter>, StoreError> {
        self.read(|conn| {
            let sql = format!("{SELECT} WHERE sink = ?1 AND again = 1 ORDER BY id LIMIT ?2");
            let mut statement = conn.prepare_cached(&sql)?;
            let letters = statement.query_map(params![sink.0, limit], read)?;
            Ok(letters.collect::<Result<_, _>>()?)
        })
    }

    /// Has them delivered once more: one, or all of a sink. Says how many.
    ///
    /// # Errors
    /// When it could not be stored.
    pub fn retry_dead_letters(&self, sink: SinkId, id: Option<i64>) -> Result<usize, StoreError> {
        self.write(move |writer| {
            let sql = "UPDATE dead_letter SET again = 1 WHERE sink = ?1 AND (?2 IS NULL OR id = ?2)";
            Ok(writer.conn.prepare_cached(sql)?.execute(params![sink.0, id])?)
        })
    }

    /// Gives them up: one, or all of a sink. The entries stay in the log. Says how many.
    ///
    /// # Errors
    /// When it could not be stored.
    pub fn drop_dead_letters(&self, sink: SinkId, id: Option<i64>) -> Result<usize, StoreError> {
        self.write(move |writer| {
            let sql = "DELETE FROM dead_letter WHERE sink = ?1 AND (?2 IS NULL OR id = ?2)";
            Ok(writer.conn.prepare_cached(sql)?.execute(params![sink.0, id])?)
        })
    }
}

/// One that is refused again is the same, with another reason.
pub(super) fn insert(
    conn: &Connection,
    sink: SinkId,
    refused: &NewDeadLetter,
    at: UtcMs,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO dead_letter (sink, position, event_id, reason, refused_at) VALUES (?1, ?2, ?3, ?4, ?5) \
               ON CONFLICT (sink, position) DO UPDATE SET reason = excluded.reason, refused_at = excluded.refused_at, \
               attempts = attempts + 1, again = 0";
    let NewDeadLetter { position, event_id, reason } = refused;
    conn.prepare_cached(sql)?.execute(params![sink.0, position, event_id, reason, at.0])?;
    Ok(())
}

/// What a receiver has refused last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusals {
    /// Since it last took an entry, counted up to [`Refusals::MANY`].
    pub in_a_row: u32,
    /// Of the newest.
    pub reason: String,
    pub at: UtcMs,
}

impl Refusals {
    /// So many in a row are the receiver's mind, and no odd entries.
    pub const MANY: u32 = 10;
}

/// None: there are no dead letters.
pub(super) fn refusals(
    conn: &Connection,
    sink: SinkId,
    taken_at: Option<UtcMs>,
) -> Result<Option<Refusals>, StoreError> {
    let sql = "SELECT refused_at, reason FROM dead_letter WHERE sink = ?1 ORDER BY position DESC LIMIT ?2";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![sink.0, Refusals::MANY])?;
    let mut refusals: Option<Refusals> = None;
    while let Some(row) = rows.next()? {
        let at = UtcMs(row.get(0)?);
        let newest = match &mut refusals {
            Some(newest) => newest,
            None => refusals.insert(Refusals { in_a_row: 0, reason: row.get(1)?, at }),
        };
        if taken_at.is_some_and(|taken| taken >= at) {
            break;
        }
        newest.in_a_row += 1;
    }
    Ok(refusals)
}

pub(super) fn count(conn: &Connection, sink: SinkId) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM dead_letter WHERE sink = ?1";
    Ok(conn.prepare_cached(sql)?.query_row([sink.0], |row| row.get(0))?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<DeadLetter> {
    Ok(DeadLetter {
        id: row.get(0)?,
        sink: SinkId(row.get(1)?),
        position: row.get(2)?,
        event_id: row.get(3)?,
        reason: row.get(4)?,
        refused_at: UtcMs(row.get(5)?),
        attempts: row.get(6)?,
        again: row.get(7)?,
    })
}
