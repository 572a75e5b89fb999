//! Who is active and what is changed, the busiest first.

pub(super) mod profile;

use axum::Json;
use axum::extract::State;
use hubtrail_core::time::UtcMs;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::Caller;
use crate::http::accounts::Accounts;
use crate::http::extract::Query;
use crate::http::selection::Range;
use crate::http::told::AccountName;
use crate::http::{App, Problem};
use crate::store::{Busy, DAY_MS, Side};

const USUAL: u32 = 50;
const MOST: u32 = 500;
const USUAL_DAYS: i64 = 30;
const MOST_DAYS: i64 = 400;

#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct Which {
    /// Connectors, by name or number. None: all that you may look into.
    account: Vec<String>,
    /// A piece of the name, in upper or lower case.
    text: Option<String>,
    /// How many; 50 when it is not said.
    #[param(minimum = 1, maximum = 500)]
    top: Option<u32>,
}

/// The busiest people or objects
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Busiest {
    /// The start of the first day.
    #[schema(format = DateTime)]
    from: String,
    /// The end of the last day.
    #[schema(format = DateTime)]
    to: String,
    found: Vec<Lively>,
    /// There are more than these.
    more: bool,
}

/// Somebody or something that was active
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Lively {
    account: AccountName,
    id: String,
    /// The name it had most often.
    name: String,
    entries: u64,
    /// One for each day, the oldest first.
    days: Vec<u64>,
    /// When it was last seen at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    last_seen: Option<String>,
}

/// Who is active
///
/// The last 30 days, when no time is said. The range is widened to whole days (UTC).
#[utoipa::path(
    get, path = "/people", tag = "events", params(Which, Range), responses((status = OK, body = Busiest))
)]
pub(super) async fn people(
    caller: Caller,
    State(app): State<App>,
    Query((which, range)): Query<(Which, Range)>,
) -> Result<Json<Busiest>, Problem> {
    busiest(&caller, &app, Side::People, which, range).await
}

/// What is changed
///
/// The last 30 days, when no time is said. The range is widened to whole days (UTC).
#[utoipa::path(
    get, path = "/objects", tag = "events", params(Which, Range), responses((status = OK, body = Busiest))
)]
pub(super) async fn objects(
    caller: Caller,
    State(app): State<App>,
    Query((which, range)): Query<(Which, Range)>,
) -> Result<Json<Busiest>, Problem> {
    busiest(&caller, &app, Side::Objects, which, range).await
}

async fn busiest(
    caller: &Caller,
    app: &App,
    side: Side,
    which: Which,
    range: Range,
) -> Result<Json<Busiest>, Problem> {
    let top = which.top.unwrap_or(USUAL);
    if !(1..=MOST).contains(&top) {
        let detail = format!("{top} is outside of 1 to {MOST}");
        return Err(Problem::invalid("top", detail, "leave it out for 50"));
    }
    let accounts = Accounts::of(app, caller).await?;
    let wanted: Vec<_> = which
        .account
        .iter()
        .map(|named| accounts.find(named).map_err(|problem| problem.field("account")))
        .collect::<Result<_, _>>()?;
    let (after, before) = widened(range, app.clock.now())?;
    let busy = Busy {
        connectors: caller.within((!wanted.is_empty()).then_some(wanted.as_slice())),
        side,
        after,
        before,
        text: which.text,
        top: top as usize,
    };
    let (found, more) = app.log(move |store| store.busiest(&busy)).await?;
    let told = found.into_iter().map(|one| Lively {
        account: AccountName { id: one.connector.0, name: accounts.name(one.connector).to_owned() },
        id: one.id,
        name: one.name,
        entries: one.entries,
        days: one.days,
        last_seen: one.last.map(|last| last.to_string()),
    });
    Ok(Json(Busiest { from: after.to_string(), to: before.to_string(), found: told.collect(), more }))
}

fn widened(range: Range, now: UtcMs) -> Result<(UtcMs, UtcMs), Problem> {
    let (after, before) = range.bounds(now);
    let down = |at: UtcMs| at.minus(at.0.rem_euclid(DAY_MS));
    let to = down(before.unwrap_or(now.plus(1)).plus(DAY_MS - 1));
    let from = down(after.unwrap_or(to.minus(USUAL_DAYS * DAY_MS)));
    if to.since(from) > MOST_DAYS * DAY_MS {
        let fix = format!("ask for {MOST_DAYS} days at most");
        return Err(Problem::invalid("after", "that is too long", fix));
    }
    Ok((from, to))
}
