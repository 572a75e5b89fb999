//! Whether an account that is quiet is unusually so for its own hour of the week.
//!
//! A quiet account is not a broken one, so this changes what is said and never the state.

use std::fmt;

use hubtrail_core::silence::unusual;
use hubtrail_core::time::{UtcMs, rfc3339, spoken};
use jiff::ToSpan as _;
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::{Hours, Store, StoreError, StreamFacts};

const WEEKS: i64 = 8;
const HOUR_MS: i64 = 3_600_000;
/// A shorter silence is not worth the look.
const LEAST_MS: i64 = 15 * 60_000;
/// A longer one is not looked at as a whole: if it is unusual, so is its last day.
const MOST_MS: i64 = 24 * HOUR_MS;

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct UnusualSilence {
    /// The newest event.
    #[serde(with = "rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub since: UtcMs,
    /// Until when nothing had happened.
    #[serde(with = "rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub until: UtcMs,
    /// Events that this part of the week had on average.
    pub expected: f64,
    /// The weeks that this is told from; in each of them there were some.
    pub weeks: usize,
    /// How likely such a silence is.
    pub chance: f64,
}

impl fmt::Display for UnusualSilence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ago, weeks, expected) =
            (spoken(self.until.since(self.since)), self.weeks, self.expected.round());
        write!(
            f,
            "HubSpot answers, but nothing has happened for {ago}, which is unusual for this time of the week: \
             in each of the last {weeks} weeks something did, about {expected} events on average"
        )
    }
}

/// The silence up to when HubSpot was last asked, if it is unusual.
pub(super) fn of(
    store: &Store,
    facts: &StreamFacts,
    zone: &TimeZone,
    now: UtcMs,
) -> Result<Option<UnusualSilence>, StoreError> {
    let (Some(since), Some(polled), Some(oldest)) = (facts.newest, facts.polled_at, facts.oldest) else {
        return Ok(None);
    };
    let until = polled.min(now);
    if until.since(since) < LEAST_MS {
        return Ok(None);
    }
    let from = since.max(until.minus(MOST_MS));
    let mut weeks = Vec::new();
    for back in 1..=WEEKS {
        let (Some(from), Some(until)) = (weeks_before(from, zone, back), weeks_before(until, zone, back))
        else {
            break;
        };
        if from < oldest {
            break;
        }
        weeks.push(events(store, facts, from, until)?);
    }
    Ok(unusual(&weeks).map(|unusual| UnusualSilence {
        since,
        until,
        expected: unusual.expected,
        weeks: weeks.len(),
        chance: unusual.chance,
    }))
}

/// The same time on the account's wall clock, also over a change to summer time.
fn weeks_before(at: UtcMs, zone: &TimeZone, weeks: i64) -> Option<UtcMs> {
    let then = at.to_timestamp().to_zoned(zone.clone()).checked_sub(weeks.weeks()).ok()?;
    Some(then.timestamp().into())
}

/// Events of a span of time. Of an hour that lies in it in part, that part.
fn events(store: &Store, facts: &StreamFacts, from: UtcMs, until: UtcMs) -> Result<f64, StoreError> {
    let hours = Hours {
        connector: Some(facts.connector),
        stream: Some(facts.stream),
        after: Some(from.hour()),
        before: Some(until),
    };
    let part = |hour: UtcMs| until.min(hour.plus(HOUR_MS)).since(from.max(hour)).max(0);
    #[expect(clippy::cast_precision_loss, reason = "a number of events for a model")]
    let weighed = |entries: i64, ms: i64| entries as f64 * ms as f64 / HOUR_MS as f64;
    Ok(store.histogram(&hours)?.iter().map(|total| weighed(total.entries, part(total.hour))).sum())
}
