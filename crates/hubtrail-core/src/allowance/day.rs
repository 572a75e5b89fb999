//! The calls of one day of an account: what is ours, what each kind of walk has used of it, and
//! what is kept back for those that matter more.
//!
//! | kind | part | gives way to |
//! |---|---|---|
//! | tail | a half | nothing |
//! | sweep | a quarter | the tail |
//! | deep sweep | a quarter | the tail, the sweep |
//! | backfill, range | what is left | all of them |

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::checkpoint::WalkKind;
use crate::time::UtcMs;

/// The kinds that have a part of the day, the most important first, with its percentage.
const PARTS: [(WalkKind, u8); 3] = [(WalkKind::Tail, 50), (WalkKind::Sweep, 25), (WalkKind::Deep, 25)];
/// Of the part that a kind still has for the rest of the day, this much is kept back for it; the
/// kinds seldom need all of theirs, and a backfill that begins at midnight must not stand still.
const KEPT_BACK_PERCENT: u8 = 50;
/// What is kept back shrinks as the day goes on, so an early end is worth asking about again.
const ASK_AGAIN_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;

/// The calls made in one day, by kind of walk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// The date in the account's time zone.
    pub day: String,
    pub calls: BTreeMap<WalkKind, u64>,
}

#[derive(Clone, Debug)]
pub(super) struct Day {
    limit: u64,
    remaining: Option<u64>,
    zone: TimeZone,
    spent: Spent,
    begins: UtcMs,
    ends: UtcMs,
}

impl Day {
    pub(super) fn new(limit: u64, zone: TimeZone, spent: Option<Spent>, now: UtcMs) -> Self {
        let (date, begins, ends) = day_of(now, &zone);
        let spent = spent.filter(|spent| spent.day == date);
        let spent = spent.unwrap_or_else(|| Spent { day: date, calls: BTreeMap::new() });
        Self { limit, remaining: None, zone, spent, begins, ends }
    }

    /// Starts a new day when the account's midnight has passed.
    pub(super) fn roll(&mut self, now: UtcMs) {
        if self.begins <= now && now < self.ends {
            return;
        }
        *self = Self::new(self.limit, self.zone.clone(), Some(self.spent.clone()), now);
    }

    pub(super) fn set_zone(&mut self, zone: TimeZone, now: UtcMs) {
        let (day, begins, ends) = day_of(now, &zone);
        (self.spent.day, self.begins, self.ends, self.zone) = (day, begins, ends, zone);
    }

    pub(super) fn observe(&mut self, limit: Option<u64>, remaining: Option<u64>) {
        self.limit = limit.filter(|&limit| limit > 0).unwrap_or(self.limit);
        self.remaining = remaining.or(self.remaining);
    }

    pub(super) fn spend(&mut self, kind: WalkKind) {
        *self.spent.calls.entry(kind).or_default() += 1;
        self.remaining = self.remaining.map(|remaining| remaining.saturating_sub(1));
    }

    /// Until when a walk of this kind has nothing left, or none when it has.
    pub(super) fn exhausted(&self, now: UtcMs, kind: WalkKind, daily_percent: u8) -> Option<UtcMs> {
        let ours = self.ours(daily_percent);
        let left = ours.saturating_sub(self.used()).min(self.remaining.unwrap_or(u64::MAX));
        if left == 0 {
            return Some(self.ends);
        }
        (left <= self.kept_from(kind, ours, now)).then(|| self.ends.min(now.plus(ASK_AGAIN_MS)))
    }

    /// What a kind must leave: within its own part, to those before it; beyond it, to all others.
    fn kept_from(&self, kind: WalkKind, ours: u64, now: UtcMs) -> u64 {
        let own = PARTS.iter().position(|&(with_part, _)| with_part == kind);
        let within = own.filter(|&index| self.calls(kind) < super::percent(ours, PARTS[index].1));
        let others = PARTS.iter().take(within.unwrap_or(PARTS.len()));
        others
            .filter(|&&(other, _)| other != kind)
            .map(|&(other, part)| self.kept(other, part, ours, now))
            .sum()
    }

    /// Kept back for one kind: half of its part of the rest of the day, or of what it has not used.
    fn kept(&self, kind: WalkKind, part: u8, ours: u64, now: UtcMs) -> u64 {
        let part = super::percent(ours, part);
        let length = self.ends.since(self.begins).max(1).unsigned_abs();
        let rest = self.ends.since(now).max(0).unsigned_abs().min(length);
        let of_rest = u128::from(part) * u128::from(rest) / u128::from(length);
        let of_rest = u64::try_from(of_rest).unwrap_or(part);
        super::percent(of_rest.min(part.saturating_sub(self.calls(kind))), KEPT_BACK_PERCENT)
    }

    fn calls(&self, kind: WalkKind) -> u64 {
        self.spent.calls.get(&kind).copied().unwrap_or(0)
    }

    pub(super) fn ours(&self, daily_percent: u8) -> u64 {
        super::percent(self.limit, daily_percent).max(1)
    }

    pub(super) fn used(&self) -> u64 {
        self.spent.calls.values().sum()
    }

    pub(super) const fn limit(&self) -> u64 {
        self.limit
    }

    pub(super) const fn remaining(&self) -> Option<u64> {
        self.remaining
    }

    pub(super) const fn ends(&self) -> UtcMs {
        self.ends
    }

    pub(super) const fn spent(&self) -> &Spent {
        &self.spent
    }
}

/// The first instant after `now` at which a new day begins in this zone.
#[must_use]
pub fn next_midnight(now: UtcMs, zone: &TimeZone) -> UtcMs {
    day_of(now, zone).2
}

/// The date in a zone, when it began and when it ends: not always 24 hours apart.
fn day_of(now: UtcMs, zone: &TimeZone) -> (String, UtcMs, UtcMs) {
    let date = now.to_timestamp().to_zoned(zone.clone()).date();
    let start_of = |date: Date| date.to_zoned(zone.clone()).ok().map(|zoned| UtcMs::from(zoned.timestamp()));
    let begins = start_of(date).unwrap_or_else(|| now.minus(now.0.rem_euclid(DAY_MS)));
    let ends = date.tomorrow().ok().and_then(start_of).filter(|&ends| ends > now);
    (date.to_string(), begins, ends.unwrap_or_else(|| begins.plus(DAY_MS)))
}
