//! Trying a connection out, stage by stage. What is found is kept, and the newest test is how the connection is.

use axum::Json;
use axum::extract::State;

use super::connectors::{find, note};
use crate::access::{Actor, Caller, Role};
use crate::connection::test_connector;
use crate::http::auth::Origin;
use crate::http::extract::{Path, Query};
use crate::http::{App, Problem};
use crate::hubspot::ConnectionReport;

/// Test a connection
///
/// It takes seconds. That the connection does not work is a result, not a problem: see `passed`.
#[utoipa::path(
    post, path = "/connectors/{connector}/test", tag = "connectors",
    params(("connector" = String, Path, description = "Its name or number")),
    responses((status = OK, body = ConnectionReport))
)]
pub(super) async fn run(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Path(named): Path<String>,
    Query(()): Query<()>,
) -> Result<Json<ConnectionReport>, Problem> {
    let connector = find(&app, &caller, Role::Analyst, &named).await?;
    let (actor, now, tested) = (Actor::of(&caller, origin), app.clock.now(), connector.clone());
    app.log(move |store| note(store, &actor, "connector.test", &tested, "", now)).await?;
    let network = &app.config.network;
    let report = test_connector(&app.store, &app.keyring, network, app.clock, &connector, None).await?;
    Ok(Json(report))
}

/// The newest test of a connection
///
/// Each connection is tested when it is saved, every 15 minutes, and when somebody asks for it.
#[utoipa::path(
    get, path = "/connectors/{connector}/test", tag = "connectors",
    params(("connector" = String, Path, description = "Its name or number")),
    responses((status = OK, body = ConnectionReport))
)]
pub(super) async fn newest(
    caller: Caller,
    State(app): State<App>,
    Path(named): Path<String>,
    Query(()): Query<()>,
) -> Result<Json<ConnectionReport>, Problem> {
    let connector = find(&app, &caller, Role::Viewer, &named).await?;
    let test = app.log(move |store| Ok(store.connection_tests(connector.id, 1)?.pop())).await?;
    let test = test.ok_or_else(|| {
        Problem::not_found(format!("`{named}` was never tested"))
            .fix("test it with POST /api/v1/connectors/{connector}/test")
    })?;
    serde_json::from_str(&test.report).map(Json).map_err(Problem::internal)
}
