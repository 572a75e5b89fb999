//! Finds out who is asking: a Hubtrail token as `Bearer`, or the cookie of somebody who signed in.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::header;
use http::request::Parts;
use sha2::{Digest as _, Sha256};

use super::{App, Problem};
use crate::access::Caller;

/// The cookie of a session.
pub(super) const COOKIE: &str = "hubtrail_session";

/// What is stored of a token or a session: with it nobody can sign in.
pub(crate) fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = <Self as OptionalFromRequestParts<App>>::from_request_parts(parts, app).await?;
        caller.ok_or_else(Problem::unauthenticated)
    }
}

impl OptionalFromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Problem> {
        let now = app.clock.now();
        if let Some(token) = bearer(parts) {
            let digest = digest(token);
            return app.log(move |store| store.caller_of_token(&digest, now)).await;
        }
        let Some(session) = cookie(parts, COOKIE) else { return Ok(None) };
        let digest = digest(session);
        app.log(move |store| store.caller_of_session(&digest, now)).await
    }
}

fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

pub(crate) fn cookie<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}
