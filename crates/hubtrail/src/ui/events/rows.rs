//! The lines of the events page: by themselves too, so that a live tail need not draw the whole page anew.

use askama::Template;
use axum::extract::{RawQuery, State};

use super::names;
use super::query::{PAGE, Query};
use super::row::{self, Day};
use crate::connector::Connector;
use crate::http::App;
use crate::store::Entry;
use crate::ui::filters;
use crate::ui::page::{Page, page};
use crate::ui::viewer::{Taste, Viewer};

pub(super) struct Rows {
    pub(super) days: Vec<Day>,
    pub(super) older: Option<String>,
    /// They begin somewhere inside: the way back to the newest.
    pub(super) inside: bool,
    pub(super) oldest_first: bool,
    pub(super) newest: String,
}

#[derive(Template)]
#[template(path = "events_rows.html")]
struct Alone {
    rows: Rows,
}

impl Rows {
    /// `entries` are one more than a page when there are more.
    pub(super) fn new(entries: &[Entry], query: &Query, connectors: &[Connector], taste: &Taste) -> Self {
        let older = (entries.len() > PAGE).then(|| entries[PAGE - 1].cursor());
        Self {
            days: row::by_day(&entries[..entries.len().min(PAGE)], &names(connectors), taste),
            older: older.map(|cursor| query.at(cursor).href()),
            inside: query.from.is_some(),
            oldest_first: query.oldest_first,
            newest: query.newest().href(),
        }
    }
}

/// `GET /events/rows`
pub(in crate::ui) async fn alone(State(app): State<App>, viewer: Viewer, RawQuery(query): RawQuery) -> Page {
    let query = Query::read(query.as_deref())?;
    let search = query.search(&viewer.caller, viewer.taste.now)?;
    let connectors = app.log(|store| store.connectors_ever()).await?;
    let entries = app.log(move |store| store.search(&search)).await?;
    let rows = Rows::new(&entries, &query, &connectors, &viewer.taste);
    page(&Alone { rows })
}
