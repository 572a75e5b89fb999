//! Elastic Common Schema 8.17. What ECS has no field for stands under `hubspot` and `hubtrail`.

mod event;
mod finding;

use serde::Serialize;

use super::json::{self, Shown};
use super::{Account, Item, OURS, Person, VENDOR, VERSION};
use crate::time::UtcMs;

const DATASET: &str = "hubspot.cms_audit";
const MODULE: &str = "hubspot";

pub(super) fn encode(item: &Item<'_>, original: bool, to: &mut Vec<u8>) {
    match item {
        Item::Event(recorded) => json::write(to, &event::Document::of(recorded, original)),
        Item::Finding(found) => json::write(to, &finding::Document::of(found)),
    }
}

#[derive(Serialize)]
struct Ecs {
    version: &'static str,
}

const ECS: Ecs = Ecs { version: "8.17.0" };

#[derive(Serialize)]
struct Observer<'a> {
    vendor: &'static str,
    product: &'static str,
    version: &'static str,
    /// The connector.
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
}

impl<'a> Observer<'a> {
    const fn of(account: Account<'a>) -> Self {
        Self { vendor: OURS, product: OURS, version: VERSION, name: account.connector }
    }
}

#[derive(Serialize)]
struct Organization {
    id: Shown<i64>,
    name: &'static str,
}

/// The HubSpot account.
fn organization(account: Account<'_>) -> Option<Organization> {
    account.portal_id.map(|id| Organization { id: Shown(id), name: VENDOR })
}

#[derive(Serialize)]
struct User<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    full_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    roles: Option<[&'a str; 1]>,
}

#[derive(Serialize)]
struct Related<'a> {
    user: Vec<&'a str>,
}

/// None when it is not known who it was.
fn user<'a>(id: &'a str, full_name: &'a str, person: Option<Person<'a>>) -> Option<(User<'a>, Related<'a>)> {
    let person = person.unwrap_or_default();
    let names = [id, full_name, person.email.unwrap_or_default()];
    let related: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
    let roles = person.role.map(|role| [role]);
    (!related.is_empty())
        .then_some((User { id, full_name, email: person.email, roles }, Related { user: related }))
}

#[derive(Serialize)]
struct Hubtrail<Finding> {
    /// Its place in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finding: Option<Finding>,
}

const fn at(time: UtcMs) -> Shown<UtcMs> {
    Shown(time)
}
