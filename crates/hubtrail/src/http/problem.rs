//! The one form in which a request fails (RFC 9457). What a person may read and what only the operator
//! may read are kept apart: the latter is logged here, once, and never sent.

use std::num::NonZeroU32;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{Forbidden, Refusal, Rejected};
use crate::connector::Invalid;
use crate::store::StoreError;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// What kind of problem it is: a path in the documentation.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words; the same for every problem of the kind.
    pub title: &'static str,
    pub status: u16,
    /// What happened this time.
    pub detail: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// The parameter or field that is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// For the header `Retry-After`.
    #[serde(skip)]
    pub retry_after_seconds: Option<NonZeroU32>,
}

impl Problem {
    #[must_use]
    pub fn new(status: StatusCode, kind: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("/problems/{kind}"),
            title: status.canonical_reason().unwrap_or("Problem"),
            status: status.as_u16(),
            detail: detail.into(),
            fix: None,
            field: None,
            retry_after_seconds: None,
        }
    }

    #[must_use]
    pub fn fix(self, fix: impl Into<String>) -> Self {
        Self { fix: Some(fix.into()), ..self }
    }

    #[must_use]
    pub fn field(self, field: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..self }
    }

    /// A parameter or a field that cannot be accepted.
    #[must_use]
    pub fn invalid(field: &str, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid", detail).field(field).fix(fix)
    }

    #[must_use]
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", what)
    }

    #[must_use]
    pub fn conflict(what: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", what)
    }

    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "nobody is signed in, and no valid token came along",
        )
        .fix("sign in, or send a Hubtrail token as `Authorization: Bearer …`")
    }

    /// Of somebody who guesses, or looks as if; never for longer than minutes.
    #[must_use]
    pub fn too_many_attempts(wait_ms: i64) -> Self {
        let seconds = u32::try_from(wait_ms).unwrap_or_default().div_ceil(1_000);
        let seconds = NonZeroU32::new(seconds).unwrap_or(NonZeroU32::MIN);
        let problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-attempts",
            format!("there were too many attempts to sign in; the next one counts in {seconds} s"),
        );
        Self { retry_after_seconds: Some(seconds), ..problem.fix("wait, and try again") }
    }

    /// For the operator's eyes: `said` is logged, and the caller only learns that it went wrong.
    #[must_use]
    pub fn internal(said: impl std::fmt::Display) -> Self {
        tracing::error!("a request failed: {said}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something went wrong on the server")
            .fix("look into the server's log, and see `hubtrail doctor`")
    }
}

impl From<Forbidden> for Problem {
    fn from(error: Forbidden) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", error.to_string())
            .fix("ask an administrator of Hubtrail")
    }
}

impl From<Rejected> for Problem {
    fn from(error: Rejected) -> Self {
        match error {
            Rejected::NotHashed => Self::internal(error),
            _ => refused(StatusCode::BAD_REQUEST, "invalid", &error).field("password"),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(error: Refusal) -> Self {
        let (status, kind) = match error {
            Refusal::NoUser(_) | Refusal::NoToken(_) => (StatusCode::NOT_FOUND, "not-found"),
            Refusal::NotAName => (StatusCode::BAD_REQUEST, "invalid"),
            Refusal::Beyond => (StatusCode::FORBIDDEN, "forbidden"),
            Refusal::NameTaken(_) | Refusal::LastAdmin(_) | Refusal::SetUpDone => {
                (StatusCode::CONFLICT, "conflict")
            }
        };
        let problem = refused(status, kind, &error);
        match error {
            Refusal::NameTaken(_) | Refusal::NotAName => problem.field("name"),
            _ => problem,
        }
    }
}

/// An error that says what happened and, behind a colon, what to do.
fn refused(status: StatusCode, kind: &str, error: &dyn std::error::Error) -> Problem {
    let text = error.to_string();
    match text.split_once(": ") {
        Some((detail, fix)) => Problem::new(status, kind, detail).fix(fix),
        None => Problem::new(status, kind, text),
    }
}

impl From<Invalid> for Problem {
    fn from(error: Invalid) -> Self {
        Self::invalid(error.field, error.reason, error.fix)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::UnknownConnector { name, .. } => {
                Self::not_found(format!("there is no connector {name}"))
            }
            StoreError::DuplicateName(name) => {
                Self::conflict(format!("there is a connector named `{name}` already"))
                    .field("name")
                    .fix("take another name")
            }
            StoreError::UnknownSink { name, .. } => Self::not_found(format!("there is no sink {name}")),
            StoreError::SinkNameTaken(name) => {
                Self::conflict(format!("there is a sink named `{name}` already"))
                    .field("name")
                    .fix("take another name")
            }
            StoreError::UnknownChannel { name, .. } => {
                Self::not_found(format!("there is no alert channel {name}"))
            }
            StoreError::ChannelNameTaken(name) => {
                Self::conflict(format!("there is an alert channel named `{name}` already"))
                    .field("name")
                    .fix("take another name")
            }
            StoreError::Invalid(invalid) => invalid.into(),
            StoreError::Access(refusal) => refusal.into(),
            StoreError::TookTooLong => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "too-much",
                "the search looked at too many entries",
            )
            .fix("narrow it by time, or by another filter"),
            StoreError::NoFinding(id) => Self::not_found(format!("there is no finding {id}")),
            StoreError::NoException(id) => Self::not_found(format!("there is no exception number {id}")),
            StoreError::Conflict { .. }
            | StoreError::SinkChanged { .. }
            | StoreError::ChannelChanged { .. }
            | StoreError::FindingChanged(_) => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "changed",
                "somebody else has changed it since you looked",
            )
            .fix("look at it again, then change it"),
            StoreError::Declared { name, file } => {
                Self::conflict(format!("connector `{name}` is declared in {file}"))
                    .fix("change it there, then start `hubtrail serve` again")
            }
            StoreError::DeclaredSink { name, file } => {
                Self::conflict(format!("sink `{name}` is declared in {file}"))
                    .fix("change it there, then start `hubtrail serve` again")
            }
            StoreError::Busy(_) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "the log is busy").fix("try again")
            }
            error => Self::internal(error),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&self)).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.get()));
        }
        // For the console, which shows it as a page.
        response.extensions_mut().insert(self);
        response
    }
}
