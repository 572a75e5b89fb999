//! The history of one person, or of one object: under which names, since when, and what happened.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, Uri};
use hubtrail_core::page::Order;
use serde::Serialize;
use utoipa::ToSchema;

use super::events::{self, Form, Paging};
use crate::access::Caller;
use crate::http::accounts::Accounts;
use crate::http::extract::{Path, Query};
use crate::http::selection::Range;
use crate::http::told::{AccountName, Told};
use crate::http::{App, Problem};
use crate::store::{Search, Subject};

/// Somebody or something over time
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Timeline {
    account: AccountName,
    id: String,
    /// Every name it was seen under, the newest first.
    names: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    first_seen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    last_seen: Option<String>,
    events: Vec<Told>,
    /// The `cursor` of the next page; none: this is the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What a person did
///
/// The newest first, unless told otherwise. Someone who was never seen has an empty timeline.
#[utoipa::path(
    get, path = "/people/{account}/{userId}/timeline", tag = "events",
    params(
        ("account" = String, Path, description = "A connector, by name or number"),
        ("userId" = String, Path, description = "HubSpot's number of the user"),
        Range, Paging,
    ),
    responses((status = OK, content(
        (Timeline = "application/json"), (String = "application/x-ndjson"), (String = "text/csv"),
        (String = "text/plain"),
    )))
)]
pub(super) async fn of_person(
    caller: Caller,
    State(app): State<App>,
    headers: HeaderMap,
    uri: Uri,
    Path((account, id)): Path<(String, String)>,
    Query((range, paging)): Query<(Range, Paging)>,
) -> Result<Response, Problem> {
    let asked = Asked { account, subject: Subject::Person(id), range, paging, headers, uri };
    timeline(&caller, app, asked).await
}

/// What happened to an object
///
/// The newest first, unless told otherwise. Something that was never seen has an empty timeline.
#[utoipa::path(
    get, path = "/objects/{account}/{objectId}/timeline", tag = "events",
    params(
        ("account" = String, Path, description = "A connector, by name or number"),
        ("objectId" = String, Path, description = "HubSpot's number of the object"),
        Range, Paging,
    ),
    responses((status = OK, content(
        (Timeline = "application/json"), (String = "application/x-ndjson"), (String = "text/csv"),
        (String = "text/plain"),
    )))
)]
pub(super) async fn of_object(
    caller: Caller,
    State(app): State<App>,
    headers: HeaderMap,
    uri: Uri,
    Path((account, id)): Path<(String, String)>,
    Query((range, paging)): Query<(Range, Paging)>,
) -> Result<Response, Problem> {
    let asked = Asked { account, subject: Subject::Object(id), range, paging, headers, uri };
    timeline(&caller, app, asked).await
}

struct Asked {
    account: String,
    subject: Subject,
    range: Range,
    paging: Paging,
    headers: HeaderMap,
    uri: Uri,
}

async fn timeline(caller: &Caller, app: App, asked: Asked) -> Result<Response, Problem> {
    let accounts = Accounts::of(&app, caller).await?;
    let connector = accounts.find(&asked.account)?;
    let (after, before) = asked.range.bounds(app.clock.now());
    let whole = Search {
        connectors: caller.within(Some(&[connector])),
        filter: asked.subject.filter(),
        ..Search::default()
    };
    let search = Search { after, before, ..whole.clone() };
    let search = asked.paging.apply(search, Order::NewestFirst)?;
    if let Some(encoding) = asked.paging.export(&asked.headers) {
        return Ok(events::stream(app, search, encoding));
    }
    let form = asked.paging.form(&asked.headers);
    let found = events::read(&app, search).await?;
    if form != Form::Page {
        return found.respond(&app, &accounts, form, &asked.uri).await;
    }
    let subject = asked.subject;
    let (names, first, last, subject) = app
        .log(move |store| {
            let end = |order| store.search(&Search { order, limit: Some(1), ..whole.clone() });
            let (first, last) = (end(Order::OldestFirst)?.pop(), end(Order::NewestFirst)?.pop());
            Ok((store.aliases(connector, &subject)?, first, last, subject))
        })
        .await?;
    let (Subject::Person(id) | Subject::Object(id)) = subject;
    let timeline = Timeline {
        account: AccountName { id: connector.0, name: accounts.name(connector).to_owned() },
        id,
        names,
        first_seen: first.map(|entry| entry.timestamp.to_string()),
        last_seen: last.map(|entry| entry.timestamp.to_string()),
        events: found.told(&accounts),
        next: found.next,
    };
    Ok(Json(timeline).into_response())
}
