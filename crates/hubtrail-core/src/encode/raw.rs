//! The record as HubSpot sent it, every token of it, on one line. A finding is nobody's but ours, and so is its JSON.

use serde::Serialize;

use super::json::{self, Shown, shown};
use super::{Found, Item, Stage};
use crate::event::Event;
use crate::finding::{Actor, Evidence, FindingId, Severity};
use crate::identity::EventId;
use crate::record_line::record_line;
use crate::time::UtcMs;

pub(super) fn encode(item: &Item<'_>, to: &mut Vec<u8>) {
    match item {
        Item::Event(recorded) => to.extend_from_slice(record_line(recorded.raw).as_bytes()),
        Item::Finding(found) => json::write(to, &Finding::from(found)),
    }
}

#[derive(Serialize)]
pub(super) struct Finding<'a> {
    id: Shown<FindingId>,
    rule: &'a str,
    rule_version: &'a str,
    title: &'a str,
    severity: Severity,
    score: f64,
    #[serde(skip_serializing_if = "str::is_empty")]
    connector: &'a str,
    stage: &'static str,
    actor: &'a Actor,
    time: Shown<UtcMs>,
    first_seen: Shown<UtcMs>,
    last_seen: Shown<UtcMs>,
    reason: &'a str,
    response: &'a str,
    attack: &'a [String],
    events: usize,
    evidence: Vec<Proof<'a>>,
}

/// HubSpot's own names.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Proof<'a> {
    id: Shown<EventId>,
    timestamp: Shown<UtcMs>,
    user_id: &'a str,
    event: &'a str,
    object_type: &'a str,
    object_id: &'a str,
    object_name: &'a str,
}

impl<'a> From<&'a Evidence> for Proof<'a> {
    fn from(Evidence { id, event }: &'a Evidence) -> Self {
        let Event { timestamp, user_id, event, object_type, object_id, object_name, .. } = &**event;
        let (id, timestamp) = (Shown(*id), shown(*timestamp));
        Self { id, timestamp, user_id, event, object_type, object_id, object_name }
    }
}

impl<'a> From<&Found<'a>> for Finding<'a> {
    fn from(found: &Found<'a>) -> Self {
        let finding = found.finding;
        Self {
            id: Shown(finding.id),
            rule: &finding.rule,
            rule_version: &finding.rule_version,
            title: &finding.title,
            severity: finding.severity,
            score: finding.score,
            connector: found.account.connector,
            stage: found.stage.as_str(),
            actor: &finding.actor,
            time: shown(finding.time),
            first_seen: shown(finding.first_seen),
            last_seen: shown(finding.last_seen),
            reason: &finding.reason,
            response: &finding.response,
            attack: &finding.attack,
            events: finding.events,
            evidence: finding.evidence.iter().map(Proof::from).collect(),
        }
    }
}

impl Stage {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Grown => "grown",
            Self::Closed => "closed",
        }
    }
}
