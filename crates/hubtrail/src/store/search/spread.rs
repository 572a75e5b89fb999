//! How what a search finds is spread over time. Whole hours, and days, weeks and quarters of them, come from the rollup
//! where it knows them; otherwise entries are counted, the newest first, until it would be too many.

use std::collections::{BTreeMap, HashMap};

use hubtrail_core::page::Order;
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::lane::Breadth;
use super::merge::Conditions;
use super::{Search, facets, plan};
use crate::store::append::UNPARSED;
use crate::store::{Store, StoreError, spans, stream};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// Entries by the start of the step; steps without entries are left out.
    pub steps: BTreeMap<UtcMs, u64>,
    /// Nothing earlier than this step was counted, because there was too much.
    pub since: Option<UtcMs>,
}

/// As [`Spread`], for each type of event by itself; records that could not be read have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeSpread {
    pub steps: BTreeMap<UtcMs, BTreeMap<Option<String>, u64>>,
    pub since: Option<UtcMs>,
}

pub(in crate::store) const BY_HOUR: &str =
    "SELECT hour, kind, entries FROM rollup WHERE stream = ?1 AND hour >= ?2 AND hour < ?3";

/// The same without the kinds told apart: far fewer rows leave the database.
pub(in crate::store) const OF_HOURS: &str = "SELECT hour, sum(entries) FROM rollup WHERE stream = ?1 AND hour >= ?2 \
     AND hour < ?3 AND (?4 IS NULL OR kind IN (SELECT value FROM json_each(?4))) GROUP BY hour";

/// By the start of the step and the number of the kind.
type Counts = HashMap<(UtcMs, i64), u64>;

impl Store {
    /// The search's range is to consist of whole steps, and a step of whole hours. At most `most` entries
    /// are counted one by one; its order and limit are ignored.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn spread(&self, search: &Search, step_ms: i64, most: u64) -> Result<Spread, StoreError> {
        self.read_at_once(|conn| {
            let meant = Meant::by(conn, search)?;
            if meant.conditions.only_kinds() && spans::longest(step_ms, search.after, search.before).is_none()
            {
                let steps = hours_alone(conn, search, step_ms, &meant)?;
                return Ok(Spread { steps, since: None });
            }
            let (counts, since) = look(conn, search, step_ms, most, meant)?;
            let mut spread = Spread { since, ..Spread::default() };
            for ((start, _), entries) in counts {
                *spread.steps.entry(start).or_default() += entries;
            }
            Ok(spread)
        })
    }

    /// As [`Store::spread`].
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn spread_by_type(&self, search: &Search, step_ms: i64, most: u64) -> Result<TypeSpread, StoreError> {
        self.read_at_once(|conn| {
            let (counts, since) = look(conn, search, step_ms, most, Meant::by(conn, search)?)?;
            let mut types = Types::default();
            let mut by_type = HashMap::<(UtcMs, usize), u64>::new();
            for ((start, kind), entries) in counts {
                *by_type.entry((start, types.number(conn, kind)?)).or_default() += entries;
            }
            let mut spread = TypeSpread { since, ..TypeSpread::default() };
            for ((start, number), entries) in by_type {
                let event_type = types.names[number].clone();
                spread.steps.entry(start).or_default().insert(event_type, entries);
            }
            Ok(spread)
        })
    }
}

/// Which streams a search means, and what of their entries.
struct Meant {
    streams: Vec<i64>,
    conditions: Conditions,
}

impl Meant {
    fn by(conn: &Connection, search: &Search) -> Result<Self, StoreError> {
        let streams = stream::among(conn, search.connectors.as_deref(), search.stream)?;
        let conditions = plan::conditions(conn, &streams, &search.filter, search.text.as_deref())?;
        Ok(Self { streams, conditions })
    }
}

/// What there is in each step, and since when all of it was counted.
fn look(
    conn: &Connection,
    search: &Search,
    step_ms: i64,
    most: u64,
    meant: Meant,
) -> Result<(Counts, Option<UtcMs>), StoreError> {
    if meant.conditions.only_kinds() {
        Ok((from_rollup(conn, search, step_ms, &meant)?, None))
    } else {
        counted(conn, search, step_ms, most, meant)
    }
}

