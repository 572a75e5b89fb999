//! Sinks: where entries are forwarded to, without ever showing a secret. A change is stored; whoever forwards
//! notices it by itself. The console asks the same functions.

pub(crate) mod dead_letters;
mod form;
mod info;
pub(super) mod standing;
pub(crate) mod work;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{Accounts, Actor, Caller, Forbidden, Role};
use crate::http::auth::Origin;
use crate::http::extract::{Body, Path, Query};
use crate::http::{App, Problem, etag};
use crate::sink::Configured;
use crate::store::{NewAudit, NewSink, SinkChange, Store, StoreError};
pub(crate) use form::change_of;
use form::{Change, Create};
use info::SinkInfo;

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SinkList {
    sinks: Vec<SinkInfo>,
}

/// The sink of a path, for a caller who may do this much. Who sees some accounts sees the sinks that get nothing else.
pub(crate) async fn find(
    app: &App,
    caller: &Caller,
    needed: Role,
    named: &str,
) -> Result<Configured, Problem> {
    let name = named.trim().to_lowercase();
    let sinks = app.log(Store::sinks).await?;
    let is = |sink: &Configured| sink.name().to_lowercase() == name || sink.id.to_string() == name;
    let found =
        sinks.into_iter().find(|sink| is(sink) && sink.is_within(&caller.accounts)).ok_or_else(|| {
            Problem::not_found(format!("there is no sink `{named}`"))
                .fix("see /api/v1/sinks for those that you may look into")
        })?;
    caller.must_be(needed)?;
    Ok(found)
}

/// Only who sees all accounts decides where entries go.
pub(crate) fn must_decide(caller: &Caller) -> Result<(), Problem> {
    caller.must_be(Role::Admin)?;
    if caller.accounts == Accounts::All {
        return Ok(());
    }
    let beyond = Problem::from(Forbidden { needed: Role::Admin, role: caller.role });
    Err(Problem {
        detail: "only an administrator of all accounts decides where entries go".to_owned(),
        ..beyond
    })
}

/// Who does it, as the audit trail says it.
pub(crate) fn note(
    store: &Store,
    actor: &Actor,
    action: &'static str,
    sink: &str,
    detail: &str,
    at: hubtrail_core::time::UtcMs,
) -> Result<(), StoreError> {
    store.audit(NewAudit::by(actor, action, sink).detail(detail), at)
}

pub(crate) async fn add(
    app: &App,
    caller: &Caller,
    origin: Origin,
    new: NewSink,
) -> Result<Configured, Problem> {
    must_decide(caller)?;
    let (keyring, actor, now) = (app.keyring.clone(), Actor::of(caller, origin), app.clock.now());
    app.log(move |store| {
        let sink = store.add_sink(new, &keyring)?;
        note(store, &actor, "sink.create", sink.name(), &sink.settings.target.place(), now)?;
        Ok(sink)
    })
    .await
}

pub(crate) async fn update(
    app: &App,
    caller: &Caller,
    origin: Origin,
    sink: &Configured,
    change: SinkChange,
) -> Result<Configured, Problem> {
    must_decide(caller)?;
    let (keyring, actor, now) = (app.keyring.clone(), Actor::of(caller, origin), app.clock.now());
    let sink = sink.clone();
    app.log(move |store| {
        let with = if change.credentials.is_some() { "with other credentials" } else { "" };
        let sink = store.update_sink(&sink, change, &keyring)?;
        note(store, &actor, "sink.update", sink.name(), with, now)?;
        Ok(sink)
    })
    .await
}

pub(crate) async fn remove(app: &App, caller: &Caller, origin: Origin, named: &str) -> Result<(), Problem> {
    let sink = find(app, caller, Role::Admin, named).await?;
    must_decide(caller)?;
    let (actor, now) = (Actor::of(caller, origin), app.clock.now());
    app.log(move |store| {
        store.remove_sink(sink.id)?;
        note(store, &actor, "sink.delete", sink.name(), "", now)
    })
    .await
}

/// List the sinks
#[utoipa::path(get, path = "/sinks", tag = "sinks", responses((status = OK, body = SinkList)))]
pub(super) async fn list(
    caller: Caller,
    State(app): State<App>,
    Query(()): Query<()>,
) -> Result<Json<SinkList>, Problem> {
    let sinks = app.log(Store::sinks).await?;
    let seen = sinks.into_iter().filter(|sink| sink.is_within(&caller.accounts));
    Ok(Json(SinkList { sinks: seen.map(SinkInfo::from).collect() }))
}

/// One sink
#[utoipa::path(
    get, path = "/sinks/{sink}", tag = "sinks",
    params(("sink" = String, Path, description = "Its name or number")),
    responses((status = OK, body = SinkInfo, headers(("ETag" = String, description = "For `If-Match`"))))
)]
pub(super) async fn one(
    caller: Caller,
    State(app): State<App>,
    Path(named): Path<String>,
    Query(()): Query<()>,
) -> Result<Response, Problem> {
    Ok(shown(find(&app, &caller, Role::Viewer, &named).await?))
}

pub(super) fn shown(sink: Configured) -> Response {
    etag::revised(sink.revision, SinkInfo::from(sink))
}

/// Add a sink
///
/// Forwarding begins at once, with what comes from now on unless `start` says otherwise;
/// `POST /sinks/{sink}/test` tells whether the receiver takes a marked event.
#[utoipa::path(
    post, path = "/sinks", tag = "sinks", request_body = Create,
    responses((status = CREATED, body = SinkInfo))
)]
pub(super) async fn create(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Query(()): Query<()>,
    Body(new): Body<Create>,
) -> Result<Response, Problem> {
    must_decide(&caller)?;
    let new = new.read(app.clock.now())?;
    let sink = add(&app, &caller, origin, new).await?;
    let location = (header::LOCATION, format!("/api/v1/sinks/{}", sink.id));
    Ok((StatusCode::CREATED, [location], shown(sink)).into_response())
}

/// Change a sink
///
/// What is left out stays as it is; `target`, `select` and `batch` are replaced as a whole. Credentials go to no other
/// receiver by themselves: with another address they are given again. With `If-Match` it is refused when somebody else has
/// changed it meanwhile. One that the configuration file declares is changed there.
#[utoipa::path(
    patch, path = "/sinks/{sink}", tag = "sinks", request_body = Change,
    params(
        ("sink" = String, Path, description = "Its name or number"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` under which it was seen"),
    ),
    responses((status = OK, body = SinkInfo))
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
    let sink = find(&app, &caller, Role::Admin, &named).await?;
    must_decide(&caller)?;
    etag::must_match(&headers, sink.revision)?;
    Ok(shown(update(&app, &caller, origin, &sink, change.of(&sink)).await?))
}

/// Remove a sink
///
/// With its position and its dead letters; what its receiver has stays there, and the log stays as it is.
#[utoipa::path(
    delete, path = "/sinks/{sink}", tag = "sinks",
    params(("sink" = String, Path, description = "Its name or number")),
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
