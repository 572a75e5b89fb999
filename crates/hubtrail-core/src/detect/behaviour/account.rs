//! What is usual in an account: which kinds of acts there are, for which roles, how much of each, and how
//! high the levels of ordinary days get.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::budget::Levels;
use super::kind::{Class, Kind};
use super::lens::Lens;
use super::session::Session;

/// In so many days a session counts half.
const HALF_LIFE_DAYS: f64 = 540.0;
/// Counts of acts in a session that are told apart.
const COUNTS: usize = 101;
/// History that is needed before behaviour is judged: so many days, or so many events over a week.
const READY_DAYS: i32 = 30;
const READY_ACTS: u64 = 200;
const READY_ACTS_DAYS: i32 = 7;
/// For so many days it counts that a rule raised a finding.
const RULE_DAYS: i32 = 365;
/// Kinds that are counted; HubSpot documents far fewer.
const MOST_KINDS: usize = 4_096;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Account {
    pub(super) first_day: Option<i32>,
    day: i32,
    pub(super) sessions: f64,
    pub(super) acts: u64,
    kinds: BTreeMap<u32, Shares>,
    roles: [f64; Class::COUNT],
    tails: [Tail; Lens::COUNT],
    /// What levels ordinary days come to: through all lenses together, and through each before that.
    pub(super) levels: Levels,
    lens_levels: [Levels; Lens::COUNT],
    /// The days on which each rule raised a finding.
    rules: BTreeMap<String, Vec<i32>>,
}

/// Sessions with a kind of act: of everybody, and by role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Shares {
    all: f64,
    roles: [f64; Class::COUNT],
}

/// How often sessions have how many acts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Tail {
    counts: Vec<f64>,
    /// For each count, how rare it is that there are so many or more, in bits.
    bits: Vec<f32>,
}

impl Account {
    pub(super) fn age(&mut self, day: i32) {
        let days = f64::from(day - self.day);
        if self.first_day.is_none() || days <= 0.0 {
            self.day = self.day.max(day);
            return;
        }
        self.day = day;
        let factor = (-days / HALF_LIFE_DAYS).exp2();
        self.sessions *= factor;
        self.roles.iter_mut().for_each(|count| *count *= factor);
        for shares in self.kinds.values_mut() {
            shares.all *= factor;
            shares.roles.iter_mut().for_each(|count| *count *= factor);
        }
        self.tails.iter_mut().flat_map(|tail| &mut tail.counts).for_each(|count| *count *= factor);
    }

    /// Whether there is enough history before a day to judge what is unusual.
    pub(super) fn is_ready(&self, day: i32) -> bool {
        let days = self.first_day.map_or(0, |first| day - first);
        days >= READY_DAYS || (self.acts >= READY_ACTS && days >= READY_ACTS_DAYS)
    }

    pub(super) fn learn(&mut self, session: &Session, role: usize, day: i32) {
        self.first_day.get_or_insert(day);
        self.sessions += 1.0;
        self.roles[role] += 1.0;
        for (kind, _) in &session.kinds {
            if self.kinds.len() < MOST_KINDS || self.kinds.contains_key(&kind.0) {
                let shares = self.kinds.entry(kind.0).or_default();
                shares.all += 1.0;
                shares.roles[role] += 1.0;
            }
        }
        for (tail, seen) in self.tails.iter_mut().zip(session.seen) {
            tail.counts.resize(COUNTS, 0.0);
            tail.counts[usize::from(seen).min(COUNTS - 1)] += 1.0;
        }
    }

    /// Notes how high a session came; to be called for every session, also one that is not learned.
    pub(super) fn note(&mut self, day: i32, person: u64, session: &Session) {
        self.levels.add(day, person, session.peak);
        for (levels, peak) in self.lens_levels.iter_mut().zip(session.lens_peaks) {
            levels.add(day, person, peak);
        }
    }

    /// What turned out to be an attack says nothing about ordinary days.
    pub(super) fn leave_out(&mut self, days: std::ops::RangeInclusive<i32>, person: u64) {
        self.levels.leave_out(days.clone(), person);
        self.lens_levels.iter_mut().for_each(|levels| levels.leave_out(days.clone(), person));
    }

    pub(super) fn note_rule(&mut self, day: i32, person: u64, rule: &str, level: f64) {
        self.levels.add(day, person, level);
        self.rules.entry(rule.to_owned()).or_default().push(day);
    }

    /// How often a rule raised a finding in the year before.
    pub(super) fn findings_of(&self, rule: &str, day: i32) -> usize {
        let days = self.rules.get(rule).map_or(&[][..], Vec::as_slice);
        days.iter().filter(|known| day - **known <= RULE_DAYS).count()
    }

    pub(super) fn calibrated(&self, lens: Lens, level: f64) -> f64 {
        self.lens_levels[lens.index()].calibrated(level)
    }

    /// To be called when a day's sessions are learned.
    pub(super) fn settle(&mut self, day: i32, budget: f64) {
        self.rules.values_mut().for_each(|days| days.retain(|known| day - known <= RULE_DAYS + 3));
        self.levels.settle(day, budget);
        self.lens_levels.iter_mut().for_each(|levels| levels.settle(day, budget));
        let all = self.sessions;
        self.tails.iter_mut().for_each(|tail| {
            let mut above = 0.0;
            tail.bits = vec![0.0; tail.counts.len()];
            for (count, bits) in tail.counts.iter().zip(&mut tail.bits).rev() {
                above += count;
                *bits = -((above + 0.5) / (all + 1.0)).log2() as f32;
            }
        });
    }

    /// The share of sessions with such an act: among all, and among people of a role.
    pub(super) fn shares(&self, kind: Kind, role: usize) -> (f32, f32) {
        let shares = self.kinds.get(&kind.0).copied().unwrap_or_default();
        let all = (shares.all + 0.5) / (self.sessions + 20.0);
        let peers = (shares.roles[role] + 8.0 * all) / (self.roles[role] + 8.0);
        (all as f32, peers as f32)
    }

    /// Sessions with such an act and all of them: of people of a role, and of everybody.
    pub(super) fn counts(&self, kind: Kind, role: usize) -> [(f64, f64); 2] {
        let shares = self.kinds.get(&kind.0).copied().unwrap_or_default();
        [(shares.roles[role], self.roles[role]), (shares.all, self.sessions)]
    }

    /// How rare it is that a lens sees so many acts in a session, in bits.
    pub(super) fn tail(&self, lens: Lens, acts: usize) -> f32 {
        let bits = &self.tails[lens.index()].bits;
        bits.get(acts.min(COUNTS - 1)).copied().unwrap_or_default()
    }
}
