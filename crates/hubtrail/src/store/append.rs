//! Appending a page: its new records, the hours they fall into and the checkpoint that they justify,
//! in one transaction. What the log has already is counted and left alone.

use std::borrow::Cow;
use std::collections::HashMap;

use hubtrail_core::checkpoint::{Change, Checkpoint};
use hubtrail_core::identity::{EventId, leaf_hash};
use hubtrail_core::page::Seen;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, params};

use super::days::Days;
use super::gap::{NewGap, Span};
use super::names::Refs;
use super::original::Said;
use super::stream::{self, Tally};
use super::writer::Writer;
use super::{Position, Store, StoreError, gap, spans};
use crate::connector::ConnectorId;

/// A record that is dated this much later than it was received cannot be blamed on rounding.
const FUTURE_MS: i64 = 1_000;
/// The rollup's kind of records that could not be read.
pub(super) const UNPARSED: i64 = 0;

/// What one transaction adds. `ids` belong to `records`, in their order.
#[derive(Clone, Debug)]
pub struct Append {
    pub connector: ConnectorId,
    pub stream: Stream,
    pub ids: Vec<EventId>,
    pub records: Vec<Seen>,
    /// When they were received, by HubSpot's clock.
    pub at: UtcMs,
    /// The same by ours, which is what a silence is measured with.
    pub polled_at: UtcMs,
    pub changes: Vec<Change>,
    pub gaps: Vec<NewGap>,
    /// Ranges that have now been read completely: the gaps within them are closed.
    pub resolved: Vec<Span>,
}

