//! Refusals in HubSpot's shape: `status`, `message`, `correlationId`, `category` and what else the
//! case carries. Each variant is one answer that a client must handle in its own way.

use std::hash::{BuildHasher, RandomState};

use axum::response::{Html, IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};

use crate::oauth::Rejected;
use crate::word::words;

pub const JSON: HeaderValue = HeaderValue::from_static("application/json;charset=utf-8");
const SCOPES_PAGE: &str = "https://developers.hubspot.com/scopes";

words! {
    /// Which allowance is used up.
    pub enum Policy {
        TenSecondlyRolling = "TEN_SECONDLY_ROLLING",
        Daily = "DAILY",
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    #[error("invalid `{parameter}`: {message}")]
    Invalid { parameter: &'static str, message: String },
    #[error("invalid request body: {}", problems.join("; "))]
    InvalidBody { problems: Vec<String> },
    #[error(
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
    )]
    Unauthenticated,
    #[error("The OAuth token used to make this call expired {seconds} second(s) ago.")]
    ExpiredToken { seconds: i64 },
    /// The token endpoint gives no access token.
    #[error("{}", .0.words().2)]
    NotGranted(Rejected),
    #[error(
        "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: {SCOPES_PAGE}."
    )]
    MissingScopes(&'static [&'static str]),
    #[error("This account's plan does not include this API. It needs Content Hub Enterprise.")]
    WrongPlan,
    /// In words for the one who asks.
    #[error("{0}")]
    Forbidden(String),
    #[error("resource not found")]
    NotFound,
    #[error("this version of the API is no longer served")]
    Gone,
    #[error("method not allowed; use {allowed}")]
    MethodNotAllowed { allowed: &'static str },
    #[error("the URI is too long; ask for fewer values at once")]
    UriTooLong,
    #[error("the resource is locked by a high-volume change; try again in a few seconds")]
    Locked,
    #[error("You have reached your {} limit.", .0.as_str().to_lowercase())]
    RateLimited(Policy),
    #[error("this account is being moved to another data hosting location")]
    Migrating { retry_after_s: u32 },
    #[error("internal error")]
    Server(StatusCode),
    /// A gateway before the API answers in HTML.
    #[error("{0}")]
    Gateway(StatusCode),
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    status: &'static str,
    message: String,
    correlation_id: String,
    category: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_category: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_name: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<Value>,
}

