//! The first page: how things are in a sentence, what happened lately, and one step to the evidence.

use askama::Template;
use axum::extract::{RawQuery, State};

use super::activity::{Activity, HOUR_MS, step};
use super::deed::Deed;
use super::events::query::Query;
use super::events::row::{self, Day};
use super::filters;
use super::frame::{Frame, Place};
use super::page::{Page, page};
use super::viewer::Viewer;
use crate::http::App;
use crate::store::Search;
use hubtrail_core::page::Order;

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    frame: Frame,
    days: Vec<Day>,
    activity: Activity,
}

const LATEST: usize = 12;
const WEEK_MS: i64 = 7 * 24 * HOUR_MS;

/// `GET /`
pub(super) async fn show(State(app): State<App>, viewer: Viewer, RawQuery(query): RawQuery) -> Page {
    let query = Query::read(query.as_deref())?;
    let connectors = app.log(|store| store.connectors()).await?;
    let names = super::events::names(&connectors);
    let mut frame = Frame::new(&viewer, Place::Overview, "Overview", &connectors);
    frame.account = frame.accounts.iter().find(|account| Some(account.id) == query.account).cloned();
    let search = Search {
        limit: Some(LATEST),
        order: Order::NewestFirst,
        ..query.search(&viewer.caller, viewer.taste.now)?
    };
    let now = viewer.taste.now;
    let entries = app.log(move |store| store.search(&search)).await?;
    let mut activity = Activity::over(now.minus(WEEK_MS), now, step(WEEK_MS), viewer.taste.zone.clone());
    for entry in &entries {
        activity.add(
            entry.timestamp,
            entry.event.as_ref().map_or(Deed::Other, |event| Deed::of(&event.event)),
            1,
        );
    }
    page(&Overview { days: row::by_day(&entries, &names, &viewer.taste), activity, frame })
}