impl Append {
    #[must_use]
    pub fn new(connector: ConnectorId, stream: Stream, at: UtcMs) -> Self {
        Self {
            connector,
            stream,
            ids: Vec::new(),
            records: Vec::new(),
            at,
            polled_at: at,
            changes: Vec::new(),
            gaps: Vec::new(),
            resolved: Vec::new(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    pub new: usize,
    pub duplicate: usize,
    pub head: Position,
    pub checkpoint: Checkpoint,
    /// The times of the new records that could be read, for judging how late they came.
    pub new_times: Vec<UtcMs>,
}

impl Store {
    /// Returns when it is durable. Giving up on the future does not undo the append.
    ///
    /// # Errors
    /// When nothing of it was stored.
    pub async fn append(&self, append: Append) -> Result<Appended, StoreError> {
        self.write_async(move |writer| writer.append(&append)).await
    }

    /// As [`Store::append`], for callers outside of a runtime.
    ///
    /// # Errors
    /// When nothing of it was stored.
    pub fn append_blocking(&self, append: Append) -> Result<Appended, StoreError> {
        self.write(move |writer| writer.append(&append))
    }
}

impl Writer {
    pub(super) fn append(&mut self, append: &Append) -> Result<Appended, StoreError> {
        if append.ids.len() != append.records.len() {
            return Err(StoreError::Mismatch { records: append.records.len(), ids: append.ids.len() });
        }
        let stream = stream::find_or_add(&self.conn, append.connector, append.stream)?;
        let mut page = Page { stream, at: append.at, ..Page::default() };
        let times = times(&append.records, append.at);
        for ((id, seen), timestamp) in append.ids.iter().zip(&append.records).zip(times) {
            if is_held(&self.conn, *id, seen)? {
                page.duplicate += 1;
            } else {
                self.insert(&mut page, *id, seen, timestamp)?;
            }
        }
        add_to_rollup(&self.conn, stream, &page.hours)?;
        spans::add(&self.conn, stream, &page.hours)?;
        page.days.add_to(&self.conn, stream)?;
        page.tally.add_to(&self.conn, stream, append.at)?;
        let brought = (page.tally.entries > 0).then_some(self.head);
        stream::polled(&self.conn, stream, append, brought)?;
        self.conn.prepare_cached("UPDATE log SET head = ?1")?.execute([self.head])?;
        gap::resolve(&self.conn, stream, &append.resolved, append.at)?;
        gap::record(&self.conn, stream, &append.gaps, append.at)?;
        let checkpoint = stream::change_checkpoint(&self.conn, stream, &append.changes)?;
        let new = append.records.len() - page.duplicate;
        Ok(Appended {
            new,
            duplicate: page.duplicate,
            head: self.head,
            checkpoint,
            new_times: page.new_times,
        })
    }

    fn insert(
        &mut self,
        page: &mut Page,
        id: EventId,
        seen: &Seen,
        timestamp: UtcMs,
    ) -> Result<(), StoreError> {
        let (refs, unparsed) = match &seen.event {
            Ok(event) => (Some(self.names.refs(&self.conn, page.stream, event)?), None),
            Err(reason) => (None, Some(reason.to_string())),
        };
        let future = timestamp > page.at.plus(FUTURE_MS);
        let raw = seen.raw.get();
        let kept = match &seen.event {
            Ok(event) => self.shapes.pack(raw, &Said::from(event)),
            Err(_) => Cow::Borrowed(raw),
        };
        self.head = Position(self.head.0 + 1);
        self.conn.prepare_cached(INSERT)?.execute(params![
            self.head,
            page.stream,
            timestamp.0,
            refs.map(|refs| refs.kind),
            refs.map(|refs| refs.person),
            refs.map(|refs| refs.object),
            future,
            page.at.0,
            unparsed,
            id.0,
            leaf_hash(raw.as_bytes()),
            kept,
        ])?;
        page.count(timestamp, refs, future);
        Ok(())
    }
}

const INSERT: &str = "INSERT INTO entry (position, stream, timestamp, kind, person, object, future, seen_at, unparsed, \
                      event_id, leaf, raw) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
pub(super) const HELD: &str = "SELECT 1 FROM entry WHERE timestamp = ?1 AND event_id = ?2";
pub(super) const HELD_UNPARSED: &str = "SELECT 1 FROM entry WHERE event_id = ?1 AND unparsed IS NOT NULL";

/// Asked before anything is stored: a record seen again under a new name must not leave that name behind.
fn is_held(conn: &Connection, id: EventId, seen: &Seen) -> Result<bool, StoreError> {
    Ok(match &seen.event {
        Ok(event) => conn.prepare_cached(HELD)?.exists(params![event.timestamp.0, id.0])?,
        Err(_) => conn.prepare_cached(HELD_UNPARSED)?.exists([id.0])?,
    })
}

/// What is added up while the records of one page go in.
#[derive(Default)]
struct Page {
    stream: i64,
    at: UtcMs,
    duplicate: usize,
    new_times: Vec<UtcMs>,
    hours: HashMap<(UtcMs, i64), i64>,
    days: Days,
    tally: Tally,
}

impl Page {
    fn count(&mut self, timestamp: UtcMs, refs: Option<Refs>, future: bool) {
        let kind = refs.map_or(UNPARSED, |refs| refs.kind);
        *self.hours.entry((timestamp.hour(), kind)).or_default() += 1;
        self.tally.entries += 1;
        self.tally.future += i64::from(future);
        match refs {
            None => self.tally.unparsed += 1,
            Some(Refs { person, object, .. }) => {
                self.days.count(timestamp, person, object);
                self.new_times.push(timestamp);
                if !future {
                    self.tally.newest = self.tally.newest.max(Some(timestamp));
                }
            }
        }
    }
}

fn add_to_rollup(
    conn: &Connection,
    stream: i64,
    hours: &HashMap<(UtcMs, i64), i64>,
) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached(
        "INSERT INTO rollup (stream, hour, kind, entries) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (stream, hour, kind) DO UPDATE SET entries = entries + excluded.entries",
    )?;
    for ((hour, kind), entries) in hours {
        statement.execute(params![stream, hour.0, kind, entries])?;
    }
    Ok(())
}

/// The place of each record in time. One that could not be read stands with the record before it, the
/// first ones with the one after them, and all by themselves at the time they were received.
fn times(records: &[Seen], at: UtcMs) -> Vec<UtcMs> {
    let known = |seen: &Seen| seen.event.as_ref().ok().map(|event| event.timestamp);
    let mut last = records.iter().find_map(known).unwrap_or(at);
    records
        .iter()
        .map(|seen| {
            last = known(seen).unwrap_or(last);
            last
        })
        .collect()
}
