//! From where a request came: the address of the client, for the audit trail and for the throttle.

use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::request::Parts;
use http::{Extensions, HeaderMap};

use crate::http::App;

/// None: the listener did not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin(pub Option<IpAddr>);

impl Origin {
    /// A proxy that is trusted says for whom it asks; anybody else's word counts for nothing.
    pub(in crate::http) fn of(headers: &HeaderMap, extensions: &Extensions, trusted: &[IpAddr]) -> Self {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        Self(peer.map(|peer| client(peer.to_canonical(), headers, trusted)))
    }

    /// Whether it is a process of this machine that asks for itself.
    #[must_use]
    pub fn is_loopback(self) -> bool {
        self.0.is_some_and(|address| address.is_loopback())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(address) => address.fmt(f),
            None => f.write_str("an unknown address"),
        }
    }
}

/// The last address of `X-Forwarded-For` that no trusted proxy has; each adds the one that it sees.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let mut client = peer;
    let hops: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    for hop in hops.into_iter().rev() {
        if !trusted.contains(&client) {
            break;
        }
        let Ok(address) = hop.trim().parse::<IpAddr>() else { break };
        client = address.to_canonical();
    }
    client
}

impl FromRequestParts<App> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers, &parts.extensions, &app.config.server.trusted_proxies))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_says_for_whom_it_asks() {
        let [proxy, client_a, client_b]: [IpAddr; 3] =
            ["10.0.0.1", "192.0.2.7", "198.51.100.9"].map(|text| text.parse().unwrap());
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "198.51.100.9, 192.0.2.7".parse().unwrap());
        assert_eq!(client(proxy, &headers, &[]), proxy, "nobody is trusted");
        assert_eq!(
            client(proxy, &headers, &[proxy]),
            client_a,
            "what the client claims itself is not believed"
        );
        assert_eq!(client(proxy, &headers, &[proxy, client_a]), client_b);
        assert_eq!(client(client_a, &headers, &[proxy]), client_a);
        headers.append("x-forwarded-for", "nonsense".parse().unwrap());
        assert_eq!(client(proxy, &headers, &[proxy]), proxy);
    }
}
