//! Views of the events that a person has saved. They are theirs alone; a token has none.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{self, Caller, Who};
use crate::http::extract::{Body, Path, Query};
use crate::http::{App, Problem};
use crate::store::View;

const LONGEST: usize = 4_000;

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Views {
    views: Vec<ViewTold>,
}

/// A saved view
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ViewTold {
    #[schema(minimum = 1)]
    id: i64,
    name: String,
    /// The query of `/events`, without its question mark.
    #[schema(example = "eventType=DELETED&after=7d")]
    query: String,
    #[schema(format = DateTime)]
    created_at: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewView {
    /// One of the same name is replaced.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    #[schema(max_length = 4000)]
    query: String,
}

impl ViewTold {
    fn of(view: View) -> Self {
        Self { id: view.id, name: view.name, query: view.query, created_at: view.created_at.to_string() }
    }
}

/// Saved views
#[utoipa::path(get, path = "/views", tag = "events", responses((status = OK, body = Views)))]
pub(super) async fn list(
    caller: Caller,
    State(app): State<App>,
    Query(()): Query<()>,
) -> Result<Json<Views>, Problem> {
    let views = of(&app, &caller).await?;
    Ok(Json(Views { views: views.into_iter().map(ViewTold::of).collect() }))
}

/// Save a view
#[utoipa::path(
    post, path = "/views", tag = "events", request_body = NewView,
    responses((status = CREATED, body = ViewTold))
)]
pub(super) async fn create(
    caller: Caller,
    State(app): State<App>,
    Query(()): Query<()>,
    Body(new): Body<NewView>,
) -> Result<(StatusCode, Json<ViewTold>), Problem> {
    let view = save(&app, &caller, &new.name, &new.query).await?;
    Ok((StatusCode::CREATED, Json(ViewTold::of(view))))
}

/// Remove a view
#[utoipa::path(
    delete, path = "/views/{id}", tag = "events",
    params(("id" = i64, Path, minimum = 1)), responses((status = NO_CONTENT, description = "It is gone"))
)]
pub(super) async fn delete(
    caller: Caller,
    State(app): State<App>,
    Path(id): Path<i64>,
    Query(()): Query<()>,
) -> Result<StatusCode, Problem> {
    remove(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// # Errors
/// When the log cannot be read.
pub(crate) async fn of(app: &App, caller: &Caller) -> Result<Vec<View>, Problem> {
    match caller.who {
        Who::Person { id, .. } => app.log(move |store| store.views(id)).await,
        Who::Token { .. } => Ok(Vec::new()),
    }
}

/// # Errors
/// When the name or the query cannot be kept, or there are too many.
pub(crate) async fn save(app: &App, caller: &Caller, name: &str, query: &str) -> Result<View, Problem> {
    let user = person(caller)?;
    let name = access::name(name)
        .map_err(|_| Problem::invalid("name", "it is no name", "use 1 to 100 characters"))?;
    let query = query.trim().trim_start_matches('?').to_owned();
    if query.len() > LONGEST || query.chars().any(char::is_control) {
        return Err(Problem::invalid("query", "it is too long", "choose fewer filters"));
    }
    let now = app.clock.now();
    let saved = app.log(move |store| store.save_view(user, &name, &query, now)).await?;
    saved.ok_or_else(|| Problem::conflict("there are 100 views already").fix("remove one first"))
}

/// # Errors
/// When there is no such view.
pub(crate) async fn remove(app: &App, caller: &Caller, id: i64) -> Result<(), Problem> {
    let user = person(caller)?;
    let was = app.log(move |store| store.delete_view(user, id)).await?;
    if was { Ok(()) } else { Err(Problem::not_found("there is no such view").field("id")) }
}

fn person(caller: &Caller) -> Result<i64, Problem> {
    match caller.who {
        Who::Person { id, .. } => Ok(id),
        Who::Token { .. } => Err(Problem::conflict("a token has no views").fix("sign in as a person")),
    }
}
