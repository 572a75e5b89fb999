//! What went wrong between us and HubSpot, from the causes that the HTTP library reports.

use std::error::Error;
use std::io;

use rustls::CertificateError;

use super::error::{ApiError, NetworkFault, TlsFault, Waited};

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
    } else if let Some(fault) = causes.iter().find_map(|cause| cause.downcast_ref().map(tls_fault)) {
        NetworkFault::Tls(fault)
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

fn tls_fault(error: &rustls::Error) -> TlsFault {
    let rustls::Error::InvalidCertificate(error) = error else { return TlsFault::Other };
    match error {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            TlsFault::OtherName
        }
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => TlsFault::OutOfDate,
        _ => TlsFault::UnknownAuthority,
    }
}

/// The error and everything below it. An I/O error hides what it wraps from `source`.
pub(crate) fn causes(error: &reqwest::Error) -> Vec<&(dyn Error + 'static)> {
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
