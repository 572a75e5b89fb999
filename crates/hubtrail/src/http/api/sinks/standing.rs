//! How forwarding goes: the same facts as `hubtrail sink list` and `/metrics`.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::find;
use crate::access::{Caller, Role};
use crate::forward::{self, SinkStatus};
use crate::http::extract::{Path, Query};
use crate::http::{App, Problem};

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct SinkStatusList {
    sinks: Vec<SinkStatus>,
}

/// How forwarding goes
#[utoipa::path(get, path = "/sinks/status", tag = "sinks", responses((status = OK, body = SinkStatusList)))]
pub(in crate::http::api) async fn all(
    caller: Caller,
    State(app): State<App>,
    Query(()): Query<()>,
) -> Result<Json<SinkStatusList>, Problem> {
    let now = app.clock.now();
    let sinks = app.log(move |store| {
        let sinks = store.sinks()?;
        sinks
            .iter()
            .filter(|sink| sink.is_within(&caller.accounts))
            .map(|sink| forward::of(store, sink, now))
            .collect()
    });
    Ok(Json(SinkStatusList { sinks: sinks.await? }))
}

/// How forwarding to one sink goes
#[utoipa::path(
    get, path = "/sinks/{sink}/status", tag = "sinks",
    params(("sink" = String, Path, description = "Its name or number")),
    responses((status = OK, body = SinkStatus))
)]
pub(in crate::http::api) async fn one(
    caller: Caller,
    State(app): State<App>,
    Path(named): Path<String>,
    Query(()): Query<()>,
) -> Result<Json<SinkStatus>, Problem> {
    let sink = find(&app, &caller, Role::Viewer, &named).await?;
    let now = app.clock.now();
    Ok(Json(app.log(move |store| forward::of(store, &sink, now)).await?))
}
