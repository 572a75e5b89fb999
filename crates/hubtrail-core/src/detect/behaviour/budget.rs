//! The alert budget: how high a level must be so that an account raises about as many alerts a month as
//! its people want to look at, told by its own history.

use serde::{Deserialize, Serialize};

/// Days of history that decide.
const MEMORY_DAYS: i32 = 365;
pub(super) const MONTH_DAYS: f64 = 30.0;
/// Levels that are remembered; far more than any budget lets through.
const MOST: usize = 4_096;
/// Below these nothing is remembered, nothing is found, and nobody is alerted, however quiet an account is.
const LEAST_LEVEL: f64 = -6.5;
const LEAST_FINDING: f64 = -5.0;
const LEAST_ALERT: f64 = -2.5;
/// The least line of alerts while there is less than a month of history.
const FIRST_LEVEL: f64 = 0.0;
/// The highest line of alerts while there is less than a season of history.
const SEASON_LEVEL: f64 = 2.5;
const SEASON_MONTHS: f64 = 3.0;
/// How much of a level is what the account's own history makes of it.
const OWN_SHARE: f64 = 0.4;
/// A level that was never reached is taken to be reached a little less than once.
const NEVER: f64 = 0.25;
/// Findings that are kept for who looks for them, for each alert.
const FINDINGS_PER_ALERT: f64 = 5.0;

/// The highest level of each person and day, as far as it may matter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Levels {
    since: Option<i32>,
    /// Day, person and level, in this order.
    peaks: Vec<(i32, u64, f64)>,
    pub(super) line: Lines,
    sorted: Vec<f64>,
    months: f64,
}

/// From which level on something is a finding, and an alert.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Lines {
    pub(super) finding: f64,
    pub(super) alert: f64,
    /// Alerts in 30 days, had these lines been in force all the time.
    pub(super) expected: f64,
}

impl Default for Lines {
    fn default() -> Self {
        Self { finding: FIRST_LEVEL - 1.0, alert: FIRST_LEVEL, expected: 0.0 }
    }
}

impl Levels {
    pub(super) fn add(&mut self, day: i32, person: u64, level: f64) {
        self.since.get_or_insert(day);
        match self.peaks.binary_search_by_key(&(day, person), |peak| (peak.0, peak.1)) {
            Ok(at) => self.peaks[at].2 = self.peaks[at].2.max(level),
            Err(at) if level >= LEAST_LEVEL => self.peaks.insert(at, (day, person, level)),
            Err(_) => {}
        }
    }

    /// What turned out to be an attack says nothing about ordinary days.
    pub(super) fn leave_out(&mut self, days: std::ops::RangeInclusive<i32>, person: u64) {
        self.peaks.retain(|peak| peak.1 != person || !days.contains(&peak.0));
    }

    /// A level as this account's history has it: what is reached every other week says less than what was never
    /// reached before.
    pub(super) fn calibrated(&self, level: f64) -> f64 {
        let above = self.sorted.len() - self.sorted.partition_point(|known| *known < level);
        let rate = (above as f64 + NEVER) / self.months.max(1.0);
        (1.0 - OWN_SHARE) * level - OWN_SHARE * rate.ln()
    }

    /// Draws the lines anew at the end of a day.
    pub(super) fn settle(&mut self, day: i32, budget: f64) {
        let Some(since) = self.since else { return };
        let from = since.max(day - MEMORY_DAYS);
        self.peaks.retain(|peak| peak.0 >= from);
        self.months = f64::from(day - from + 1) / MONTH_DAYS;
        self.sorted = self.peaks.iter().map(|peak| peak.2).collect();
        self.sorted.sort_by(f64::total_cmp);
        if self.peaks.len() > MOST {
            self.sorted.drain(..self.peaks.len() - MOST);
            let least = self.sorted[0];
            self.peaks.retain(|peak| peak.2 >= least);
        }
        let alert = self.nth(budget).max(LEAST_ALERT);
        let above = self.sorted.len() - self.sorted.partition_point(|level| *level < alert);
        let expected = above as f64 / self.months.max(1.0);
        let finding = self.nth(budget * FINDINGS_PER_ALERT).max(LEAST_FINDING).min(alert);
        self.line = Lines { finding, alert, expected };
    }

    /// The level that is passed at a rate; not a low one before a month is known, nor one that no rule could pass
    /// before a season is.
    fn nth(&self, rate: f64) -> f64 {
        let allowed = (rate * self.months) as usize;
        let known = self.sorted.iter().rev().nth(allowed);
        let known = known.map_or(LEAST_LEVEL, |level| level + 1e-9);
        let known = if rate > 0.0 && self.months < SEASON_MONTHS { known.min(SEASON_LEVEL) } else { known };
        if self.months < 1.0 { known.max(FIRST_LEVEL) } else { known }
    }
}
