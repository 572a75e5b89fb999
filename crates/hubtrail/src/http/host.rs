//! For whom a request was meant. A page on the Internet can have its own name resolve to this machine and
//! then read what listens on loopback (DNS rebinding); but its requests carry that name.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use url::{Host, Url};

use super::{App, Problem};
use crate::config::Server;

pub(super) async fn host(State(app): State<App>, request: Request, next: Next) -> Response {
    let named = request.headers().get(header::HOST).map(|value| value.to_str().unwrap_or("?"));
    let named = named.or_else(|| request.uri().authority().map(http::uri::Authority::as_str));
    if named.is_none_or(|named| is_ours(named, &app.config.server)) {
        return next.run(request).await;
    }
    Problem::new(StatusCode::MISDIRECTED_REQUEST, "wrong-host", "this is not the host that was asked for")
        .fix("use http://localhost or http://127.0.0.1; for another name, set `server.public_url`")
        .into_response()
}

/// Beyond loopback, the network decides who gets here, and names are the operator's business.
fn is_ours(named: &str, server: &Server) -> bool {
    if !server.listen.ip().is_loopback() {
        return true;
    }
    let Ok(named) = Url::parse(&format!("http://{named}/")) else { return false };
    match named.host() {
        Some(Host::Domain(name)) => {
            name.eq_ignore_ascii_case("localhost")
                || server.public_url.as_ref().and_then(Url::host_str).is_some_and(|public| public == name)
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
