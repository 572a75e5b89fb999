//! A test of a channel, and pausing and resuming one.

use axum::Json;
use axum::extract::State;

use super::find;
use super::info::ChannelInfo;
use crate::access::{Actor, Caller};
use crate::http::auth::Origin;
use crate::http::extract::{Path, Query};
use crate::http::{App, Problem};
use crate::notify::{Channel, Trial, trial};
use crate::store::NewAudit;

/// Sends the test message; who asked for it is in the audit trail before it leaves, and that it got through is how the
/// channel stands from then on.
pub(crate) async fn try_out(
    app: &App,
    caller: &Caller,
    origin: Origin,
    channel: &Channel,
) -> Result<Trial, Problem> {
    let secret = channel.secret(&app.keyring).map_err(|error| Problem::internal(error.to_string()))?;
    let (actor, now, name) = (Actor::of(caller, origin), app.clock.now(), channel.name().to_owned());
    app.log(move |store| store.audit(NewAudit::by(&actor, "alert.test", name), now)).await?;
    let console = app.config.server.console();
    let trial = trial(&channel.settings, secret.as_ref(), console, &app.config.network, app.clock).await;
    if trial.passed {
        let (tested, now) = (channel.clone(), app.clock.now());
        app.log(move |store| store.channel_tested(&tested, now)).await?;
    }
    Ok(trial)
}

pub(crate) async fn set_paused(
    app: &App,
    caller: &Caller,
    origin: Origin,
    named: &str,
    paused: bool,
) -> Result<Channel, Problem> {
    let channel = find(app, caller, named).await?;
    let (actor, now) = (Actor::of(caller, origin), app.clock.now());
    let action = if paused { "alert.pause" } else { "alert.resume" };
    app.log(move |store| {
        let channel = store.set_channel_paused(channel.id, paused)?;
        store.audit(NewAudit::by(&actor, action, channel.name()), now)?;
        Ok(channel)
    })
    .await
}

/// Test an alert channel
///
/// Sends a test message at once, whatever the hour, and says what came back. When the service takes it, what waited for the
/// service is told too. That the service refuses it, or does not answer within 20 s, is a result: `passed` is false.
#[utoipa::path(
    post, path = "/alerts/{channel}/test", tag = "alerts",
    params(("channel" = String, Path, description = "Its name or number")),
    responses((status = OK, body = Trial))
)]
pub(in crate::http::api) async fn test(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Path(named): Path<String>,
    Query(()): Query<()>,
) -> Result<Json<Trial>, Problem> {
    let channel = find(&app, &caller, &named).await?;
    Ok(Json(try_out(&app, &caller, origin, &channel).await?))
}

/// Pause an alert channel
///
/// What there is to tell meanwhile is told when it is resumed.
#[utoipa::path(
    post, path = "/alerts/{channel}/pause", tag = "alerts",
    params(("channel" = String, Path, description = "Its name or number")),
    responses((status = OK, body = ChannelInfo))
)]
pub(in crate::http::api) async fn pause(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Path(named): Path<String>,
    Query(()): Query<()>,
) -> Result<Json<ChannelInfo>, Problem> {
    Ok(Json(set_paused(&app, &caller, origin, &named, true).await?.into()))
}

/// Resume an alert channel
///
/// Also one that has stopped because a person must change something: it tries again at once.
#[utoipa::path(
    post, path = "/alerts/{channel}/resume", tag = "alerts",
    params(("channel" = String, Path, description = "Its name or number")),
    responses((status = OK, body = ChannelInfo))
)]
pub(in crate::http::api) async fn resume(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Path(named): Path<String>,
    Query(()): Query<()>,
) -> Result<Json<ChannelInfo>, Problem> {
    Ok(Json(set_paused(&app, &caller, origin, &named, false).await?.into()))
}
