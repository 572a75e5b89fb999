//! What happens to a request before and after the protocol: counting, allowances, versions that are
//! no more, and faults.

use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::faults::{Fault, disturb};
use super::line::{self, Line};
use super::portal::Portal;
use crate::backend::Backend;
use crate::endpoint::{Endpoint, Version};
use crate::error::{ApiError, Policy};
use crate::router::{bearer, dated};

pub(super) async fn gate(
    State(portal): State<Arc<Portal>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
    next: Next,
) -> Response {
    let endpoint = Endpoint::of(request.uri().path());
    let name = endpoint.map_or("unknown", Endpoint::name);
    let version = match endpoint {
        Some(Endpoint::AuditLogs(version)) => Some(version),
        _ => None,
    };
    let fault = version.and_then(|_| portal.faults().next());
    if let Some(fault) = fault {
        portal.count(|stats| stats.fault(fault.as_str()));
    }
    let response = match fault {
        Some(fault @ (Fault::Reset | Fault::Hang)) => {
            if fault == Fault::Hang {
                hang(&portal).await;
            }
            line.cut();
            portal.count(|stats| stats.answered(name, None));
            return StatusCode::OK.into_response();
        }
        Some(fault) => match refusal(fault) {
            Some(error) => refused(&portal, error),
            None => disturb(fault, metered(&portal, version, request, next).await, &portal, line).await,
        },
        None => metered(&portal, version, request, next).await,
    };
    portal.count(|stats| stats.answered(name, Some(response.status())));
    dated(response, portal.now_ms())
}

/// Never answers while the client waits; but not for ever, and not past the end of the emulator.
async fn hang(portal: &Portal) {
    tokio::select! {
        () = tokio::time::sleep(portal.config.faults.hang) => {}
        () = line::stopped(portal.stop.clone()) => {}
    }
}

async fn metered(portal: &Portal, version: Option<Version>, request: Request, next: Next) -> Response {
    let behaviour = &portal.config.behaviour;
    let length = request.uri().path_and_query().map_or(0, |uri| uri.as_str().len());
    if length > behaviour.max_uri_bytes as usize {
        return ApiError::UriTooLong.into_response();
    }
    let gone = behaviour.gone.iter().find(|gone| version == Some(gone.version));
    if let Some(gone) = gone {
        let error = if gone.status == StatusCode::GONE { ApiError::Gone } else { ApiError::NotFound };
        return error.into_response();
    }
    if !portal.knows(bearer(request.headers())) {
        return next.run(request).await;
    }
    if let Err(policy) = portal.take_call() {
        return refused(portal, ApiError::RateLimited(policy));
    }
    let mut response = next.run(request).await;
    portal.write_limits(response.headers_mut(), None);
    response
}

fn refused(portal: &Portal, error: ApiError) -> Response {
    let exhausted = if let ApiError::RateLimited(policy) = error { Some(policy) } else { None };
    let mut response = error.into_response();
    if exhausted.is_some() {
        portal.write_limits(response.headers_mut(), exhausted);
    }
    response
}

/// The faults that are an answer of their own.
fn refusal(fault: Fault) -> Option<ApiError> {
    Some(match fault {
        Fault::BadRequest => ApiError::invalid("after", "the value cannot be used".to_owned()),
        Fault::Unauthenticated => ApiError::Unauthenticated,
        Fault::MissingScope => ApiError::MissingScopes(&["content"]),
        Fault::WrongPlan => ApiError::WrongPlan,
        Fault::NotFound => ApiError::NotFound,
        Fault::Gone => ApiError::Gone,
        Fault::UriTooLong => ApiError::UriTooLong,
        Fault::Locked => ApiError::Locked,
        Fault::SecondlyLimit => ApiError::RateLimited(Policy::TenSecondlyRolling),
        Fault::DailyLimit => ApiError::RateLimited(Policy::Daily),
        Fault::Migrating => ApiError::Migrating { retry_after_s: 1 },
        Fault::Internal => ApiError::Server(StatusCode::INTERNAL_SERVER_ERROR),
        Fault::Unavailable => ApiError::Server(StatusCode::SERVICE_UNAVAILABLE),
        Fault::BadGateway => ApiError::Gateway(StatusCode::BAD_GATEWAY),
        Fault::GatewayTimeout => ApiError::Gateway(StatusCode::GATEWAY_TIMEOUT),
        Fault::Origin521 => gateway(521),
        Fault::Origin522 => gateway(522),
        Fault::Origin523 => gateway(523),
        Fault::Origin524 => gateway(524),
        Fault::Origin525 => gateway(525),
        Fault::Origin526 => gateway(526),
        _ => return None,
    })
}

fn gateway(status: u16) -> ApiError {
    ApiError::Gateway(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY))
}
