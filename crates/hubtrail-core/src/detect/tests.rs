//! The engine from outside: rules in, events in, findings out.

mod behaviour;
mod hostile;
mod language;
mod order;
mod rsigma;
mod time;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::{Change, Detector, LATENESS_MS, Layer, RuleSet, Source};
use crate::event::Event;
use crate::finding::{Finding, FindingId};
use crate::identity::{AccountKey, EventId, identify_events};
use crate::stream::Stream;
use crate::time::UtcMs;

pub(super) const MINUTE: i64 = 60_000;
pub(super) const HOUR: i64 = 60 * MINUTE;

pub(super) fn source(text: &str) -> Source {
    Source { file: "test.yml".to_owned(), text: text.to_owned(), layer: Layer::Own }
}

pub(super) fn rules(text: &str) -> Arc<RuleSet> {
    let (set, problems) = RuleSet::load(&[source(text)], &TimeZone::UTC);
    assert_eq!(problems, [], "{text}");
    Arc::new(set)
}

pub(super) fn event(minute: i64, user: &str, verb: &str, object_type: &str, object: &str) -> Event {
    Event {
        timestamp: UtcMs(1_772_445_600_000 + minute * MINUTE),
        user_id: user.to_owned(),
        full_name: format!("Person {user}"),
        event: verb.to_owned(),
        object_type: object_type.to_owned(),
        object_id: object.to_owned(),
        object_name: format!("Object {object}"),
        meta: None,
    }
}

pub(super) fn identified(events: Vec<Event>) -> Vec<(Event, EventId)> {
    let ids = identify_events(&AccountKey("1".to_owned()), Stream::Content, &events);
    events.into_iter().zip(ids).collect()
}

pub(super) type Findings = BTreeMap<FindingId, Finding>;

pub(super) fn note(findings: &mut Findings, changes: Vec<Change>) {
    for change in changes {
        match change {
            Change::Raised(finding) => {
                let before = findings.insert(finding.id, finding);
                assert_eq!(before, None, "raised twice");
            }
            Change::Grown(finding) => {
                let before = findings.insert(finding.id, finding);
                assert!(before.is_some(), "grown before it was raised");
            }
            Change::Absorbed { id, by } => {
                assert!(findings.remove(&id).is_some(), "{id} was never told of");
                assert!(findings.contains_key(&by), "{by}, which absorbs, was never told of");
            }
            Change::Withdrawn(id) => {
                assert!(findings.remove(&id).is_some(), "{id} was never told of");
            }
        }
    }
}

/// Findings in the end, with time as the newest event seen, told of after every `batch` events.
pub(super) fn delivered(set: &Arc<RuleSet>, events: &[(Event, EventId)], batch: usize) -> Findings {
    let mut detector = Detector::new(Arc::clone(set), LATENESS_MS);
    let mut findings = Findings::new();
    for events in events.chunks(batch) {
        for (event, id) in events {
            detector.advance(event.timestamp);
            detector.observe(event, *id);
        }
        note(&mut findings, detector.changes());
    }
    assert_eq!(detector.overlooked().late, 0, "the delivery was later than allowed");
    findings
}

/// How many findings events raise, delivered in order.
pub(super) fn raised(rule: &str, mut events: Vec<Event>) -> usize {
    events.sort_by_key(|event| event.timestamp);
    delivered(&rules(rule), &identified(events), 7).len()
}

/// A detection of one event; `detection` is indented by two.
pub(super) fn single(detection: &str) -> String {
    format!(
        "title: t\nid: 00000000-0000-4000-8000-000000000001\nlogsource: {{product: hubspot, service: cms_audit}}\ndetection:\n{detection}\n"
    )
}

/// A correlation over `deleted`, `updated` and `published`.
pub(super) fn correlation(body: &str) -> String {
    let blocks = ["deleted", "updated", "published"].map(|name| {
        format!(
            "title: {name}\nname: {name}\nlogsource: {{product: hubspot}}\ndetection:\n  s: {{event: {}}}\n  condition: s\n---\n",
            name.to_uppercase()
        )
    });
    format!("{}title: c\nid: 00000000-0000-4000-8000-000000000002\ncorrelation:\n{body}\n", blocks.concat())
}
