//! The kinds that a search wants: a type of event and one of object are a kind of its own in each stream.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use hubtrail_core::page::{Dimension, Filter};
use rusqlite::Connection;

use crate::store::StoreError;

/// A longer list costs a statement that reads little more than it saves.
const MOST_LISTED: usize = 64;

#[derive(Default)]
pub(super) struct Kinds {
    all: HashSet<i64>,
    of_streams: HashMap<i64, Vec<i64>>,
}

impl Kinds {
    /// None: any will do.
    pub(super) fn wanted(
        conn: &Connection,
        streams: &[i64],
        filter: &Filter,
    ) -> Result<Option<Self>, StoreError> {
        let [events, objects] =
            [Dimension::EventType, Dimension::ObjectType].map(|dimension| filter.values(dimension));
        if events.is_empty() && objects.is_empty() {
            return Ok(None);
        }
        let allows = |values: &[String], value: &String| values.is_empty() || values.contains(value);
        let mut statement =
            conn.prepare_cached("SELECT id, event_type, object_type FROM kind WHERE stream = ?1")?;
        let mut kinds = Self::default();
        for stream in streams {
            let mut rows = statement.query([stream])?;
            while let Some(row) = rows.next()? {
                if allows(events, &row.get(1)?) && allows(objects, &row.get(2)?) {
                    kinds.insert(*stream, row.get(0)?);
                }
            }
        }
        Ok(Some(kinds))
    }

    fn insert(&mut self, stream: i64, kind: i64) {
        self.all.insert(kind);
        self.of_streams.entry(stream).or_default().push(kind);
    }

    pub(super) fn contains(&self, kind: i64) -> bool {
        self.all.contains(&kind)
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn into_all(self) -> HashSet<i64> {
        self.all
    }

    /// Those of a stream, as a statement takes them: a JSON list of their numbers. None: it has none of them.
    /// Thousands of streams with the list of all of them each would cost their product.
    pub(super) fn of_stream(&self, stream: i64) -> Option<Arc<str>> {
        self.of_streams.get(&stream).map(listed)
    }

    /// All of them in the same way, if they are few.
    pub(super) fn few(&self) -> Option<Arc<str>> {
        (self.all.len() <= MOST_LISTED).then(|| listed(&self.all))
    }
}

fn listed<'k>(kinds: impl IntoIterator<Item = &'k i64>) -> Arc<str> {
    let numbers: Vec<_> = kinds.into_iter().map(i64::to_string).collect();
    format!("[{}]", numbers.join(",")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stream_is_asked_for_its_own_kinds_alone() {
        let mut kinds = Kinds::default();
        for (stream, kind) in [(1, 10), (1, 11), (2, 20)] {
            kinds.insert(stream, kind);
        }
        assert_eq!(kinds.of_stream(1).as_deref(), Some("[10,11]"));
        assert_eq!(kinds.of_stream(2).as_deref(), Some("[20]"));
        assert_eq!(kinds.of_stream(3), None);
        assert!(kinds.contains(20) && !kinds.contains(21) && kinds.len() == 3);
        assert!(kinds.few().is_some());
        (100..200).for_each(|kind| kinds.insert(3, kind));
        assert_eq!(kinds.few(), None);
    }
}
