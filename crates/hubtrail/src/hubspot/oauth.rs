//! Exchanging a refresh token for an access token. The app's secret travels in the body, to the configured
//! host and nowhere else.

use hubtrail_core::time::UtcMs;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::bearer;
use super::credentials::OAuth;
use super::error::{ApiError, CredentialFault, Nonsense};
use super::introspect::TokenInfo;
use super::refusal;
use super::transport::{Reply, Transport};

/// The dated path first: the older one ends in 2027.
const PATHS: [&str; 2] = ["/oauth/2026-03/token", "/oauth/v1/token"];
/// How long an access token lives where HubSpot does not say.
const DOCUMENTED_LIFE_S: i64 = 1_800;

pub(super) struct Grant {
    pub(super) access_token: SecretString,
    /// Not always another one than was sent.
    pub(super) refresh_token: Option<SecretString>,
    pub(super) expires_in_ms: i64,
    pub(super) info: TokenInfo,
}

#[derive(Deserialize)]
struct Body {
    access_token: Box<str>,
    refresh_token: Option<Box<str>>,
    expires_in: Option<i64>,
    hub_id: Option<u64>,
    user_id: Option<u64>,
    app_id: Option<u64>,
    #[serde(default)]
    scopes: Vec<String>,
}

/// HubSpot's and OAuth's own codes of what was not accepted.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Refused {
    status: String,
    error: String,
}

/// # Errors
/// When HubSpot gives no access token; see [`ApiError`].
pub(super) async fn refresh(transport: &Transport, oauth: &OAuth, now: UtcMs) -> Result<Grant, ApiError> {
    let mut last = None;
    for path in PATHS {
        let form = form(oauth);
        let reply = transport.exchange(transport.post_form(path, form.as_str())).await?;
        match read(transport, &reply, now) {
            Err(error @ ApiError::VersionGone { .. }) => last = Some(error),
            read => return read,
        }
    }
    Err(last.unwrap_or_else(|| ApiError::malformed("no token endpoint")))
}

fn form(oauth: &OAuth) -> Zeroizing<String> {
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "refresh_token")
        .append_pair("client_id", &oauth.client_id)
        .append_pair("client_secret", oauth.client_secret.expose_secret())
        .append_pair("refresh_token", oauth.refresh_token.expose_secret())
        .finish();
    Zeroizing::new(form)
}

fn read(transport: &Transport, reply: &Reply, now: UtcMs) -> Result<Grant, ApiError> {
    if reply.status != 200 {
        return Err(refusal(transport, reply, now));
    }
    // What serde says of a body may repeat a piece of it.
    let body: Body = serde_json::from_slice(&reply.body).map_err(|_| ApiError::Malformed {
        form: Nonsense::Other,
        what: "no access token".to_owned(),
        said: refusal::said(reply.status, &reply.headers, "", None),
    })?;
    let Body { access_token, refresh_token, expires_in, hub_id, user_id, app_id, scopes } = body;
    Ok(Grant {
        access_token: SecretString::from(access_token),
        // One that cannot be a token would take the place of the one that works, for good.
        refresh_token: refresh_token.map(SecretString::from).filter(|token| bearer::header(token).is_ok()),
        expires_in_ms: expires_in.filter(|life| *life > 0).unwrap_or(DOCUMENTED_LIFE_S).saturating_mul(1_000),
        info: TokenInfo { hub_id, user_id, app_id, scopes },
    })
}

fn refusal(transport: &Transport, reply: &Reply, now: UtcMs) -> ApiError {
    let error = if is_told(&reply.body) {
        transport.refusal(reply, now)
    } else {
        let headers = reply.headers.clone();
        transport.refusal(&Reply { status: reply.status, headers, body: Vec::new() }, now)
    };
    let refused: Refused = serde_json::from_slice(&reply.body).unwrap_or_default();
    let fault = match (refused.status.as_str(), refused.error.as_str()) {
        ("BAD_CLIENT_ID" | "BAD_CLIENT_SECRET", _) | (_, "invalid_client" | "unauthorized_client") => {
            CredentialFault::App
        }
        ("BAD_REFRESH_TOKEN" | "BAD_HUB", _) | (_, "invalid_grant" | "access_denied") => {
            CredentialFault::RefreshToken
        }
        _ => return error,
    };
    match error {
        ApiError::Refused { said, .. }
        | ApiError::Credentials { said, .. }
        | ApiError::Scope { said, .. } => ApiError::Credentials { fault, said },
        error => error,
    }
}

/// Of JSON an error tells the message, of a web page nothing. Other text is told whole, and may be an answer in pieces with
/// a token in it that nobody knows yet.
fn is_told(body: &[u8]) -> bool {
    serde_json::from_slice::<Value>(body).is_ok() || body.trim_ascii_start().starts_with(b"<")
}

#[cfg(test)]
mod hostile;

#[cfg(test)]
mod tests;
