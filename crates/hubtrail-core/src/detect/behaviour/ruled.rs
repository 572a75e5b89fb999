//! Findings of rules, made comparable with those of behaviour: a rule that raises one every week in this account
//! says little, however grave what it looks for.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::account::Account;
use super::baseline::{Baseline, Who, who};
use super::lens::DAY_MS;
use super::said;
use crate::finding::{Finding, FindingId, Severity};
use crate::time::UtcMs;

/// No rule by itself says more than this.
const MOST: f64 = 3.0;
/// What is taken off the level for each time that the findings of a year grow by the natural base.
const PER_GROWTH: f64 = 3.0;

/// Whether a finding is an alert, and by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alert {
    /// It is above the line that the budget draws.
    WithinBudget,
    /// It is critical or watched for: it is told of whatever the budget.
    OutsideBudget,
    No,
}

/// For so many days after it was raised, a finding may grow.
const GROWS_DAYS: i32 = 60;

/// The findings of rules that may still grow, each with its level as of when it was raised.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Ruled(BTreeMap<[u8; 16], Weighed>);

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Weighed {
    raised: UtcMs,
    actor: Who,
    rule: String,
    level: f64,
    is_alert: bool,
    first_seen: UtcMs,
    last_seen: UtcMs,
}

/// The alerts of rules that each person is the actor of, from when to when.
#[derive(Default)]
pub(super) struct Alerts(HashMap<Who, Vec<(FindingId, UtcMs, UtcMs)>>);

impl Alerts {
    /// The alert that something a person did in this time belongs to.
    pub(super) fn of(&self, who: Who, from: UtcMs, to: UtcMs) -> Option<FindingId> {
        let alerts = self.0.get(&who)?;
        alerts.iter().find(|(_, first, last)| *first <= to && from <= *last).map(|(id, ..)| *id)
    }
}

impl Ruled {
    /// Gives the finding of a rule its score in this account, also while too little is known to judge behaviour: that
    /// a rule speaks every day is known soon.
    pub(super) fn weigh(&mut self, finding: &mut Finding, baseline: &Baseline, version: i32) {
        if finding.score <= 0.0 {
            return;
        }
        let known = self.0.get(&finding.id.0).filter(|known| known.raised == finding.time);
        let (level, is_alert) = match known {
            Some(known) => (known.level, known.is_alert),
            None if baseline.remembers(version) => {
                let account = baseline.account(version);
                let before = account.findings_of(&finding.rule, version) as f64;
                let level = said::level(finding.score).min(MOST) - PER_GROWTH * before.ln_1p();
                (level, finding.severity == Severity::Critical || level >= account.levels.line.alert)
            }
            None => return,
        };
        (finding.score, finding.quiet) = (said::score(level), !is_alert);
        let weighed = Weighed {
            raised: finding.time,
            actor: who(&finding.actor.id),
            rule: finding.rule.clone(),
            level,
            is_alert,
            first_seen: finding.first_seen,
            last_seen: finding.last_seen,
        };
        self.0.insert(finding.id.0, weighed);
    }

    pub(super) fn alerts(&self) -> Alerts {
        let mut alerts = Alerts::default();
        for (id, known) in self.0.iter().filter(|(_, known)| known.is_alert) {
            let span = (FindingId(*id), known.first_seen, known.last_seen);
            alerts.0.entry(known.actor).or_default().push(span);
        }
        alerts
    }

    /// It turned out to be none, or part of another one.
    pub(super) fn forget(&mut self, finding: FindingId) {
        self.0.remove(&finding.0);
    }

    /// A day is over: what was found on it is history.
    pub(super) fn close(&mut self, day: i32, account: &mut Account) {
        for known in self.0.values().filter(|known| day_of(known.raised) == day) {
            account.note_rule(day, known.actor, &known.rule, known.level);
        }
        self.0.retain(|_, known| day - day_of(known.raised) <= GROWS_DAYS);
    }
}

fn day_of(at: UtcMs) -> i32 {
    i32::try_from(at.0.div_euclid(DAY_MS)).unwrap_or(i32::MAX)
}
