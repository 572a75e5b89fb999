//! Finding entries: by every filter of HubSpot's API, by time, and by a piece of a name. A search is
//! planned as ordered lanes through one index each, which are merged; it never scans the log, and it
//! holds no transaction while the caller looks at what it found.

use std::ops::ControlFlow;
use std::time::Duration;

use hubtrail_core::page::{Filter, Order};
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;

use super::{Entry, Position, Store, StoreError};
use crate::connector::ConnectorId;

mod accept;
pub(super) mod aliases;
mod count;
pub(super) mod facets;
mod held;
mod kinds;
pub(super) mod lane;
mod merge;
pub(super) mod patience;
mod plan;
pub(super) mod spread;
mod week;

pub use aliases::{Side, Subject};
pub(super) use aliases::{numbers_named, numbers_of, told_by};
pub use facets::{Facets, Frequent};
pub use held::Held;
pub use spread::{Spread, TypeSpread};
pub use week::Week;

/// What to find. The default is everything, oldest first.
#[derive(Clone, Debug)]
pub struct Search {
    /// None: all, also those that were removed while their entries were kept.
    pub connectors: Option<Vec<ConnectorId>>,
    pub stream: Option<Stream>,
    pub filter: Filter,
    /// A piece of the name of a person or an object, in upper or lower case.
    pub text: Option<String>,
    /// At this time or later.
    pub after: Option<UtcMs>,
    /// Earlier than this time.
    pub before: Option<UtcMs>,
    pub order: Order,
    pub limit: Option<usize>,
    /// Goes on behind this entry of an earlier search.
    pub from: Option<Cursor>,
    /// Looking at entries that are not wanted ends after so long, with an error.
    pub patience: Option<Duration>,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            connectors: None,
            stream: None,
            filter: Filter::default(),
            text: None,
            after: None,
            before: None,
            order: Order::OldestFirst,
            limit: None,
            from: None,
            patience: None,
        }
    }
}

/// A place in the order of a search. It stays valid while the log grows and shrinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    pub timestamp: UtcMs,
    pub position: Position,
}

impl Entry {
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        Cursor { timestamp: self.timestamp, position: self.position }
    }
}

/// Entries that are in memory at a time when they are handed out one by one.
const BATCH: usize = 512;

impl Store {
    /// What is found, as of one state of the log.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn search(&self, search: &Search) -> Result<Vec<Entry>, StoreError> {
        self.read_at_once(|conn| {
            let mut merge = plan::plan(conn, search)?;
            merge.next_entries(conn, search.limit.unwrap_or(usize::MAX))
        })
    }

    /// Hands out what is found until there is no more or the caller has enough. However long the caller
    /// takes, it blocks nobody; entries that are appended meanwhile may or may not be among them.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn search_each(
        &self,
        search: &Search,
        mut each: impl FnMut(&Entry) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut merge = self.read(|conn| plan::plan(conn, search))?;
        let mut left = search.limit.unwrap_or(usize::MAX);
        while left > 0 {
            let entries = self.read_at_once(|conn| merge.next_entries(conn, left.min(BATCH)))?;
            if entries.is_empty() {
                break;
            }
            left -= entries.len();
            if entries.iter().any(|entry| each(entry).is_break()) {
                break;
            }
        }
        Ok(())
    }
}
