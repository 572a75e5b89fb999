//! From a rule's full windows to the finding that people read.

use std::sync::Arc;

use super::episode::Pace;
use super::field::{Field, View};
use super::lane::Window;
use super::reason::Facts;
use super::rule::{Body, Rule, What};
use super::set::RuleSet;
use super::tally::Tally;
use crate::event::Event;
use crate::finding::{Actor, Finding, FindingId};
use crate::time::UtcMs;

pub(super) fn window(rule: &Rule) -> Window {
    let (what, inputs) = match &rule.body {
        Body::Single { .. } => (What::Count(1), 1),
        Body::Correlation(correlation) => (correlation.what, correlation.inputs.len()),
    };
    Window { what, timespan_ms: rule.timespan_ms(), inputs, pace: Pace { gap_ms: rule.gap_ms } }
}

pub(super) fn group_of(view: &View<'_>, fields: &[Field]) -> String {
    match fields {
        [field] => view.text(field),
        _ => fields.iter().map(|field| view.text(field)).collect::<Vec<_>>().join("\u{1f}"),
    }
}

pub(super) fn finding(set: &RuleSet, rule: usize, id: FindingId, raised: UtcMs, tally: &Tally) -> Finding {
    let rule = &set.rules[rule];
    let together = rule.inputs().iter().enumerate().filter(|(place, _)| tally.inputs & (1 << place) != 0);
    let titles: Vec<_> = together.map(|(_, input)| set.rules[input.rule].title.as_str()).collect();
    let facts = Facts { tally, raised, window_ms: rule.timespan_ms(), rules: &titles };
    let reason = rule.reason.filled(&facts);
    let seen = |event: Option<&Event>| event.map_or(raised, |event| event.timestamp);
    let last = tally.last.as_deref();
    let actor = tally.completing.as_deref().or(last).map_or_else(Actor::default, |event| Actor {
        id: event.user_id.clone(),
        name: event.full_name.clone(),
    });
    Finding {
        id,
        rule: rule.id.clone(),
        rule_version: rule.version.clone(),
        title: rule.title.clone(),
        severity: rule.severity,
        watch: rule.watch,
        score: rule.score,
        quiet: false,
        actor,
        time: raised,
        first_seen: seen(tally.first()),
        last_seen: seen(last),
        reason,
        response: rule.response.clone(),
        attack: rule.attack.clone(),
        events: tally.events,
        evidence: Arc::clone(&tally.evidence),
    }
}
