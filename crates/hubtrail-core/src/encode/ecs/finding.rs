//! What was found: an alert, by a rule, with the techniques of MITRE ATT&CK that it is about.

use serde::Serialize;

use super::{ECS, Ecs, Hubtrail, Observer, Organization, Related, User, at};
use crate::encode::json::Shown;
use crate::encode::{Found, OURS, Stage, message, out_of_ten, raw, technique};
use crate::finding::{FindingId, Severity};
use crate::time::UtcMs;

#[derive(Serialize)]
pub(super) struct Document<'a> {
    #[serde(rename = "@timestamp")]
    timestamp: Shown<UtcMs>,
    message: String,
    ecs: Ecs,
    event: About<'a>,
    rule: Rule<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    threat: Option<Threat<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<User<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    related: Option<Related<'a>>,
    observer: Observer<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization: Option<Organization>,
    hubtrail: Hubtrail<Proven<'a>>,
}

#[derive(Serialize)]
struct About<'a> {
    id: Shown<FindingId>,
    kind: &'static str,
    category: [&'static str; 1],
    #[serde(rename = "type")]
    kinds: [&'static str; 1],
    action: &'static str,
    severity: u8,
    risk_score: f64,
    module: &'static str,
    dataset: &'static str,
    provider: &'static str,
    start: Shown<UtcMs>,
    end: Shown<UtcMs>,
    reason: &'a str,
}

#[derive(Serialize)]
struct Rule<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    version: &'a str,
}

#[derive(Serialize)]
struct Threat<'a> {
    framework: &'static str,
    technique: Technique<'a>,
}

#[derive(Serialize)]
struct Technique<'a> {
    id: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subtechnique: Option<Sub<'a>>,
}

#[derive(Serialize)]
struct Sub<'a> {
    id: Vec<&'a str>,
}

#[derive(Serialize)]
struct Proven<'a> {
    severity: Severity,
    events: usize,
    #[serde(skip_serializing_if = "str::is_empty")]
    response: &'a str,
    evidence: Vec<raw::Proof<'a>>,
}

impl<'a> Document<'a> {
    pub(super) fn of(found: &Found<'a>) -> Self {
        let finding = found.finding;
        let (user, related) = super::user(&finding.actor.id, &finding.actor.name, found.person).unzip();
        Self {
            timestamp: at(finding.time),
            message: message::of_finding(found),
            ecs: ECS,
            event: About {
                id: Shown(finding.id),
                kind: "alert",
                category: ["intrusion_detection"],
                kinds: ["info"],
                action: match found.stage {
                    Stage::Raised => "finding-raised",
                    Stage::Grown => "finding-grown",
                    Stage::Closed => "finding-closed",
                },
                severity: out_of_ten(finding.severity),
                risk_score: finding.score,
                module: "hubtrail",
                dataset: "hubtrail.finding",
                provider: OURS,
                start: at(finding.first_seen),
                end: at(finding.last_seen),
                reason: &finding.reason,
            },
            rule: Rule { id: &finding.rule, name: &finding.title, version: &finding.rule_version },
            threat: threat(&finding.attack),
            user,
            related,
            observer: Observer::of(found.account),
            organization: super::organization(found.account),
            hubtrail: Hubtrail {
                position: found.position,
                finding: Some(Proven {
                    severity: finding.severity,
                    events: finding.events,
                    response: &finding.response,
                    evidence: finding.evidence.iter().map(raw::Proof::from).collect(),
                }),
            },
        }
    }
}

fn threat(attack: &[String]) -> Option<Threat<'_>> {
    let sub: Vec<&str> = attack.iter().map(String::as_str).filter(|id| id.contains('.')).collect();
    let mut id: Vec<&str> = attack.iter().map(|id| technique(id)).collect();
    id.dedup();
    let subtechnique = (!sub.is_empty()).then_some(Sub { id: sub });
    (!id.is_empty())
        .then_some(Threat { framework: "MITRE ATT&CK", technique: Technique { id, subtechnique } })
}
