//! What one request may cost: so many bytes, so much time, and never the process.

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use super::Problem;
use crate::sink::PATIENCE;

/// The most that a request may carry.
pub(super) const BODY_BYTES: usize = 1024 * 1024;
/// Until the reply begins. A stream may go on for as long as somebody reads it.
const LONGEST: Duration = Duration::from_secs(30);
/// A receiver that is tried out and does not answer is a result.
const _: () = assert!(PATIENCE.as_millis() < LONGEST.as_millis());

/// Events that are streamed are not compressed: a compressor would hold them back.
pub(super) fn limited<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    within(LONGEST, router)
}

fn within<S: Clone + Send + Sync + 'static>(longest: Duration, router: Router<S>) -> Router<S> {
    router
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(from_fn(move |request, next| in_time(longest, request, next)))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(panicked))
}

async fn in_time(longest: Duration, request: Request, next: Next) -> Response {
    if announced_bytes(request.headers()).is_some_and(|bytes| bytes > BODY_BYTES as u64) {
        return too_large().into_response();
    }
    if is_unhurried(request.uri().path()) {
        return next.run(request).await;
    }
    match tokio::time::timeout(longest, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", "the answer took too long")
            .fix("ask for less, such as a shorter time, or try again")
            .into_response(),
    }
}

/// A backup takes as long as the log is large; a test of a connection as long as HubSpot may take for each of its steps.
fn is_unhurried(path: &str) -> bool {
    let of_connectors = path.strip_prefix("/api/v1").unwrap_or(path).starts_with("/connectors/");
    matches!(path, "/api/v1/backup" | "/settings/backup") || (of_connectors && path.ends_with("/test"))
}

fn announced_bytes(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

pub(super) fn too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "the body is too large")
        .fix("send at most 1 MiB")
}

fn panicked(_: Box<dyn Any + Send>) -> http::Response<Body> {
    Problem::internal("a handler panicked; the line before says where").into_response()
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_handler_that_panics_costs_its_own_request_only() {
        let broken = async || -> &'static str { panic!("a bug") };
        let router: Router = limited(Router::new().route("/", get(broken)));
        let request = Request::get("/").body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    }

    #[tokio::test(start_paused = true)]
    async fn a_test_of_a_connection_and_a_backup_may_take_what_they_take() {
        let slow = async || tokio::time::sleep(Duration::from_mins(4)).await;
        let asked = async |path: &str| {
            let router: Router = limited(Router::new().route(path, get(slow)));
            router.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap().status()
        };
        let unhurried =
            ["/api/v1/connectors/acme/test", "/connectors/1/test", "/api/v1/backup", "/settings/backup"];
        for path in unhurried {
            assert_eq!(asked(path).await, StatusCode::OK, "{path}");
        }
        for path in ["/api/v1/connectors/acme", "/api/v1/sinks/siem/test", "/settings/data"] {
            assert_eq!(asked(path).await, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        }
    }

    #[tokio::test]
    async fn a_handler_that_does_not_come_to_an_end_is_given_up() {
        let hanging = async || std::future::pending::<&'static str>().await;
        let router: Router = within(Duration::from_millis(1), Router::new().route("/", get(hanging)));
        let request = Request::get("/").body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
