//! Alert channels: the ways to people, without ever showing a secret. The console asks the same functions.

mod form;
mod info;
pub(crate) mod work;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};
use secrecy::SecretString;
use serde::Serialize;
use utoipa::ToSchema;

use super::sinks::must_decide;
use crate::access::{Actor, Caller};
use crate::http::auth::Origin;
use crate::http::extract::{Body, Path, Query};
use crate::http::{App, Problem, etag};
use crate::notify::{Channel, Settings};
use crate::store::{NewAudit, NewChannel, Store};
use form::{Change, Create};
use info::ChannelInfo;

#[derive(Serialize, ToSchema)]
pub(super) struct ChannelList {
    channels: Vec<ChannelInfo>,
}

/// By name.
pub(crate) async fn all(app: &App, caller: &Caller) -> Result<Vec<Channel>, Problem> {
    must_decide(caller)?;
    app.log(Store::channels).await
}

pub(crate) async fn find(app: &App, caller: &Caller, named: &str) -> Result<Channel, Problem> {
    let is = |channel: &Channel| {
        channel.name().eq_ignore_ascii_case(named.trim()) || channel.id.to_string() == named
    };
    all(app, caller).await?.into_iter().find(is).ok_or_else(|| {
        Problem::not_found(format!("there is no alert channel `{named}`")).fix("see /api/v1/alerts")
    })
}

pub(crate) async fn add(
    app: &App,
    caller: &Caller,
    origin: Origin,
    settings: Settings,
    secret: Option<SecretString>,
) -> Result<Channel, Problem> {
    must_decide(caller)?;
    let (keyring, actor, now) = (app.keyring.clone(), Actor::of(caller, origin), app.clock.now());
    app.log(move |store| {
        let channel = store.add_channel(NewChannel { settings, secret, created_at: now }, &keyring)?;
        let place = channel.settings.service.place();
        store.audit(NewAudit::by(&actor, "alert.create", channel.name()).detail(&place), now)?;
        Ok(channel)
    })
    .await
}

pub(crate) async fn update(
    app: &App,
    caller: &Caller,
    origin: Origin,
    channel: &Channel,
    settings: Settings,
    secret: Option<SecretString>,
) -> Result<Channel, Problem> {
    must_decide(caller)?;
    let (keyring, actor, now) = (app.keyring.clone(), Actor::of(caller, origin), app.clock.now());
    let channel = channel.clone();
    app.log(move |store| {
        let with = if secret.is_some() { "with another secret" } else { "" };
        let channel = store.update_channel(&channel, settings, secret, &keyring)?;
        store.audit(NewAudit::by(&actor, "alert.update", channel.name()).detail(with), now)?;
        Ok(channel)
    })
    .await
}

pub(crate) async fn remove(app: &App, caller: &Caller, origin: Origin, named: &str) -> Result<(), Problem> {
    let channel = find(app, caller, named).await?;
    let (actor, now) = (Actor::of(caller, origin), app.clock.now());
    app.log(move |store| {
        store.remove_channel(channel.id)?;
        store.audit(NewAudit::by(&actor, "alert.delete", channel.name()), now)
    })
    .await
}

/// List the alert channels
#[utoipa::path(get, path = "/alerts", tag = "alerts", responses((status = OK, body = ChannelList)))]
pub(super) async fn list(
    caller: Caller,
    State(app): State<App>,
    Query(()): Query<()>,
) -> Result<Json<ChannelList>, Problem> {
    let channels = all(&app, &caller).await?;
    Ok(Json(ChannelList { channels: channels.into_iter().map(ChannelInfo::from).collect() }))
}

/// Add an alert channel
///
/// It tells what happens from now on; `POST /alerts/{channel}/test` sends a test message.
#[utoipa::path(
    post, path = "/alerts", tag = "alerts", request_body = Create,
    responses((status = CREATED, body = ChannelInfo))
)]
pub(super) async fn create(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Query(()): Query<()>,
    Body(new): Body<Create>,
) -> Result<Response, Problem> {
    let (settings, secret) = new.read();
    let channel = add(&app, &caller, origin, settings, secret).await?;
    let location = (header::LOCATION, format!("/api/v1/alerts/{}", channel.id));
    Ok((StatusCode::CREATED, [location], shown(channel)).into_response())
}

/// One alert channel
#[utoipa::path(
    get, path = "/alerts/{channel}", tag = "alerts",
    params(("channel" = String, Path, description = "Its name or number")),
    responses((status = OK, body = ChannelInfo, headers(("ETag" = String, description = "For `If-Match`"))))
)]
pub(super) async fn one(
    caller: Caller,
    State(app): State<App>,
    Path(named): Path<String>,
    Query(()): Query<()>,
) -> Result<Response, Problem> {
    Ok(shown(find(&app, &caller, &named).await?))
}

fn shown(channel: Channel) -> Response {
    etag::revised(channel.revision, ChannelInfo::from(channel))
}

/// Change an alert channel
///
/// What is left out stays as it is; `service`, `route` and `pace` are replaced as a whole. A secret goes to no other
/// receiver by itself: with another address it is given again. With `If-Match` it is refused when somebody else has
/// changed it meanwhile.
#[utoipa::path(
    patch, path = "/alerts/{channel}", tag = "alerts", request_body = Change,
    params(
        ("channel" = String, Path, description = "Its name or number"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` under which it was seen"),
    ),
    responses((status = OK, body = ChannelInfo))
)]
pub(super) async fn change(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    headers: HeaderMap,
    Path(named): Path<String>,
    Query(()): Query<()>,
    Body(change): Body<Change>,
) -> Result<Response, Problem> {
    let channel = find(&app, &caller, &named).await?;
    etag::must_match(&headers, channel.revision)?;
    let (settings, secret) = change.of(&channel.settings);
    Ok(shown(update(&app, &caller, origin, &channel, settings, secret).await?))
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
    remove(&app, &caller, origin, &named).await?;
    Ok(StatusCode::NO_CONTENT)
}
