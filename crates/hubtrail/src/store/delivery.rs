//! How far each sink is, and how its delivery goes. What was delivered and what was refused move the position
//! in one transaction with the facts that a screen shows.

use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, Row, params};

use super::dead_letter::{self, NewDeadLetter, Refusals};
use super::{Position, Store, StoreError, sinks, writer};
use crate::sink::{Configured, SinkId};

/// What is done with, up to a position.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    pub upto: Position,
    pub entries: i64,
    pub bytes: i64,
    pub refused: Vec<NewDeadLetter>,
    /// Dead letters that are delivered after all, or whose entry is gone.
    pub resolved: Vec<i64>,
}

/// What stands in the way of a sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    pub reason: String,
    pub fix: Option<String>,
    /// A person must change something; nothing is sent until then.
    pub stopped: bool,
    pub at: UtcMs,
    pub retry_at: UtcMs,
}

/// The facts of a sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub position: Position,
    /// Entries between it and the head, also those that it does not take.
    pub lag: i64,
    /// When the oldest entry that it has not had came into the log.
    pub oldest_undelivered: Option<UtcMs>,
    pub entries: i64,
    pub bytes: i64,
    pub succeeded_at: Option<UtcMs>,
    /// Entries delivered in the last whole minute.
    pub last_minute: i64,
    /// What went wrong last.
    pub failure: Option<String>,
    pub fix: Option<String>,
    pub failed_at: Option<UtcMs>,
    /// Since when it stands in the way; none: it does no longer.
    pub failing_since: Option<UtcMs>,
    pub stopped: bool,
    pub retry_at: Option<UtcMs>,
    pub dead_letters: i64,
    pub refusals: Option<Refusals>,
}

const MINUTE_MS: i64 = 60_000;

impl Store {
    /// Moves the position of a sink's reader, if it is still that reader: a replay has begun with another.
    ///
    /// # Errors
    /// When it points past the end of the log, or could not be stored.
    pub async fn delivered(
        &self,
        sink: SinkId,
        reader: String,
        done: Progress,
        at: UtcMs,
    ) -> Result<(), StoreError> {
        self.write_async(move |writer| progressed(writer, sink, &reader, &done, at)).await
    }

    /// Shows what stands in the way.
    ///
    /// # Errors
    /// When it could not be stored.
    pub async fn obstructed(&self, sink: SinkId, obstacle: Obstacle) -> Result<(), StoreError> {
        self.write_async(move |writer| {
            let sql = "UPDATE delivery SET failure = ?2, fix = ?3, failed_at = ?4, stopped = ?5, retry_at = ?6, \
                       failing_since = coalesce(failing_since, ?4) WHERE sink = ?1";
            let Obstacle { reason, fix, stopped, at, retry_at } = obstacle;
            let values = params![sink.0, reason, fix, at.0, stopped, retry_at.0];
            writer.conn.prepare_cached(sql)?.execute(values)?;
            Ok(())
        })
        .await
    }

    /// # Errors
    /// When the log cannot be read.
    pub fn delivery(&self, sink: &Configured, now: UtcMs) -> Result<Delivery, StoreError> {
        self.read_at_once(|conn| facts(conn, sink, now))
    }

    /// Whether a sink waits for a person.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn is_any_sink_stopped(&self) -> Result<bool, StoreError> {
        let sql =
            "SELECT 1 FROM delivery d JOIN sink s ON s.id = d.sink WHERE d.stopped = 1 AND s.paused = 0";
        self.read(|conn| Ok(conn.prepare_cached(sql)?.exists([])?))
    }
}

fn progressed(
    writer: &writer::Writer,
    sink: SinkId,
    reader: &str,
    done: &Progress,
    at: UtcMs,
) -> Result<(), StoreError> {
    let conn = &writer.conn;
    if done.upto > writer.head {
        let (position, head) = (done.upto.0, writer.head.0);
        return Err(StoreError::PastHead { name: reader.to_owned(), position, head });
    }
    for refused in &done.refused {
        dead_letter::insert(conn, sink, refused, at)?;
    }
    for letter in &done.resolved {
        conn.prepare_cached("DELETE FROM dead_letter WHERE id = ?1")?.execute([letter])?;
    }
    let sql = "UPDATE reader SET position = max(position, ?2) WHERE name = ?1";
    conn.prepare_cached(sql)?.execute(params![reader, done.upto])?;
    if done.entries == 0 && done.refused.is_empty() {
        return Ok(());
    }
    let minute = at.0.div_euclid(MINUTE_MS);
    let sql = "UPDATE delivery SET entries = entries + ?2, bytes = bytes + ?3, \
               succeeded_at = CASE WHEN ?2 > 0 THEN ?4 ELSE succeeded_at END, \
               in_last = CASE WHEN minute = ?5 THEN in_last WHEN minute = ?5 - 1 THEN in_minute ELSE 0 END, \
               in_minute = CASE WHEN minute = ?5 THEN in_minute ELSE 0 END + ?2, minute = ?5, \
               failing_since = NULL, stopped = 0, retry_at = NULL WHERE sink = ?1";
    conn.prepare_cached(sql)?.execute(params![sink.0, done.entries, done.bytes, at.0, minute])?;
    Ok(())
}

/// Of events and of what became of findings, the older one.
const NEXT_SEEN: &str = "SELECT min(at) FROM (\
     SELECT * FROM (SELECT seen_at AS at FROM entry WHERE position > ?1 ORDER BY position LIMIT 1) \
     UNION ALL SELECT * FROM (SELECT at FROM finding_entry WHERE position > ?1 ORDER BY position LIMIT 1))";

fn facts(conn: &Connection, sink: &Configured, now: UtcMs) -> Result<Delivery, StoreError> {
    // It may have been removed, or begun again, since it was read.
    let sink = sinks::by_id(conn, sink.id)?;
    let head = writer::stored_head(conn)?;
    let position = super::reader::position(conn, &sink.reader)?.unwrap_or(head);
    let oldest: Option<i64> = conn.prepare_cached(NEXT_SEEN)?.query_row([position], |row| row.get(0))?;
    let dead_letters = dead_letter::count(conn, sink.id)?;
    let sql = "SELECT entries, bytes, succeeded_at, minute, in_minute, in_last, failure, fix, failed_at, \
               failing_since, stopped, retry_at FROM delivery WHERE sink = ?1";
    let read = |row: &Row<'_>| {
        let time = |column| -> rusqlite::Result<_> { Ok(row.get::<_, Option<i64>>(column)?.map(UtcMs)) };
        let last_minute = match now.0.div_euclid(MINUTE_MS) - row.get::<_, i64>(3)? {
            0 => row.get(5)?,
            1 => row.get(4)?,
            _ => 0,
        };
        Ok(Delivery {
            position,
            lag: head.0 - position.0,
            oldest_undelivered: oldest.map(UtcMs),
            entries: row.get(0)?,
            bytes: row.get(1)?,
            succeeded_at: time(2)?,
            last_minute,
            failure: row.get(6)?,
            fix: row.get(7)?,
            failed_at: time(8)?,
            failing_since: time(9)?,
            stopped: row.get(10)?,
            retry_at: time(11)?,
            dead_letters,
            refusals: None,
        })
    };
    let facts = conn.prepare_cached(sql)?.query_row([sink.id.0], read)?;
    Ok(Delivery { refusals: dead_letter::refusals(conn, sink.id, facts.succeeded_at)?, ..facts })
}
