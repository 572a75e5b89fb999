//! Taking a connector away. Its events stay, unless a person says otherwise and says which connector.

use std::time::Duration;

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use tokio::time::timeout;
use utoipa::ToSchema;

use super::note;
use crate::access::{Actor, Caller, Role};
use crate::http::accounts::Accounts;
use crate::http::auth::Origin;
use crate::http::extract::{Path, Query};
use crate::http::{App, Problem};
use crate::store::Store;

const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(in crate::http::api) struct Removal {
    /// Whether its events stay in the log or are erased; they stay when it is not said.
    #[param(inline)]
    events: Option<Events>,
    /// The connector's name, for erasing its events.
    confirm: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Events {
    Keep,
    Erase,
}

/// Remove a connector
///
/// It collects no more, its token is forgotten and its name is free. Erasing its events cannot be undone. What was kept
/// of one that was removed before is erased by its number, as `GET /connectors?removed=true` has it.
#[utoipa::path(
    delete, path = "/connectors/{connector}", tag = "connectors",
    params(("connector" = String, Path, description = "Its name or number"), Removal),
    responses(
        (status = NO_CONTENT, description = "It is gone"),
        (status = ACCEPTED, description = "It is gone, and its events are still being erased"),
    )
)]
pub(in crate::http::api) async fn delete(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Path(named): Path<String>,
    Query(removal): Query<Removal>,
) -> Result<StatusCode, Problem> {
    let erase = removal.events == Some(Events::Erase);
    let id = Accounts::of(&app, &caller).await?.find(&named)?;
    caller.must_be(Role::Admin)?;
    // Of one that is removed already there is nothing left to do but to erase what was kept.
    let one = if erase { Store::connector_ever } else { Store::connector_by_id };
    let connector = app.log(move |store| one(store, id)).await?;
    if erase && removal.confirm.as_deref() != Some(connector.name()) {
        let fix = format!("send `confirm={}`", connector.name());
        return Err(Problem::invalid(
            "confirm",
            "erasing events cannot be undone, and is not confirmed",
            fix,
        ));
    }
    let (actor, now) = (Actor::of(&caller, origin), app.clock.now());
    app.log(move |store| {
        if !connector.removed {
            store.remove_connector(connector.name(), false)?;
        }
        let detail = if erase { "its events are erased" } else { "its events are kept" };
        note(store, &actor, "connector.delete", &connector, detail, now)
    })
    .await?;
    if !erase {
        return Ok(StatusCode::NO_CONTENT);
    }
    // It goes on when nobody waits for it any more.
    let erasing = tokio::spawn(async move { app.log(move |store| store.erase_connector(id)).await });
    match timeout(PATIENCE, erasing).await {
        Ok(Ok(erased)) => erased.map(|()| StatusCode::NO_CONTENT),
        Ok(Err(_)) => Err(Problem::internal("the erasing of a connector's events ended unexpectedly")),
        Err(_) => Ok(StatusCode::ACCEPTED),
    }
}
