//! Entries per kind over days, weeks and quarters: what the hours add up to, so that a chart over years does not add up
//! every hour of them.

use std::collections::HashMap;

use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, Rows, params};

use super::StoreError;
use super::days::DAY_MS;
use super::search::spread::BY_HOUR;

/// The longest first. Each is made of whole ones of the next, and every step of a chart of a day or more is made of one.
const DAYS: [i64; 3] = [91, 7, 1];

pub(super) const WITHIN: &str = "SELECT start, kind, entries FROM rollup_span \
     WHERE stream = ?1 AND days = ?4 AND start >= ?2 AND start < ?3";

/// The longest, in days, of which a step and both ends of a range are made. None: only hours are short enough.
pub(super) fn longest(step_ms: i64, from: Option<UtcMs>, to: Option<UtcMs>) -> Option<i64> {
    let is_whole = |days: &i64| {
        let made_of = |ms: i64| ms.rem_euclid(days * DAY_MS) == 0;
        made_of(step_ms) && [from, to].into_iter().flatten().all(|at| made_of(at.0))
    };
    DAYS.into_iter().find(is_whole)
}

/// The hours and the spans of a range: kind and entries in the second and the third column.
#[derive(Clone, Copy)]
struct Sources {
    hours: &'static str,
    spans: &'static str,
}

const BY_KIND: Sources = Sources { hours: BY_HOUR, spans: WITHIN };
/// One row of each, of no kind: nothing else leaves the database.
const IN_ALL: Sources = Sources { hours: ALL_HOURS, spans: ALL_WITHIN };
pub(super) const ALL_HOURS: &str = "SELECT NULL, 0, coalesce(sum(entries), 0) FROM rollup \
     WHERE stream = ?1 AND hour >= ?2 AND hour < ?3";
pub(super) const ALL_WITHIN: &str = "SELECT NULL, 0, coalesce(sum(entries), 0) FROM rollup_span \
     WHERE stream = ?1 AND days = ?4 AND start >= ?2 AND start < ?3";

/// How much there is between two whole hours, readable or not.
pub(super) fn in_all(conn: &Connection, stream: i64, from: UtcMs, to: UtcMs) -> Result<i64, StoreError> {
    let mut sums = HashMap::new();
    sum_up(conn, stream, (from, to), (IN_ALL, &DAYS), &mut sums)?;
    Ok(sums.into_values().sum())
}

/// What there is of each kind between two whole hours: the middle from the longest spans, the rest from shorter ones.
pub(super) fn by_kind(
    conn: &Connection,
    stream: i64,
    from: UtcMs,
    to: UtcMs,
) -> Result<HashMap<i64, i64>, StoreError> {
    let mut sums = HashMap::new();
    sum_up(conn, stream, (from, to), (BY_KIND, &DAYS), &mut sums)?;
    Ok(sums)
}

fn sum_up(
    conn: &Connection,
    stream: i64,
    (from, to): (UtcMs, UtcMs),
    (sources, lengths): (Sources, &[i64]),
    sums: &mut HashMap<i64, i64>,
) -> Result<(), StoreError> {
    if from >= to {
        return Ok(());
    }
    let Some((days, shorter)) = lengths.split_first() else {
        let mut statement = conn.prepare_cached(sources.hours)?;
        return add_rows(sums, statement.query(params![stream, from.0, to.0])?);
    };
    let length = days * DAY_MS;
    // The ends of time are as whole as anything.
    let first = if from.0 == i64::MIN { from } else { from.plus((-from.0).rem_euclid(length)) };
    let last = if to.0 == i64::MAX { to } else { to.minus(to.0.rem_euclid(length)) };
    if first >= last {
        return sum_up(conn, stream, (from, to), (sources, shorter), sums);
    }
    sum_up(conn, stream, (from, first), (sources, shorter), sums)?;
    add_rows(sums, conn.prepare_cached(sources.spans)?.query(params![stream, first.0, last.0, days])?)?;
    sum_up(conn, stream, (last, to), (sources, shorter), sums)
}

fn add_rows(sums: &mut HashMap<i64, i64>, mut rows: Rows<'_>) -> Result<(), StoreError> {
    while let Some(row) = rows.next()? {
        *sums.entry(row.get(1)?).or_default() += row.get::<_, i64>(2)?;
    }
    Ok(())
}

