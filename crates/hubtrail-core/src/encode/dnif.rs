//! JSON with the field names of DNIF's data model, which `integrations/dnif` has an extractor for.
//!
//! `$PStatus` has DNIF's own words for how well a record was read: PAD as desired, OTHER with an event or a type of
//! object that is not known, PER not at all.

use serde::Serialize;

use super::json::{self, Shown, shown};
use super::{Found, Item, OURS, Recorded, message, out_of_ten};
use crate::finding::{FindingId, Severity};
use crate::identity::EventId;
use crate::page::Dimension;
use crate::time::UtcMs;

const STREAM: &str = "CMS-AUDIT";
const FINDINGS: &str = "CMS-FINDING";
const SOURCE: &str = "HUBSPOT";

pub(super) fn encode(item: &Item<'_>, original: bool, to: &mut Vec<u8>) {
    match item {
        Item::Event(recorded) => json::write(to, &Event::of(recorded, original)),
        Item::Finding(found) => json::write(to, &Finding::of(found)),
    }
}

#[derive(Serialize)]
struct Event<'a> {
    #[serde(rename = "$Stream")]
    stream: &'static str,
    #[serde(rename = "$SourceName")]
    source_name: &'static str,
    #[serde(rename = "$SourceType")]
    source_type: &'static str,
    #[serde(rename = "$PStatus")]
    parsed: &'static str,
    #[serde(rename = "$EventID")]
    id: Shown<EventId>,
    #[serde(rename = "$SystemTstamp")]
    time: Shown<UtcMs>,
    #[serde(rename = "$Action", skip_serializing_if = "str::is_empty")]
    action: &'a str,
    #[serde(rename = "$Status")]
    status: &'static str,
    /// As HubSpot names them; who has no name is known by the number.
    #[serde(rename = "$User", skip_serializing_if = "str::is_empty")]
    user: &'a str,
    #[serde(rename = "$UserID", skip_serializing_if = "str::is_empty")]
    user_id: &'a str,
    #[serde(rename = "$Email", skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(rename = "$ObjectType", skip_serializing_if = "str::is_empty")]
    object_type: &'a str,
    #[serde(rename = "$ObjectID", skip_serializing_if = "str::is_empty")]
    object_id: &'a str,
    #[serde(rename = "$ObjectName", skip_serializing_if = "str::is_empty")]
    object_name: &'a str,
    #[serde(rename = "$Meta", skip_serializing_if = "Option::is_none")]
    meta: Option<&'a str>,
    #[serde(rename = "$SystemName", skip_serializing_if = "str::is_empty")]
    connector: &'a str,
    #[serde(rename = "$PortalID", skip_serializing_if = "Option::is_none")]
    portal_id: Option<Shown<i64>>,
    #[serde(rename = "$FullDetails")]
    message: String,
    #[serde(rename = "$EvtLen")]
    raw_bytes: usize,
    #[serde(rename = "$LogEvent", skip_serializing_if = "Option::is_none")]
    original: Option<&'a str>,
}

impl<'a> Event<'a> {
    fn of(recorded: &Recorded<'a>, original: bool) -> Self {
        let read = recorded.event.ok();
        let field = |of: fn(&'a crate::event::Event) -> &'a str| read.map_or("", of);
        let known = |dimension: Dimension| {
            read.is_some_and(|event| dimension.documented().contains(&dimension.of(event)))
        };
        Self {
            stream: if read.is_some() { STREAM } else { "OTHER" },
            source_name: SOURCE,
            source_type: "SAAS",
            parsed: match read {
                None => "PER",
                Some(_) if known(Dimension::EventType) && known(Dimension::ObjectType) => "PAD",
                Some(_) => "OTHER",
            },
            id: Shown(recorded.id),
            time: shown(recorded.time),
            action: field(|event| &event.event),
            status: if read.is_some() { "PASSED" } else { "UNKNOWN" },
            user: field(|event| if event.full_name.is_empty() { &event.user_id } else { &event.full_name }),
            user_id: field(|event| &event.user_id),
            email: recorded.email(),
            object_type: field(|event| &event.object_type),
            object_id: field(|event| &event.object_id),
            object_name: field(|event| &event.object_name),
            meta: read.and_then(|event| event.meta.as_deref()),
            connector: recorded.account.connector,
            portal_id: recorded.account.portal_id.map(Shown),
            message: message::of_event(recorded),
            raw_bytes: recorded.raw.len(),
            original: recorded.original(original),
        }
    }
}

#[derive(Serialize)]
struct Finding<'a> {
    #[serde(rename = "$Stream")]
    stream: &'static str,
    #[serde(rename = "$SourceName")]
    source_name: &'static str,
    #[serde(rename = "$SourceType")]
    source_type: &'static str,
    #[serde(rename = "$PStatus")]
    parsed: &'static str,
    #[serde(rename = "$EventID")]
    id: Shown<FindingId>,
    #[serde(rename = "$SystemTstamp")]
    time: Shown<UtcMs>,
    #[serde(rename = "$StartTime")]
    first_seen: Shown<UtcMs>,
    #[serde(rename = "$EndTime")]
    last_seen: Shown<UtcMs>,
    #[serde(rename = "$Action")]
    stage: &'static str,
    #[serde(rename = "$DetectionName")]
    title: &'a str,
    #[serde(rename = "$DetectionID")]
    rule: &'a str,
    #[serde(rename = "$DetectionTechnique", skip_serializing_if = "str::is_empty")]
    techniques: String,
    #[serde(rename = "$DetectionScore")]
    score: u8,
    #[serde(rename = "$Severity")]
    severity: Severity,
    #[serde(rename = "$User", skip_serializing_if = "str::is_empty")]
    user: &'a str,
    #[serde(rename = "$UserID", skip_serializing_if = "str::is_empty")]
    user_id: &'a str,
    #[serde(rename = "$Email", skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(rename = "$EventCount")]
    events: usize,
    #[serde(rename = "$SystemName", skip_serializing_if = "str::is_empty")]
    connector: &'a str,
    #[serde(rename = "$PortalID", skip_serializing_if = "Option::is_none")]
    portal_id: Option<Shown<i64>>,
    #[serde(rename = "$FullDetails")]
    message: String,
    #[serde(rename = "$Response", skip_serializing_if = "str::is_empty")]
    response: &'a str,
}

impl<'a> Finding<'a> {
    fn of(found: &Found<'a>) -> Self {
        let finding = found.finding;
        let actor = &finding.actor;
        Self {
            stream: FINDINGS,
            source_name: OURS,
            source_type: "SAAS",
            parsed: "PAD",
            id: Shown(finding.id),
            time: shown(finding.time),
            first_seen: shown(finding.first_seen),
            last_seen: shown(finding.last_seen),
            stage: found.stage.as_str(),
            title: &finding.title,
            rule: &finding.rule,
            techniques: finding.attack.join(","),
            score: out_of_ten(finding.severity),
            severity: finding.severity,
            user: if actor.name.is_empty() { &actor.id } else { &actor.name },
            user_id: &actor.id,
            email: found.person.and_then(|person| person.email),
            events: finding.events,
            connector: found.account.connector,
            portal_id: found.account.portal_id.map(Shown),
            message: message::of_finding(found),
            response: &finding.response,
        }
    }
}
