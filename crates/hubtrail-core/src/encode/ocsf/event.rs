//! What HubSpot recorded: Entity Management, or a Base Event where the record could not be read.

use serde::Serialize;

use super::{Actor, HUBSPOT, Metadata, severity};
use crate::encode::act::Act;
use crate::encode::{OF_AN_EVENT, Recorded, message};
use crate::event::Event;
use crate::identity::EventId;
use crate::time::UtcMs;

const CATEGORY: u8 = 3;
const CLASS: u32 = 3004;
const OTHER: u8 = 99;

#[derive(Serialize)]
pub(super) struct EntityManagement<'a> {
    activity_id: u8,
    activity_name: &'a str,
    category_uid: u8,
    category_name: &'static str,
    class_uid: u32,
    class_name: &'static str,
    type_uid: u32,
    type_name: &'static str,
    severity_id: u8,
    severity: &'static str,
    status_id: u8,
    status: &'static str,
    time: UtcMs,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<Actor<'a>>,
    entity: Entity<'a>,
    metadata: Metadata<'a, EventId>,
    #[serde(skip_serializing_if = "Unmapped::is_empty")]
    unmapped: Unmapped<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_data: Option<&'a str>,
}

/// Needs a `uid` or a `name`: an object that has neither is named by its type.
#[derive(Serialize)]
struct Entity<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    uid: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    type_id: u8,
    #[serde(rename = "type", skip_serializing_if = "str::is_empty")]
    kind: &'a str,
}

/// What the class has no place for.
#[derive(Serialize)]
struct Unmapped<'a> {
    /// As sent: its form depends on the event, and a field has one form.
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_role: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    user_gone: bool,
}

impl Unmapped<'_> {
    const fn is_empty(&self) -> bool {
        self.meta.is_none() && self.user_role.is_none() && !self.user_gone
    }
}

impl<'a> EntityManagement<'a> {
    pub(super) fn of(recorded: &Recorded<'a>, event: &'a Event, original: bool) -> Self {
        let (activity_id, activity_name, type_name) = activity(event);
        let (severity_id, severity) = severity(OF_AN_EVENT);
        let person = recorded.person.unwrap_or_default();
        Self {
            activity_id,
            activity_name,
            category_uid: CATEGORY,
            category_name: "Identity & Access Management",
            class_uid: CLASS,
            class_name: "Entity Management",
            type_uid: CLASS * 100 + u32::from(activity_id),
            type_name,
            severity_id,
            severity,
            // The log has what was done, not what was tried.
            status_id: 1,
            status: "Success",
            time: recorded.time,
            message: message::of_event(recorded),
            actor: Actor::of(&event.user_id, &event.full_name, recorded.person),
            entity: Entity::of(event),
            metadata: metadata(recorded, &event.event),
            unmapped: Unmapped {
                meta: event.meta.as_deref(),
                user_role: person.role,
                user_gone: person.gone,
            },
            raw_data: recorded.original(original),
        }
    }
}

/// OCSF has no word for publishing; what is published is enabled for its visitors. An activity that is Other
/// keeps HubSpot's name.
fn activity(event: &Event) -> (u8, &str, &'static str) {
    match Act::of(event) {
        Act::Create => (1, "Create", "Entity Management: Create"),
        Act::Update => (3, "Update", "Entity Management: Update"),
        Act::Delete => (4, "Delete", "Entity Management: Delete"),
        Act::Publish => (8, "Enable", "Entity Management: Enable"),
        Act::Unpublish => (9, "Disable", "Entity Management: Disable"),
        Act::Restore | Act::Other => (OTHER, &event.event, "Entity Management: Other"),
        Act::Unsaid => (0, "Unknown", "Entity Management: Unknown"),
    }
}

impl<'a> Entity<'a> {
    fn of(event: &'a Event) -> Self {
        let Event { object_id, object_name, object_type, .. } = event;
        let name = match (object_id.as_str(), object_name.as_str(), object_type.as_str()) {
            ("", "", "") => "unknown",
            ("", "", kind) => kind,
            (_, name, _) => name,
        };
        let type_id = if object_type.is_empty() { 0 } else { OTHER };
        Self { uid: object_id, name, type_id, kind: object_type }
    }
}

fn metadata<'a>(recorded: &Recorded<'a>, event_code: &'a str) -> Metadata<'a, EventId> {
    let metadata = Metadata::of(HUBSPOT, recorded.id, recorded.account, recorded.position);
    Metadata { event_code, logged_time: recorded.seen_at, ..metadata }
}

#[derive(Serialize)]
pub(super) struct BaseEvent<'a> {
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
    status_id: u8,
    status: &'static str,
    status_detail: &'a str,
    time: UtcMs,
    message: String,
    metadata: Metadata<'a, EventId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_data: Option<&'a str>,
}

impl<'a> BaseEvent<'a> {
    pub(super) fn of(recorded: &Recorded<'a>, reason: &'a str, original: bool) -> Self {
        Self {
            activity_id: 0,
            activity_name: "Unknown",
            category_uid: 0,
            category_name: "Uncategorized",
            class_uid: 0,
            class_name: "Base Event",
            type_uid: 0,
            type_name: "Base Event: Unknown",
            severity_id: 0,
            severity: "Unknown",
            status_id: 0,
            status: "Unknown",
            status_detail: reason,
            time: recorded.time,
            message: message::of_event(recorded),
            metadata: metadata(recorded, ""),
            raw_data: recorded.original(original),
        }
    }
}
