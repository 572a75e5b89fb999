//! How what a search finds is spread over time. Whole hours come from the rollup where it knows them;
//! otherwise entries are counted, the newest first, until it would be too many.

use std::collections::BTreeMap;

use hubtrail_core::page::Order;
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, params};

use super::merge::Conditions;
use super::{Search, plan};
use crate::store::append::UNPARSED;
use crate::store::{Store, StoreError, stream};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// Entries by the start of the step; steps without entries are left out.
    pub steps: BTreeMap<UtcMs, u64>,
    /// Nothing earlier than this step was counted, because there was too much.
    pub since: Option<UtcMs>,
}

pub(in crate::store) const BY_HOUR: &str =
    "SELECT hour, kind, entries FROM rollup WHERE stream = ?1 AND hour >= ?2 AND hour < ?3";

impl Store {
    /// The search's range is to consist of whole steps, and a step of whole hours. At most `most` entries
    /// are counted one by one; its order and limit are ignored.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn spread(&self, search: &Search, step_ms: i64, most: u64) -> Result<Spread, StoreError> {
        self.read_at_once(|conn| {
            let streams = stream::among(conn, search.connectors.as_deref(), search.stream)?;
            let conditions = plan::conditions(conn, &streams, &search.filter, search.text.as_deref())?;
            if conditions.only_kinds() {
                from_rollup(conn, search, step_ms, &streams, &conditions)
            } else {
                counted(conn, search, step_ms, most)
            }
        })
    }
}

fn start(at: UtcMs, step_ms: i64) -> UtcMs {
    at.minus(at.0.rem_euclid(step_ms))
}

fn from_rollup(
    conn: &Connection,
    search: &Search,
    step_ms: i64,
    streams: &[i64],
    conditions: &Conditions,
) -> Result<Spread, StoreError> {
    let mut spread = Spread::default();
    let from = search.after.map_or(i64::MIN, |after| after.0);
    let to = search.before.map_or(i64::MAX, |before| before.0);
    let mut statement = conn.prepare_cached(BY_HOUR)?;
    for stream in streams {
        let mut rows = statement.query(params![stream, from, to])?;
        while let Some(row) = rows.next()? {
            let kind: i64 = row.get(1)?;
            if conditions.allow_kind((kind != UNPARSED).then_some(kind)) {
                let entries = u64::try_from(row.get::<_, i64>(2)?).unwrap_or_default();
                *spread.steps.entry(start(UtcMs(row.get(0)?), step_ms)).or_default() += entries;
            }
        }
    }
    Ok(spread)
}

fn counted(conn: &Connection, search: &Search, step_ms: i64, most: u64) -> Result<Spread, StoreError> {
    let newest_first = Search { order: Order::NewestFirst, from: None, ..search.clone() };
    let mut merge = plan::plan(conn, &newest_first)?;
    let mut spread = Spread::default();
    for _ in 0..most {
        match merge.next(conn) {
            Ok(Some(next)) => *spread.steps.entry(start(next.timestamp, step_ms)).or_default() += 1,
            Ok(None) => return Ok(spread),
            Err(StoreError::TookTooLong) => break,
            Err(error) => return Err(error),
        }
    }
    // The step in which counting stopped is not known in full.
    let stopped = spread.steps.pop_first().map(|(stopped, _)| stopped.plus(step_ms));
    Ok(Spread { since: stopped.or(search.before).or(Some(UtcMs(i64::MAX))), ..spread })
}
