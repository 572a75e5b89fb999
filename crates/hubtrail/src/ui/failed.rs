//! What went wrong, as a page: what happened, what to do, and a way on.

use askama::Template;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};

use super::page::{page_as, see};
use super::prose::Prose;
use super::viewer::Taste;
use super::{asset, filters};
use crate::http::{App, NO_SUCH_PATH, Problem};

/// What its title says already, and what may have led here.
const NO_SUCH_PAGE: &str = "the address is mistyped, or what it led to was removed";

#[derive(Template)]
#[template(path = "failed.html")]
struct Failed {
    assets: String,
    theme: &'static str,
    title: &'static str,
    detail: Prose,
    fix: Option<Prose>,
}

/// Programs get a [`Problem`]; whoever asks for a page gets one, whoever it was that refused.
pub(crate) async fn failures_as_pages(State(app): State<App>, request: Request, next: Next) -> Response {
    if !wants_page(&request) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let taste = Taste::of(&parts, app.clock.now());
    let back = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let looked = parts.method.is_safe();
    let response = next.run(Request::from_parts(parts, body)).await;
    let Some(problem) = response.extensions().get::<Problem>().cloned() else { return response };
    let status = response.status();
    if status == StatusCode::UNAUTHORIZED {
        return see(&sign_in(looked.then_some(back.as_str())));
    }
    let failed = Failed {
        assets: asset::base(),
        theme: taste.theme,
        title: title(status),
        detail: Prose::new(if problem.detail == NO_SUCH_PATH { NO_SUCH_PAGE } else { &problem.detail }),
        fix: problem.fix.as_deref().map(Prose::new),
    };
    page_as(status, &failed).unwrap_or_else(Problem::into_response)
}

fn wants_page(request: &Request) -> bool {
    let path = request.uri().path();
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    !path.starts_with("/api/")
        && !path.starts_with("/cms/")
        && accept.is_some_and(|accept| accept.contains("text/html"))
}

/// The sign-in page, which leads back to where one wanted to go.
pub(super) fn sign_in(back: Option<&str>) -> String {
    match back.filter(|back| *back != "/") {
        Some(back) => {
            let back: String = url::form_urlencoded::byte_serialize(back.as_bytes()).collect();
            format!("/sign-in?to={back}")
        }
        None => "/sign-in".to_owned(),
    }
}

fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::FORBIDDEN => "This is not yours to do",
        StatusCode::NOT_FOUND => "There is nothing here",
        StatusCode::CONFLICT => "Somebody was quicker",
        StatusCode::TOO_MANY_REQUESTS => "Too many attempts",
        StatusCode::SERVICE_UNAVAILABLE => "The log is busy",
        status if status.is_client_error() => "This request cannot be answered",
        _ => "Something went wrong on the server",
    }
}
