//! Taking entries out of the log, in small batches so that appends are never kept waiting: what is older
//! than is to be kept, and what belongs to a connector that is erased. Hours, counts and names follow.

use std::collections::{HashMap, HashSet};

use hubtrail_core::cadence::window_start;
use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::append::UNPARSED;
use super::days::Days;
use super::names::Names;
use super::writer::Writer;
use super::{Position, Store, StoreError, connectors, finding, reader, rollup, spans, stream};
use crate::connector::ConnectorId;

/// Entries that one transaction takes out.
const BATCH: i64 = 1_000;

#[derive(Clone, Debug)]
pub struct Retention {
    /// Whole hours before this time go.
    pub before: UtcMs,
    pub connectors: Option<Vec<ConnectorId>>,
    /// Also what a reader has not read yet.
    pub past_readers: bool,
    /// Before this, also what a sink has not had. Others than sinks are waited for in any case.
    pub past_sinks_before: Option<UtcMs>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retired {
    pub entries: i64,
    pub hours: i64,
    /// Hours that stay because of the reader that is furthest behind.
    pub held_back: i64,
    pub slowest_reader: Option<String>,
    /// The oldest hour that stays because of a sink.
    pub waits_from: Option<UtcMs>,
}

impl Store {
    /// Takes out whole hours; an hour that a reader has not finished stays, unless it is told to go. What
    /// a sweep will read again stays in any case: it would come back as something new.
    ///
    /// # Errors
    /// When it could not go on. What was taken out by then is consistent, and calling it again goes on.
    pub fn retire(&self, retention: &Retention) -> Result<Retired, StoreError> {
        let end = retention.before.hour();
        let streams = self.read(|conn| stream::among(conn, retention.connectors.as_deref(), None))?;
        let mut retired = Retired::default();
        for stream in streams {
            let swept = self.read(|conn| swept_from(conn, stream))?;
            let end = swept.map_or(end, |from| from.hour().min(end));
            let mut next = self.read(|conn| hour_from(conn, stream, UtcMs(i64::MIN), end))?;
            while let Some(hour) = next {
                let wait = Wait::of(retention, hour);
                self.retire_hour(stream, hour, wait, &mut retired)?;
                next = self.read(|conn| hour_from(conn, stream, hour.plus(1), end))?;
            }
        }
        Ok(retired)
    }

    fn retire_hour(
        &self,
        stream: i64,
        hour: UtcMs,
        wait: Wait,
        retired: &mut Retired,
    ) -> Result<(), StoreError> {
        loop {
            let batch = self.write(move |writer| {
                let slowest = match wait {
                    Wait::Nobody => None,
                    Wait::Everyone => reader::slowest(&writer.conn)?,
                    Wait::EveryoneButSinks => reader::slowest_but_sinks(&writer.conn)?,
                };
                if let Some((name, position)) = slowest
                    && is_unread(&writer.conn, stream, hour, position)?
                {
                    return Ok(Err(name));
                }
                Ok(Ok(remove_batch(writer, stream, hour..hour.plus(HOUR_MS))?))
            })?;
            match batch {
                Err(name) => {
                    retired.held_back += 1;
                    if reader::is_of_sink(&name) {
                        retired.waits_from = Some(retired.waits_from.map_or(hour, |from| from.min(hour)));
                    }
                    retired.slowest_reader = Some(name);
                    return Ok(());
                }
                Ok(removed) => retired.entries += removed,
            }
            if batch != Ok(BATCH) {
                retired.hours += 1;
                return Ok(());
            }
        }
    }

    /// The connector collects no more, its token is gone and its name is free. Its entries stay, or are
    /// erased with everything that is known about them.
    ///
    /// # Errors
    /// When there is no such connector, or erasing could not go on: [`Store::erase_connector`] then does.
    pub fn remove_connector(&self, name: &str, erase: bool) -> Result<(), StoreError> {
        let name = name.to_owned();
        let id = self.write(move |writer| {
            let id = connectors::by_name(&writer.conn, &name)?.id;
            connectors::refuse_declared(&writer.conn, id)?;
            remove(&writer.conn, id)?;
            Ok(id)
        })?;
        if erase { self.erase_connector(id) } else { Ok(()) }
    }

    /// Removes a connector, if that is still to be done, and erases what it left behind.
    ///
    /// # Errors
    /// When it could not go on; calling it again does.
    pub fn erase_connector(&self, id: ConnectorId) -> Result<(), StoreError> {
        self.write(move |writer| remove(&writer.conn, id))?;
        for stream in self.read(|conn| stream::among(conn, Some(&[id]), None))? {
            let all = || UtcMs(i64::MIN)..UtcMs(i64::MAX);
            while self.write(move |writer| remove_batch(writer, stream, all()))? == BATCH {}
        }
        self.write(move |writer| {
            for table in [
                "rollup",
                "rollup_span",
                "person_day",
                "object_day",
                "kind",
                "person",
                "object",
                "gap",
                "verification",
                "failure",
                "walk",
                "collection_hour",
            ] {
                let of_stream = "stream IN (SELECT id FROM stream WHERE connector = ?1)";
                writer.conn.execute(&format!("DELETE FROM {table} WHERE {of_stream}"), [id.0])?;
            }
            writer.conn.execute("DELETE FROM stream WHERE connector = ?1", [id.0])?;
            for table in ["calls", "connection_test", "backfill", "directory", "directory_read"] {
                writer.conn.execute(&format!("DELETE FROM {table} WHERE connector = ?1"), [id.0])?;
            }
            finding::forget_connector(&writer.conn, id)?;
            writer.conn.execute("DELETE FROM connector WHERE id = ?1", [id.0])?;
            writer.names = Names::default();
            Ok(())
        })
    }
}

/// Whom an hour waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    Nobody,
    EveryoneButSinks,
    Everyone,
}

