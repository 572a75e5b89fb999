//! Rules: what is looked for, how often it speaks, and what it would have said.

mod act;
mod editor;
mod list;
mod show;

use axum::Router;
use axum::routing::{get, post};

use crate::http::App;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/rules", get(list::show))
        .route("/rules/new", get(editor::blank))
        .route("/rules/draft", post(editor::draft))
        .route("/rules/exceptions/{id}/end", post(act::end_exception))
        .route("/rules/{rule}", get(show::show))
        .route("/rules/{rule}/edit", get(editor::edit))
        .route("/rules/{rule}/switch", post(act::switch))
        .route("/rules/{rule}/try", post(show::try_out))
        .route("/rules/{rule}/remove", post(act::remove))
}
