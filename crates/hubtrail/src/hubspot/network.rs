//! What went wrong between us and HubSpot, from the causes that the HTTP library reports.

use std::error::Error;
use std::io;

use super::error::{ApiError, NetworkFault, Waited};

/// Where in the exchange it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Headers,
    Body,
}

pub(super) fn fault(error: &reqwest::Error, phase: Phase) -> ApiError {
    let causes = causes(error);
    let detail = causes.last().map(ToString::to_string).unwrap_or_default();
    let io = causes.iter().find_map(|cause| cause.downcast_ref::<io::Error>().map(io::Error::kind));
    let says = |words: &[&str]| {
        causes.iter().any(|cause| {
            let text = cause.to_string();
            words.iter().any(|word| text.contains(word))
        })
    };
    let fault = if error.is_dns() || says(&["dns error"]) {
        NetworkFault::Dns
    } else if says(&["tunnel", "proxy", "socks"]) {
        NetworkFault::Proxy
    } else if causes.iter().any(|cause| cause.is::<rustls::Error>()) {
        NetworkFault::Tls
    } else if error.is_timeout() {
        NetworkFault::Timeout(match phase {
            _ if error.is_connect() => Waited::Connection,
            Phase::Headers => Waited::Headers,
            Phase::Body => Waited::Body,
        })
    } else if error.is_connect() {
        NetworkFault::Connect
    } else if matches!(io, Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)) {
        NetworkFault::Reset
    } else if phase == Phase::Body {
        NetworkFault::BodyCut
    } else if says(&["closed before", "unexpected eof", "connection closed"]) {
        NetworkFault::Reset
    } else {
        NetworkFault::Other
    };
    ApiError::unreachable(fault, detail)
}

/// The error and everything below it. An I/O error hides what it wraps from `source`.
fn causes(error: &reqwest::Error) -> Vec<&(dyn Error + 'static)> {
    let mut causes: Vec<&(dyn Error + 'static)> = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause);
        let wrapped = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match wrapped {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => cause.source(),
        };
    }
    causes
}
