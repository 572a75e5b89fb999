//! Collection status: every connector and how it stands, problems first. A quiet account is good.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::IntoResponse as _;
use http::header;
use url::form_urlencoded;

use super::badge::Tone;
use super::events::query::account;
use super::filters;
use super::frame::{Frame, Place};
use super::page::{Page, page};
use super::standing::Standing;
use super::viewer::Viewer;
use crate::connector::ConnectorId;
use crate::http::{App, Problem};
use crate::status::{self, ConnectorStatus};

#[derive(Template)]
#[template(path = "status.html")]
struct Status {
    frame: Frame,
    tabs: Vec<Tab>,
    search: String,
    state: String,
    rows: Vec<Standing>,
    lead: String,
    any: bool,
    hidden: usize,
}

struct Tab {
    word: &'static str,
    entries: usize,
    href: String,
    current: bool,
}

/// More are found by search; the page says so.
const MOST: usize = 300;
const TABS: [(&str, &str, Option<Tone>); 5] = [
    ("", "All", None),
    ("act", "Need you", Some(Tone::Act)),
    ("waiting", "Waiting", Some(Tone::Waiting)),
    ("paused", "Paused", Some(Tone::Paused)),
    ("good", "Good", Some(Tone::Good)),
];

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Query {
    state: String,
    search: String,
    account: Option<ConnectorId>,
}

impl Query {
    fn read(query: Option<&str>) -> Result<Self, Problem> {
        let mut read = Self::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match &*name {
                "state" => read.state = value.into_owned(),
                "search" => value.trim().clone_into(&mut read.search),
                "account" if !value.is_empty() => read.account = Some(account(&value)?),
                _ => {}
            }
        }
        Ok(read)
    }

    fn href(&self, state: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(account) = self.account {
            query.append_pair("account", &account.to_string());
        }
        for (name, value) in [("state", state), ("search", &self.search)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        if query.is_empty() { "/status".to_owned() } else { format!("/status?{query}") }
    }
}

/// Of the accounts that the viewer sees.
pub(super) async fn load(
    app: &App,
    viewer: &Viewer,
    only: Option<ConnectorId>,
) -> Result<Vec<ConnectorStatus>, Problem> {
    let wanted = only.map(|only| vec![only]);
    let within = viewer.caller.within(wanted.as_deref());
    let now = viewer.taste.now;
    let statuses = app.log(move |store| status::all(store, now, within.as_deref())).await?;
    Ok(statuses.into_iter().filter(|status| status.label != "Inactive" || status.fix.is_some()).collect())
}

/// `GET /status`
pub(super) async fn show(State(app): State<App>, viewer: Viewer, RawQuery(query): RawQuery) -> Page {
    let query = Query::read(query.as_deref())?;
    let statuses = load(&app, &viewer, query.account).await?;
    let mut rows: Vec<_> = statuses.iter().map(|status| Standing::new(status, &viewer.taste)).collect();
    rows.sort_by_key(|row| (row.tone(), row.name.to_lowercase()));
    let (any, lead) = (!rows.is_empty(), lead(&rows));
    let needle = query.search.to_lowercase();
    rows.retain(|row| row.name.to_lowercase().contains(&needle));
    let tabs = tabs(&query, &rows);
    if let Some((.., Some(tone))) = TABS.into_iter().find(|(state, ..)| *state == query.state) {
        rows.retain(|row| row.tone() == tone);
    }
    let hidden = rows.len().saturating_sub(MOST);
    rows.truncate(MOST);
    super::strip::put(&app, &viewer.taste, &mut rows).await?;
    let mut frame = Frame::load(&app, &viewer, Place::Status, "Status").await?;
    frame.account = frame.accounts.iter().find(|account| Some(account.id) == query.account).cloned();
    page(&Status { frame, tabs, search: query.search, state: query.state, rows, lead, any, hidden })
}

/// `GET /status.csv`
pub(super) async fn csv(State(app): State<App>, viewer: Viewer) -> Page {
    let statuses = load(&app, &viewer, None).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"hubtrail-status.csv\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, status::csv(&statuses)).into_response())
}

fn tabs(query: &Query, rows: &[Standing]) -> Vec<Tab> {
    let tab = |(state, word, tone): (&str, &'static str, Option<Tone>)| Tab {
        word,
        entries: rows.iter().filter(|row| tone.is_none_or(|tone| row.tone() == tone)).count(),
        href: query.href(state),
        current: state == query.state,
    };
    TABS.into_iter().map(tab).collect()
}

/// The answer to the page's question.
pub(super) fn lead(rows: &[Standing]) -> String {
    let with = |tone| rows.iter().filter(|row| row.tone() == tone).count();
    let needy = with(Tone::Act);
    if needy > 0 {
        return format!("{} you.", counted(needy, "connector needs", "connectors need"));
    }
    match (with(Tone::Waiting), with(Tone::Paused), with(Tone::Good)) {
        (0, 0, 0) => "No account is connected yet.".to_owned(),
        (0, 0, _) => "Everything is collected as it happens.".to_owned(),
        (0, paused, 0) => {
            format!("{} collecting.", counted(paused, "connector is not", "connectors are not"))
        }
        (0, paused, _) => {
            format!("Everything is collected as it happens, but for {paused} not started or paused.")
        }
        (waiting, ..) => format!(
            "{} and {} by itself.",
            counted(waiting, "connector waits", "connectors wait"),
            if waiting == 1 { "goes on" } else { "go on" }
        ),
    }
}

fn counted(n: usize, one: &str, more: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { more })
}

#[cfg(test)]
mod hostile;
