//! The evidence of a finding to take along, as the API gives it.

use axum::extract::{Path, State};

use crate::http::App;
use crate::http::auth::Origin;
use crate::http::findings;
use crate::ui::page::Page;
use crate::ui::viewer::Viewer;

/// `GET /findings/{id}/package`
pub(super) async fn download(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(finding): Path<String>,
) -> Page {
    findings::packed(&app, &viewer.caller, origin, &finding).await
}
