//! Replies that carry what they are worth: a client that has the same already is told so instead.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::Problem;

/// As JSON under a tag of its content, or 304 when the client holds just that.
pub(in crate::http) fn tagged<T: Serialize>(asked: &HeaderMap, value: &T) -> Result<Response, Problem> {
    let body = serde_json::to_vec(value).map_err(Problem::internal)?;
    let tag = format!("\"{}\"", hex::encode(&Sha256::digest(&body)[..16]));
    let tag = HeaderValue::try_from(tag).map_err(Problem::internal)?;
    let held = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let held = held.flat_map(|value| value.split(',')).any(|held| {
        let held = held.trim();
        held == "*" || held.strip_prefix("W/").unwrap_or(held) == tag
    });
    let headers =
        [(header::ETAG, tag), (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"))];
    if held {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let mut response = (headers, body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// As JSON under a number that is raised by every change, for editors that must not overwrite each other.
pub(in crate::http) fn revised<T: Serialize>(revision: i64, value: T) -> Response {
    ([(header::ETAG, format!("\"{revision}\""))], Json(value)).into_response()
}

/// # Errors
/// 412 when the client saw another revision. One that says nothing is not asked.
pub(in crate::http) fn must_match(asked: &HeaderMap, revision: i64) -> Result<(), Problem> {
    let Some(seen) = asked.get(header::IF_MATCH) else { return Ok(()) };
    let seen = seen.to_str().unwrap_or_default();
    let now = format!("\"{revision}\"");
    if seen.split(',').any(|seen| seen.trim() == "*" || seen.trim() == now) {
        return Ok(());
    }
    let changed = "somebody else has changed it since you looked";
    Err(Problem::new(StatusCode::PRECONDITION_FAILED, "changed", changed)
        .fix("look at it again, then change it"))
}
