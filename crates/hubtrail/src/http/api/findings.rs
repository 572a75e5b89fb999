//! Findings: the queue, one with its evidence and its history, and what people make of them.

mod about;
mod judge;
mod package;
mod rates;
mod which;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use hubtrail_core::finding::FindingId;
use hubtrail_core::page::Order;
use serde::Serialize;
use utoipa::ToSchema;

pub(in crate::http) use about::About;
pub(super) use judge::{__path_judge, __path_judge_many, judge, judge_many};
pub(crate) use package::packed;
pub(super) use package::{__path_package, package};
pub(super) use rates::{__path_rates, rates};
pub(in crate::http) use which::{Paging, Which};

use crate::access::Caller;
use crate::http::accounts::Accounts;
use crate::http::extract::{Path, Query};
use crate::http::found::{FindingEntryTold, FindingTold, ProofTold};
use crate::http::selection::Range;
use crate::http::{App, Problem, cursor, etag};
use crate::store::{FindingSearch, QueueCount, WholeFinding};

/// Findings, and where to go on from
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FindingPage {
    findings: Vec<FindingTold>,
    /// The `cursor` of the next page; none: this is the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A finding with everything that is known of it
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OneFinding {
    finding: FindingTold,
    /// The events that justify it, in order of time; of very many the first 1000.
    evidence: Vec<ProofTold>,
    /// What became of it, the oldest first.
    history: Vec<FindingEntryTold>,
}

/// What waits for somebody
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Waiting {
    new: i64,
    acknowledged: i64,
    /// Open ones that an exception or the alert budget hides; they are in none of the other numbers.
    hidden: i64,
}

/// Find findings
///
/// The newest first. The queue is `?status=open&hidden=false`.
#[utoipa::path(
    get, path = "/findings", tag = "findings", params(About, Which, Range, Paging),
    responses((status = OK, body = FindingPage))
)]
pub(super) async fn list(
    caller: Caller,
    State(app): State<App>,
    Query((about, which, range, paging)): Query<(About, Which, Range, Paging)>,
) -> Result<Json<FindingPage>, Problem> {
    let accounts = Accounts::of(&app, &caller).await?;
    let about = about.search(&caller, &accounts)?;
    let search = paging.apply(which.narrow(about, range, app.clock.now()))?;
    let limit = search.limit;
    let one_more = FindingSearch { limit: limit + 1, ..search };
    let mut found = app.log(move |store| store.findings(&one_more)).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| cursor::write(last.cursor(), Order::NewestFirst));
    Ok(Json(FindingPage {
        findings: found.iter().map(|kept| FindingTold::of(kept, &accounts)).collect(),
        next,
    }))
}

/// How many findings wait
#[utoipa::path(
    get, path = "/findings/waiting", tag = "findings", params(About),
    responses((status = OK, body = Waiting))
)]
pub(super) async fn waiting(
    caller: Caller,
    State(app): State<App>,
    Query(about): Query<About>,
) -> Result<Json<Waiting>, Problem> {
    let accounts = Accounts::of(&app, &caller).await?;
    let search = about.search(&caller, &accounts)?;
    let standings = app.log(move |store| store.findings_standing_of(&search)).await?;
    let QueueCount { new, acknowledged, hidden } =
        QueueCount::of(standings.iter().filter(|standing| !standing.watch));
    Ok(Json(Waiting { new, acknowledged, hidden }))
}

/// One finding
///
/// With its evidence, every record as HubSpot sent it, and its history. The ETag is for `If-Match` when judging.
#[utoipa::path(
    get, path = "/findings/{finding}", tag = "findings",
    params(("finding" = String, Path, description = "Its id")),
    responses((status = OK, body = OneFinding, headers(("ETag" = String, description = "For `If-Match`"))))
)]
pub(super) async fn one(
    caller: Caller,
    State(app): State<App>,
    Path(named): Path<String>,
    Query(()): Query<()>,
) -> Result<Response, Problem> {
    let id = read_id(&named)?;
    let whole = app.log(move |store| store.whole_finding(id)).await?;
    let whole = whole.filter(|whole| caller.sees(whole.now.connector)).ok_or_else(|| missing(&named))?;
    let accounts = Accounts::of(&app, &caller).await?;
    let WholeFinding { now, evidence, history } = &whole;
    let told = OneFinding {
        finding: FindingTold::of(now, &accounts),
        evidence: evidence.iter().map(ProofTold::of).collect(),
        history: history.iter().map(FindingEntryTold::of).collect(),
    };
    Ok(etag::revised(now.changed.0, told))
}

fn read_id(text: &str) -> Result<FindingId, Problem> {
    text.parse().map_err(|_| missing(text))
}

fn missing(named: &str) -> Problem {
    let named: String = named.chars().take(64).collect();
    Problem::not_found(format!("there is no finding {named}"))
}
