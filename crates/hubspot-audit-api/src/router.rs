//! Joins the protocol to a backend. It answers every path that it is given itself, in HubSpot's
//! shape, also those that HubSpot does not know.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use crate::backend::{Area, Backend};
use crate::directory;
use crate::endpoint::Endpoint;
use crate::error::{ApiError, JSON};
use crate::export;
use crate::oauth::Refresh;
use crate::page::{Page, Target};
use crate::query::Query;
use crate::time;

/// Larger bodies are refused; HubSpot's own requests are a few hundred bytes.
const MAX_BODY_BYTES: usize = 1 << 20;

/// All paths, for a server that is nothing else.
pub fn router<B: Backend>(backend: Arc<B>) -> Router {
    Router::new().fallback(shared::<B>).with_state(backend)
}

/// Only what is under `/cms/`, to be merged into a router that has routes of its own.
pub fn cms<B: Backend>(backend: Arc<B>) -> Router {
    Router::new().route("/cms/{*rest}", any(shared::<B>)).with_state(backend)
}

async fn shared<B: Backend>(State(backend): State<Arc<B>>, request: Request) -> Response {
    answer(backend.as_ref(), request).await
}

/// One request, for a server that has a backend for each.
pub async fn answer<B: Backend>(backend: &B, request: Request) -> Response {
    let response = dispatch(backend, request).await.unwrap_or_else(IntoResponse::into_response);
    dated(response, backend.now_ms())
}

/// Sets HubSpot's clock, which need not be this machine's.
pub(crate) fn dated(mut response: Response, now_ms: i64) -> Response {
    if let Some(date) = time::http_date(now_ms).and_then(|date| HeaderValue::try_from(date).ok()) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

pub(crate) fn json(body: Bytes) -> Response {
    ([(header::CONTENT_TYPE, JSON)], body).into_response()
}

/// The token of an `Authorization: Bearer` header.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

async fn dispatch<B: Backend>(backend: &B, request: Request) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let endpoint = Endpoint::of(parts.uri.path()).ok_or(ApiError::NotFound)?;
    let allowed = if endpoint.is_post() { "POST" } else { "GET" };
    if parts.method.as_str() != allowed {
        return Err(ApiError::MethodNotAllowed { allowed });
    }
    match endpoint {
        Endpoint::AuditLogs(_) => audit_logs(backend, &parts).await,
        Endpoint::Export => {
            let caller = backend.authorise(bearer(&parts.headers), Area::Content).await?;
            export::check(&read(body).await?)?;
            backend.export(&caller).await?;
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        Endpoint::TokenInfo => token_info(backend, body).await,
        Endpoint::Token => {
            let refresh = Refresh::parse(&read(body).await?)?;
            Ok(json(backend.refresh(&refresh).await?.body()))
        }
        Endpoint::Account => {
            let caller = backend.authorise(bearer(&parts.headers), Area::Account).await?;
            Ok(json(backend.account(&caller).await?.body(backend.now_ms())))
        }
        Endpoint::Usage => {
            let caller = backend.authorise(bearer(&parts.headers), Area::Account).await?;
            Ok(json(backend.usage(&caller).await?.body(backend.now_ms())))
        }
        Endpoint::Users | Endpoint::User(_) | Endpoint::Owners | Endpoint::Owner(_) => {
            people(backend, &parts, endpoint).await
        }
    }
}

async fn audit_logs<B: Backend>(backend: &B, parts: &Parts) -> Result<Response, ApiError> {
    let caller = backend.authorise(bearer(&parts.headers), Area::Content).await?;
    let query = Query::parse(parts.uri.query().unwrap_or_default(), backend.dialect().arrays)?;
    let page = backend.records(&caller, query).await?;
    Ok(rendered(backend, parts, &page))
}

fn rendered<B: Backend>(backend: &B, parts: &Parts, page: &Page) -> Response {
    let uri = &parts.uri;
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or(uri.authority().map(|authority| authority.as_str()));
    let target = Target {
        host: host.unwrap_or("localhost"),
        path: uri.path(),
        query: uri.query().unwrap_or_default(),
    };
    json(page.render(&backend.dialect().links, &target))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TokenKey {
    token_key: String,
}

async fn token_info<B: Backend>(backend: &B, body: Body) -> Result<Response, ApiError> {
    let body = read(body).await?;
    let TokenKey { token_key } = serde_json::from_slice(&body)
        .map_err(|_| ApiError::InvalidBody { problems: vec!["`tokenKey` is missing".to_owned()] })?;
    Ok(json(backend.token_info(&token_key).await?.body()))
}

async fn people<B: Backend>(
    backend: &B,
    parts: &Parts,
    endpoint: Endpoint<'_>,
) -> Result<Response, ApiError> {
    let area = match endpoint {
        Endpoint::Users | Endpoint::User(_) => Area::Users,
        _ => Area::Owners,
    };
    let caller = backend.authorise(bearer(&parts.headers), area).await?;
    let people = backend.people(&caller).await?;
    let query = parts.uri.query().unwrap_or_default();
    Ok(match endpoint {
        Endpoint::Users => rendered(backend, parts, &directory::users(&people, query)?),
        Endpoint::Owners => rendered(backend, parts, &directory::owners(&people, query)?),
        Endpoint::User(id) => json(directory::user(&people, &decoded(id), query)?),
        Endpoint::Owner(id) => json(directory::owner(&people, &decoded(id), query)?),
        _ => return Err(ApiError::NotFound),
    })
}

fn decoded(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

async fn read(body: Body) -> Result<Bytes, ApiError> {
    axum::body::to_bytes(body, MAX_BODY_BYTES)
        .await
        .map_err(|_| ApiError::InvalidBody { problems: vec!["the body cannot be read".to_owned()] })
}