/// Follows what was added to the hours, by hour and kind.
pub(super) fn add(
    conn: &Connection,
    stream: i64,
    hours: &HashMap<(UtcMs, i64), i64>,
) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached(ADD)?;
    for ((days, start, kind), entries) in summed(hours) {
        statement.execute(params![stream, days, start.0, kind, entries])?;
    }
    Ok(())
}

/// Follows what was taken from them. A span without entries has no row.
pub(super) fn subtract(
    conn: &Connection,
    stream: i64,
    hours: &HashMap<(UtcMs, i64), i64>,
) -> Result<(), StoreError> {
    let (mut add, mut drop) = (conn.prepare_cached(ADD)?, conn.prepare_cached(DROP)?);
    for ((days, start, kind), entries) in summed(hours) {
        add.execute(params![stream, days, start.0, kind, -entries])?;
        drop.execute(params![stream, days, start.0, kind])?;
    }
    Ok(())
}

fn summed(hours: &HashMap<(UtcMs, i64), i64>) -> HashMap<(i64, UtcMs, i64), i64> {
    let mut spans = HashMap::new();
    for ((hour, kind), entries) in hours {
        for days in DAYS {
            let start = hour.minus(hour.0.rem_euclid(days * DAY_MS));
            *spans.entry((days, start, *kind)).or_default() += entries;
        }
    }
    spans
}

const ADD: &str = "INSERT INTO rollup_span (stream, days, start, kind, entries) VALUES (?1, ?2, ?3, ?4, ?5) \
     ON CONFLICT (stream, days, start, kind) DO UPDATE SET entries = entries + excluded.entries";
const DROP: &str =
    "DELETE FROM rollup_span WHERE stream = ?1 AND days = ?2 AND start = ?3 AND kind = ?4 AND entries <= 0";

/// For the check of the whole log, beside the hours: rows that are wrong, missing or too many.
pub(super) fn wrong(conn: &Connection) -> Result<i64, StoreError> {
    let mut wrong = 0;
    for days in DAYS {
        wrong += conn.query_row(WRONG, params![days, days * DAY_MS], |row| row.get::<_, i64>(0))?;
    }
    Ok(wrong)
}

const WRONG: &str = "WITH kept AS (SELECT stream, start, kind, entries FROM rollup_span WHERE days = ?1), \
     summed AS (SELECT stream, hour - ((hour % ?2) + ?2) % ?2 AS start, kind, sum(entries) FROM rollup GROUP BY 1, 2, 3) \
     SELECT count(*) FROM (SELECT * FROM (SELECT * FROM kept EXCEPT SELECT * FROM summed) \
     UNION ALL SELECT * FROM (SELECT * FROM summed EXCEPT SELECT * FROM kept))";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_by_the_longest_span_that_both_of_its_ends_allow() {
        let at = |days: i64| Some(UtcMs(days * DAY_MS));
        for (step_days, from, to, longest_days) in [
            (91, at(-91), at(182), Some(91)),
            (91, None, None, Some(91)),
            (91, at(7), at(182), Some(7)),
            (28, at(28), at(56), Some(7)),
            (14, at(14), at(28), Some(7)),
            (3, at(3), at(21), Some(1)),
            (1, at(-2), None, Some(1)),
            (1, Some(UtcMs(3_600_000)), at(2), None),
        ] {
            assert_eq!(longest(step_days * DAY_MS, from, to), longest_days, "{step_days} {from:?} {to:?}");
        }
        assert_eq!(longest(3_600_000, at(0), at(7)), None);
    }

    #[test]
    fn an_hour_is_in_one_span_of_each_length_also_before_1970() {
        let hours =
            HashMap::from([((UtcMs(-3_600_000), 5), 2), ((UtcMs(-7_200_000), 5), 1), ((UtcMs(0), 5), 4)]);
        let spans = summed(&hours);
        for days in DAYS {
            assert_eq!(spans[&(days, UtcMs(-days * DAY_MS), 5)], 3, "{days}");
            assert_eq!(spans[&(days, UtcMs(0), 5)], 4, "{days}");
        }
        assert_eq!(spans.len(), 6);
    }
}
