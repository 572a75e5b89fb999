//! One event: the sentence, who and what it was, the record as HubSpot sent it, and what happened around it.

use askama::Template;
use hubtrail_core::event::Event;
use hubtrail_core::page::{Dimension, Filter, Order};
use hubtrail_core::sentence::harmless;
use hubtrail_core::time::UtcMs;

use super::forms::{self, Form};
use super::meta::{self, Field};
use super::query::Query;
use super::row::{Names, Row};
use crate::http::App;
use crate::hubspot::Person;
use crate::known::Known;
use crate::store::{Entry, Search, Side, Store, StoreError};
use crate::ui::frame::{Frame, Place};
use crate::ui::hubspot::HubSpot;
use crate::ui::page::{Page, page};
use crate::ui::viewer::{Taste, Viewer};
use crate::ui::when::When;
use crate::ui::{filters, findings, leader};

#[derive(Template)]
#[template(path = "event.html")]
struct Detail {
    frame: Frame,
    row: Row,
    account: String,
    seen: When,
    id: String,
    leaf: String,
    user_id: String,
    object_id: String,
    /// What HubSpot told of the person last: e-mail, role, and whether they have left.
    known: Vec<String>,
    meta: Vec<Field>,
    /// The event before it of the same object, which tells what was so before.
    previous: Option<Row>,
    person_href: Option<String>,
    object_href: Option<String>,
    forms: Vec<Form>,
    hubspot: Option<HubSpot>,
    /// The findings that it is evidence of.
    findings: Vec<findings::Line>,
    around: Vec<Neighbours>,
    links: Vec<Link>,
}

/// What the same person did, or what was done to the same object, around this event.
struct Neighbours {
    title: &'static str,
    all: String,
    after: Vec<Row>,
    before: Vec<Row>,
}

struct Link {
    word: String,
    icon: &'static str,
    href: String,
}

const AROUND: usize = 3;
/// The window of the seeds' question after deletions.
const DAY_MS: i64 = 86_400_000;

pub(super) async fn show(app: &App, viewer: &Viewer, entry: Entry) -> Page {
    let connectors = app.log(|store| store.connectors_ever()).await?;
    let connector = connectors.iter().find(|connector| connector.id == entry.connector);
    let account = connector.map_or_else(String::new, |connector| connector.name().to_owned());
    let own = connector.cloned();
    let taste = viewer.taste.clone();
    let of = entry.clone();
    let (around, known, previous, forms_of, hubspot) = app
        .log(move |store| {
            let user_id = of.event.as_ref().map_or("", |event| event.user_id.as_str());
            let known = store.person(of.connector, user_id)?;
            let sides = [Dimension::UserId, Dimension::ObjectId].into_iter();
            let around: Result<Vec<_>, _> =
                sides.filter_map(|side| neighbours(store, &of, side, &taste).transpose()).collect();
            let mut forms_of = Known::of(store)?;
            forms_of.meet(store, std::slice::from_ref(&of))?;
            let hubspot = own.map(|own| HubSpot::of(store, &own)).transpose()?.flatten();
            Ok((around?, known, previous(store, &of)?, forms_of, hubspot))
        })
        .await?;
    let findings = findings::proved_by(app, viewer, &entry).await?;
    let own = connectors.iter().filter(|connector| !connector.removed).cloned().collect::<Vec<_>>();
    let frame = Frame::new(viewer, Place::Events, "Event", &own);
    let (now, zone) = (viewer.taste.now, viewer.taste.zone.clone());
    page(&Detail {
        frame,
        row: Row::new(&entry, &Names::new(), &viewer.taste),
        account,
        seen: When { at: entry.seen_at, now, zone },
        id: entry.event_id.to_string(),
        leaf: hex::encode(entry.leaf),
        user_id: text(&entry, |event| &event.user_id),
        object_id: text(&entry, |event| &event.object_id),
        known: known.map(told).unwrap_or_default(),
        meta: meta::fields(meta(&entry), previous.as_ref().and_then(meta)),
        previous: previous.map(|entry| Row::new(&entry, &Names::new(), &viewer.taste)),
        person_href: subject(&entry, Side::People),
        object_href: subject(&entry, Side::Objects),
        forms: forms::forms(&entry, &forms_of),
        hubspot,
        findings,
        around,
        links: links(&entry),
    })
}

