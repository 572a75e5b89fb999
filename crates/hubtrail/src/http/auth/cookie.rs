//! The cookie of a session: out of reach for scripts, and sent by no other site's page.

use http::{HeaderMap, HeaderValue, header};
use secrecy::{ExposeSecret as _, SecretString};

use crate::config::Server;
use crate::http::Problem;

pub(in crate::http) const COOKIE: &str = "hubtrail_session";

/// A browser forgets it with the session at the latest; the server decides before.
pub(super) fn set(server: &Server, session: &SecretString, for_ms: i64) -> Result<HeaderValue, Problem> {
    header(server, session.expose_secret(), for_ms / 1_000)
}

pub(super) fn remove(server: &Server) -> Result<HeaderValue, Problem> {
    header(server, "", 0)
}

fn header(server: &Server, value: &str, seconds: i64) -> Result<HeaderValue, Problem> {
    let secure = if server.is_https() { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    let mut header = HeaderValue::try_from(cookie).map_err(Problem::internal)?;
    header.set_sensitive(true);
    Ok(header)
}

pub(super) fn read(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE && !value.is_empty()).then_some(value))
}
