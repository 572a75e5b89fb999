//! Alerts: the ways to people, what is told over them, and how that goes.

mod act;
mod form;
mod line;
mod list;
mod show;
mod told;
mod typed;

use axum::Router;
use axum::routing::{get, post};

use crate::http::App;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/alerts", get(list::show))
        .route("/alerts/new", get(form::blank).post(form::add))
        .route("/alerts/{channel}", get(show::show))
        .route("/alerts/{channel}/edit", get(form::held).post(form::change))
        // Where the answer stands: loaded again, it is the channel as it is.
        .route("/alerts/{channel}/test", get(show::show).post(show::test))
        .route("/alerts/{channel}/pause", post(act::pause))
        .route("/alerts/{channel}/resume", post(act::resume))
        .route("/alerts/{channel}/remove", post(act::remove))
}