pub(in crate::ui) fn told(person: Person) -> Vec<String> {
    let left = person.gone.then(|| "has left the account".to_owned());
    let parts = [person.email, person.role, left].into_iter().flatten();
    parts.filter(|part| !part.is_empty()).map(|part| harmless(&part).into_owned()).collect()
}

fn subject(entry: &Entry, side: Side) -> Option<String> {
    let event = entry.event.as_ref().ok()?;
    let id = if side == Side::People { &event.user_id } else { &event.object_id };
    (!id.is_empty()).then(|| leader::href(side, entry.connector, id))
}

fn text(entry: &Entry, field: impl Fn(&Event) -> &String) -> String {
    entry.event.as_ref().map_or_else(|_| String::new(), |event| harmless(field(event)).into_owned())
}

/// The record laid out for people; the bytes as they came are a click away, in the API.
pub(super) fn pretty(raw: &str) -> String {
    let value: Result<serde_json::Value, _> = serde_json::from_str(raw);
    let laid_out = value.and_then(|value| serde_json::to_string_pretty(&value));
    laid_out
        .unwrap_or_else(|_| raw.to_owned())
        .lines()
        .map(|line| harmless(line).into_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The event before it of the same object.
fn previous(store: &Store, of: &Entry) -> Result<Option<Entry>, StoreError> {
    let Some(event) = of.event.as_ref().ok().filter(|event| !event.object_id.is_empty()) else {
        return Ok(None);
    };
    let search = Search {
        connectors: Some(vec![of.connector]),
        filter: Filter::default().with(Dimension::ObjectId, vec![event.object_id.clone()]),
        order: Order::NewestFirst,
        limit: Some(1),
        from: Some(of.cursor()),
        ..Search::default()
    };
    Ok(store.search(&search)?.pop())
}

fn meta(entry: &Entry) -> Option<&str> {
    entry.event.as_ref().ok()?.meta.as_deref()
}

fn neighbours(
    store: &Store,
    of: &Entry,
    dimension: Dimension,
    taste: &Taste,
) -> Result<Option<Neighbours>, StoreError> {
    let Ok(event) = &of.event else { return Ok(None) };
    let value = dimension.of(event);
    if value.is_empty() {
        return Ok(None);
    }
    let search = |order| Search {
        connectors: Some(vec![of.connector]),
        filter: Filter::default().with(dimension, vec![value.to_owned()]),
        order,
        limit: Some(AROUND),
        from: Some(of.cursor()),
        ..Search::default()
    };
    let rows = |entries: Vec<Entry>| -> Vec<Row> {
        entries.iter().map(|entry| Row::new(entry, &Names::new(), taste)).collect()
    };
    let mut after = rows(store.search(&search(Order::OldestFirst))?);
    after.reverse();
    let before = rows(store.search(&search(Order::NewestFirst))?);
    let title = if dimension == Dimension::UserId {
        "This person, before and after"
    } else {
        "This object, before and after"
    };
    Ok(Some(Neighbours { title, all: narrowed(of, dimension, value).href(), after, before }))
}

fn narrowed(of: &Entry, dimension: Dimension, value: &str) -> Query {
    let query = Query { account: Some(of.connector), ..Query::default() };
    query.with(dimension, value)
}

/// The questions that follow: what else happened to it, what else was deleted then, what else this person did.
fn links(of: &Entry) -> Vec<Link> {
    let Ok(event) = &of.event else { return Vec::new() };
    let mut links = Vec::new();
    if !event.object_id.is_empty() {
        links.push(Link {
            word: format!("Changes to this {}", hubtrail_core::sentence::noun(&event.object_type)),
            icon: "object",
            href: narrowed(of, Dimension::ObjectId, &event.object_id).href(),
        });
    }
    let whole = |at: UtcMs| hubtrail_core::time::whole_seconds(at);
    let window = narrowed(of, Dimension::EventType, "DELETED")
        .within(&whole(of.timestamp.minus(DAY_MS)), &whole(of.timestamp.plus(DAY_MS)));
    links.push(Link { word: "Deletions a day around it".to_owned(), icon: "deleted", href: window.href() });
    if !event.user_id.is_empty() {
        links.push(Link {
            word: "Changes by this person".to_owned(),
            icon: "person",
            href: narrowed(of, Dimension::UserId, &event.user_id).href(),
        });
    }
    links
}
