//! REST under `/api/v1`. The routes carry their own description, so that the OpenAPI document cannot
//! say anything else than what is served.

mod audit;
mod session;
mod tokens;
mod users;
mod version;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;

/// The routes without their document.
pub(super) fn router() -> axum::Router<App> {
    documented().split_for_parts().0
}

fn documented() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(audit::list))
        .routes(routes!(session::change_password))
        .routes(routes!(session::set_up))
        .routes(routes!(session::sign_in, session::sign_out, session::who_am_i))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::change, users::delete))
        .routes(routes!(version::version))
}
