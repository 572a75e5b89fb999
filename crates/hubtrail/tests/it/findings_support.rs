//! Findings about events of a log, as a detector would make them.

use std::sync::Arc;

use hubtrail::detect::READER;
use hubtrail::store::{Detected, Entry, Position, Recorded, Store};
use hubtrail_core::detect::Change;
use hubtrail_core::finding::{Actor, Evidence, Finding, FindingId, Severity};
use hubtrail_core::time::UtcMs;

use crate::store_support::{Log, NOW, event};

/// A finding of this rule that all of these events justify.
pub(crate) fn finding(rule: &str, entries: &[Entry]) -> Finding {
    let evidence: Vec<Evidence> = entries
        .iter()
        .map(|entry| Evidence { id: entry.event_id, event: Arc::new(event(entry).clone()) })
        .collect();
    let (first, last) = (evidence.first().unwrap(), evidence.last().unwrap());
    Finding {
        id: FindingId::of(rule, &first.event.user_id, first.id),
        rule: rule.to_owned(),
        rule_version: "1".to_owned(),
        title: format!("Rule {rule}"),
        severity: Severity::High,
        watch: false,
        score: 70.0,
        quiet: false,
        actor: Actor { id: first.event.user_id.clone(), name: first.event.full_name.clone() },
        time: first.event.timestamp,
        first_seen: first.event.timestamp,
        last_seen: last.event.timestamp,
        reason: format!("{} events", evidence.len()),
        response: "ask them".to_owned(),
        attack: vec!["T1485".to_owned()],
        events: evidence.len(),
        evidence: Arc::new(evidence),
    }
}

pub(crate) fn record(store: &Store, log: &Log, up_to: Position, changes: Vec<Change>) -> Recorded {
    let changes = changes.into_iter().map(|change| (log.acme.id, change)).collect();
    store.record_findings(Detected { at: NOW, reader: READER, up_to, changes, accounts: Vec::new() }).unwrap()
}

/// Eight hours later than everything that the tests make happen.
pub(crate) const MUCH_LATER: UtcMs = UtcMs(NOW.0 + 8 * 3_600_000);
