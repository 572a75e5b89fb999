//! The most active people and the most changed objects over some days, with what each did on which day.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::DAY_MS;
use crate::connector::ConnectorId;
use crate::store::search::{self, Side};
use crate::store::{Store, StoreError, stream};

/// Whose days to look at. Whole days (UTC): those that begin within the range.
#[derive(Clone, Debug)]
pub struct Busy {
    pub connectors: Option<Vec<ConnectorId>>,
    pub side: Side,
    pub after: UtcMs,
    pub before: UtcMs,
    /// A piece of the name, in upper or lower case.
    pub text: Option<String>,
    pub top: usize,
}

/// Somebody or something that has entries in these days, under the name it had most often in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lively {
    pub connector: ConnectorId,
    pub id: String,
    pub name: String,
    pub entries: u64,
    /// Entries of each day of the range, the oldest first.
    pub days: Vec<u64>,
    /// When it was last seen at all.
    pub last: Option<UtcMs>,
}

/// Somebody or something with all of its numbers, before it is known whether it is among the busiest.
struct Candidate {
    connector: ConnectorId,
    id: String,
    name: String,
    entries: u64,
    /// Each with its stream, and whether it is counted: names that the text is not in are not.
    numbers: Vec<(i64, i64, bool)>,
}

const SLACK: usize = 64;

impl Store {
    /// The busiest first, and whether there are more.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn busiest(&self, busy: &Busy) -> Result<(Vec<Lively>, bool), StoreError> {
        self.read_at_once(|conn| {
            let streams = stream::among(conn, busy.connectors.as_deref(), None)?;
            let text = busy.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
            let only = match text {
                Some(text) => Some(search::numbers_named(conn, &streams, text, busy.side)?),
                None => None,
            };
            let sums = sums(conn, &streams, busy, only.as_ref())?;
            let (mut found, more) = merged(conn, busy, sums)?;
            found.sort_unstable_by(|a, b| {
                b.entries.cmp(&a.entries).then_with(|| (a.connector, &a.id).cmp(&(b.connector, &b.id)))
            });
            let more = more || found.len() > busy.top;
            found.truncate(busy.top);
            let lively = found.into_iter().map(|one| one.day_by_day(conn, busy));
            Ok((lively.collect::<Result<_, _>>()?, more))
        })
    }
}

/// Entries by number.
fn sums(
    conn: &Connection,
    streams: &[i64],
    busy: &Busy,
    only: Option<&HashSet<i64>>,
) -> Result<HashMap<i64, u64>, StoreError> {
    let mut sums = HashMap::<i64, u64>::new();
    let mut statement = conn.prepare_cached(of_days(busy.side))?;
    for stream in streams {
        let mut rows = statement.query(params![stream, busy.after.0, busy.before.0])?;
        while let Some(row) = rows.next()? {
            let number = row.get(0)?;
            if only.is_none_or(|only| only.contains(&number)) {
                *sums.entry(number).or_default() += u64::try_from(row.get::<_, i64>(1)?).unwrap_or_default();
            }
        }
    }
    Ok(sums)
}

/// Numbers stand for an id under one name: those of an id are added up. The busiest names are looked at first;
/// some more than are wanted, as the order may change when names are added up.
fn merged(
    conn: &Connection,
    busy: &Busy,
    mut sums: HashMap<i64, u64>,
) -> Result<(Vec<Candidate>, bool), StoreError> {
    let mut order: Vec<_> = sums.iter().map(|(number, entries)| (Reverse(*entries), *number)).collect();
    order.sort_unstable();
    let mut name = conn.prepare_cached(search::told_by(busy.side))?;
    let mut found = Vec::new();
    for (_, number) in order {
        if found.len() >= busy.top + SLACK {
            return Ok((found, true));
        }
        let Some(mut entries) = sums.remove(&number) else { continue };
        let told = name.query_row([number], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
        let Some((connector, id, name)): Option<(i64, String, String)> = told else { continue };
        if id.is_empty() {
            continue;
        }
        let connector = ConnectorId(connector);
        let mut numbers = Vec::new();
        for stream in stream::among(conn, Some(&[connector]), None)? {
            for other in search::numbers_of(conn, stream, busy.side, &id)? {
                let others = sums.remove(&other);
                entries += others.unwrap_or_default();
                numbers.push((stream, other, other == number || others.is_some()));
            }
        }
        found.push(Candidate { connector, id, name, entries, numbers });
    }
    Ok((found, false))
}

impl Candidate {
    fn day_by_day(self, conn: &Connection, busy: &Busy) -> Result<Lively, StoreError> {
        let mut statement = conn.prepare_cached(on_day(busy.side))?;
        let mut days = Vec::new();
        for day in days_between(busy.after, busy.before) {
            let mut sum = 0;
            for (stream, number, _) in self.numbers.iter().filter(|(.., is_counted)| *is_counted) {
                let entries: Option<i64> =
                    statement.query_row(params![stream, day.0, number], |row| row.get(0)).optional()?;
                sum += entries.map_or(0, |entries| u64::try_from(entries).unwrap_or_default());
            }
            days.push(sum);
        }
        let mut last = None;
        for (_, number, _) in &self.numbers {
            last = last.max(newest(conn, busy.side, *number)?);
        }
        let Self { connector, id, name, entries, .. } = self;
        Ok(Lively { connector, id, name, entries, days, last })
    }
}

fn newest(conn: &Connection, side: Side, number: i64) -> Result<Option<UtcMs>, StoreError> {
    let newest: Option<i64> = conn.prepare_cached(newest_of(side))?.query_row([number], |row| row.get(0))?;
    Ok(newest.map(UtcMs))
}

/// The days that begin within the range.
fn days_between(after: UtcMs, before: UtcMs) -> impl Iterator<Item = UtcMs> {
    let first = after.0.saturating_add(DAY_MS - 1).div_euclid(DAY_MS);
    let end = before.0.saturating_add(DAY_MS - 1).div_euclid(DAY_MS);
    (first..end.min(first + 1_000)).map(|day| UtcMs(day * DAY_MS))
}

pub(in crate::store) const fn of_days(side: Side) -> &'static str {
    match side {
        Side::People => "SELECT person, entries FROM person_day WHERE stream = ?1 AND day >= ?2 AND day < ?3",
        Side::Objects => {
            "SELECT object, entries FROM object_day WHERE stream = ?1 AND day >= ?2 AND day < ?3"
        }
    }
}

pub(in crate::store) const fn on_day(side: Side) -> &'static str {
    match side {
        Side::People => "SELECT entries FROM person_day WHERE stream = ?1 AND day = ?2 AND person = ?3",
        Side::Objects => "SELECT entries FROM object_day WHERE stream = ?1 AND day = ?2 AND object = ?3",
    }
}

pub(in crate::store) const fn newest_of(side: Side) -> &'static str {
    match side {
        Side::People => "SELECT max(timestamp) FROM entry WHERE person = ?1",
        Side::Objects => "SELECT max(timestamp) FROM entry WHERE object = ?1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_belongs_to_the_range_in_which_it_begins() {
        let days = |after, before| days_between(UtcMs(after), UtcMs(before)).map(|day| day.0 / DAY_MS);
        assert!(days(0, DAY_MS).eq([0]));
        assert!(days(1, DAY_MS + 1).eq([1]));
        assert!(days(-1, DAY_MS).eq([0]));
        assert_eq!(days(5, 5).count(), 0);
    }
}
