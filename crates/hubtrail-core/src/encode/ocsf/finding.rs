//! What was found: Detection Finding, with the events that prove it as its evidence.

use serde::Serialize;

use super::{Actor, HUBTRAIL, LOG, Metadata, severity};
use crate::encode::json::Shown;
use crate::encode::{Found, Stage, message, raw, technique};
use crate::finding::{Evidence, Finding, FindingId};
use crate::identity::EventId;
use crate::sentence::Sentence;
use crate::time::UtcMs;

const CATEGORY: u8 = 2;
const CLASS: u32 = 2004;

#[derive(Serialize)]
pub(super) struct DetectionFinding<'a> {
    activity_id: u8,
    activity_name: &'static str,
    category_uid: u8,
    category_name: &'static str,
    class_uid: u32,
    class_name: &'static str,
    type_uid: u32,
    type_name: &'static str,
    severity_id: u8,
    severity: &'static str,
    is_alert: bool,
    time: UtcMs,
    message: String,
    count: usize,
    finding_info: FindingInfo<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidences: Vec<Artifact<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remediation: Option<Remediation<'a>>,
    metadata: Metadata<'a, FindingId>,
    unmapped: Unmapped<'a>,
}

#[derive(Serialize)]
struct FindingInfo<'a> {
    uid: Shown<FindingId>,
    title: &'a str,
    desc: &'a str,
    analytic: Analytic<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attacks: Vec<Attack<'a>>,
    created_time: UtcMs,
    first_seen_time: UtcMs,
    last_seen_time: UtcMs,
    data_sources: [&'static str; 1],
}

#[derive(Serialize)]
struct Analytic<'a> {
    uid: &'a str,
    name: &'a str,
    type_id: u8,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    version: &'a str,
}

#[derive(Serialize)]
struct Attack<'a> {
    technique: Named<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_technique: Option<Named<'a>>,
}

#[derive(Serialize)]
struct Named<'a> {
    uid: &'a str,
}

#[derive(Serialize)]
struct Artifact<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<Shown<EventId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Shown<Sentence<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<Actor<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<raw::Proof<'a>>,
}

#[derive(Serialize)]
struct Remediation<'a> {
    desc: &'a str,
}

/// What the class has no place for.
#[derive(Serialize)]
struct Unmapped<'a> {
    score: f64,
    user_id: &'a str,
    user_name: &'a str,
}

impl<'a> DetectionFinding<'a> {
    pub(super) fn of(found: &Found<'a>) -> Self {
        let finding = found.finding;
        let (activity_id, activity_name, type_name) = match found.stage {
            Stage::Raised => (1, "Create", "Detection Finding: Create"),
            Stage::Grown => (2, "Update", "Detection Finding: Update"),
            Stage::Closed => (3, "Close", "Detection Finding: Close"),
        };
        let (severity_id, severity) = severity(finding.severity);
        Self {
            activity_id,
            activity_name,
            category_uid: CATEGORY,
            category_name: "Findings",
            class_uid: CLASS,
            class_name: "Detection Finding",
            type_uid: CLASS * 100 + u32::from(activity_id),
            type_name,
            severity_id,
            severity,
            is_alert: true,
            time: finding.time,
            message: message::of_finding(found),
            count: finding.events,
            finding_info: FindingInfo::of(finding),
            evidences: evidences(found),
            remediation: Some(Remediation { desc: &finding.response }).filter(|to_do| !to_do.desc.is_empty()),
            metadata: Metadata::of(HUBTRAIL, finding.id, found.account, found.position),
            unmapped: Unmapped {
                score: finding.score,
                user_id: &finding.actor.id,
                user_name: &finding.actor.name,
            },
        }
    }
}

impl<'a> FindingInfo<'a> {
    fn of(finding: &'a Finding) -> Self {
        let attacks = finding.attack.iter().map(|id| Attack {
            technique: Named { uid: technique(id) },
            sub_technique: id.contains('.').then_some(Named { uid: id }),
        });
        Self {
            uid: Shown(finding.id),
            title: &finding.title,
            desc: &finding.reason,
            analytic: Analytic {
                uid: &finding.rule,
                name: &finding.title,
                type_id: 1,
                kind: "Rule",
                version: &finding.rule_version,
            },
            attacks: attacks.collect(),
            created_time: finding.time,
            first_seen_time: finding.first_seen,
            last_seen_time: finding.last_seen,
            data_sources: [LOG],
        }
    }
}

/// Where the events are not at hand, the one who did it is still named.
fn evidences<'a>(found: &Found<'a>) -> Vec<Artifact<'a>> {
    let by = &found.finding.actor;
    if found.finding.evidence.is_empty() {
        let actor = Actor::of(&by.id, &by.name, found.person);
        return actor
            .into_iter()
            .map(|actor| Artifact { uid: None, name: None, actor: Some(actor), data: None })
            .collect();
    }
    let artifact = |proof: &'a Evidence| {
        let event = &*proof.event;
        let person = found.person.filter(|_| event.user_id == by.id);
        Artifact {
            uid: Some(Shown(proof.id)),
            name: Some(Shown(Sentence::of(event))),
            actor: Actor::of(&event.user_id, &event.full_name, person),
            data: Some(raw::Proof::from(proof)),
        }
    };
    found.finding.evidence.iter().map(artifact).collect()
}
