//! The live tail: events, and what becomes of findings, in the order in which they come into the log, as
//! server-sent events.
//!
//! The log is the queue. A client that is slow is behind and blocks nobody: what it has not taken stays in
//! the log, not in memory. The id of an event is its position, from which a client goes on after a break.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use http::{HeaderMap, header};
use serde::Deserialize;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::accounts::Accounts;
use super::extract::Query;
use super::found::FindingNews;
use super::people::People;
use super::selection::Selection;
use super::told::Told;
use super::{App, Problem, auth};
use crate::access::Caller;
use crate::store::{LogEntry, Position, Search};

const LAST_EVENT_ID: &str = "last-event-id";
/// Entries that are in memory at a time.
const BATCH: usize = 200;
/// What another process appends is only seen by looking.
const LOOK_EVERY: Duration = Duration::from_millis(500);
const BEAT_EVERY: Duration = Duration::from_secs(15);
/// Who signed out, or lost a right, is seen by looking as well.
const CHECK_EVERY: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct Start {
    /// Begin behind this position; `Last-Event-ID` counts more. Without either, only new events are told.
    #[param(minimum = 0)]
    from: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct Also {
    /// Tell what becomes of findings as well, as events of the type `finding` with the data of `/findings/stream`.
    findings: bool,
}

#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct Whose {
    /// Connectors, by name or number. None: all that you may look into.
    account: Vec<String>,
}

/// Which lines of the log are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tells {
    events: bool,
    findings: bool,
}

/// Follow events as they are collected
///
/// Server-sent events, each with an event as in `/events`; its `id` is its position. A client that reconnects with
/// `Last-Event-ID` misses nothing and gets nothing twice. Every 15 seconds there is a comment, so that a silent
/// connection is known to be alive. It ends when the session or the token does.
#[utoipa::path(
    get, path = "/events/stream", tag = "events", params(
        Selection, Start, Also,
        ("Last-Event-ID" = Option<u64>, Header, description = "Go on behind this position"),
    ),
    responses((status = OK, body = String, content_type = "text/event-stream"))
)]
pub(super) async fn tail(
    caller: Caller,
    State(app): State<App>,
    headers: HeaderMap,
    Query((selection, start, also)): Query<(Selection, Start, Also)>,
) -> Result<Response, Problem> {
    let tells = Tells { events: true, findings: also.findings };
    follow(app, caller, headers, selection, start, tells).await
}

/// Follow findings as they are made
///
/// Server-sent events of the type `finding`, each with a `FindingNews`: one for each thing that becomes of a finding:
/// it was raised, has grown, was judged, … Resumed as `/events/stream` is, with which it shares its positions.
#[utoipa::path(
    get, path = "/findings/stream", tag = "findings", params(
        Whose, Start,
        ("Last-Event-ID" = Option<u64>, Header, description = "Go on behind this position"),
    ),
    responses((status = OK, body = String, content_type = "text/event-stream"))
)]
pub(super) async fn tail_of_findings(
    caller: Caller,
    State(app): State<App>,
    headers: HeaderMap,
    Query((whose, start)): Query<(Whose, Start)>,
) -> Result<Response, Problem> {
    let selection = Selection { account: whose.account, ..Selection::default() };
    let tells = Tells { events: false, findings: true };
    follow(app, caller, headers, selection, start, tells).await
}

