//! What happened: filters, how the matches are spread over time and over types, people and objects, and
//! each event as a sentence. The address holds everything that was asked for.

mod asked;
mod detail;
mod forms;
pub(super) mod found;
mod meta;
mod picker;
pub(super) mod query;
pub(super) mod row;
mod rows;
mod typed;
pub(super) mod views;

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use hubtrail_core::page::Dimension;
use hubtrail_core::sentence::{harmless, noun};

use super::activity::Activity;
use super::deed::Deed;
use super::filters;
use super::frame::{Account, Frame, Place};
use super::page::{Page, page};
use super::partial::Partial;
use super::viewer::Viewer;
use crate::http::{App, Problem};
use crate::store::{Entry, Position, Search};
use asked::Asked;
use found::{Facet, Found};
use picker::Picker;
use query::Query;
use row::Names;
use rows::Rows;

pub(super) use detail::told as told_of;
pub(super) use rows::alone as rows_alone;

#[derive(Template)]
#[template(path = "events.html")]
struct Events {
    frame: Frame,
    query: Query,
    chips: Vec<Chip>,
    picker: Picker,
    views: Vec<View>,
    zoom: String,
    activity: Activity,
    facets: Vec<Facet>,
    rows: Rows,
    /// The newest position on the page, from which the live tail goes on.
    head: i64,
    total: u64,
    is_exact: bool,
    /// How many the list at the side is told from.
    counted: u64,
    collected_any: bool,
    partial: Partial,
}

/// A filter that is on, and the address without it.
struct Chip {
    kind: &'static str,
    value: String,
    deed: Option<Deed>,
    without: String,
}

/// A question that the viewer has saved.
struct View {
    id: i64,
    name: String,
    href: String,
    current: bool,
}

/// `GET /events`
pub(super) async fn list(State(app): State<App>, viewer: Viewer, RawQuery(query): RawQuery) -> Page {
    let asked = Asked::read(query.as_deref());
    let query = Query::read(query.as_deref())?;
    if let Some(asked) = asked {
        return asked.answer(&app, &viewer, query).await;
    }
    let views = crate::http::views::of(&app, &viewer.caller).await?;
    let search = query.search(&viewer.caller, viewer.taste.now)?;
    let partial = Partial::of(&viewer, query.account, (search.after, search.before));
    let connectors = app.log(|store| store.connectors_ever()).await?;
    let taste = viewer.taste.clone();
    let wanted = query.clone();
    let all = Search { from: None, limit: None, ..search.clone() };
    let newest = query.only_account().search(&viewer.caller, viewer.taste.now)?;
    // Side by side: the chart takes as long as all else.
    let (activity, (entries, found, head, collected_any)) = tokio::try_join!(
        app.log(move |store| found::activity(store, &all, &taste)),
        app.log(move |store| {
            let head = store.head()?;
            let entries = store.search(&search)?;
            let any = !entries.is_empty() || !store.search(&Search { limit: Some(1), ..newest })?.is_empty();
            Ok((entries, Found::look(store, &search, &wanted)?, head, any))
        }),
    )?;
    let rows = Rows::new(&entries, &query, &connectors, &viewer.taste);
    let present: Vec<_> = connectors.iter().filter(|connector| !connector.removed).cloned().collect();
    let mut frame = Frame::new(&viewer, Place::Events, "Events", &present);
    frame.account = account(&frame, &query);
    frame.search.clone_from(&query.text);
    frame.kept = query.newest().without_text().pairs();
    page(&Events {
        chips: chips(&query, &entries, &found),
        picker: Picker::new(&query, &viewer.taste, &frame, &present),
        views: views.into_iter().map(|view| saved(view, &query)).collect(),
        zoom: query.within("FROM", "TO").href(),
        activity,
        facets: found.facets,
        rows,
        head: head.0,
        // What is on the page was found, even where counting had no time for it.
        total: found.total.max(u64::try_from(entries.len()).unwrap_or(u64::MAX)),
        is_exact: found.is_exact,
        counted: found.counted,
        collected_any,
        partial,
        query,
        frame,
    })
}

/// `GET /events/{position}`
pub(super) async fn one(State(app): State<App>, viewer: Viewer, Path(position): Path<i64>) -> Page {
    let entry = app.log(move |store| store.entry(Position(position))).await?;
    let entry = entry.filter(|entry| viewer.caller.sees(entry.connector));
    let entry = entry.ok_or_else(|| Problem::not_found("there is no event at this place in the log"))?;
    detail::show(&app, &viewer, entry).await
}

/// The names of accounts by which rows tell them apart.
pub(super) fn names(connectors: &[crate::connector::Connector]) -> Names {
    if connectors.len() < 2 {
        return HashMap::new();
    }
    connectors.iter().map(|connector| (connector.id, connector.name().to_owned())).collect()
}

fn account(frame: &Frame, query: &Query) -> Option<Account> {
    let wanted = query.account?;
    frame.accounts.iter().find(|account| account.id == wanted).cloned()
}

fn chips(query: &Query, entries: &[Entry], found: &Found) -> Vec<Chip> {
    let mut chips = Vec::new();
    for (dimension, kind) in [
        (Dimension::EventType, "event"),
        (Dimension::ObjectType, "type"),
        (Dimension::UserId, "person"),
        (Dimension::ObjectId, "object"),
    ] {
        for value in query.values(dimension) {
            chips.push(Chip {
                kind,
                value: told(dimension, value, entries, found),
                deed: (dimension == Dimension::EventType).then(|| Deed::of(value)),
                without: query.without(dimension, value).href(),
            });
        }
    }
    if !query.text.is_empty() {
        let without = query.without_text().href();
        chips.push(Chip { kind: "text", value: query.text.clone(), deed: None, without });
    }
    chips
}

/// A value in words: names are taken from what was found, as HubSpot filters by ids.
fn told(dimension: Dimension, value: &str, entries: &[Entry], found: &Found) -> String {
    let events = || entries.iter().filter_map(|entry| entry.event.as_ref().ok());
    let name = match dimension {
        Dimension::EventType => Some(hubtrail_core::sentence::verb(value).into_owned()),
        Dimension::ObjectType => Some(noun(value).into_owned()),
        Dimension::UserId => events()
            .find(|event| event.user_id == value && !event.full_name.is_empty())
            .map(|event| event.full_name.clone())
            .or_else(|| found.name_of(dimension, value)),
        Dimension::ObjectId => events()
            .find(|event| event.object_id == value && !event.object_name.is_empty())
            .map(|event| event.object_name.clone())
            .or_else(|| found.name_of(dimension, value)),
    };
    harmless(&name.unwrap_or_else(|| value.to_owned())).into_owned()
}

fn saved(view: crate::store::View, query: &Query) -> View {
    let current = query.newest().encoded() == view.query;
    View { id: view.id, href: format!("/events?{}", view.query), name: view.name, current }
}

#[cfg(test)]
mod hostile;
