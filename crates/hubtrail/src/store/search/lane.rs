//! One ordered run through one index: the entries of one stream, kind, person or object, by time and
//! position. A lane remembers where it stands and holds nothing open.

use std::collections::VecDeque;

use hubtrail_core::page::Order;
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, params};

use super::Cursor;
use crate::store::{Position, StoreError};

/// What the entries of a lane have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Key {
    Stream,
    Kind,
    Person,
    Object,
}

/// Both ends excluded.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Range {
    pub(in crate::store) low: Cursor,
    pub(in crate::store) high: Cursor,
}

/// What an entry is judged by; its bytes are read only once it is found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) cursor: Cursor,
    pub(super) kind: Option<i64>,
    pub(super) person: Option<i64>,
    pub(super) object: Option<i64>,
}

/// First few, because most searches want few; then more, because this one does not.
const FIRST: usize = 16;
const MOST: usize = 1_024;

pub(super) struct Lane {
    key: Key,
    id: i64,
    order: Order,
    /// What is still to be read.
    rest: Option<Range>,
    read: VecDeque<Candidate>,
    size: usize,
}

impl Lane {
    pub(super) fn new(key: Key, id: i64, order: Order, range: Range) -> Self {
        Self { key, id, order, rest: Some(range), read: VecDeque::new(), size: FIRST }
    }

    /// The next one that `wanted` accepts, which stays the next until it is taken.
    pub(super) fn peek(
        &mut self,
        conn: &Connection,
        wanted: impl Fn(&Candidate) -> bool,
    ) -> Result<Option<Candidate>, StoreError> {
        loop {
            while let Some(next) = self.read.front() {
                if wanted(next) {
                    return Ok(Some(*next));
                }
                self.read.pop_front();
            }
            let Some(range) = self.rest else { return Ok(None) };
            self.refill(conn, range)?;
        }
    }

    pub(super) fn take(&mut self) {
        self.read.pop_front();
    }

    fn refill(&mut self, conn: &Connection, range: Range) -> Result<(), StoreError> {
        let mut statement = conn.prepare_cached(sql(self.key, self.order))?;
        let Range { low, high } = range;
        let mut rows = statement.query(params![
            self.id,
            low.timestamp.0,
            low.position,
            high.timestamp.0,
            high.position,
            i64::try_from(self.size).unwrap_or(i64::MAX),
        ])?;
        while let Some(row) = rows.next()? {
            self.read.push_back(Candidate {
                cursor: Cursor { timestamp: UtcMs(row.get(0)?), position: Position(row.get(1)?) },
                kind: row.get(2)?,
                person: row.get(3)?,
                object: row.get(4)?,
            });
        }
        let full = self.read.len() == self.size;
        self.rest = self.read.back().filter(|_| full).map(|last| match self.order {
            Order::OldestFirst => Range { low: last.cursor, high },
            Order::NewestFirst => Range { low, high: last.cursor },
        });
        self.size = (self.size * 4).min(MOST);
        Ok(())
    }
}

macro_rules! lane {
    ($column:literal, $direction:literal) => {
        concat!(
            "SELECT timestamp, position, kind, person, object FROM entry INDEXED BY entry_by_",
            $column,
            " WHERE ",
            $column,
            " = ?1 AND (timestamp, position) > (?2, ?3) AND (timestamp, position) < (?4, ?5) ORDER BY timestamp ",
            $direction,
            ", position ",
            $direction,
            " LIMIT ?6"
        )
    };
}

pub(in crate::store) const fn sql(key: Key, order: Order) -> &'static str {
    match (key, order) {
        (Key::Stream, Order::OldestFirst) => lane!("stream", "ASC"),
        (Key::Stream, Order::NewestFirst) => lane!("stream", "DESC"),
        (Key::Kind, Order::OldestFirst) => lane!("kind", "ASC"),
        (Key::Kind, Order::NewestFirst) => lane!("kind", "DESC"),
        (Key::Person, Order::OldestFirst) => lane!("person", "ASC"),
        (Key::Person, Order::NewestFirst) => lane!("person", "DESC"),
        (Key::Object, Order::OldestFirst) => lane!("object", "ASC"),
        (Key::Object, Order::NewestFirst) => lane!("object", "DESC"),
    }
}
