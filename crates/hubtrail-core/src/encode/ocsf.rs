//! OCSF 1.8.0. An event is Entity Management (3004): the one class that takes what HubSpot says of a change,
//! an actor and an object, without an address that the log does not have. A record that could not be read is a
//! Base Event, a finding a Detection Finding (2004).

mod event;
mod finding;

use serde::Serialize;

use super::json::{self, Shown};
use super::{Account, Item, OURS, Person, VENDOR, VERSION};
use crate::finding::Severity;
use crate::time::UtcMs;

const SCHEMA: &str = "1.8.0";
const LOG: &str = "CMS audit log";

pub(super) fn encode(item: &Item<'_>, original: bool, to: &mut Vec<u8>) {
    match item {
        Item::Event(recorded) => match recorded.event {
            Ok(read) => json::write(to, &event::EntityManagement::of(recorded, read, original)),
            Err(reason) => json::write(to, &event::BaseEvent::of(recorded, reason, original)),
        },
        Item::Finding(found) => json::write(to, &finding::DetectionFinding::of(found)),
    }
}

#[derive(Serialize)]
#[serde(bound = "Uid: std::fmt::Display")]
struct Metadata<'a, Uid> {
    version: &'static str,
    product: Product,
    uid: Shown<Uid>,
    #[serde(skip_serializing_if = "str::is_empty")]
    event_code: &'a str,
    log_name: &'static str,
    log_provider: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    logged_time: Option<UtcMs>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_uid: Option<Shown<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<[Tag<'a>; 1]>,
}

#[derive(Serialize)]
struct Product {
    name: &'static str,
    vendor_name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'static str>,
}

const HUBSPOT: Product = Product { name: VENDOR, vendor_name: VENDOR, version: None };
const HUBTRAIL: Product = Product { name: OURS, vendor_name: OURS, version: Some(VERSION) };

#[derive(Serialize)]
struct Tag<'a> {
    name: &'static str,
    value: &'a str,
}

impl<'a, Uid> Metadata<'a, Uid> {
    fn of(product: Product, uid: Uid, account: Account<'a>, sequence: Option<i64>) -> Self {
        let connector = Some(account.connector).filter(|name| !name.is_empty());
        Self {
            version: SCHEMA,
            product,
            uid: Shown(uid),
            event_code: "",
            log_name: LOG,
            log_provider: VENDOR,
            logged_time: None,
            sequence,
            tenant_uid: account.portal_id.map(Shown),
            tags: connector.map(|value| [Tag { name: "connector", value }]),
        }
    }
}

#[derive(Serialize)]
struct Actor<'a> {
    user: User<'a>,
}

/// Needs a `uid` or a `name`.
#[derive(Serialize)]
struct User<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    uid: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    full_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_addr: Option<&'a str>,
}

impl<'a> Actor<'a> {
    /// None when the record does not say who it was.
    fn of(uid: &'a str, name: &'a str, person: Option<Person<'a>>) -> Option<Self> {
        let email_addr = person.and_then(|person| person.email);
        let known = !uid.is_empty() || !name.is_empty();
        known.then_some(Self { user: User { uid, name, full_name: name, email_addr } })
    }
}

const fn severity(severity: Severity) -> (u8, &'static str) {
    match severity {
        Severity::Informational => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}
