//! From a rule's full windows to the finding that people read.

use super::episode::Pace;
use super::field::{Field, View};
use super::fold::{Acts, Mark};
use super::lane::Window;
use super::reason::Facts;
use super::rule::{Body, Rule, What};
use super::set::RuleSet;
use crate::finding::{Actor, Evidence, Finding, FindingId};
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

pub(super) fn finding(
    set: &RuleSet,
    rule: usize,
    id: FindingId,
    raised: UtcMs,
    mut evidence: Vec<Evidence>,
    inputs: u64,
) -> Finding {
    let rule = &set.rules[rule];
    let mut acts = Acts::default();
    evidence.iter().for_each(|proof| {
        acts.add(proof.event.timestamp, Mark::of(&proof.event));
    });
    let together = rule.inputs().iter().enumerate().filter(|(place, _)| inputs & (1 << place) != 0);
    let titles: Vec<_> = together.map(|(_, input)| set.rules[input.rule].title.as_str()).collect();
    let facts = Facts {
        evidence: &evidence,
        acts: acts.count,
        raised,
        window_ms: rule.timespan_ms(),
        rules: &titles,
    };
    let reason = rule.reason.filled(&facts);
    let seen = |proof: Option<&Evidence>| proof.map_or(raised, |proof| proof.event.timestamp);
    let (first_seen, last_seen) = (seen(evidence.first()), seen(evidence.last()));
    let by = evidence.iter().find(|proof| proof.event.timestamp >= raised).or(evidence.last());
    let actor = by.map_or_else(Actor::default, |proof| Actor {
        id: proof.event.user_id.clone(),
        name: proof.event.full_name.clone(),
    });
    let events = evidence.len();
    evidence.truncate(Finding::MOST_EVIDENCE);
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
        first_seen,
        last_seen,
        reason,
        response: rule.response.clone(),
        attack: rule.attack.clone(),
        events,
        evidence,
    }
}