impl ApiError {
    #[must_use]
    pub const fn invalid(parameter: &'static str, message: String) -> Self {
        Self::Invalid { parameter, message }
    }

    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Invalid { .. } | Self::InvalidBody { .. } | Self::NotGranted(_) => StatusCode::BAD_REQUEST,
            Self::Unauthenticated | Self::ExpiredToken { .. } => StatusCode::UNAUTHORIZED,
            Self::MissingScopes(_) | Self::WrongPlan | Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Gone => StatusCode::GONE,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::UriTooLong => StatusCode::URI_TOO_LONG,
            Self::Locked => StatusCode::LOCKED,
            Self::RateLimited(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Migrating { .. } => StatusCode::from_u16(477).unwrap_or(StatusCode::SERVICE_UNAVAILABLE),
            Self::Server(status) | Self::Gateway(status) => *status,
        }
    }

    const fn category(&self) -> &'static str {
        match self {
            Self::Invalid { .. } | Self::InvalidBody { .. } | Self::NotGranted(_) => "VALIDATION_ERROR",
            Self::ExpiredToken { .. } => "EXPIRED_AUTHENTICATION",
            Self::Unauthenticated => "INVALID_AUTHENTICATION",
            Self::MissingScopes(_) => "MISSING_SCOPES",
            Self::WrongPlan | Self::Forbidden(_) => "FORBIDDEN",
            Self::NotFound | Self::Gone => "OBJECT_NOT_FOUND",
            Self::MethodNotAllowed { .. } | Self::UriTooLong => "INVALID_REQUEST",
            Self::Locked => "LOCKED",
            Self::RateLimited(_) => "RATE_LIMITS",
            Self::Migrating { .. } => "MIGRATION_IN_PROGRESS",
            Self::Server(_) | Self::Gateway(_) => "INTERNAL_ERROR",
        }
    }

    fn body(&self) -> Body {
        let body = Body {
            status: "error",
            message: self.to_string(),
            correlation_id: correlation_id(),
            category: self.category(),
            ..Body::default()
        };
        match self {
            Self::Invalid { parameter, message } => Body {
                errors: vec![json!({"message": message, "code": "INVALID_PARAMETER", "in": parameter})],
                context: Some(json!({"parameter": [parameter]})),
                ..body
            },
            Self::InvalidBody { problems } => {
                Body { errors: problems.iter().map(|message| json!({"message": message})).collect(), ..body }
            }
            Self::MissingScopes(scopes) => Body {
                errors: vec![json!({
                    "message": "One or more of the following scopes are required.",
                    "context": {"requiredGranularScopes": scopes},
                })],
                links: Some(json!({"scopes": SCOPES_PAGE})),
                ..body
            },
            Self::WrongPlan => Body { sub_category: Some("PLAN.CONTENT_HUB_ENTERPRISE_REQUIRED"), ..body },
            Self::RateLimited(policy) => {
                Body { error_type: Some("RATE_LIMIT"), policy_name: Some(policy.as_str()), ..body }
            }
            _ => body,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Self::Gateway(status) = self {
            let page =
                format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>");
            return (status, Html(page)).into_response();
        }
        let body = match self {
            Self::NotGranted(rejected) => {
                let (error, status, message) = rejected.words();
                let body = json!({
                    "error": error, "error_description": message, "status": status, "message": message,
                });
                body.to_string().into_bytes()
            }
            _ => serde_json::to_vec(&self.body()).unwrap_or_default(),
        };
        let mut response = (self.status(), [(header::CONTENT_TYPE, JSON)], body).into_response();
        match self {
            Self::Migrating { retry_after_s } => {
                response.headers_mut().insert(header::RETRY_AFTER, retry_after_s.into());
            }
            Self::MethodNotAllowed { allowed } => {
                response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
            }
            _ => {}
        }
        response
    }
}

/// An identifier that is unique enough to find one answer in a log.
fn correlation_id() -> String {
    let random = || RandomState::new().hash_one(0);
    uuid::Builder::from_random_bytes((u128::from(random()) << 64 | u128::from(random())).to_be_bytes())
        .into_uuid()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(error: &ApiError) -> Value {
        serde_json::to_value(error.body()).unwrap()
    }

    #[test]
    fn a_missing_scope_is_named_as_hubspot_names_it() {
        let body = value(&ApiError::MissingScopes(&["content"]));
        assert_eq!(body["category"], "MISSING_SCOPES");
        assert_eq!(body["errors"][0]["context"]["requiredGranularScopes"][0], "content");
        assert_eq!(body["links"]["scopes"], SCOPES_PAGE);
    }

    #[test]
    fn a_rate_limit_names_its_policy_in_the_words_that_clients_match() {
        let body = value(&ApiError::RateLimited(Policy::TenSecondlyRolling));
        assert_eq!(body["message"], "You have reached your ten_secondly_rolling limit.");
        assert_eq!(body["policyName"], "TEN_SECONDLY_ROLLING");
        assert_eq!(body["errorType"], "RATE_LIMIT");
        assert_eq!(
            value(&ApiError::RateLimited(Policy::Daily))["message"],
            "You have reached your daily limit."
        );
    }

    #[test]
    fn every_answer_has_its_own_correlation_id() {
        let ids = [0; 3].map(|_| value(&ApiError::NotFound)["correlationId"].as_str().unwrap().to_owned());
        assert!(ids[0] != ids[1] && ids[1] != ids[2]);
        assert!(ids[0].parse::<uuid::Uuid>().is_ok());
    }

    #[test]
    fn only_a_migration_says_when_to_come_back() {
        let response = ApiError::Migrating { retry_after_s: 7 }.into_response();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["retry-after"]),
            (477, &"7".parse().unwrap())
        );
        assert!(!ApiError::RateLimited(Policy::Daily).into_response().headers().contains_key("retry-after"));
    }
}