fn start(at: UtcMs, step_ms: i64) -> UtcMs {
    at.minus(at.0.rem_euclid(step_ms))
}

/// The types of event of many kinds: numbered, since there are far more kinds and steps than types.
#[derive(Default)]
struct Types {
    names: Vec<Option<String>>,
    of_kinds: HashMap<i64, usize>,
}

impl Types {
    fn number(&mut self, conn: &Connection, kind: i64) -> Result<usize, StoreError> {
        if let Some(number) = self.of_kinds.get(&kind) {
            return Ok(*number);
        }
        let mut told = conn.prepare_cached(facets::KIND)?;
        let name: Option<String> = told.query_row([kind], |row| row.get(0)).optional()?;
        let number = self.names.iter().position(|known| *known == name).unwrap_or_else(|| {
            self.names.push(name);
            self.names.len() - 1
        });
        self.of_kinds.insert(kind, number);
        Ok(number)
    }
}

/// As the rollup has them.
fn hours_alone(
    conn: &Connection,
    search: &Search,
    step_ms: i64,
    Meant { streams, conditions }: &Meant,
) -> Result<BTreeMap<UtcMs, u64>, StoreError> {
    let from = search.after.map_or(i64::MIN, |after| after.0);
    let to = search.before.map_or(i64::MAX, |before| before.0);
    let mut statement = conn.prepare_cached(OF_HOURS)?;
    let mut steps = BTreeMap::new();
    for stream in streams {
        let kinds = match &conditions.kinds {
            Some(kinds) => match kinds.of_stream(*stream) {
                Some(listed) => Some(listed),
                None => continue,
            },
            None => None,
        };
        let mut rows = statement.query(params![stream, from, to, kinds.as_deref()])?;
        while let Some(row) = rows.next()? {
            let entries = u64::try_from(row.get::<_, i64>(1)?).unwrap_or_default();
            *steps.entry(start(UtcMs(row.get(0)?), step_ms)).or_default() += entries;
        }
    }
    Ok(steps)
}

fn from_rollup(
    conn: &Connection,
    search: &Search,
    step_ms: i64,
    Meant { streams, conditions }: &Meant,
) -> Result<Counts, StoreError> {
    let mut counts = Counts::new();
    let from = search.after.map_or(i64::MIN, |after| after.0);
    let to = search.before.map_or(i64::MAX, |before| before.0);
    let days = spans::longest(step_ms, search.after, search.before);
    let mut statement = conn.prepare_cached(days.map_or(BY_HOUR, |_| spans::WITHIN))?;
    for stream in streams {
        let mut rows = match days {
            Some(days) => statement.query(params![stream, from, to, days])?,
            None => statement.query(params![stream, from, to])?,
        };
        while let Some(row) = rows.next()? {
            let kind: i64 = row.get(1)?;
            if conditions.allow_kind((kind != UNPARSED).then_some(kind)) {
                let entries = u64::try_from(row.get::<_, i64>(2)?).unwrap_or_default();
                *counts.entry((start(UtcMs(row.get(0)?), step_ms), kind)).or_default() += entries;
            }
        }
    }
    Ok(counts)
}

fn counted(
    conn: &Connection,
    search: &Search,
    step_ms: i64,
    most: u64,
    Meant { streams, conditions }: Meant,
) -> Result<(Counts, Option<UtcMs>), StoreError> {
    let newest_first = Search { order: Order::NewestFirst, from: None, ..search.clone() };
    let mut merge = plan::plan_with(&newest_first, &streams, conditions, Breadth::Kind);
    let (mut counts, mut last) = (Counts::new(), None);
    for _ in 0..most {
        match merge.next_candidate(conn) {
            Ok(Some(next)) => {
                let step = start(next.cursor.timestamp, step_ms);
                *counts.entry((step, next.kind.unwrap_or(UNPARSED))).or_default() += 1;
                last = Some(step);
            }
            Ok(None) => return Ok((counts, None)),
            Err(StoreError::TookTooLong) => break,
            Err(error) => return Err(error),
        }
    }
    // The step in which counting stopped is not known in full.
    counts.retain(|(step, _), _| Some(*step) != last);
    let since = last.map(|stopped| stopped.plus(step_ms));
    Ok((counts, since.or(search.before).or(Some(UtcMs(i64::MAX)))))
}
