//! At which hours of the week something happens.

use axum::Json;
use axum::extract::State;
use hubtrail_core::time::UtcMs;
use serde::Serialize;
use utoipa::ToSchema;

use super::subjects::profile::Clocks;
use crate::access::Caller;
use crate::http::accounts::Accounts;
use crate::http::extract::Query;
use crate::http::selection::{Range, Selection};
use crate::http::{App, Problem};
use crate::store::{DAY_MS, Search};

const HOUR_MS: i64 = 3_600_000;
const USUAL_DAYS: i64 = 30;
const MOST_DAYS: i64 = 400;
/// Entries that are counted one by one when the rollup does not know.
const MOST_COUNTED: u64 = 100_000;

/// Events by the hour of the week
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Week {
    /// The start of the first hour.
    #[schema(format = DateTime)]
    from: String,
    /// The end of the last hour.
    #[schema(format = DateTime)]
    to: String,
    /// Only from here on was everything counted: before it there is too much for these filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    since: Option<String>,
    /// Seven days from Monday on, each of 24 hours.
    #[schema(value_type = Vec<Vec<u64>>)]
    hours: [[u64; 24]; 7],
}

/// Events by the hour of the week
///
/// The last 30 days, when no time is said. The range is widened to whole hours.
#[utoipa::path(
    get, path = "/week", tag = "events", params(Selection, Range, Clocks),
    responses((status = OK, body = Week))
)]
pub(super) async fn week(
    caller: Caller,
    State(app): State<App>,
    Query((selection, range, clocks)): Query<(Selection, Range, Clocks)>,
) -> Result<Json<Week>, Problem> {
    let accounts = Accounts::of(&app, &caller).await?;
    let (from, to) = widened(range, app.clock.now())?;
    let zone = clocks.zone()?;
    let search = Search { after: Some(from), before: Some(to), ..selection.search(&caller, &accounts)? };
    let week = app.log(move |store| store.week(&search, &zone, MOST_COUNTED)).await?;
    Ok(Json(Week {
        from: from.to_string(),
        to: to.to_string(),
        since: week.since.map(|since| since.to_string()),
        hours: week.hours,
    }))
}

fn widened(range: Range, now: UtcMs) -> Result<(UtcMs, UtcMs), Problem> {
    let (after, before) = range.bounds(now);
    let to = before.unwrap_or(now.plus(1)).plus(HOUR_MS - 1).hour();
    let from = after.unwrap_or(to.minus(USUAL_DAYS * DAY_MS)).hour();
    if to.since(from) > MOST_DAYS * DAY_MS {
        let fix = format!("ask for {MOST_DAYS} days at most");
        return Err(Problem::invalid("after", "that is too long", fix));
    }
    Ok((from, to))
}
