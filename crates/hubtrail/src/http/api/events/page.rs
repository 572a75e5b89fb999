//! What was found, in the form that was asked for: a page with a cursor, or all of it as one stream that
//! needs no memory and holds nothing open while the client takes its time.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use http::{HeaderMap, HeaderValue, Uri, header};
use hubtrail_core::page::Order;
use hubtrail_core::record_line::record_line;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;
use utoipa::{IntoParams, ToSchema};

use crate::csv;
use crate::http::accounts::Accounts;
use crate::http::people::People;
use crate::http::told::Told;
use crate::http::{App, Problem, cursor};
use crate::store::{Entry, Search};

const USUAL: usize = 100;
const MOST: u32 = 1_000;
/// Entries that are in memory at a time when all are streamed.
const BATCH: usize = 500;

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(in crate::http::api) struct Paging {
    /// Oldest or newest first, in HubSpot's words.
    #[param(inline)]
    sort: Option<Sort>,
    /// So many at most; 100 when it is not said.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next` of the page before. It never expires.
    cursor: Option<String>,
    /// `json`; `raw`: each record as HubSpot sent it, one a line; `csv`: RFC 4180 with a header. Else by `Accept`.
    #[param(inline)]
    format: Option<Format>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
enum Sort {
    #[serde(rename = "timestamp")]
    OldestFirst,
    #[serde(rename = "-timestamp")]
    NewestFirst,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::http::api) enum Format {
    Json,
    Raw,
    Csv,
}

/// Events, and where to go on from
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct EventPage {
    pub(in crate::http::api) events: Vec<Told>,
    /// The `cursor` of the next page; none: this is the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::http::api) next: Option<String>,
}

/// One page as it was found.
pub(in crate::http::api) struct Found {
    entries: Vec<Entry>,
    people: People,
    pub(in crate::http::api) next: Option<String>,
}

impl Found {
    pub(in crate::http::api) fn told(&self, accounts: &Accounts) -> Vec<Told> {
        self.entries.iter().map(|entry| Told::of(entry, accounts, &self.people)).collect()
    }

    pub(in crate::http::api) fn respond(self, accounts: &Accounts, format: Format, uri: &Uri) -> Response {
        let link = self.next.as_deref().and_then(|next| link(uri, next));
        let mut response = match format {
            Format::Json => {
                let events = self.told(accounts);
                Json(EventPage { events, next: self.next }).into_response()
            }
            Format::Raw | Format::Csv => {
                let mut body = head(format);
                self.entries.iter().for_each(|entry| line(&mut body, entry, accounts, format));
                typed(format, body.into())
            }
        };
        if let Some(link) = link {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }
}

impl Paging {
    /// # Errors
    /// When the limit or the cursor cannot be accepted.
    pub(in crate::http::api) fn apply(&self, search: Search, usual: Order) -> Result<Search, Problem> {
        let order = match self.sort {
            Some(Sort::OldestFirst) => Order::OldestFirst,
            Some(Sort::NewestFirst) => Order::NewestFirst,
            None => usual,
        };
        if self.limit.is_some_and(|limit| !(1..=MOST).contains(&limit)) {
            return Err(Problem::invalid("limit", "a page has 1 to 1000 events", "follow `next` for more"));
        }
        let from = self.cursor.as_deref().map(|text| cursor::accept(text, order)).transpose()?;
        let limit = self.limit.map(|limit| limit as usize);
        Ok(Search { order, from, limit, ..search })
    }

    pub(in crate::http::api) fn format(&self, headers: &HeaderMap) -> Format {
        let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        self.format.unwrap_or(match accepted {
            accepted if accepted.contains("text/csv") => Format::Csv,
            accepted if accepted.contains("ndjson") => Format::Raw,
            _ => Format::Json,
        })
    }

    /// Whether all that is found is wanted, and in which form.
    pub(in crate::http::api) fn is_export(&self, format: Format) -> bool {
        self.limit.is_none() && format != Format::Json
    }
}

pub(in crate::http::api) async fn read(app: &App, search: Search) -> Result<Found, Problem> {
    let limit = search.limit.unwrap_or(USUAL);
    let order = search.order;
    let one_more = Search { limit: Some(limit + 1), ..search };
    let mut entries = app.log(move |store| store.search(&one_more)).await?;
    let more = entries.len() > limit;
    entries.truncate(limit);
    let next = entries.last().filter(|_| more).map(|last| cursor::write(last.cursor(), order));
    let people = People::of(app, &entries).await?;
    Ok(Found { entries, people, next })
}

/// The next page, relative to this one, for forms that have no room for a cursor.
fn link(uri: &Uri, next: &str) -> Option<HeaderValue> {
    let asked = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(asked.filter(|(name, _)| name != "cursor"));
    query.append_pair("cursor", next);
    HeaderValue::try_from(format!("<?{}>; rel=\"next\"", query.finish())).ok()
}

/// All of it. An error on the way breaks the connection, so that nobody takes a part for the whole.
pub(in crate::http::api) fn stream(app: App, accounts: Accounts, search: Search, format: Format) -> Response {
    let start = Some((search, head(format)));
    let batches = stream::try_unfold(start, move |rest| {
        let (app, accounts) = (app.clone(), accounts.clone());
        async move {
            let Some((search, mut text)) = rest else { return Ok::<_, Problem>(None) };
            let batch = Search { limit: Some(BATCH), ..search.clone() };
            let entries = app.log(move |store| store.search(&batch)).await?;
            entries.iter().for_each(|entry| line(&mut text, entry, &accounts, format));
            let last = entries.last().filter(|_| entries.len() == BATCH).map(Entry::cursor);
            let rest = last.map(|last| (Search { from: Some(last), ..search }, Vec::new()));
            Ok(Some((Bytes::from(text), rest)))
        }
    });
    typed(format, Body::from_stream(stream::TryStreamExt::map_err(batches, |problem| problem.detail)))
}

fn typed(format: Format, body: Body) -> Response {
    let (kind, name) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"events.csv\""),
        _ => ("application/x-ndjson", "attachment; filename=\"events.ndjson\""),
    };
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], body).into_response()
}

fn head(format: Format) -> Vec<u8> {
    let mut text = Vec::new();
    if format == Format::Csv {
        csv::header(&mut text).expect("writing to memory does not fail");
    }
    text
}

fn line(to: &mut Vec<u8>, entry: &Entry, accounts: &Accounts, format: Format) {
    match (format, &entry.event) {
        (Format::Csv, Ok(event)) => {
            csv::line(to, entry.position, accounts.name(entry.connector), event)
                .expect("writing to memory does not fail");
        }
        (Format::Csv, Err(_)) => {}
        _ => {
            to.extend(record_line(&entry.raw).as_bytes());
            to.push(b'\n');
        }
    }
}
