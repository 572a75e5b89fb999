//! The list of connectors, and one of them.

use axum::extract::{Path, State};

use crate::http::App;
use crate::ui::page::{Page, see};
use crate::ui::viewer::Viewer;

/// `GET /connectors`
pub(super) async fn list(State(_app): State<App>, _viewer: Viewer) -> Page {
    Ok(see("/"))
}

/// `GET /connectors/{id}`
pub(super) async fn one(State(_app): State<App>, _viewer: Viewer, Path(_id): Path<i64>) -> Page {
    Ok(see("/"))
}
