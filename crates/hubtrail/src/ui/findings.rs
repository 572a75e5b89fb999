//! Findings: the queue by risk, one finding with its evidence to scale, and what people make of it.

mod act;
mod evidence;
mod line;
mod package;
mod queue;
mod show;

use axum::Router;
use axum::routing::{get, post};

use crate::http::App;

pub(super) use line::{Line, about, marks, open as open_lines, proved_by, who};
pub(super) use queue::{RiskCount, about as queue_about, risks_of as risks};
pub(super) use show::{Technique, technique};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/findings", get(queue::show))
        .route("/findings/judge", post(act::judge_many))
        .route("/findings/{id}", get(show::show))
        .route("/findings/{id}/judge", post(act::judge))
        .route("/findings/{id}/owner", post(act::own))
        .route("/findings/{id}/note", post(act::note))
        .route("/findings/{id}/exception", post(act::except))
        .route("/findings/{id}/package", get(package::download))
}
