//! One ordered run through one index: the entries of one stream, kind, person or object, by time and
//! position. A lane remembers where it stands and holds nothing open.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use hubtrail_core::page::Order;
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, params};

use super::Cursor;
use super::patience::{self, Patience};
use crate::store::{Position, StoreError};

/// What the entries of a lane have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Key {
    Stream,
    Kind,
    Person,
    Object,
}

/// What of a lane is still to be read. The rest of an instant comes first, so that however many entries
/// share it, none is looked at twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rest {
    /// Of this instant, only what lies behind this position.
    pub(super) behind: Option<Cursor>,
    /// Whole instants, the last one excluded.
    pub(super) from: UtcMs,
    pub(super) to: UtcMs,
}

impl Rest {
    /// What lies behind an entry, in the order of reading.
    pub(super) fn behind(self, last: Cursor, order: Order) -> Self {
        if last.timestamp < self.from || last.timestamp >= self.to {
            let nothing_left = match order {
                Order::OldestFirst => last.timestamp >= self.to,
                Order::NewestFirst => last.timestamp < self.from,
            };
            return if nothing_left { Self { from: self.to, ..self } } else { self };
        }
        match order {
            Order::OldestFirst => Self { behind: Some(last), from: last.timestamp.plus(1), to: self.to },
            Order::NewestFirst => Self { behind: Some(last), from: self.from, to: last.timestamp },
        }
    }
}

/// What an entry is judged by; its bytes are read only once it is found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) cursor: Cursor,
    pub(super) kind: Option<i64>,
    /// None as well where a lane was not to look at [`Breadth::Names`].
    pub(super) person: Option<i64>,
    pub(super) object: Option<i64>,
}

/// How much of an entry a lane looks at: beyond the kind, most indexes need the entry's own row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Breadth {
    Kind,
    Names,
}

/// What the lanes of one search share.
#[derive(Clone, Copy)]
pub(super) struct Scope {
    pub(super) order: Order,
    pub(super) breadth: Breadth,
    pub(super) deadline: Option<Instant>,
}

/// First few, because most searches want few; then more, because this one does not.
const FIRST: usize = 16;
const MOST: usize = 1_024;

pub(super) struct Lane {
    key: Key,
    id: i64,
    /// Only these kinds, as a JSON list of their numbers; what else there is stays inside the database.
    kinds: Option<Arc<str>>,
    scope: Scope,
    rest: Option<Rest>,
    read: VecDeque<Candidate>,
    size: usize,
}

impl Lane {
    pub(super) fn new((key, id): (Key, i64), kinds: Option<Arc<str>>, scope: Scope, rest: Rest) -> Self {
        Self { key, id, kinds, scope, rest: Some(rest), read: VecDeque::new(), size: FIRST }
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
            let Some(rest) = self.rest else { return Ok(None) };
            self.refill(conn, rest)?;
        }
    }

    pub(super) fn take(&mut self) {
        self.read.pop_front();
    }

    fn refill(&mut self, conn: &Connection, rest: Rest) -> Result<(), StoreError> {
        let _patience = Patience::until(self.scope.deadline)?;
        let (part, bounds) = match rest.behind {
            Some(last) => (Part::Instant, [last.timestamp.0, last.position.0]),
            None => (Part::Range, [rest.from.0, rest.to.0]),
        };
        let read = self.read_part(conn, part, bounds).map_err(patience::over)?;
        self.read.extend(read);
        let last = self.read.back().map(|last| last.cursor).filter(|_| self.read.len() == self.size);
        self.rest = match (part, last) {
            (Part::Instant, Some(last)) => Some(Rest { behind: Some(last), ..rest }),
            (Part::Instant, None) => Some(Rest { behind: None, ..rest }),
            (Part::Range, Some(last)) => Some(rest.behind(last, self.scope.order)),
            (Part::Range, None) => None,
        };
        self.size = (self.size * 4).min(MOST);
        Ok(())
    }

    fn read_part(&self, conn: &Connection, part: Part, bounds: [i64; 2]) -> rusqlite::Result<Vec<Candidate>> {
        let size = i64::try_from(self.size).unwrap_or(i64::MAX);
        let mut statement = conn.prepare_cached(sql(self.key, self.scope.order, part, self.scope.breadth))?;
        let candidates = statement.query_map(
            params![self.id, bounds[0], bounds[1], size, self.kinds.as_deref()],
            |row| {
                Ok(Candidate {
                    cursor: Cursor { timestamp: UtcMs(row.get(0)?), position: Position(row.get(1)?) },
                    kind: row.get(2)?,
                    person: row.get(3)?,
                    object: row.get(4)?,
                })
            },
        )?;
        candidates.collect()
    }
}

/// The two queries of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Part {
    Instant,
    Range,
}

macro_rules! lane {
    ($column:literal, $names:literal, $bounds:literal, $direction:literal) => {
        concat!(
            "SELECT timestamp, position, kind, ",
            $names,
            " FROM entry INDEXED BY entry_by_",
            $column,
            " WHERE ",
            $column,
            " = ?1 AND ",
            $bounds,
            " AND (?5 IS NULL OR kind IN (SELECT value FROM json_each(?5))) ORDER BY timestamp ",
            $direction,
            ", position ",
            $direction,
            " LIMIT ?4"
        )
    };
}

macro_rules! parts {
    ($column:literal, $names:literal, $order:expr, $part:expr) => {
        match ($order, $part) {
            (Order::OldestFirst, Part::Instant) => {
                lane!($column, $names, "timestamp = ?2 AND position > ?3", "ASC")
            }
            (Order::NewestFirst, Part::Instant) => {
                lane!($column, $names, "timestamp = ?2 AND position < ?3", "DESC")
            }
            (Order::OldestFirst, Part::Range) => {
                lane!($column, $names, "timestamp >= ?2 AND timestamp < ?3", "ASC")
            }
            (Order::NewestFirst, Part::Range) => {
                lane!($column, $names, "timestamp >= ?2 AND timestamp < ?3", "DESC")
            }
        }
    };
}

macro_rules! breadths {
    ($column:literal, $order:expr, $part:expr, $breadth:expr) => {
        match $breadth {
            Breadth::Kind => parts!($column, "NULL, NULL", $order, $part),
            Breadth::Names => parts!($column, "person, object", $order, $part),
        }
    };
}

pub(in crate::store) const fn sql(key: Key, order: Order, part: Part, breadth: Breadth) -> &'static str {
    match key {
        Key::Stream => breadths!("stream", order, part, breadth),
        Key::Kind => breadths!("kind", order, part, breadth),
        Key::Person => breadths!("person", order, part, breadth),
        Key::Object => breadths!("object", order, part, breadth),
    }
}
