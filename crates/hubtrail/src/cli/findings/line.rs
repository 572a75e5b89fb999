//! A finding for programs: what was found in the form of `hubtrail detect`, and how it is now.

use hubtrail_core::event::Event;
use hubtrail_core::finding::{Actor, Finding, Object, Severity};
use serde::Serialize;

use crate::connector::Connector;
use crate::judgement::{Status, Verdict};
use crate::store::KeptFinding;

/// A finding as it was found.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) struct Found<'a> {
    id: String,
    rule: &'a str,
    rule_version: &'a str,
    title: &'a str,
    severity: Severity,
    score: f64,
    actor: &'a Actor,
    time: String,
    first_seen: String,
    last_seen: String,
    reason: &'a str,
    response: &'a str,
    attack: &'a [String],
    events: usize,
    pub(super) evidence: Vec<Proof<'a>>,
}

/// HubSpot's own names.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Proof<'a> {
    timestamp: String,
    user_id: &'a str,
    event: &'a str,
    object_type: &'a str,
    object_id: &'a str,
    object_name: &'a str,
}

impl<'a> Proof<'a> {
    pub(super) fn of(event: &'a Event) -> Self {
        Self {
            timestamp: event.timestamp.to_string(),
            user_id: &event.user_id,
            event: &event.event,
            object_type: &event.object_type,
            object_id: &event.object_id,
            object_name: &event.object_name,
        }
    }
}

impl<'a> From<&'a Finding> for Found<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            id: finding.id.to_string(),
            rule: &finding.rule,
            rule_version: &finding.rule_version,
            title: &finding.title,
            severity: finding.severity,
            score: finding.score,
            actor: &finding.actor,
            time: finding.time.to_string(),
            first_seen: finding.first_seen.to_string(),
            last_seen: finding.last_seen.to_string(),
            reason: &finding.reason,
            response: &finding.response,
            attack: &finding.attack,
            events: finding.events,
            evidence: finding.evidence.iter().map(|proof| Proof::of(&proof.event)).collect(),
        }
    }
}

/// A finding for programs.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    #[serde(flatten)]
    found: Found<'a>,
    connector: &'a str,
    objects: &'a [Object],
    status: &'static str,
    verdict: Option<Verdict>,
    owner: Option<&'a str>,
    hidden_by: Option<i64>,
    part_of: Option<String>,
    version: u32,
    position: i64,
}

impl<'a> Line<'a> {
    pub(super) fn of(kept: &'a KeptFinding, connectors: &'a [Connector]) -> Self {
        let connector = connectors.iter().find(|connector| connector.id == kept.connector);
        Self {
            found: Found::from(&kept.finding),
            connector: connector.map_or("", Connector::name),
            objects: &kept.objects,
            status: match kept.status {
                Status::Closed(_) => "closed",
                open => open.as_str(),
            },
            verdict: kept.status.verdict(),
            owner: kept.owner.as_deref(),
            hidden_by: kept.exception.map(|exception| exception.0),
            part_of: kept.absorbed_by.map(|id| id.to_string()),
            version: kept.version,
            position: kept.raised.0,
        }
    }

    pub(super) fn with_evidence(mut self, evidence: Vec<Proof<'a>>) -> Self {
        self.found.evidence = evidence;
        self
    }
}