impl Wait {
    fn of(retention: &Retention, hour: UtcMs) -> Self {
        if retention.past_readers {
            Self::Nobody
        } else if retention.past_sinks_before.is_some_and(|before| hour < before.hour()) {
            Self::EveryoneButSinks
        } else {
            Self::Everyone
        }
    }
}

/// From here on nothing is appended to it.
fn remove(conn: &Connection, id: ConnectorId) -> Result<(), StoreError> {
    conn.execute(
        "UPDATE connector SET removed = 1, sealed_token = x'', sealed_oauth = NULL WHERE id = ?1",
        [id.0],
    )?;
    Ok(())
}

const HOUR_MS: i64 = 3_600_000;
pub(super) const UNREAD: &str =
    "SELECT 1 FROM entry WHERE stream = ?1 AND timestamp >= ?2 AND timestamp < ?3 AND position > ?4";
pub(super) const OLDEST_FEW: &str = "SELECT position, timestamp, kind, person, object, future FROM entry \
     WHERE stream = ?1 AND timestamp >= ?2 AND timestamp < ?3 ORDER BY timestamp, position LIMIT ?4";

/// From where on a sweep will read again. None: nothing will, nothing being there yet or the connector being removed.
fn swept_from(conn: &Connection, stream: i64) -> Result<Option<UtcMs>, StoreError> {
    let sql = "SELECT c.removed FROM stream s JOIN connector c ON c.id = s.connector WHERE s.id = ?1";
    let removed: bool = conn.prepare_cached(sql)?.query_row([stream], |row| row.get(0))?;
    let from = || stream::checkpoint(conn, stream).map(|it| window_start(&it, WalkKind::Deep));
    if removed { Ok(None) } else { from() }
}

/// The rollup knows which hours there are.
fn hour_from(conn: &Connection, stream: i64, from: UtcMs, end: UtcMs) -> Result<Option<UtcMs>, StoreError> {
    let sql = "SELECT hour FROM rollup WHERE stream = ?1 AND hour >= ?2 AND hour < ?3 ORDER BY hour LIMIT 1";
    let mut statement = conn.prepare_cached(sql)?;
    Ok(statement.query_row(params![stream, from.0, end.0], |row| row.get(0)).optional()?.map(UtcMs))
}

fn is_unread(conn: &Connection, stream: i64, hour: UtcMs, position: Position) -> Result<bool, StoreError> {
    let end = hour.plus(HOUR_MS);
    Ok(conn.prepare_cached(UNREAD)?.exists(params![stream, hour.0, end.0, position])?)
}

fn remove_batch(writer: &mut Writer, stream: i64, range: std::ops::Range<UtcMs>) -> Result<i64, StoreError> {
    let conn = &writer.conn;
    let mut gone = Gone::default();
    let mut statement = conn.prepare_cached(OLDEST_FEW)?;
    let mut rows = statement.query(params![stream, range.start.0, range.end.0, BATCH])?;
    while let Some(row) = rows.next()? {
        gone.positions.push(row.get::<_, i64>(0)?);
        let (at, kind): (UtcMs, Option<i64>) = (UtcMs(row.get(1)?), row.get(2)?);
        *gone.hours.entry((at.hour(), kind.unwrap_or(UNPARSED))).or_default() += 1;
        gone.unparsed += i64::from(kind.is_none());
        gone.future += row.get::<_, i64>(5)?;
        let (person, object): (Option<i64>, Option<i64>) = (row.get(3)?, row.get(4)?);
        if let (Some(person), Some(object)) = (person, object) {
            gone.days.count(at, person, object);
        }
        gone.persons.extend(person);
        gone.objects.extend(object);
    }
    drop(rows);
    drop(statement);
    gone.take_out(conn, stream)?;
    // Names that are gone must not be remembered.
    writer.names = Names::default();
    Ok(gone.len())
}

#[derive(Default)]
struct Gone {
    positions: Vec<i64>,
    hours: HashMap<(UtcMs, i64), i64>,
    days: Days,
    unparsed: i64,
    future: i64,
    persons: HashSet<i64>,
    objects: HashSet<i64>,
}

impl Gone {
    fn len(&self) -> i64 {
        i64::try_from(self.positions.len()).unwrap_or(i64::MAX)
    }

    fn take_out(&self, conn: &Connection, stream: i64) -> Result<(), StoreError> {
        let mut delete = conn.prepare_cached("DELETE FROM entry WHERE position = ?1")?;
        let mut forget = conn.prepare_cached("DELETE FROM dead_letter WHERE position = ?1")?;
        for position in &self.positions {
            delete.execute([position])?;
            forget.execute([position])?;
        }
        for ((hour, kind), entries) in &self.hours {
            rollup::subtract(conn, stream, *hour, *kind, *entries)?;
        }
        spans::subtract(conn, stream, &self.hours)?;
        self.days.take_from(conn, stream)?;
        let sql = "UPDATE stream SET entries = entries - ?2, unparsed = unparsed - ?3, future = future - ?4 WHERE id = ?1";
        conn.prepare_cached(sql)?.execute(params![stream, self.len(), self.unparsed, self.future])?;
        for (sql, ids) in [(FORGET_PERSON, &self.persons), (FORGET_OBJECT, &self.objects)] {
            let mut forget = conn.prepare_cached(sql)?;
            for id in ids {
                forget.execute([id])?;
            }
        }
        Ok(())
    }
}

/// A name goes with the last entry that used it.
pub(super) const FORGET_PERSON: &str =
    "DELETE FROM person WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM entry WHERE person = ?1)";
pub(super) const FORGET_OBJECT: &str =
    "DELETE FROM object WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM entry WHERE object = ?1)";
