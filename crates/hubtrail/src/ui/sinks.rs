//! Sinks: where entries are forwarded to, how that goes, and what a receiver refuses for good.

mod act;
mod chosen;
mod form;
mod line;
mod list;
mod place;
mod setting;
mod show;
mod typed;

use axum::Router;
use axum::routing::{get, post};

use crate::http::App;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/sinks", get(list::show))
        .route("/sinks/new", get(form::blank).post(form::add))
        .route("/sinks/{sink}", get(show::show))
        .route("/sinks/{sink}/edit", get(form::held).post(form::change))
        .route("/sinks/{sink}/test", get(show::show).post(show::test))
        .route("/sinks/{sink}/pause", post(act::pause))
        .route("/sinks/{sink}/resume", post(act::resume))
        .route("/sinks/{sink}/replay", post(act::replay))
        .route("/sinks/{sink}/remove", post(act::remove))
        .route("/sinks/{sink}/letters", post(act::letters))
}
