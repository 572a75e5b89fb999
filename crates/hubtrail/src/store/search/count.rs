//! Counting what a search would find. Whole hours, and longer spans of them, come from the rollup where it knows them;
//! only the edges are looked at entry by entry.

use hubtrail_core::time::UtcMs;
use rusqlite::Connection;

use super::merge::Conditions;
use super::{Search, plan};
use crate::store::append::UNPARSED;
use crate::store::{Store, StoreError, spans, stream};

const HOUR_MS: i64 = 3_600_000;

impl Store {
    /// How many entries the search would find, up to its limit.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn count(&self, search: &Search) -> Result<u64, StoreError> {
        let found = self.read_at_once(|conn| {
            let streams = stream::among(conn, search.connectors.as_deref(), search.stream)?;
            let conditions = plan::conditions(conn, &streams, &search.filter, search.text.as_deref())?;
            let rolled_up = conditions.only_kinds() && search.from.is_none();
            if rolled_up { by_hours(conn, search, &streams, &conditions) } else { one_by_one(conn, search) }
        })?;
        let limit = search.limit.and_then(|limit| u64::try_from(limit).ok());
        Ok(found.min(limit.unwrap_or(u64::MAX)))
    }

    /// How many entries the search would find at all, where that is known without looking at each of them.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn known_count(&self, search: &Search) -> Result<Option<u64>, StoreError> {
        self.read_at_once(|conn| {
            let search = Search { from: None, limit: None, ..search.clone() };
            let streams = stream::among(conn, search.connectors.as_deref(), search.stream)?;
            let conditions = plan::conditions(conn, &streams, &search.filter, search.text.as_deref())?;
            let is_known = conditions.only_kinds();
            is_known.then(|| by_hours(conn, &search, &streams, &conditions)).transpose()
        })
    }
}

/// `[after …) first full hour … last full hour [… before)`
fn by_hours(
    conn: &Connection,
    search: &Search,
    streams: &[i64],
    conditions: &Conditions,
) -> Result<u64, StoreError> {
    let first = search.after.map(|after| after.plus(HOUR_MS - 1).hour());
    let last = search.before.map(UtcMs::hour);
    if let (Some(first), Some(last)) = (first, last)
        && first >= last
    {
        return one_by_one(conn, search);
    }
    let mut found = 0;
    if let Some(first) = first.filter(|first| Some(*first) != search.after) {
        found += one_by_one(conn, &Search { before: Some(first), ..search.clone() })?;
    }
    if let Some(last) = last.filter(|last| Some(*last) != search.before) {
        found += one_by_one(conn, &Search { after: Some(last), ..search.clone() })?;
    }
    let (first, last) = (first.unwrap_or(UtcMs(i64::MIN)), last.unwrap_or(UtcMs(i64::MAX)));
    if conditions.kinds.is_none() && !conditions.parsed {
        for stream in streams {
            found += u64::try_from(spans::in_all(conn, *stream, first, last)?).unwrap_or_default();
        }
        return Ok(found);
    }
    for stream in streams {
        for (kind, entries) in spans::by_kind(conn, *stream, first, last)? {
            if conditions.allow_kind((kind != UNPARSED).then_some(kind)) {
                found += u64::try_from(entries).unwrap_or_default();
            }
        }
    }
    Ok(found)
}

fn one_by_one(conn: &Connection, search: &Search) -> Result<u64, StoreError> {
    let mut merge = plan::plan(conn, search)?;
    let mut found = 0;
    while merge.next(conn)?.is_some() {
        found += 1;
    }
    Ok(found)
}
