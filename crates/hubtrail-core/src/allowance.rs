//! How many calls we may make: our share of an account's limits, divided between the kinds of walk.
//!
//! HubSpot limits calls in a short interval (the burst) and in a day; other integrations of the
//! account live on the same limits. What its headers do not say is taken from its documentation:
//! <https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines>.

mod day;
mod lane;
mod share;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use self::day::Day;
pub use self::day::{Spent, next_midnight};
use self::lane::Lane;
pub use self::share::{NotARateLimit, RateLimit};
use crate::checkpoint::WalkKind;
use crate::time::UtcMs;

const DOCUMENTED_BURST: u64 = 190;
const DOCUMENTED_INTERVAL_MS: u64 = 10_000;
const DOCUMENTED_DAILY: u64 = 1_000_000;
/// No limit of HubSpot's counts over longer than this; a header that says so is wrong.
const LONGEST_INTERVAL_MS: u64 = 60_000;
/// Of the calls that an interval allows us, those that only the tail may make: one in this many.
const TAIL_LANE: u64 = 4;

/// The `X-HubSpot-RateLimit-*` headers of one response; each may be missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateHeaders {
    pub max: Option<u64>,
    pub remaining: Option<u64>,
    pub interval_ms: Option<u64>,
    pub daily: Option<u64>,
    pub daily_remaining: Option<u64>,
}

/// The answer to one request for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reservation {
    /// The call is ours, to be made when the wait is over.
    Granted { wait_ms: u64 },
    /// Nothing is left for this kind of walk until then.
    Exhausted { until: UtcMs },
    /// HubSpot wants no call until then, and then is too far away to be waited for in a request.
    Held { until: UtcMs },
}

/// What a status screen shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    pub limited: bool,
    pub used_today: u64,
    /// Our part of the account's daily limit.
    pub of_today: u64,
    /// The account's daily limit, and what all its integrations together have left of it.
    pub account_daily: u64,
    pub account_remaining: Option<u64>,
    /// Calls we make at most in one interval.
    pub burst: u64,
    pub interval_ms: u64,
    pub resets_at: UtcMs,
    pub blocked_until: Option<UtcMs>,
}

/// The limits of one account, as far as known, and what we have used of them.
#[derive(Clone, Debug)]
pub struct Allowance {
    limit: RateLimit,
    burst_max: u64,
    interval_ms: u64,
    tail: Lane,
    others: Lane,
    day: Day,
    held_until: Option<UtcMs>,
    last_seen: UtcMs,
}

impl Allowance {
    /// `spent` is what was used before a restart; it counts if it is of the same day. The zone is
    /// the account's, UTC until it is known.
    #[must_use]
    pub fn new(limit: RateLimit, zone: TimeZone, spent: Option<Spent>, now: UtcMs) -> Self {
        Self {
            limit,
            burst_max: DOCUMENTED_BURST,
            interval_ms: DOCUMENTED_INTERVAL_MS,
            tail: Lane::default(),
            others: Lane::default(),
            day: Day::new(DOCUMENTED_DAILY, zone, spent, now),
            held_until: None,
            last_seen: now,
        }
    }

    /// Asks for one call on behalf of a walk. A granted call counts as made.
    pub fn reserve(&mut self, now: UtcMs, kind: WalkKind) -> Reservation {
        self.follow_clock(now);
        if let Some(until) = self.held_until.filter(|&until| wait_ms(now, until) > LONGEST_INTERVAL_MS) {
            return Reservation::Held { until };
        }
        let start = self.held_until.map_or(now, |until| until.max(now));
        let RateLimit::Share { daily_percent, .. } = self.limit else {
            self.day.spend(kind);
            return Reservation::Granted { wait_ms: wait_ms(now, start) };
        };
        if let Some(until) = self.day.exhausted(now, kind, daily_percent) {
            return Reservation::Exhausted { until };
        }
        self.day.spend(kind);
        let (tail_burst, others_burst) = self.lanes();
        let slot = if kind == WalkKind::Tail && tail_burst > 0 {
            self.tail.book(start, tail_burst, self.interval_ms)
        } else {
            self.others.book(start, others_burst, self.interval_ms)
        };
        Reservation::Granted { wait_ms: wait_ms(now, slot) }
    }

