//! Findings of rules, made comparable with those of behaviour: a rule that raises one every week in this account
//! says little, however grave what it looks for.

use std::collections::BTreeMap;

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
}

impl Ruled {
    /// Gives the finding of a rule its score in this account, unless it was raised before anything was known.
    pub(super) fn weigh(&mut self, finding: &mut Finding, baseline: &Baseline, version: i32) {
        if finding.score <= 0.0 {
            return;
        }
        let known = self.0.get(&finding.id.0).filter(|known| known.raised == finding.time);
        let level = match known {
            Some(known) => known.level,
            None if baseline.remembers(version) && baseline.is_ready(version) => {
                let before = baseline.account(version).findings_of(&finding.rule, version) as f64;
                said::level(finding.score).min(MOST) - PER_GROWTH * before.ln_1p()
            }
            None => return,
        };
        finding.score = said::score(level);
        let (raised, actor, rule) = (finding.time, who(&finding.actor.id), finding.rule.clone());
        self.0.insert(finding.id.0, Weighed { raised, actor, rule, level });
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

pub(super) fn alert(finding: &Finding, account: &Account) -> Alert {
    if finding.severity == Severity::Critical || finding.score <= 0.0 {
        Alert::OutsideBudget
    } else if finding.score >= said::score(account.levels.line.alert) {
        Alert::WithinBudget
    } else {
        Alert::No
    }
}
