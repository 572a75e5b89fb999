//! REST under `/api/v1`. The routes carry their own description, so that the OpenAPI document cannot
//! say anything else than what is served.

mod version;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;

/// The routes without their document.
pub(super) fn router() -> axum::Router<App> {
    documented().split_for_parts().0
}

fn documented() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(version::version))
}