    /// Learns the account's limits from a response.
    pub fn observe(&mut self, now: UtcMs, headers: &RateHeaders) {
        self.follow_clock(now);
        self.burst_max = headers.max.filter(|&max| max > 0).unwrap_or(self.burst_max);
        if let Some(interval_ms) = headers.interval_ms.filter(|ms| (1..=LONGEST_INTERVAL_MS).contains(ms)) {
            self.interval_ms = interval_ms;
        }
        self.day.observe(headers.daily, headers.daily_remaining);
        if headers.remaining == Some(0) {
            self.hold(now.plus(signed(self.interval_ms)));
        }
    }

    /// No call before `until`: HubSpot said so to one walk, so it holds for all.
    pub fn hold(&mut self, until: UtcMs) {
        self.held_until = self.held_until.max(Some(until));
    }

    /// The account's time zone, in which its day ends. What was used today stays used.
    pub fn set_zone(&mut self, zone: TimeZone, now: UtcMs) {
        self.follow_clock(now);
        self.day.set_zone(zone, now);
    }

    /// When a walk of this kind may make its next call, if not now.
    pub fn blocked_until(&mut self, now: UtcMs, kind: WalkKind) -> Option<UtcMs> {
        self.follow_clock(now);
        let held = self.held_until.filter(|&until| until > now);
        match self.limit {
            RateLimit::Share { daily_percent, .. } => held.max(self.day.exhausted(now, kind, daily_percent)),
            RateLimit::Off => held,
        }
    }

    pub fn usage(&mut self, now: UtcMs) -> Usage {
        let blocked_until = self.blocked_until(now, WalkKind::Tail);
        let daily_percent = match self.limit {
            RateLimit::Share { daily_percent, .. } => daily_percent,
            RateLimit::Off => 100,
        };
        Usage {
            limited: self.limit != RateLimit::Off,
            used_today: self.day.used(),
            of_today: self.day.ours(daily_percent),
            account_daily: self.day.limit(),
            account_remaining: self.day.remaining(),
            burst: self.burst(),
            interval_ms: self.interval_ms,
            resets_at: self.day.ends(),
            blocked_until,
        }
    }

    /// To be stored, and given to [`Allowance::new`] after a restart.
    #[must_use]
    pub fn spent(&self) -> &Spent {
        self.day.spent()
    }

    /// A clock that was set back must not make us wait for the time it showed before.
    fn follow_clock(&mut self, now: UtcMs) {
        if self.last_seen.since(now) > signed(self.interval_ms) {
            self.tail = Lane::default();
            self.others = Lane::default();
            self.held_until = None;
        }
        self.last_seen = now;
        self.day.roll(now);
    }

    fn burst(&self) -> u64 {
        match self.limit {
            RateLimit::Share { burst_percent, .. } => percent(self.burst_max, burst_percent).max(1),
            RateLimit::Off => self.burst_max,
        }
    }

    /// The calls of one interval that are the tail's, and the others'. Where there are too few to
    /// divide, all walks share one lane.
    fn lanes(&self) -> (u64, u64) {
        let burst = self.burst();
        (burst / TAIL_LANE, burst - burst / TAIL_LANE)
    }
}

fn percent(of: u64, percent: u8) -> u64 {
    let part = u128::from(of) * u128::from(percent.min(100)) / 100;
    u64::try_from(part).unwrap_or(of)
}

fn signed(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

fn wait_ms(now: UtcMs, until: UtcMs) -> u64 {
    u64::try_from(until.since(now)).unwrap_or(0)
}

#[cfg(test)]
mod tests;
