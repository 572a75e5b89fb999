//! History that somebody asks for. Whoever collects walks the range beside what is new.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use hubtrail_core::time::UtcMs;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::connectors::{find, note};
use crate::access::{Actor, Caller, Role};
use crate::http::auth::Origin;
use crate::http::extract::{Body, Path, Query};
use crate::http::{App, Problem};
use crate::moment::Moment;
use crate::store::{Backfill, NewBackfill};

const MOST: usize = 100;

/// A range of history
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct BackfillRange {
    /// RFC 3339, a date, or `30d`. Without it: from the oldest record that HubSpot has.
    from: Option<String>,
    /// In the same forms. Without it: up to now.
    to: Option<String>,
}

/// History that somebody asked for
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct BackfillInfo {
    id: i64,
    #[schema(format = DateTime)]
    from: Option<String>,
    #[schema(format = DateTime)]
    to: Option<String>,
    #[schema(format = DateTime)]
    requested_at: String,
    requested_by: String,
    /// None: it is being walked, or about to be.
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    /// `ended`, and what it brought; or what could not be read.
    outcome: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BackfillList {
    backfills: Vec<BackfillInfo>,
}

impl BackfillInfo {
    fn of(backfill: Backfill) -> Self {
        let time = |at: Option<UtcMs>| at.map(|at| at.to_string());
        Self {
            id: backfill.id,
            from: time(backfill.from),
            to: time(backfill.to),
            requested_at: backfill.requested_at.to_string(),
            requested_by: backfill.requested_by,
            ended_at: time(backfill.ended),
            outcome: backfill.outcome,
        }
    }
}

/// List the backfills of a connector
///
/// The newest 100, the newest first.
#[utoipa::path(
    get, path = "/connectors/{connector}/backfills", tag = "connectors",
    params(("connector" = String, Path, description = "Its name or number")),
    responses((status = OK, body = BackfillList))
)]
pub(super) async fn list(
    caller: Caller,
    State(app): State<App>,
    Path(named): Path<String>,
    Query(()): Query<()>,
) -> Result<Json<BackfillList>, Problem> {
    let connector = find(&app, &caller, Role::Viewer, &named).await?;
    let backfills = app.log(move |store| store.backfills(connector.id, MOST)).await?;
    Ok(Json(BackfillList { backfills: backfills.into_iter().map(BackfillInfo::of).collect() }))
}

/// Ask for history
///
/// New events arrive while it is collected. What the log has already stays as it is.
#[utoipa::path(
    post, path = "/connectors/{connector}/backfill", tag = "connectors", request_body = BackfillRange,
    params(("connector" = String, Path, description = "Its name or number")),
    responses((status = ACCEPTED, body = BackfillInfo))
)]
pub(super) async fn request(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Path(named): Path<String>,
    Query(()): Query<()>,
    Body(range): Body<BackfillRange>,
) -> Result<(StatusCode, Json<BackfillInfo>), Problem> {
    let connector = find(&app, &caller, Role::Analyst, &named).await?;
    let now = app.clock.now();
    let (from, to) = (moment("from", range.from, now)?, moment("to", range.to, now)?);
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        return Err(Problem::invalid("from", "the range ends before it begins", "exchange its ends"));
    }
    let (actor, requested_by) = (Actor::of(&caller, origin), caller.who.name());
    let backfill = app.log(move |store| {
        let new = NewBackfill { from, to, requested_at: now, requested_by };
        let backfill = store.request_backfill(connector.id, new)?;
        let told = |at: Option<UtcMs>, none: &str| at.map_or_else(|| none.to_owned(), |at| at.to_string());
        let detail = format!("{} to {}", told(from, "the beginning"), told(to, "now"));
        note(store, &actor, "connector.backfill", &connector, &detail, now)?;
        Ok(backfill)
    });
    Ok((StatusCode::ACCEPTED, Json(BackfillInfo::of(backfill.await?))))
}

fn moment(field: &'static str, text: Option<String>, now: UtcMs) -> Result<Option<UtcMs>, Problem> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    let moment: Moment = text
        .parse()
        .map_err(|error| Problem::invalid(field, format!("it is {error}"), "leave it out for all"))?;
    Ok(Some(moment.from_now(now)))
}
