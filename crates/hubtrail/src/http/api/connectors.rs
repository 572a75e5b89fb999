//! Connectors: what is configured, without ever showing a secret. A change is stored; whoever collects
//! notices it by itself.

mod form;
mod info;
pub(super) mod removal;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Accounts as Scope, Actor, Caller, Forbidden, Role};
use crate::connector::Connector;
use crate::http::accounts::Accounts;
use crate::http::auth::Origin;
use crate::http::extract::{Body, Path, Query};
use crate::http::{App, Problem, etag};
use crate::store::{NewAudit, NewConnector, Store, StoreError};
pub(crate) use form::{App as PublicApp, credentials};
use form::{Change, Create};
use info::ConnectorInfo;

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConnectorList {
    connectors: Vec<ConnectorInfo>,
}

/// The connector of a path, for a caller who may do this much.
pub(super) async fn find(
    app: &App,
    caller: &Caller,
    needed: Role,
    named: &str,
) -> Result<Connector, Problem> {
    let id = Accounts::of(app, caller).await?.find(named)?;
    caller.must_be(needed)?;
    app.log(move |store| store.connector_by_id(id)).await
}

/// Who does it, as the audit trail says it.
pub(super) fn note(
    store: &Store,
    actor: &Actor,
    action: &'static str,
    connector: &Connector,
    detail: &str,
    at: hubtrail_core::time::UtcMs,
) -> Result<(), StoreError> {
    let entry = NewAudit::by(actor, action, connector.name()).connector(Some(connector.id));
    store.audit(entry.detail(detail), at)
}

/// Which connectors are listed.
#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct Which {
    /// Those that were removed while their events were kept, instead of those that are there.
    removed: bool,
}

/// List the connectors
#[utoipa::path(
    get, path = "/connectors", tag = "connectors", params(Which),
    responses((status = OK, body = ConnectorList))
)]
pub(super) async fn list(
    caller: Caller,
    State(app): State<App>,
    Query(Which { removed }): Query<Which>,
) -> Result<Json<ConnectorList>, Problem> {
    let connectors = app.log(if removed { Store::connectors_ever } else { Store::connectors }).await?;
    let seen = connectors.iter().filter(|one| one.removed == removed && caller.sees(one.id));
    Ok(Json(ConnectorList { connectors: seen.map(ConnectorInfo::of).collect() }))
}

/// One connector
#[utoipa::path(
    get, path = "/connectors/{connector}", tag = "connectors",
    params(("connector" = String, Path, description = "Its name or number")),
    responses((status = OK, body = ConnectorInfo, headers(("ETag" = String, description = "For `If-Match`"))))
)]
pub(super) async fn one(
    caller: Caller,
    State(app): State<App>,
    Path(named): Path<String>,
    Query(()): Query<()>,
) -> Result<Response, Problem> {
    let connector = find(&app, &caller, Role::Viewer, &named).await?;
    Ok(shown(&connector))
}

fn shown(connector: &Connector) -> Response {
    etag::revised(connector.revision, ConnectorInfo::of(connector))
}

/// Add a connector
///
/// It is tried out as soon as it is collected; `POST /connectors/{connector}/test` tells what was found.
#[utoipa::path(
    post, path = "/connectors", tag = "connectors", request_body = Create,
    responses((status = CREATED, body = ConnectorInfo))
)]
pub(super) async fn create(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Query(()): Query<()>,
    Body(new): Body<Create>,
) -> Result<Response, Problem> {
    caller.must_be(Role::Admin)?;
    if caller.accounts != Scope::All {
        let beyond = Problem::from(Forbidden { needed: Role::Admin, role: caller.role });
        return Err(Problem {
            detail: "only an administrator of all accounts adds one".to_owned(),
            ..beyond
        });
    }
    let now = app.clock.now();
    let (settings, credentials) = new.read(now)?;
    let (keyring, actor) = (app.keyring.clone(), Actor::of(&caller, origin));
    let added = app.log(move |store| {
        let new = NewConnector { settings, created_at: now };
        let connector = store.add_connector(new, credentials, &keyring)?;
        note(store, &actor, "connector.create", &connector, "", now)?;
        Ok(connector)
    });
    let connector = added.await?;
    let location = (header::LOCATION, format!("/api/v1/connectors/{}", connector.id));
    Ok((StatusCode::CREATED, [location], shown(&connector)).into_response())
}

/// Change a connector
///
/// What is left out stays as it is; so does the token when it is blank. With `If-Match` it is refused when somebody
/// else has changed it meanwhile. One that the configuration file declares is changed there.
#[utoipa::path(
    patch, path = "/connectors/{connector}", tag = "connectors", request_body = Change,
    params(
        ("connector" = String, Path, description = "Its name or number"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` under which it was seen"),
    ),
    responses((status = OK, body = ConnectorInfo))
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
    let mut connector = find(&app, &caller, Role::Admin, &named).await?;
    etag::must_match(&headers, connector.revision)?;
    let now = app.clock.now();
    let credentials = change.apply(&mut connector.settings, now)?;
    let (keyring, actor) = (app.keyring.clone(), Actor::of(&caller, origin));
    let changed = app.log(move |store| {
        let (connector, detail) = match credentials {
            Some(new) => (store.replace_credentials(&connector, new, &keyring)?, "with other credentials"),
            None => (store.update_connector(&connector)?, ""),
        };
        note(store, &actor, "connector.update", &connector, detail, now)?;
        Ok(connector)
    });
    Ok(shown(&changed.await?))
}

/// Pause a connector
///
/// Nothing is collected until it is resumed; then it goes on where it was.
#[utoipa::path(
    post, path = "/connectors/{connector}/pause", tag = "connectors",
    params(("connector" = String, Path, description = "Its name or number")),
    responses((status = OK, body = ConnectorInfo))
)]
pub(super) async fn pause(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Path(named): Path<String>,
    Query(()): Query<()>,
) -> Result<Response, Problem> {
    set_paused(&app, &caller, origin, &named, true).await
}

/// Resume a connector
#[utoipa::path(
    post, path = "/connectors/{connector}/resume", tag = "connectors",
    params(("connector" = String, Path, description = "Its name or number")),
    responses((status = OK, body = ConnectorInfo))
)]
pub(super) async fn resume(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Path(named): Path<String>,
    Query(()): Query<()>,
) -> Result<Response, Problem> {
    set_paused(&app, &caller, origin, &named, false).await
}

async fn set_paused(
    app: &App,
    caller: &Caller,
    origin: Origin,
    named: &str,
    paused: bool,
) -> Result<Response, Problem> {
    let mut connector = find(app, caller, Role::Admin, named).await?;
    if connector.settings.paused == paused {
        return Ok(shown(&connector));
    }
    connector.settings.paused = paused;
    let (actor, now) = (Actor::of(caller, origin), app.clock.now());
    let action = if paused { "connector.pause" } else { "connector.resume" };
    let changed = app.log(move |store| {
        let connector = store.update_connector(&connector)?;
        note(store, &actor, action, &connector, "", now)?;
        Ok(connector)
    });
    Ok(shown(&changed.await?))
}
