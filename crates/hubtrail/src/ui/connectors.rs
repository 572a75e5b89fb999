//! Connectors: the list, the form, the test, how far back, and what else is done with one.

mod act;
mod add;
mod form;
mod show;
mod test;
mod trial;

use axum::Router;
use axum::routing::{get, post};

use crate::access::{Accounts, Caller, Forbidden, Role};
use crate::connector::{Connector, ConnectorId};
use crate::http::{App, Problem};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/connectors", get(show::list))
        .route("/connectors/new", get(add::show).post(add::add))
        .route("/connectors/{id}", get(show::one).post(act::change))
        .route("/connectors/{id}/edit", get(act::edit))
        .route("/connectors/{id}/test", get(test::show).post(test::run))
        .route("/connectors/{id}/token", post(act::token))
        .route("/connectors/{id}/start", get(add::how_far).post(add::start))
        .route("/connectors/{id}/pause", post(act::pause))
        .route("/connectors/{id}/resume", post(act::resume))
        .route("/connectors/{id}/backfill", post(act::backfill))
        .route("/connectors/{id}/delete", post(act::delete))
}

/// One that the caller sees and may do this to.
pub(super) async fn find(app: &App, caller: &Caller, id: i64, needed: Role) -> Result<Connector, Problem> {
    let connector = find_ever(app, caller, id, needed).await?;
    if connector.removed { Err(nobody()) } else { Ok(connector) }
}

/// As [`find`], also one that was removed while its events were kept.
async fn find_ever(app: &App, caller: &Caller, id: i64, needed: Role) -> Result<Connector, Problem> {
    let id = ConnectorId(id);
    let connector = app.log(move |store| store.connector_ever(id)).await?;
    if !caller.sees(id) {
        return Err(nobody());
    }
    caller.must_be(needed)?;
    Ok(connector)
}

fn nobody() -> Problem {
    Problem::not_found("there is no such connector")
}

/// Whoever is limited to some accounts would not see the one that they add.
fn may_add(caller: &Caller) -> Result<(), Problem> {
    caller.must_be(Role::Admin)?;
    if caller.accounts == Accounts::All {
        return Ok(());
    }
    let beyond = Problem::from(Forbidden { needed: Role::Admin, role: caller.role });
    Err(Problem { detail: "only an administrator of all accounts adds one".to_owned(), ..beyond })
}
