//! How collecting goes, connector by connector: the same facts as `hubtrail status`.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::Caller;
use crate::connector::ConnectorId;
use crate::http::accounts::Accounts;
use crate::http::extract::Query;
use crate::http::{App, Problem};
use crate::status::{self, ConnectorStatus, History, State as Word};

const USUAL_DAYS: i64 = 7;
const MOST_DAYS: i64 = 90;

#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct Which {
    /// Connectors, by name or number.
    account: Vec<String>,
    /// Only in these states; several are alternatives.
    state: Vec<Word>,
    /// A piece of a connector's name, or of one of its labels, in upper or lower case.
    text: Option<String>,
    /// `json` or `csv`. Else by `Accept`.
    #[param(inline)]
    format: Option<Format>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = StatusFormat)]
enum Format {
    Json,
    Csv,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StatusList {
    /// One for each stream of each connector, as `hubtrail status --json` prints them.
    streams: Vec<ConnectorStatus>,
}

/// How collecting goes
#[utoipa::path(
    get, path = "/status", tag = "connectors", params(Which),
    responses((status = OK, content((StatusList = "application/json"), (String = "text/csv"))))
)]
pub(super) async fn status(
    caller: Caller,
    State(app): State<App>,
    headers: HeaderMap,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    let wanted = wanted(&app, &caller, &which).await?;
    let now = app.clock.now();
    let mut streams = app.log(move |store| status::all(store, now, Some(&wanted))).await?;
    streams.retain(|stream| which.state.is_empty() || which.state.contains(&stream.state));
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let as_csv = which.format.map_or(accept.contains("text/csv"), |format| format == Format::Csv);
    if as_csv {
        let headers = [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
            (header::CONTENT_DISPOSITION, "attachment; filename=\"status.csv\""),
        ];
        return Ok((headers, status::csv(&streams)).into_response());
    }
    Ok(Json(StatusList { streams }).into_response())
}

#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct Of {
    /// Connectors, by name or number. None: all that you may look into.
    account: Vec<String>,
    /// So many days; seven when it is not said.
    #[param(minimum = 1, maximum = 90)]
    days: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HistoryList {
    /// One for each stream of each connector.
    streams: Vec<History>,
}

/// How collecting went
///
/// Hour by hour, from what was heard of HubSpot in each of them.
#[utoipa::path(
    get, path = "/status/history", tag = "connectors", params(Of),
    responses((status = OK, body = HistoryList))
)]
pub(super) async fn history(
    caller: Caller,
    State(app): State<App>,
    Query(of): Query<Of>,
) -> Result<Json<HistoryList>, Problem> {
    let days = of.days.unwrap_or(USUAL_DAYS);
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Problem::invalid("days", "it is out of range", "ask for 1 to 90 days"));
    }
    let wanted = wanted(&app, &caller, &Which { account: of.account, ..Which::default() }).await?;
    let now = app.clock.now();
    let streams = app.log(move |store| {
        let connectors = store.connectors_ever()?;
        let own = connectors.iter().filter(|connector| wanted.contains(&connector.id));
        let histories = own.map(|connector| status::history(store, connector, days * 24, now));
        Ok(histories.collect::<Result<Vec<_>, _>>()?.concat())
    });
    Ok(Json(HistoryList { streams: streams.await? }))
}

/// Those that were not removed, unless one is asked for by its number.
async fn wanted(app: &App, caller: &Caller, which: &Which) -> Result<Vec<ConnectorId>, Problem> {
    if !which.account.is_empty() {
        let accounts = Accounts::of(app, caller).await?;
        let found = which.account.iter().map(|named| accounts.find(named));
        return found.collect::<Result<_, _>>().map_err(|problem| problem.field("account"));
    }
    let text = which.text.as_deref().unwrap_or_default().trim().to_lowercase();
    let connectors = app.log(crate::store::Store::connectors).await?;
    let named = |words: &str| words.to_lowercase().contains(&text);
    let ids = connectors
        .iter()
        .filter(|connector| caller.sees(connector.id))
        .filter(|connector| {
            named(connector.name()) || connector.settings.labels.iter().any(|label| named(label))
        })
        .map(|connector| connector.id);
    Ok(ids.collect())
}