async fn follow(
    app: App,
    caller: Caller,
    headers: HeaderMap,
    selection: Selection,
    start: Start,
    tells: Tells,
) -> Result<Response, Problem> {
    let accounts = Accounts::of(&app, &caller).await?;
    let search = selection.clone().search(&caller, &accounts)?;
    let head = app.log(crate::store::Store::head).await?;
    let position = start.position(&headers)?.map_or(head, |asked| asked.min(head));
    let now = Instant::now();
    let tail = Tail {
        commits: app.store.subscribe(),
        app,
        headers,
        selection,
        accounts,
        search,
        tells,
        position,
        told_at: now,
        checked_at: now,
    };
    let hello = Bytes::from(format!("retry: 2000\n{}", tail.beat()));
    let events = stream::unfold(Some(tail), |tail| async move {
        let mut tail = tail?;
        match tail.next().await {
            Ok(Some(text)) => Some((Ok(text), Some(tail))),
            Ok(None) => None,
            Err(problem) => Some((Err(problem.detail), None)),
        }
    });
    let body = stream::StreamExt::chain(stream::iter([Ok(hello)]), events);
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // A proxy that collects the stream before it passes it on would make it useless.
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

impl Start {
    fn position(self, headers: &HeaderMap) -> Result<Option<Position>, Problem> {
        let last = match headers.get(LAST_EVENT_ID).map(|value| value.to_str().unwrap_or("?").trim()) {
            None | Some("") => self.from,
            Some(text) => Some(text.parse().map_err(|_| {
                Problem::invalid(
                    "Last-Event-ID",
                    "it is not a position",
                    "send the id of the last event, or leave it out",
                )
            })?),
        };
        Ok(last.map(|position| Position(i64::try_from(position).unwrap_or(i64::MAX))))
    }
}

struct Tail {
    app: App,
    /// Who the caller is, to be asked again.
    headers: HeaderMap,
    selection: Selection,
    accounts: Accounts,
    search: Search,
    tells: Tells,
    position: Position,
    commits: watch::Receiver<Position>,
    told_at: Instant,
    checked_at: Instant,
}

impl Tail {
    /// What comes next, however long it takes; none: the caller may not go on.
    async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        loop {
            if self.checked_at.elapsed() >= CHECK_EVERY && !self.may_go_on().await? {
                return Ok(None);
            }
            // Marked before looking: a commit that comes meanwhile ends the wait at once.
            self.commits.mark_unchanged();
            let position = self.position;
            let read = self.app.log(move |store| store.log_after(position, BATCH)).await?;
            let is_full = read.entries.len() == BATCH;
            self.position = read.up_to;
            let mut entries = read.entries;
            entries.retain(|entry| self.is_told(entry));
            let unnamed = entries.iter().any(|entry| !self.accounts.know(entry.connector()));
            if unnamed && !self.may_go_on().await? {
                return Ok(None);
            }
            let text = self.tell(&entries).await?;
            if !text.is_empty() {
                self.told_at = Instant::now();
                return Ok(Some(text.into()));
            }
            if self.told_at.elapsed() >= BEAT_EVERY {
                self.told_at = Instant::now();
                return Ok(Some(self.beat().into()));
            }
            if !is_full {
                // Whether a commit woke us or time did is the same: we look.
                drop(timeout(LOOK_EVERY, self.commits.changed()).await);
            }
        }
    }

    fn is_told(&self, entry: &LogEntry) -> bool {
        match entry {
            LogEntry::Event(event) => self.tells.events && self.search.accepts(event),
            LogEntry::Finding(finding) => {
                let within = self.search.connectors.as_ref();
                self.tells.findings && within.is_none_or(|ids| ids.contains(&finding.connector))
            }
        }
    }

    async fn tell(&self, entries: &[LogEntry]) -> Result<String, Problem> {
        let events = entries.iter().filter_map(|entry| match entry {
            LogEntry::Event(event) => Some(event),
            LogEntry::Finding(_) => None,
        });
        let people = People::of(&self.app, events).await?;
        let mut text = String::new();
        for entry in entries {
            let (kind, told) = match entry {
                LogEntry::Event(event) => {
                    ("", serde_json::to_string(&Told::of(event, &self.accounts, &people)))
                }
                LogEntry::Finding(finding) => {
                    ("event: finding\n", serde_json::to_string(&FindingNews::of(finding, &self.accounts)))
                }
            };
            let told = told.map_err(Problem::internal)?;
            text.push_str(&format!("{kind}id: {}\ndata: {told}\n\n", entry.position().0));
        }
        Ok(text)
    }

    /// Nothing that a client shows, but where it stands, so that it does not go back behind what its filters
    /// left out.
    fn beat(&self) -> String {
        format!(":\nid: {}\n\n", self.position.0)
    }

    /// Asks again who the caller is, and what they may see by now.
    async fn may_go_on(&mut self) -> Result<bool, Problem> {
        self.checked_at = Instant::now();
        let Some(found) = auth::identify(&self.app, &self.headers).await? else { return Ok(false) };
        self.accounts = Accounts::of(&self.app, &found.caller).await?;
        match self.selection.clone().search(&found.caller, &self.accounts) {
            Ok(search) => self.search = search,
            // The account that it follows is no longer the caller's.
            Err(_) => return Ok(false),
        }
        Ok(true)
    }
}
