//! Alert channels: the ways to people, without ever showing a secret.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use hubtrail_core::time::UtcMs;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::sinks::must_decide;
use crate::access::{Actor, Caller};
use crate::http::auth::Origin;
use crate::http::extract::{Body, Path, Query};
use crate::http::{App, Problem};
use crate::notify::{Channel, Pace, Route, Service, Settings, Trial, trial};
use crate::store::{NewAudit, NewChannel, Store};

/// A channel, and how telling over it goes
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChannelInfo {
    id: i64,
    #[serde(flatten)]
    settings: Settings,
    has_secret: bool,
    paused: bool,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    last_success: Option<String>,
    /// What stands in the way now.
    failure: Option<String>,
    fix: Option<String>,
    #[schema(format = DateTime)]
    retry_at: Option<String>,
}

impl From<Channel> for ChannelInfo {
    fn from(channel: Channel) -> Self {
        let time = |at: Option<UtcMs>| at.map(|at| at.to_string());
        Self {
            id: channel.id.0,
            has_secret: channel.sealed.is_some(),
            settings: channel.settings,
            paused: channel.paused,
            created_at: channel.created_at.to_string(),
            last_success: time(channel.succeeded_at),
            failure: channel.failure,
            fix: channel.fix,
            retry_at: time(channel.retry_at),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct ChannelList {
    channels: Vec<ChannelInfo>,
}

/// A new channel
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateChannel {
    #[schema(example = "on-call")]
    name: String,
    service: Service,
    #[serde(default)]
    route: Route,
    #[serde(default)]
    pace: Pace,
    /// What opens the service. It is never shown again.
    #[schema(value_type = Option<String>, write_only, format = Password)]
    secret: Option<SecretString>,
}

async fn find(app: &App, caller: &Caller, named: String) -> Result<Channel, Problem> {
    must_decide(caller)?;
    let channels = app.log(Store::channels).await?;
    let is = |channel: &Channel| {
        channel.name().eq_ignore_ascii_case(named.trim()) || channel.id.to_string() == named
    };
    channels.into_iter().find(is).ok_or_else(|| {
        Problem::not_found(format!("there is no alert channel `{named}`")).fix("see /api/v1/alerts")
    })
}

/// List the alert channels
#[utoipa::path(get, path = "/alerts", tag = "alerts", responses((status = OK, body = ChannelList)))]
pub(super) async fn list(
    caller: Caller,
    State(app): State<App>,
    Query(()): Query<()>,
) -> Result<Json<ChannelList>, Problem> {
    must_decide(&caller)?;
    let channels = app.log(Store::channels).await?;
    Ok(Json(ChannelList { channels: channels.into_iter().map(ChannelInfo::from).collect() }))
}

/// Add an alert channel
///
/// It tells what happens from now on; `POST /alerts/{channel}/test` sends a test message.
#[utoipa::path(
    post, path = "/alerts", tag = "alerts", request_body = CreateChannel,
    responses((status = CREATED, body = ChannelInfo))
)]
pub(super) async fn create(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Query(()): Query<()>,
    Body(new): Body<CreateChannel>,
) -> Result<Response, Problem> {
    must_decide(&caller)?;
    let (keyring, actor, now) = (app.keyring.clone(), Actor::of(&caller, origin), app.clock.now());
    let added = app.log(move |store| {
        let CreateChannel { name, service, route, pace, secret } = new;
        let settings = Settings { name, service, route, pace };
        let new = NewChannel { settings, secret, created_at: now };
        let channel = store.add_channel(new, &keyring)?;
        let place = channel.settings.service.place();
        store.audit(NewAudit::by(&actor, "alert.create", channel.name()).detail(&place), now)?;
        Ok(channel)
    });
    let channel = added.await?;
    let location = (header::LOCATION, format!("/api/v1/alerts/{}", channel.id));
    Ok((StatusCode::CREATED, [location], Json(ChannelInfo::from(channel))).into_response())
}

/// One alert channel
#[utoipa::path(
    get, path = "/alerts/{channel}", tag = "alerts",
    params(("channel" = String, Path, description = "Its name or number")),
    responses((status = OK, body = ChannelInfo))
)]
pub(super) async fn one(
    caller: Caller,
    State(app): State<App>,
    Path(named): Path<String>,
    Query(()): Query<()>,
) -> Result<Json<ChannelInfo>, Problem> {
    Ok(Json(find(&app, &caller, named).await?.into()))
}

