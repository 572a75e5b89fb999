//! REST under `/api/v1`. The routes carry their own description, so that the OpenAPI document cannot
//! say anything else than what is served.

pub(crate) mod alerts;
mod audit;
mod backfill;
pub(crate) mod backup;
pub(crate) mod connectors;
mod events;
mod exceptions;
mod facets;
pub(crate) mod findings;
mod histogram;
mod openapi;
pub(crate) mod rules;
mod session;
pub(crate) mod sinks;
mod status;
mod subjects;
mod test;
mod timeline;
mod tokens;
mod users;
mod version;
pub(crate) mod views;
mod week;

use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{App, Problem, tail};

/// The routes without their document. What is none of them is answered here as well.
pub(super) fn router() -> axum::Router<App> {
    let (router, _) = documented().split_for_parts();
    router.fallback(nowhere).method_not_allowed_fallback(not_so)
}

/// The OpenAPI document of all routes.
#[must_use]
pub fn document() -> Value {
    openapi::finished(documented().into_openapi())
}

fn about_findings() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(findings::judge, findings::one))
        .routes(routes!(findings::judge_many))
        .routes(routes!(findings::list))
        .routes(routes!(findings::package))
        .routes(routes!(findings::waiting))
        .routes(routes!(findings::rates))
}

fn documented() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::frame())
        .routes(routes!(audit::list))
        .routes(routes!(backfill::list))
        .routes(routes!(backfill::request))
        .routes(routes!(backup::backup))
        .routes(routes!(connectors::change, connectors::one, connectors::removal::delete))
        .routes(routes!(connectors::create, connectors::list))
        .routes(routes!(connectors::pause))
        .routes(routes!(connectors::resume))
        .routes(routes!(events::list))
        .routes(routes!(events::one))
        .routes(routes!(exceptions::end, exceptions::one))
        .routes(routes!(exceptions::list, exceptions::create))
        .routes(routes!(facets::facets))
        .merge(about_findings())
        .routes(routes!(histogram::histogram))
        .routes(routes!(openapi::openapi))
        .routes(routes!(rules::change, rules::one, rules::written::delete))
        .routes(routes!(rules::list, rules::written::write))
        .routes(routes!(rules::written::check))
        .routes(routes!(rules::run))
        .routes(routes!(session::change_password))
        .routes(routes!(session::set_up))
        .routes(routes!(session::sign_in, session::sign_out, session::who_am_i))
        .routes(routes!(alerts::create, alerts::list))
        .routes(routes!(alerts::change, alerts::one, alerts::delete))
        .routes(routes!(alerts::work::pause))
        .routes(routes!(alerts::work::resume))
        .routes(routes!(alerts::work::test))
        .routes(routes!(sinks::change, sinks::one, sinks::delete))
        .routes(routes!(sinks::create, sinks::list))
        .routes(routes!(sinks::dead_letters::give_up))
        .routes(routes!(sinks::dead_letters::list))
        .routes(routes!(sinks::dead_letters::retry))
        .routes(routes!(sinks::standing::all))
        .routes(routes!(sinks::standing::one))
        .routes(routes!(sinks::work::pause))
        .routes(routes!(sinks::work::replay))
        .routes(routes!(sinks::work::resume))
        .routes(routes!(sinks::work::test))
        .routes(routes!(status::history))
        .routes(routes!(status::status))
        .routes(routes!(subjects::objects))
        .routes(routes!(subjects::people))
        .routes(routes!(subjects::profile::of_object))
        .routes(routes!(subjects::profile::of_person))
        .routes(routes!(tail::tail))
        .routes(routes!(tail::tail_of_findings))
        .routes(routes!(test::newest, test::run))
        .routes(routes!(timeline::of_object))
        .routes(routes!(timeline::of_person))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::change, users::delete))
        .routes(routes!(version::version))
        .routes(routes!(views::delete))
        .routes(routes!(views::list, views::create))
        .routes(routes!(week::week))
}

async fn nowhere() -> Problem {
    Problem::not_found("there is nothing at this path").fix("see /api/v1/openapi.json")
}

async fn not_so() -> Problem {
    Problem::new(http::StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "this path knows other methods")
        .fix("see /api/v1/openapi.json, or the header `Allow`")
}
