//! What was found, in the form that was asked for: a page with a cursor, or all of it as one stream that
//! needs no memory and holds nothing open while the client takes its time.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use http::{HeaderMap, HeaderValue, Uri, header};
use hubtrail_core::encode::{self, Encoding};
use hubtrail_core::page::Order;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;
use utoipa::{IntoParams, ToSchema};

use crate::http::accounts::Accounts;
use crate::http::people::People;
use crate::http::told::Told;
use crate::http::{App, Problem, cursor};
use crate::known::Known;
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
    /// `json`, or one a line: `raw`, each record as HubSpot sent it; `ocsf`, `ecs`, `dnif`, JSON in these schemas; `cef`;
    /// `leef`; `csv`, RFC 4180 with a header. Else by `Accept`.
    #[param(inline)]
    format: Option<Format>,
    /// Whether each line in another schema carries the record as HubSpot sent it; it does when it is not said.
    original: Option<bool>,
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
#[schema(as = EventFormat)]
pub(in crate::http::api) enum Format {
    Json,
    Raw,
    Ocsf,
    Ecs,
    Dnif,
    Cef,
    Leef,
    Csv,
}

/// A page of JSON, or lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http::api) enum Form {
    Page,
    Lines(Encoding),
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

    /// # Errors
    /// When the log cannot be read.
    pub(in crate::http::api) async fn respond(
        self,
        app: &App,
        accounts: &Accounts,
        form: Form,
        uri: &Uri,
    ) -> Result<Response, Problem> {
        let link = self.next.as_deref().and_then(|next| link(uri, next));
        let mut response = match form {
            Form::Page => {
                let events = self.told(accounts);
                Json(EventPage { events, next: self.next }).into_response()
            }
            Form::Lines(encoding) => {
                let entries = self.entries;
                let body = app.log(move |store| {
                    let mut known = Known::of(store)?;
                    known.meet(store, &entries)?;
                    let mut body = encoding.header();
                    entries.iter().for_each(|entry| encoding.encode_line(&known.item(entry), &mut body));
                    Ok(body)
                });
                typed(encoding.format, body.await?.into())
            }
        };
        if let Some(link) = link {
            response.headers_mut().insert(header::LINK, link);
        }
        Ok(response)
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

    pub(in crate::http::api) fn form(&self, headers: &HeaderMap) -> Form {
        let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let format = self.format.unwrap_or(match accepted {
            accepted if accepted.contains("text/csv") => Format::Csv,
            accepted if accepted.contains("ndjson") => Format::Raw,
            _ => Format::Json,
        });
        let format = match format {
            Format::Json => return Form::Page,
            Format::Raw => encode::Format::Raw,
            Format::Ocsf => encode::Format::Ocsf,
            Format::Ecs => encode::Format::Ecs,
            Format::Dnif => encode::Format::Dnif,
            Format::Cef => encode::Format::Cef,
            Format::Leef => encode::Format::Leef,
            Format::Csv => encode::Format::Csv,
        };
        Form::Lines(Encoding { format, original: self.original.unwrap_or(true) })
    }

    /// Whether all that is found is wanted, and in which form.
    pub(in crate::http::api) fn export(&self, headers: &HeaderMap) -> Option<Encoding> {
        match self.form(headers) {
            Form::Lines(encoding) if self.limit.is_none() => Some(encoding),
            _ => None,
        }
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
pub(in crate::http::api) fn stream(app: App, search: Search, encoding: Encoding) -> Response {
    let start = Some((search, None, encoding.header()));
    let batches = stream::try_unfold(start, move |rest| {
        let app = app.clone();
        async move {
            let Some((search, known, mut text)) = rest else { return Ok::<_, Problem>(None) };
            let batch = Search { limit: Some(BATCH), ..search.clone() };
            let read = app.log(move |store| {
                let entries = store.search(&batch)?;
                let mut known = known.map_or_else(|| Known::of(store), Ok)?;
                known.meet(store, &entries)?;
                Ok((entries, known))
            });
            let (entries, known) = read.await?;
            entries.iter().for_each(|entry| encoding.encode_line(&known.item(entry), &mut text));
            let last = entries.last().filter(|_| entries.len() == BATCH).map(Entry::cursor);
            let rest = last.map(|last| (Search { from: Some(last), ..search }, Some(known), Vec::new()));
            Ok(Some((Bytes::from(text), rest)))
        }
    });
    let body = Body::from_stream(stream::TryStreamExt::map_err(batches, |problem| problem.detail));
    typed(encoding.format, body)
}

fn typed(format: encode::Format, body: Body) -> Response {
    let name = format!("attachment; filename=\"events.{}\"", format.extension());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.content_type())),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(name).expect("the names of formats are letters")),
    ];
    (headers, body).into_response()
}
