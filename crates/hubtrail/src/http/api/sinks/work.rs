//! Pausing, resuming, replaying and trying out.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{find, must_decide, note, shown};
use crate::access::{Actor, Caller, Role};
use crate::forward::{Trial, trial};
use crate::http::auth::Origin;
use crate::http::extract::{Body, Path, Query};
use crate::http::{App, Problem};
use crate::sink::{Configured, Start};

/// Pause a sink
///
/// Nothing is delivered until it is resumed; then it goes on where it was.
#[utoipa::path(
    post, path = "/sinks/{sink}/pause", tag = "sinks",
    params(("sink" = String, Path, description = "Its name or number")),
    responses((status = OK, body = super::SinkInfo))
)]
pub(in crate::http::api) async fn pause(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Path(named): Path<String>,
    Query(()): Query<()>,
) -> Result<Response, Problem> {
    Ok(shown(set_paused(&app, &caller, origin, &named, true).await?))
}

/// Resume a sink
///
/// Also one that has stopped because a person must change something: it tries again at once.
#[utoipa::path(
    post, path = "/sinks/{sink}/resume", tag = "sinks",
    params(("sink" = String, Path, description = "Its name or number")),
    responses((status = OK, body = super::SinkInfo))
)]
pub(in crate::http::api) async fn resume(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Path(named): Path<String>,
    Query(()): Query<()>,
) -> Result<Response, Problem> {
    Ok(shown(set_paused(&app, &caller, origin, &named, false).await?))
}

pub(crate) async fn set_paused(
    app: &App,
    caller: &Caller,
    origin: Origin,
    named: &str,
    paused: bool,
) -> Result<Configured, Problem> {
    let sink = find(app, caller, Role::Admin, named).await?;
    must_decide(caller)?;
    let (actor, now) = (Actor::of(caller, origin), app.clock.now());
    let action = if paused { "sink.pause" } else { "sink.resume" };
    app.log(move |store| {
        let sink = store.set_sink_paused(sink.id, paused)?;
        note(store, &actor, action, sink.name(), "", now)?;
        Ok(sink)
    })
    .await
}

pub(crate) async fn replay_since(
    app: &App,
    caller: &Caller,
    origin: Origin,
    named: &str,
    since: &str,
) -> Result<Configured, Problem> {
    let sink = find(app, caller, Role::Admin, named).await?;
    must_decide(caller)?;
    let since: Start = since.parse().map_err(|error| {
        Problem::invalid("since", format!("{error}"), "write beginning, 30d, a date or a time")
    })?;
    let (actor, now) = (Actor::of(caller, origin), app.clock.now());
    app.log(move |store| {
        let sink = store.replay_sink(sink.id, since.from_now(now))?;
        note(store, &actor, "sink.replay", sink.name(), &format!("since {since}"), now)?;
        Ok(sink)
    })
    .await
}

/// Sends one marked event; who asked for it is in the audit trail before it leaves.
pub(crate) async fn try_out(
    app: &App,
    caller: &Caller,
    origin: Origin,
    sink: &Configured,
) -> Result<Trial, Problem> {
    let (actor, now, name) = (Actor::of(caller, origin), app.clock.now(), sink.name().to_owned());
    app.log(move |store| note(store, &actor, "sink.test", &name, "", now)).await?;
    let credentials = sink.credentials(&app.keyring).map_err(crate::store::StoreError::from)?;
    let config = &app.config;
    let data_dir = &config.storage.data_dir;
    Ok(trial(&sink.settings, credentials, &config.network, data_dir, app.clock).await)
}

/// From when on
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct Replay {
    /// `beginning`, `30d`, a date or a time.
    #[schema(example = "7d")]
    since: String,
}

/// Replay a sink
///
/// Delivers once more what is not older than a time, under the same ids, and then goes on as before.
#[utoipa::path(
    post, path = "/sinks/{sink}/replay", tag = "sinks", request_body = Replay,
    params(("sink" = String, Path, description = "Its name or number")),
    responses((status = OK, body = super::SinkInfo))
)]
pub(in crate::http::api) async fn replay(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Path(named): Path<String>,
    Query(()): Query<()>,
    Body(replay): Body<Replay>,
) -> Result<Response, Problem> {
    Ok(shown(replay_since(&app, &caller, origin, &named, &replay.since).await?))
}

/// Test a sink
///
/// Sends one marked event. That the receiver does not take it is a result, not a problem: see `passed`. So is a receiver that does
/// not answer within 20 s: `passed` is false.
#[utoipa::path(
    post, path = "/sinks/{sink}/test", tag = "sinks",
    params(("sink" = String, Path, description = "Its name or number")),
    responses((status = OK, body = Trial))
)]
pub(in crate::http::api) async fn test(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Path(named): Path<String>,
    Query(()): Query<()>,
) -> Result<Json<Trial>, Problem> {
    let sink = find(&app, &caller, Role::Analyst, &named).await?;
    Ok(Json(try_out(&app, &caller, origin, &sink).await?))
}
