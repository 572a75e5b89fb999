//! What HubSpot recorded.

use std::fmt;

use serde::Serialize;

use super::{DATASET, ECS, Ecs, Hubtrail, MODULE, Observer, Organization, Related, User, at};
use crate::encode::act::{Act, is_content};
use crate::encode::json::Shown;
use crate::encode::{Recorded, message};
use crate::event::Event;
use crate::identity::EventId;
use crate::time::UtcMs;

#[derive(Serialize)]
pub(super) struct Document<'a> {
    #[serde(rename = "@timestamp")]
    timestamp: Shown<UtcMs>,
    message: String,
    ecs: Ecs,
    event: About<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Failure<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<User<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    related: Option<Related<'a>>,
    observer: Observer<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization: Option<Organization>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hubspot: Option<HubSpot<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hubtrail: Option<Hubtrail<()>>,
}

#[derive(Serialize)]
struct About<'a> {
    id: Shown<EventId>,
    kind: &'static str,
    category: &'static [&'static str],
    #[serde(rename = "type")]
    kinds: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<Shown<Action<'a>>>,
    outcome: &'static str,
    module: &'static str,
    dataset: &'static str,
    provider: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<Shown<UtcMs>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original: Option<&'a str>,
}

#[derive(Serialize)]
struct Failure<'a> {
    message: &'a str,
}

#[derive(Serialize)]
struct HubSpot<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    event: &'a str,
    object: Object<'a>,
    /// As sent, as a text: its form depends on the event, and a field has one type in an index.
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    user_gone: bool,
}

#[derive(Serialize)]
struct Object<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    #[serde(rename = "type", skip_serializing_if = "str::is_empty")]
    kind: &'a str,
}

impl<'a> Document<'a> {
    pub(super) fn of(recorded: &Recorded<'a>, original: bool) -> Self {
        let read = recorded.event.ok();
        let who = read.and_then(|event| super::user(&event.user_id, &event.full_name, recorded.person));
        let (user, related) = who.unzip();
        Self {
            timestamp: at(recorded.time),
            message: message::of_event(recorded),
            ecs: ECS,
            event: About::of(recorded, read, original),
            error: recorded.event.err().map(|message| Failure { message }),
            user,
            related,
            observer: Observer::of(recorded.account),
            organization: super::organization(recorded.account),
            hubspot: read.map(|event| HubSpot {
                event: &event.event,
                object: Object { id: &event.object_id, name: &event.object_name, kind: &event.object_type },
                meta: event.meta.as_deref(),
                user_gone: recorded.person.is_some_and(|person| person.gone),
            }),
            hubtrail: recorded.position.map(|at| Hubtrail { position: Some(at), finding: None }),
        }
    }
}

impl<'a> About<'a> {
    fn of(recorded: &Recorded<'a>, read: Option<&'a Event>, original: bool) -> Self {
        let known = (|event: &Event| match Act::of(event) {
            Act::Create => "creation",
            Act::Delete => "deletion",
            Act::Update | Act::Publish | Act::Unpublish | Act::Restore => "change",
            Act::Other | Act::Unsaid => "info",
        }) as fn(&Event) -> &'static str;
        let content = read.is_some_and(|event| is_content(&event.object_type));
        Self {
            id: Shown(recorded.id),
            kind: if read.is_some() { "event" } else { "pipeline_error" },
            category: if content { &["configuration", "web"] } else { &["configuration"] },
            kinds: [read.map_or("info", known)],
            action: read.filter(|event| !event.event.is_empty()).map(|event| Shown(Action(event))),
            outcome: if read.is_some() { "success" } else { "unknown" },
            module: MODULE,
            dataset: DATASET,
            provider: MODULE,
            created: recorded.seen_at.map(at),
            original: recorded.original(original),
        }
    }
}

/// `landing-page-published`
struct Action<'a>(&'a Event);

impl fmt::Display for Action<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Event { object_type, event, .. } = self.0;
        kebab(object_type, f)?;
        if !object_type.is_empty() {
            f.write_str("-")?;
        }
        kebab(event, f)
    }
}

fn kebab(name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    use fmt::Write as _;
    name.chars().try_for_each(|c| match c {
        '_' | ' ' => f.write_char('-'),
        c => c.to_lowercase().try_for_each(|c| f.write_char(c)),
    })
}
