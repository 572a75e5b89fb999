//! Another Sigma engine as the judge of ours: rsigma, on events in order of time, where it is right.
//!
//! What each of the two is asked is what the specification says. Where it leaves something open, or rsigma
//! departs from it, the generators say so and stay away.

mod correlations;
mod delivery;
mod matching;
mod shipped;

use std::collections::BTreeSet;

use rsigma_eval::{CorrelationConfig, CorrelationEngine, JsonEvent};
use rsigma_parser::parse_sigma_yaml;
use serde_json::{Map, Value as Json};

use super::*;
use crate::detect::field::View;
use crate::detect::raised::Groups;
use crate::detect::rule::{Body, Correlation, What};

/// The same rules with what rsigma must be told.
///
/// It gives a correlation nothing of a rule that has a name only, although Sigma refers to rules by either.
/// And it takes `temporal` for true with one of its rules, although all of them must occur.
fn spelled_out(text: &str) -> String {
    let documents = text.split("\n---\n").map(|document| {
        let value = |key: &str| document.lines().find_map(|line| line.strip_prefix(key));
        let mut spelled = match (value("id: "), value("name: ")) {
            (None, Some(name)) => format!("id: {name}\n{document}"),
            _ => document.to_owned(),
        };
        if let (Some("temporal"), Some(rules)) = (value("  type: "), value("  rules: [")) {
            let all = format!("correlation:\n  condition: {{gte: {}}}\n", rules.split(',').count());
            spelled = spelled.replacen("correlation:\n", &all, 1);
        }
        spelled
    });
    documents.collect::<Vec<_>>().join("\n---\n")
}

fn theirs(text: &str) -> CorrelationEngine {
    let collection = parse_sigma_yaml(&spelled_out(text)).unwrap();
    assert_eq!(collection.errors, [""; 0], "{text}");
    let mut engine = CorrelationEngine::new(CorrelationConfig::default());
    engine.add_collection(&collection).unwrap_or_else(|error| panic!("{error}\n{text}"));
    engine
}

/// What is left of a value without what is empty, which for our rules is not there.
fn filled(value: Json) -> Option<Json> {
    match value {
        Json::Null => None,
        Json::String(text) => (!text.is_empty()).then_some(Json::String(text)),
        Json::Array(items) => {
            let items: Vec<_> = items.into_iter().filter_map(filled).collect();
            (!items.is_empty()).then_some(Json::Array(items))
        }
        Json::Object(members) => {
            let members = members.into_iter().filter_map(|(key, value)| Some((key, filled(value)?)));
            let members: Map<_, _> = members.collect();
            (!members.is_empty()).then_some(Json::Object(members))
        }
        value => Some(value),
    }
}

/// The record as HubSpot sends it, of what is in it.
fn record(event: &Event) -> Json {
    let record = serde_json::json!({
        "timestamp": event.timestamp.to_string(),
        "userId": event.user_id,
        "fullName": event.full_name,
        "event": event.event,
        "objectType": event.object_type,
        "objectId": event.object_id,
        "objectName": event.object_name,
        "meta": event.meta.as_deref().map(|meta| serde_json::from_str::<Json>(meta).unwrap()),
    });
    filled(record).unwrap()
}

fn their_matches(engine: &CorrelationEngine, event: &Event) -> BTreeSet<String> {
    let record = record(event);
    let matches = engine.evaluate(&JsonEvent::borrow(&record));
    matches.into_iter().filter_map(|found| found.header.rule_id).collect()
}

/// Through the index over kinds of events, which must not hide a match.
fn our_matches(set: &RuleSet, event: &Event) -> BTreeSet<String> {
    let view = View::of(event);
    let matching = set.candidates(&event.object_type, &event.event).into_iter().filter(|at| {
        let Body::Single { expression, .. } = &set.rules[*at].body else { return false };
        expression.is_match(&view)
    });
    matching.map(|at| set.rules[at].id.clone()).collect()
}

/// A correlation is true: rule, group, and the second at which it is.
type Firing = (String, String, i64);

