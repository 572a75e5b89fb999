//! Findings of rules, made comparable with those of behaviour: a rule that raises one every week in this account
//! says little, however grave what it looks for.

use std::collections::BTreeMap;

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

/// Findings of rules in days that are not closed yet.
#[derive(Debug, Default)]
pub(super) struct Ruled(BTreeMap<FindingId, (UtcMs, Who, String, f64)>);

impl Ruled {
    /// Gives the finding of a rule its score in this account. Days before `current` have been learned.
    pub(super) fn weigh(&mut self, finding: &mut Finding, account: &Account, version: i32, current: i32) {
        if finding.score <= 0.0 {
            return;
        }
        let before = account.findings_of(&finding.rule, version) as f64;
        let level = said::level(finding.score).min(MOST) - PER_GROWTH * before.ln_1p();
        finding.score = said::score(level);
        let actor = who(&finding.actor.id);
        if finding.time.0.div_euclid(DAY_MS) < i64::from(current) {
            return;
        }
        self.0.insert(finding.id, (finding.time, actor, finding.rule.clone(), level));
    }

    pub(super) fn forget(&mut self, finding: FindingId) {
        self.0.remove(&finding);
    }

    /// A day is over: what was found on it is history.
    pub(super) fn close(&mut self, day: i32, baseline: &mut Baseline) {
        let end = UtcMs(i64::from(day + 1) * DAY_MS);
        let later = self.0.iter().filter(|(_, (time, ..))| *time >= end);
        let later = later.map(|(id, known)| (*id, known.clone())).collect();
        for (time, actor, rule, level) in std::mem::replace(&mut self.0, later).into_values() {
            let day = i32::try_from(time.0.div_euclid(DAY_MS)).unwrap_or(i32::MAX);
            baseline.account.note_rule(day, actor, &rule, level);
        }
    }
}

pub(super) fn alert(finding: &Finding, account: &Account) -> Alert {
    if finding.severity == Severity::Critical || finding.score <= 0.0 {
        Alert::OutsideBudget
    } else if finding.score >= said::score(account.levels.line.alert) {
        Alert::WithinBudget
    } else {
        Alert::No
    }
}
