//! The log as a reader follows it: events and what became of findings, in one sequence.

use rusqlite::{Connection, params};

use super::finding::{self, FindingEntry};
use super::{Entry, Position, Store, StoreError, entry, writer};
use crate::connector::ConnectorId;

const END: Position = Position(i64::MAX);

/// One line of the log.
#[derive(Clone, Debug, PartialEq)]
pub enum LogEntry {
    Event(Entry),
    Finding(FindingEntry),
}

/// Some lines of the log, one after the other, and where a reader stands that has read them.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch<T> {
    pub entries: Vec<T>,
    /// Behind the last of them; at the head of the log when there are no more. A position that holds nothing of
    /// what was asked for lies behind as well.
    pub up_to: Position,
}

impl<T> Stretch<T> {
    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Stretch<U> {
        Stretch { entries: self.entries.into_iter().map(each).collect(), up_to: self.up_to }
    }
}

impl LogEntry {
    #[must_use]
    pub fn position(&self) -> Position {
        match self {
            Self::Event(entry) => entry.position,
            Self::Finding(entry) => entry.position,
        }
    }

    #[must_use]
    pub fn connector(&self) -> ConnectorId {
        match self {
            Self::Event(entry) => entry.connector,
            Self::Finding(entry) => entry.connector,
        }
    }
}

impl Store {
    /// What comes after a position, `limit` lines at most, in the order of the log: events and findings.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn log_after(&self, position: Position, limit: usize) -> Result<Stretch<LogEntry>, StoreError> {
        self.stretch(position, limit, |conn, most| {
            let events = events(conn, position, most)?;
            // Findings come with their evidence: those behind the last event that there is room for are not read.
            let until = events.last().filter(|_| events.len() == limit).map_or(END, |last| last.position);
            let mut entries: Vec<_> = events.into_iter().map(LogEntry::Event).collect();
            entries.extend(finding::after(conn, position, until, most)?.into_iter().map(LogEntry::Finding));
            entries.sort_by_key(LogEntry::position);
            entries.truncate(limit);
            Ok((entries, LogEntry::position))
        })
    }

    /// # Errors
    /// When the log cannot be read.
    pub fn log_entry(&self, position: Position) -> Result<Option<LogEntry>, StoreError> {
        let before = Position(position.0 - 1);
        let next = self.log_after(before, 1)?.entries.pop();
        Ok(next.filter(|entry| entry.position() == position))
    }

    /// As [`Store::log_after`], for those who only want the events.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn events_after(&self, position: Position, limit: usize) -> Result<Stretch<Entry>, StoreError> {
        self.stretch(position, limit, |conn, most| {
            Ok((events(conn, position, most)?, |entry: &Entry| entry.position))
        })
    }

    /// As [`Store::log_after`], for those who only want what became of findings.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn findings_after(
        &self,
        position: Position,
        limit: usize,
    ) -> Result<Stretch<FindingEntry>, StoreError> {
        self.stretch(position, limit, |conn, most| {
            Ok((finding::after(conn, position, END, most)?, |entry: &FindingEntry| entry.position))
        })
    }

    fn stretch<T, P: Fn(&T) -> Position>(
        &self,
        position: Position,
        limit: usize,
        read: impl FnOnce(&Connection, i64) -> Result<(Vec<T>, P), StoreError>,
    ) -> Result<Stretch<T>, StoreError> {
        self.read_at_once(|conn| {
            let head = writer::stored_head(conn)?;
            let (entries, position_of) = read(conn, i64::try_from(limit).unwrap_or(i64::MAX))?;
            let last = entries.last().filter(|_| entries.len() == limit).map(position_of);
            Ok(Stretch { entries, up_to: last.unwrap_or(head).max(position) })
        })
    }
}

fn events(conn: &Connection, position: Position, limit: i64) -> Result<Vec<Entry>, StoreError> {
    let mut statement = conn.prepare_cached(entry::AFTER)?;
    let entries = statement.query_map(params![position, limit], entry::read)?;
    Ok(entries.collect::<Result<_, _>>()?)
}
