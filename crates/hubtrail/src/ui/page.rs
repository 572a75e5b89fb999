//! From a template to an answer.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use crate::http::Problem;

/// A page, or why there is none..
pub(super) type Page = Result<Response, Problem>;

/// Pages show what is true now, to one person: nobody keeps them.
pub(super) fn page(template: &impl Template) -> Page {
    page_as(StatusCode::OK, template)
}

pub(super) fn page_as(status: StatusCode, template: &impl Template) -> Page {
    let html = template.render().map_err(Problem::internal)?;
    let mut response = (status, Html(html)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// See another page: what a form answers when it was done.
pub(super) fn see(path: &str) -> Response {
    axum::response::Redirect::to(path).into_response()
}
