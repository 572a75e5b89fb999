//! The archive: the log as HubSpot's own audit-log API, for clients that know nothing of Hubtrail and want
//! history that HubSpot no longer returns. A Hubtrail token takes the place of HubSpot's.
//!
//! Records are served as HubSpot sent them. A cursor names an entry, not an instant, so that following it
//! loses nothing however many events share a millisecond.

mod place;

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use hubspot_audit_api::backend::{Area, Backend, Dialect};
use hubspot_audit_api::error::ApiError;
use hubspot_audit_api::page::{LinkForm, Page};
use hubspot_audit_api::query::{After, ArrayForm, Dimension as Asked, Order as Sort, Query};
use hubspot_audit_api::router;
use hubtrail_core::page::{Dimension, Filter, Order};
use hubtrail_core::record_line::record_line;
use hubtrail_core::time::UtcMs;

use super::accounts::Accounts;
use super::selection::PATIENCE;
use super::{App, Problem};
use crate::access::{Accounts as Scope, Caller};
use crate::config::Server;
use crate::connector::ConnectorId;
use crate::store::{Entry, Search};
use place::Place;

/// Names the account when the token is for more than one.
const ACCOUNT: &str = "x-hubtrail-account";
const USUAL: u32 = 100;
const MOST: u32 = 1_000;

/// Everything under `/cms/`.
pub(super) async fn answer(
    State(app): State<App>,
    caller: Result<Option<Caller>, Problem>,
    request: Request,
) -> Response {
    let headers = request.headers();
    let caller = match caller {
        Ok(caller) => caller,
        Err(problem) => return unavailable(&problem).into_response(),
    };
    let dialect = Dialect { arrays: ArrayForm::Both, links: links(&app.config.server, headers) };
    let account = headers.get(ACCOUNT).map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned());
    router::answer(&Archive { app, caller, account, dialect }, request).await
}

/// Links carry the address by which the client reached us.
fn links(server: &Server, headers: &HeaderMap) -> LinkForm {
    if let Some(url) = &server.public_url {
        return LinkForm::Elsewhere(url.as_str().trim_end_matches('/').to_owned());
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    match host.filter(|_| server.tls_certificate.is_some()) {
        Some(host) => LinkForm::Elsewhere(format!("https://{host}")),
        None => LinkForm::Absolute,
    }
}

fn unavailable(problem: &Problem) -> ApiError {
    let status = StatusCode::from_u16(problem.status).ok().filter(StatusCode::is_server_error);
    ApiError::Server(status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE))
}

/// The log as one caller sees it.
struct Archive {
    app: App,
    caller: Option<Caller>,
    /// What the header says.
    account: Option<String>,
    dialect: Dialect,
}

impl Backend for Archive {
    type Caller = ConnectorId;

    fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    fn now_ms(&self) -> i64 {
        self.app.clock.now().0
    }

    /// A session in a browser is no client of HubSpot's: only a token counts.
    async fn authorise(&self, bearer: Option<&str>, _: Area) -> Result<ConnectorId, ApiError> {
        let caller = self.caller.as_ref().filter(|_| bearer.is_some()).ok_or(ApiError::Unauthenticated)?;
        let Some(named) = &self.account else {
            return only(&caller.accounts).ok_or_else(|| {
                let message = "this token is for more than one account: name the connector in this header";
                ApiError::invalid("X-Hubtrail-Account", message.to_owned())
            });
        };
        let accounts = Accounts::of(&self.app, caller).await.map_err(|problem| unavailable(&problem))?;
        let found = accounts.find(named);
        found.map_err(|_| ApiError::Forbidden(format!("this token is for no account named `{named}`")))
    }

    async fn records(&self, account: &ConnectorId, query: Query) -> Result<Page, ApiError> {
        let asked = Selection::of(*account, query)?;
        let one_more = Search { limit: Some(asked.limit + 1), ..asked.search.clone() };
        let found = self.app.log(move |store| store.search(&one_more)).await;
        let mut entries = found.map_err(|problem| unavailable(&problem))?;
        let more = entries.len() > asked.limit;
        entries.truncate(asked.limit);
        Ok(Page {
            next: entries.last().filter(|_| more).map(|last| asked.place(last).write()),
            records: entries.iter().map(|entry| Bytes::from(record_line(&entry.raw).into_owned())).collect(),
            prev: None,
        })
    }
}

fn only(accounts: &Scope) -> Option<ConnectorId> {
    match accounts {
        Scope::Some(ids) if ids.len() == 1 => ids.first().copied(),
        _ => None,
    }
}

/// What a request selects, and how its pages go on.
struct Selection {
    search: Search,
    /// The bound in time, of which the cursor takes the place.
    after: Option<UtcMs>,
    limit: usize,
}

impl Selection {
    /// Bounds in time leave their own millisecond out, as HubSpot's guide has it.
    fn of(account: ConnectorId, query: Query) -> Result<Self, ApiError> {
        let order = match query.sort {
            Some(Sort::Descending) => Order::NewestFirst,
            Some(Sort::Ascending) | None => Order::OldestFirst,
        };
        let (after, from) = match query.after {
            None => (None, None),
            Some(After::Time { ms, .. }) => (Some(UtcMs(ms)), None),
            Some(After::Token(text)) => {
                let refused = || {
                    let message = "it is neither a time nor a cursor of this archive for the same `sort`";
                    ApiError::invalid("after", message.to_owned())
                };
                let place = Place::read(&text, order).ok_or_else(refused)?;
                (place.after, Some(place.cursor))
            }
        };
        let search = Search {
            connectors: Some(vec![account]),
            filter: filter(&query.filter),
            after: after.map(|after| after.plus(1)),
            before: query.before_ms.map(UtcMs),
            order,
            from,
            patience: Some(PATIENCE),
            ..Search::default()
        };
        Ok(Self { search, after, limit: query.limit.unwrap_or(USUAL).min(MOST) as usize })
    }

    fn place(&self, last: &Entry) -> Place {
        Place { cursor: last.cursor(), order: self.search.order, after: self.after }
    }
}

fn filter(asked: &hubspot_audit_api::query::Filter) -> Filter {
    let pairs = [
        (Dimension::EventType, Asked::EventType),
        (Dimension::ObjectType, Asked::ObjectType),
        (Dimension::UserId, Asked::UserId),
        (Dimension::ObjectId, Asked::ObjectId),
    ];
    pairs
        .into_iter()
        .fold(Filter::default(), |filter, (ours, theirs)| filter.with(ours, asked.values(theirs).to_vec()))
}
