//! Events: found by HubSpot's filters and more, page by page or as one stream, and one by one.

mod page;

use std::slice;

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, Uri};
use hubtrail_core::page::Order;
use serde::Serialize;
use utoipa::ToSchema;

pub(super) use page::{EventPage, Form, Paging, read, stream};

use crate::access::Caller;
use crate::http::accounts::Accounts;
use crate::http::extract::{Path, Query};
use crate::http::people::People;
use crate::http::selection::{Range, Selection};
use crate::http::told::Told;
use crate::http::{App, Problem, cursor, etag};
use crate::store::{Entry, Position, Search};

/// Find events
///
/// The use cases of HubSpot's guide are one call each. Changes to a page: `?objectId=ID`. Deletions in a
/// window: `?eventType=DELETED&after=2026-03-01&before=2026-03-08`. Changes by a person: `?userId=ID`.
///
/// JSON comes in pages, each with the cursor of the next. All other formats without `limit` are everything that is
/// found, streamed. In CSV, a text that a spreadsheet would run as a formula gets a leading apostrophe; `raw` has the
/// exact text.
#[utoipa::path(
    get, path = "/events", tag = "events", params(Selection, Range, Paging),
    responses((status = OK, content(
        (EventPage = "application/json"), (String = "application/x-ndjson"), (String = "text/csv"),
        (String = "text/plain"),
    )))
)]
pub(super) async fn list(
    caller: Caller,
    State(app): State<App>,
    headers: HeaderMap,
    uri: Uri,
    Query((selection, range, paging)): Query<(Selection, Range, Paging)>,
) -> Result<Response, Problem> {
    let accounts = Accounts::of(&app, &caller).await?;
    let (after, before) = range.bounds(app.clock.now());
    let search = Search { after, before, ..selection.search(&caller, &accounts)? };
    let search = paging.apply(search, Order::OldestFirst)?;
    if let Some(encoding) = paging.export(&headers) {
        return Ok(stream(app, search, encoding));
    }
    let found = read(&app, search).await?;
    found.respond(&app, &accounts, paging.form(&headers), &uri).await
}

/// One event, and where to go on from it
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OneEvent {
    event: Told,
    links: Links,
}

/// Where to look next: each is a path with its query.
#[derive(Debug, Serialize, ToSchema)]
struct Links {
    /// By the same person, later and earlier.
    person: Option<Around>,
    /// To the same object, later and earlier.
    object: Option<Around>,
    /// In the same account, later and earlier.
    account: Around,
}

#[derive(Debug, Serialize, ToSchema)]
struct Around {
    #[schema(example = "/api/v1/events?account=1&userId=7&sort=timestamp&cursor=…")]
    later: String,
    earlier: String,
}

/// One event
#[utoipa::path(
    get, path = "/events/{position}", tag = "events",
    params(("position" = i64, Path, minimum = 1, description = "Its place in the log")),
    responses(
        (status = OK, body = OneEvent, headers(("ETag" = String, description = "For `If-None-Match`"))),
        (status = NOT_MODIFIED, description = "It is as in `If-None-Match`"),
    )
)]
pub(super) async fn one(
    caller: Caller,
    State(app): State<App>,
    headers: HeaderMap,
    Path(position): Path<i64>,
    Query(()): Query<()>,
) -> Result<Response, Problem> {
    let entry = app.log(move |store| store.entry(Position(position))).await?;
    let entry = entry.filter(|entry| caller.sees(entry.connector));
    let entry =
        entry.ok_or_else(|| Problem::not_found(format!("there is no event at position {position}")))?;
    let accounts = Accounts::of(&app, &caller).await?;
    let people = People::of(&app, slice::from_ref(&entry)).await?;
    let event = Told::of(&entry, &accounts, &people);
    etag::tagged(&headers, &OneEvent { event, links: Links::of(&entry) })
}

impl Links {
    fn of(entry: &Entry) -> Self {
        let account = ("account", entry.connector.to_string());
        let around = |filter: Option<(&str, &str)>| {
            let towards = |order: Order| {
                let mut query = url::form_urlencoded::Serializer::new(String::new());
                query.append_pair(account.0, &account.1);
                query.extend_pairs(filter);
                query.append_pair("sort", order.sort());
                query.append_pair("cursor", &cursor::write(entry.cursor(), order));
                format!("/api/v1/events?{}", query.finish())
            };
            Around { later: towards(Order::OldestFirst), earlier: towards(Order::NewestFirst) }
        };
        let event = entry.event.as_ref().ok();
        let person = event.map(|event| event.user_id.as_str()).filter(|id| !id.is_empty());
        let object = event.map(|event| event.object_id.as_str()).filter(|id| !id.is_empty());
        Self {
            person: person.map(|id| around(Some(("userId", id)))),
            object: object.map(|id| around(Some(("objectId", id)))),
            account: around(None),
        }
    }
}
