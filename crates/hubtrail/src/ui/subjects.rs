//! People and objects: the busiest of some days, found by name, each with a page of its own.

mod compare;
mod show;

use askama::Template;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::routing::get;
use url::form_urlencoded;

use super::events::query::account;
use super::filters;
use super::frame::{Frame, Place};
use super::leader::Leader;
use super::page::{Page, page};
use super::partial::Partial;
use super::viewer::Viewer;
use crate::connector::ConnectorId;
use crate::http::{App, Problem};
use crate::store::{Busy, DAY_MS, Side};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/people", get(people))
        .route("/people/{account}/{id}", get(show::person))
        .route("/objects", get(objects))
        .route("/objects/{account}/{id}", get(show::object))
}

#[derive(Template)]
#[template(path = "subjects.html")]
struct Subjects {
    frame: Frame,
    side: Words,
    ranges: Vec<Range>,
    days: i64,
    text: String,
    found: Vec<Leader>,
    more: bool,
    any: bool,
    partial: Partial,
}

/// What differs between the two lists.
struct Words {
    title: &'static str,
    path: &'static str,
    icon: &'static str,
    one: &'static str,
}

struct Range {
    word: String,
    href: String,
    current: bool,
}

const MOST: usize = 100;
const RANGES: [i64; 3] = [7, 30, 90];

#[derive(Clone, Debug, PartialEq, Eq)]
struct Query {
    account: Option<ConnectorId>,
    text: String,
    days: i64,
}

impl Query {
    fn read(query: Option<&str>) -> Result<Self, Problem> {
        let mut read = Self { account: None, text: String::new(), days: 30 };
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match &*name {
                "account" if !value.is_empty() => read.account = Some(account(&value)?),
                "text" => value.trim().clone_into(&mut read.text),
                "days" => {
                    read.days = value.parse().ok().filter(|days| RANGES.contains(days)).unwrap_or(read.days);
                }
                _ => {}
            }
        }
        Ok(read)
    }

    fn href(&self, path: &str, days: i64) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(account) = self.account {
            query.append_pair("account", &account.to_string());
        }
        if !self.text.is_empty() {
            query.append_pair("text", &self.text);
        }
        query.append_pair("days", &days.to_string());
        format!("{path}?{}", query.finish())
    }
}

/// `GET /people`
async fn people(State(app): State<App>, viewer: Viewer, RawQuery(query): RawQuery) -> Page {
    let words = Words { title: "People", path: "/people", icon: "person", one: "Person" };
    list(&app, &viewer, query.as_deref(), Side::People, words).await
}

/// `GET /objects`
async fn objects(State(app): State<App>, viewer: Viewer, RawQuery(query): RawQuery) -> Page {
    let words = Words { title: "Objects", path: "/objects", icon: "object", one: "Object" };
    list(&app, &viewer, query.as_deref(), Side::Objects, words).await
}

async fn list(app: &App, viewer: &Viewer, query: Option<&str>, side: Side, words: Words) -> Page {
    let query = Query::read(query)?;
    let connectors = app.log(|store| store.connectors_ever()).await?;
    let names = super::events::names(&connectors);
    let taste = &viewer.taste;
    let today = taste.now.minus(taste.now.0.rem_euclid(DAY_MS));
    let wanted = query.account.map(|account| vec![account]);
    let busy = Busy {
        connectors: viewer.caller.within(wanted.as_deref()),
        side,
        after: today.minus((query.days - 1) * DAY_MS),
        before: today.plus(DAY_MS),
        text: Some(query.text.clone()).filter(|text| !text.is_empty()),
        top: MOST,
    };
    let partial = Partial::of(viewer, query.account, (Some(busy.after), Some(busy.before)));
    let (found, more) = app.log(move |store| store.busiest(&busy)).await?;
    let present: Vec<_> = connectors.iter().filter(|connector| !connector.removed).cloned().collect();
    let place = if side == Side::People { Place::People } else { Place::Objects };
    let mut frame = Frame::new(viewer, place, words.title, &present);
    frame.account = frame.accounts.iter().find(|account| Some(account.id) == query.account).cloned();
    let range = |days| Range {
        word: format!("{days} d"),
        href: query.href(words.path, days),
        current: query.days == days,
    };
    page(&Subjects {
        ranges: RANGES.into_iter().map(range).collect(),
        side: words,
        days: query.days,
        any: !frame.accounts.is_empty(),
        found: Leader::of(side, found, &names, taste),
        more,
        partial,
        text: query.text,
        frame,
    })
}

#[cfg(test)]
mod hostile;