/// Every moment at which a correlation is true; rsigma says so again with each event.
///
/// The engine may have seen others before, which it forgets.
fn their_firings(engine: &mut CorrelationEngine, events: &[(Event, EventId)]) -> BTreeSet<Firing> {
    engine.evict_expired(i64::MAX);
    let mut firings = BTreeSet::new();
    for (event, _) in events {
        let record = record(event);
        let second = event.timestamp.0.div_euclid(1_000);
        for found in engine.process_event_at(&JsonEvent::borrow(&record), second) {
            let Some(correlation) = found.as_correlation() else { continue };
            let group: Vec<_> = correlation.group_key.iter().map(|(_, value)| value.as_str()).collect();
            firings.insert((found.header.rule_id.clone().unwrap_or_default(), group.join("\u{1f}"), second));
        }
    }
    firings
}

fn matches(set: &RuleSet, rule: usize, event: &Event) -> bool {
    match &set.rules[rule].body {
        Body::Single { expression, .. } => expression.is_match(&View::of(event)),
        Body::Correlation(_) => set.rules[rule].inputs().iter().any(|input| matches(set, input.rule, event)),
    }
}

/// The group that a finding is about, from an event that proves it.
fn group(set: &RuleSet, rule: usize, event: &Event) -> Option<String> {
    let input = set.rules[rule].inputs().iter().find(|input| matches(set, input.rule, event))?;
    Some(Groups::of(&View::of(event)).text(&input.group).to_string())
}

/// Whether rsigma only says again that things were in order, with an event that is not the last of the order.
fn is_echo(set: &RuleSet, rule: usize, second: i64, events: &[(Event, EventId)]) -> bool {
    let Body::Correlation(Correlation { what: What::InOrder, inputs, .. }) = &set.rules[rule].body else {
        return false;
    };
    let mut now = events.iter().filter(|(event, _)| event.timestamp.0.div_euclid(1_000) == second);
    let last = inputs[inputs.len() - 1].rule;
    !now.any(|(event, _)| matches(set, last, event))
}

/// Where the two disagree about correlations, in words.
///
/// Ours raises one finding for an episode, which grows; rsigma tells of every moment anew. So each finding
/// begins and ends at a moment of rsigma's, and each of those moments is within a finding: the first one of
/// a group is then the same.
fn disagreements(
    set: &Arc<RuleSet>,
    engine: &mut CorrelationEngine,
    events: &[(Event, EventId)],
    batch: usize,
) -> Vec<String> {
    let (findings, firings) = (delivered(set, events, batch), their_firings(engine, events));
    let mut wrong = Vec::new();
    let mut told = Vec::new();
    for finding in findings.values() {
        let at = set.rules.iter().position(|rule| rule.id == finding.rule).unwrap();
        if matches!(set.rules[at].body, Body::Single { .. }) {
            continue;
        }
        let group = finding.evidence.iter().find_map(|proof| group(set, at, &proof.event)).unwrap();
        let second = |time: UtcMs| time.0.div_euclid(1_000);
        let (from, to) = (second(finding.time), second(finding.last_seen));
        for second in [from, to] {
            if !firings.contains(&(finding.rule.clone(), group.clone(), second)) {
                wrong.push(format!("only ours: {} of {group:?} at {second}", finding.rule));
            }
        }
        told.push((&finding.rule, group, from..=to));
    }
    for (rule, group, second) in &firings {
        let Some(at) = set.rules.iter().position(|known| known.id == *rule) else {
            wrong.push(format!("{rule} is not ours"));
            continue;
        };
        let is_told = |(r, g, span): &(&String, String, std::ops::RangeInclusive<i64>)| {
            *r == rule && g == group && span.contains(second)
        };
        let counts = set.rules[at].raises && !is_echo(set, at, *second, events);
        if counts && !told.iter().any(is_told) {
            wrong.push(format!("only theirs: {rule} of {group:?} at {second}"));
        }
    }
    wrong
}
