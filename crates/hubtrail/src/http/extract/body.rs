//! The JSON in the body of a request.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::http::Problem;

pub(in crate::http) struct Body<T>(pub(in crate::http) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let Json(sent) =
            Json::<Box<RawValue>>::from_request(request, state).await.map_err(|error| refused(&error))?;
        // To serde a list is a struct whose fields go without saying.
        if !sent.get().starts_with('{') {
            return Err(malformed("the body is not a JSON object"));
        }
        serde_json::from_str(sent.get()).map(Self).map_err(|error| malformed(error.to_string()))
    }
}

fn refused(error: &JsonRejection) -> Problem {
    match error {
        JsonRejection::MissingJsonContentType(_) => Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "the body is not declared as JSON",
        )
        .fix("send `Content-Type: application/json`"),
        JsonRejection::BytesRejection(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "the body is too large")
        }
        error => malformed(error.body_text()),
    }
}

fn malformed(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid", detail)
        .fix("see /api/v1/openapi.json for what the body holds")
}