/// Remove an alert channel
///
/// With what it had to tell.
#[utoipa::path(
    delete, path = "/alerts/{channel}", tag = "alerts",
    params(("channel" = String, Path, description = "Its name or number")),
    responses((status = NO_CONTENT))
)]
pub(super) async fn delete(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Path(named): Path<String>,
    Query(()): Query<()>,
) -> Result<StatusCode, Problem> {
    let channel = find(&app, &caller, named).await?;
    let (actor, now) = (Actor::of(&caller, origin), app.clock.now());
    let removed = app.log(move |store| {
        store.remove_channel(channel.id)?;
        store.audit(NewAudit::by(&actor, "alert.delete", channel.name()), now)
    });
    removed.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Test an alert channel
///
/// Sends a test message at once, whatever the hour, and says what came back.
#[utoipa::path(
    post, path = "/alerts/{channel}/test", tag = "alerts",
    params(("channel" = String, Path, description = "Its name or number")),
    responses((status = OK, body = Trial))
)]
pub(super) async fn test(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Path(named): Path<String>,
    Query(()): Query<()>,
) -> Result<Json<Trial>, Problem> {
    let channel = find(&app, &caller, named).await?;
    let secret = channel.secret(&app.keyring).map_err(|error| Problem::internal(error.to_string()))?;
    let (actor, now, name) = (Actor::of(&caller, origin), app.clock.now(), channel.name().to_owned());
    app.log(move |store| store.audit(NewAudit::by(&actor, "alert.test", name), now)).await?;
    let console = app.config.server.console();
    Ok(Json(trial(&channel.settings, secret.as_ref(), console, &app.config.network, app.clock).await))
}

/// Pause an alert channel
///
/// What there is to tell meanwhile is told when it is resumed.
#[utoipa::path(
    post, path = "/alerts/{channel}/pause", tag = "alerts",
    params(("channel" = String, Path, description = "Its name or number")),
    responses((status = OK, body = ChannelInfo))
)]
pub(super) async fn pause(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Path(named): Path<String>,
    Query(()): Query<()>,
) -> Result<Json<ChannelInfo>, Problem> {
    set_paused(&app, &caller, origin, named, true).await
}

/// Resume an alert channel
///
/// Also one that has stopped because a person must change something: it tries again at once.
#[utoipa::path(
    post, path = "/alerts/{channel}/resume", tag = "alerts",
    params(("channel" = String, Path, description = "Its name or number")),
    responses((status = OK, body = ChannelInfo))
)]
pub(super) async fn resume(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Path(named): Path<String>,
    Query(()): Query<()>,
) -> Result<Json<ChannelInfo>, Problem> {
    set_paused(&app, &caller, origin, named, false).await
}

async fn set_paused(
    app: &App,
    caller: &Caller,
    origin: Origin,
    named: String,
    paused: bool,
) -> Result<Json<ChannelInfo>, Problem> {
    let channel = find(app, caller, named).await?;
    let (actor, now) = (Actor::of(caller, origin), app.clock.now());
    let action = if paused { "alert.pause" } else { "alert.resume" };
    let changed = app.log(move |store| {
        let channel = store.set_channel_paused(channel.id, paused)?;
        store.audit(NewAudit::by(&actor, action, channel.name()), now)?;
        Ok(channel)
    });
    Ok(Json(changed.await?.into()))
}
