//! What somebody usually does, or what usually happens to something, beside what is so now; and who and what goes
//! with it. Told from the log whenever it is asked for, and kept nowhere.

mod company;

use hubtrail_core::page::Order;
use hubtrail_core::time::{UtcMs, rfc3339};
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use crate::connector::ConnectorId;
use crate::store::{DAY_MS, Search, Store, StoreError, Subject};

pub use company::Companion;

/// Now is the last week; what is usual are the weeks before it.
pub const NOW_DAYS: i64 = 7;
pub const USUAL_DAYS: i64 = 90;
/// The rate is told day by day for so long.
pub const RATE_DAYS: i64 = 30;
const HOUR_MS: i64 = 3_600_000;
/// More entries of one subject are not counted; the profile says so.
const MOST: u64 = 20_000;
const TOP: usize = 8;

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    pub id: String,
    /// Every name it was seen under, the newest first.
    pub names: Vec<String>,
    #[serde(with = "rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_seen: Option<UtcMs>,
    #[serde(with = "rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_seen: Option<UtcMs>,
    /// The weeks before the last one, up to 90 days back.
    pub usual: Habits,
    /// The last seven days.
    pub now: Habits,
    /// Events per day (UTC) of the last 30 days, the oldest first.
    pub days: Vec<DayCount>,
    /// Of a person: who else changed the same objects. Of an object: who changed it.
    pub people: Vec<Companion>,
    /// Of a person: what they changed most. Of an object: what the same people changed within ten minutes of it.
    pub objects: Vec<Companion>,
}

/// What happened in a range, by hour and by type
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Habits {
    #[serde(with = "rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub from: UtcMs,
    #[serde(with = "rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub to: UtcMs,
    pub entries: u64,
    /// Only from here on was everything counted: before it there is too much.
    #[serde(with = "rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<UtcMs>,
    /// Seven days from Monday on, each of 24 hours.
    #[schema(value_type = Vec<Vec<u64>>)]
    pub week: [[u64; 24]; 7],
    pub event_types: Vec<KindCount>,
    pub object_types: Vec<KindCount>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct KindCount {
    pub value: String,
    pub entries: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayCount {
    #[serde(with = "rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub day: UtcMs,
    pub entries: u64,
}

impl Habits {
    /// Events a day, on average.
    #[must_use]
    pub fn per_day(&self) -> f64 {
        let from = self.since.unwrap_or(self.from);
        let days = self.to.since(from).max(DAY_MS) as f64 / DAY_MS as f64;
        self.entries as f64 / days
    }
}

/// The hours of the week are those of the zone's clocks. None: it was never seen.
///
/// # Errors
/// When the log cannot be read.
pub fn of(
    store: &Store,
    connector: ConnectorId,
    subject: &Subject,
    now: UtcMs,
    zone: &TimeZone,
) -> Result<Option<Profile>, StoreError> {
    let names = store.aliases(connector, subject)?;
    if names.is_empty() {
        return Ok(None);
    }
    let whole = Search { connectors: Some(vec![connector]), filter: subject.filter(), ..Search::default() };
    let end = |order| {
        let found = store.search(&Search { order, limit: Some(1), ..whole.clone() })?;
        Ok::<_, StoreError>(found.first().map(|entry| entry.timestamp))
    };
    let (first_seen, last_seen) = (end(Order::OldestFirst)?, end(Order::NewestFirst)?);
    let to = now.hour().plus(HOUR_MS);
    let turn = to.minus(NOW_DAYS * DAY_MS);
    // Nobody has habits from before they came.
    let from = to.minus(USUAL_DAYS * DAY_MS).max(first_seen.unwrap_or(turn).hour()).min(turn);
    let usual = habits(store, &whole, from, turn, zone)?;
    let lately = habits(store, &whole, turn, to, zone)?;
    let days = days(store, &whole, now)?;
    let window = Search { after: Some(from), before: Some(to), ..whole };
    let (people, objects) = company::of(store, subject, &window)?;
    Ok(Some(Profile {
        id: subject.id().to_owned(),
        names,
        first_seen,
        last_seen,
        usual,
        now: lately,
        days,
        people,
        objects,
    }))
}

fn habits(
    store: &Store,
    whole: &Search,
    from: UtcMs,
    to: UtcMs,
    zone: &TimeZone,
) -> Result<Habits, StoreError> {
    let range = Search { after: Some(from), before: Some(to), ..whole.clone() };
    let facets = store.facets(&range, TOP, MOST)?;
    let week = store.week(&range, zone, MOST)?;
    let kinds = |counts: &[(String, u64)]| {
        counts.iter().map(|(value, entries)| KindCount { value: value.clone(), entries: *entries }).collect()
    };
    Ok(Habits {
        from,
        to,
        entries: facets.entries,
        since: facets.since.max(week.since),
        week: week.hours,
        event_types: kinds(&facets.event_types),
        object_types: kinds(&facets.object_types),
    })
}

fn days(store: &Store, whole: &Search, now: UtcMs) -> Result<Vec<DayCount>, StoreError> {
    let to = now.minus(now.0.rem_euclid(DAY_MS)).plus(DAY_MS);
    let from = to.minus(RATE_DAYS * DAY_MS);
    let range = Search { after: Some(from), before: Some(to), ..whole.clone() };
    let spread = store.spread(&range, DAY_MS, MOST)?;
    let starts = (0..RATE_DAYS).map(|day| from.plus(day * DAY_MS));
    Ok(starts
        .map(|day| DayCount { day, entries: spread.steps.get(&day).copied().unwrap_or_default() })
        .collect())
}
