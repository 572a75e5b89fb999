//! What every request passes before a handler sees it: who is asking is found out once, and a change that
//! a browser's cookie vouches for must come from our own pages. No handler can forget it.
//!
//! A request with a token needs no such proof: no other site's page can make a browser send one.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, Method, StatusCode, header};
use subtle::ConstantTimeEq as _;
use url::{Url, form_urlencoded};

use super::auth::{Found, identify};
use super::limits::{BODY_BYTES, too_large};
use super::{App, Problem};

const CSRF_HEADER: &str = "x-csrf-token";
const CSRF_FIELD: &str = "csrf";

/// Where a password or a key vouches, and not the cookie that may come along.
const WITHOUT_SESSION: &[&str] = &["/api/v1/session", "/api/v1/setup", "/sign-in", "/setup"];

pub(super) async fn guard(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let found = identify(&app, request.headers()).await;
    if !is_change(request.method()) {
        request.extensions_mut().insert(Found(found));
        return next.run(request).await;
    }
    let by_token = request.headers().contains_key(header::AUTHORIZATION);
    if !by_token && !is_same_origin(request.headers(), app.config.server.public_url.as_ref()) {
        return foreign().into_response();
    }
    let vouches = request.method() != Method::POST || !WITHOUT_SESSION.contains(&request.uri().path());
    if let Ok(Some(identity)) = &found
        && let Some(csrf) = identity.csrf.as_deref().filter(|_| vouches)
    {
        request = match carries(request, csrf).await {
            Ok(request) => request,
            Err(problem) => return problem.into_response(),
        };
    }
    request.extensions_mut().insert(Found(found));
    next.run(request).await
}

fn is_change(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn foreign() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "foreign-origin", "the request was made by another site's page").fix(
        "use Hubtrail's own pages; behind a proxy, set `server.public_url` to the address that browsers use",
    )
}

/// What a browser says about the page that asks. A client that is none says nothing of the kind.
fn is_same_origin(headers: &HeaderMap, public_url: Option<&Url>) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = text("origin") else { return true };
    let Ok(origin) = Url::parse(origin) else { return false };
    if public_url.is_some_and(|url| url.origin() == origin.origin()) {
        return true;
    }
    let own = text("host").and_then(|host| Url::parse(&format!("{}://{host}", origin.scheme())).ok());
    own.is_some_and(|own| own.origin() == origin.origin())
}

/// Refuses a change without the session's value in the header or in the form.
async fn carries(request: Request, csrf: &str) -> Result<Request, Problem> {
    let same = |given: &[u8]| bool::from(given.ct_eq(csrf.as_bytes()));
    if let Some(given) = request.headers().get(CSRF_HEADER) {
        return if same(given.as_bytes()) { Ok(request) } else { Err(stale()) };
    }
    if !is_form(request.headers()) {
        return Err(stale());
    }
    let (parts, body) = request.into_parts();
    let body = read(body).await?;
    let given = form_urlencoded::parse(&body).find(|(field, _)| field == CSRF_FIELD);
    match given {
        Some((_, given)) if same(given.as_bytes()) => Ok(Request::from_parts(parts, Body::from(body))),
        _ => Err(stale()),
    }
}

fn stale() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "csrf", "the change does not carry the value of your session").fix(
        "load the page again; a program sends a token as `Authorization: Bearer …` instead of a cookie, or \
              `X-CSRF-Token` with what `GET /api/v1/session` says",
    )
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

async fn read(body: Body) -> Result<Bytes, Problem> {
    to_bytes(body, BODY_BYTES).await.map_err(|_| too_large())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        pairs.collect::<HeaderMap>()
    }

    #[test]
    fn only_our_own_pages_make_changes() {
        let public: Url = "https://hubtrail.example.org".parse().unwrap();
        for (pairs, same) in [
            (&[][..], true),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "http://a:1"), ("host", "a:1")], false),
            (&[("origin", "http://127.0.0.1:8787"), ("host", "127.0.0.1:8787")], true),
            (&[("origin", "http://127.0.0.1:9999"), ("host", "127.0.0.1:8787")], false),
            (&[("origin", "https://evil.example"), ("host", "hubtrail.example.org")], false),
            (&[("origin", "https://hubtrail.example.org"), ("host", "10.0.0.5:8787")], true),
            (&[("origin", "http://hubtrail.example.org"), ("host", "10.0.0.5:8787")], false),
            (&[("origin", "null"), ("host", "127.0.0.1:8787")], false),
        ] {
            assert_eq!(is_same_origin(&headers(pairs), Some(&public)), same, "{pairs:?}");
        }
    }
}
