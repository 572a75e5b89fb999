//! The variable parts of a path.

use axum::extract::FromRequestParts;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use http::StatusCode;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::http::Problem;

pub(in crate::http) struct Path<T>(pub(in crate::http) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(error)) => Err(refused(error.into_kind())),
            Err(error) => Err(Problem::internal(error)),
        }
    }
}

fn refused(kind: ErrorKind) -> Problem {
    let (field, detail) = match kind {
        ErrorKind::ParseErrorAtKey { key, value, .. } => (key, format!("`{value}` is not a number")),
        ErrorKind::InvalidUtf8InPathParam { key } => (key, "it is not UTF-8".to_owned()),
        ErrorKind::ParseError { value, .. } => (String::new(), format!("`{value}` is not a number")),
        other => (String::new(), other.to_string()),
    };
    let problem =
        Problem::new(StatusCode::BAD_REQUEST, "invalid", format!("this path leads nowhere: {detail}"));
    let problem = if field.is_empty() { problem } else { problem.field(field) };
    problem.fix("see /api/v1/openapi.json")
}
