//! Counting what a search would find. Whole hours come from the rollup where it knows them; only the
//! edges are looked at entry by entry.

use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, params};

use super::merge::Conditions;
use super::{Search, plan};
use crate::store::append::UNPARSED;
use crate::store::{Store, StoreError, stream};

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
    let sql =
        "SELECT kind, sum(entries) FROM rollup WHERE stream = ?1 AND hour >= ?2 AND hour < ?3 GROUP BY kind";
    let mut statement = conn.prepare_cached(sql)?;
    let (from, to) = (first.map_or(i64::MIN, |first| first.0), last.map_or(i64::MAX, |last| last.0));
    for stream in streams {
        let mut rows = statement.query(params![stream, from, to])?;
        while let Some(row) = rows.next()? {
            let kind: i64 = row.get(0)?;
            if conditions.allow_kind((kind != UNPARSED).then_some(kind)) {
                found += u64::try_from(row.get::<_, i64>(1)?).unwrap_or_default();
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
