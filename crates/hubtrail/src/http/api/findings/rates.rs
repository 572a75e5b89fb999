//! How often people are told of something, beside how often they want to be.

use axum::Json;
use axum::extract::State;
use hubtrail_core::time::UtcMs;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Caller;
use crate::http::accounts::Accounts;
use crate::http::extract::Query;
use crate::http::told::AccountName;
use crate::http::{App, Problem};
use crate::store::Store;

/// The alert budget of an account
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http::api) struct AlertRateTold {
    account: AccountName,
    /// There is enough history to judge what is unusual. Until then rules are used alone, and there is no budget.
    ready: bool,
    /// Since when there is history of it.
    #[schema(format = DateTime)]
    since: Option<String>,
    /// How many days of it are learned, and of how many people.
    days: i32,
    people: usize,
    /// Alerts in 30 days that are wanted.
    budget: f64,
    /// Alerts in 30 days, had the line that is in force now been in force all the time that is remembered.
    expected: f64,
    /// Alerts that were raised in the last 30 days; critical ones and watches are outside the budget and not counted.
    raised: i64,
}

/// How often you are told
///
/// What was wanted, what is to be expected and what was really raised, for each account in which something is learned.
#[utoipa::path(
    get, path = "/findings/rates", tag = "findings",
    responses((status = OK, body = Vec<AlertRateTold>))
)]
pub(in crate::http::api) async fn rates(
    caller: Caller,
    State(app): State<App>,
    Query(()): Query<()>,
) -> Result<Json<Vec<AlertRateTold>>, Problem> {
    let accounts = Accounts::of(&app, &caller).await?;
    let rates = app.log(Store::alert_rates).await?;
    let seen = rates.iter().filter(|rate| caller.sees(rate.connector));
    let told = seen.map(|rate| AlertRateTold {
        account: AccountName { id: rate.connector.0, name: accounts.name(rate.connector).to_owned() },
        ready: rate.learned.is_ready,
        since: rate.learned.since.map(|since: UtcMs| since.to_string()),
        days: rate.learned.days,
        people: rate.learned.people,
        budget: rate.learned.budget,
        expected: rate.learned.expected,
        raised: rate.raised,
    });
    Ok(Json(told.collect()))
}
