//! What is usual of one person or one object, and what is so now.

use axum::Json;
use axum::extract::State;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::access::Caller;
use crate::http::accounts::Accounts;
use crate::http::extract::{Path, Query};
use crate::http::{App, Problem};
use crate::profile::{self, Profile};
use crate::store::Subject;

#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(in crate::http::api) struct Clocks {
    /// On whose clocks the hours are told: `Europe/Berlin`. UTC when it is not said.
    zone: Option<String>,
}

impl Clocks {
    /// # Errors
    /// When there is no such time zone.
    pub(in crate::http::api) fn zone(&self) -> Result<TimeZone, Problem> {
        let Some(name) = &self.zone else { return Ok(TimeZone::UTC) };
        TimeZone::get(name).map_err(|_| {
            let shown: String = name.chars().take(64).collect();
            Problem::invalid(
                "zone",
                format!("there is no time zone `{shown}`"),
                "write one as `Europe/Berlin`",
            )
        })
    }
}

/// What a person usually does, and does now
///
/// Usual are the weeks before the last one, up to 90 days back.
#[utoipa::path(
    get, path = "/people/{account}/{userId}", tag = "events",
    params(
        ("account" = String, Path, description = "A connector, by name or number"),
        ("userId" = String, Path, description = "HubSpot's number of the user"),
        Clocks,
    ),
    responses((status = OK, body = Profile))
)]
pub(in crate::http::api) async fn of_person(
    caller: Caller,
    State(app): State<App>,
    Path((account, id)): Path<(String, String)>,
    Query(clocks): Query<Clocks>,
) -> Result<Json<Profile>, Problem> {
    of(&caller, &app, &account, Subject::Person(id), &clocks).await
}

/// What usually happens to an object, and happens now
///
/// Usual are the weeks before the last one, up to 90 days back.
#[utoipa::path(
    get, path = "/objects/{account}/{objectId}", tag = "events",
    params(
        ("account" = String, Path, description = "A connector, by name or number"),
        ("objectId" = String, Path, description = "HubSpot's number of the object"),
        Clocks,
    ),
    responses((status = OK, body = Profile))
)]
pub(in crate::http::api) async fn of_object(
    caller: Caller,
    State(app): State<App>,
    Path((account, id)): Path<(String, String)>,
    Query(clocks): Query<Clocks>,
) -> Result<Json<Profile>, Problem> {
    of(&caller, &app, &account, Subject::Object(id), &clocks).await
}

async fn of(
    caller: &Caller,
    app: &App,
    account: &str,
    subject: Subject,
    clocks: &Clocks,
) -> Result<Json<Profile>, Problem> {
    let connector = Accounts::of(app, caller).await?.find(account)?;
    let (zone, now) = (clocks.zone()?, app.clock.now());
    let profile = app.log(move |store| profile::of(store, connector, &subject, now, &zone)).await?;
    profile.map(Json).ok_or_else(|| Problem::not_found("there is no event of this in the log"))
}
