//! Pausing, resuming and removing a channel.

use axum::extract::{Path, State};

use crate::http::App;
use crate::http::alerts as api;
use crate::http::auth::Origin;
use crate::ui::page::{Page, see};
use crate::ui::viewer::Viewer;

/// `POST /alerts/{channel}/pause`
pub(super) async fn pause(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(named): Path<String>,
) -> Page {
    let channel = api::work::set_paused(&app, &viewer.caller, origin, &named, true).await?;
    Ok(see(&format!("/alerts/{}?said=held", channel.id)))
}

/// `POST /alerts/{channel}/resume`
pub(super) async fn resume(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(named): Path<String>,
) -> Page {
    let channel = api::work::set_paused(&app, &viewer.caller, origin, &named, false).await?;
    Ok(see(&format!("/alerts/{}?said=resumed", channel.id)))
}

/// `POST /alerts/{channel}/remove`
pub(super) async fn remove(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(named): Path<String>,
) -> Page {
    api::remove(&app, &viewer.caller, origin, &named).await?;
    Ok(see("/alerts?said=gone"))
}
