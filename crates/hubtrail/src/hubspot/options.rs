//! How to reach HubSpot, and everything that can be wrong with that before the first call.

use std::path::PathBuf;
use std::time::Duration;

use hubtrail_core::allowance::{RateLimit, Spent};
use jiff::tz::TimeZone;
use secrecy::SecretString;
use url::{Host, Url};

use super::credentials::{Credentials, Keep};
use super::version::ApiVersion;
use crate::address::link;

#[derive(Clone, Debug)]
pub struct Options {
    pub base_url: String,
    pub credentials: Credentials,
    /// Hears of a refresh token that HubSpot has replaced.
    pub keep: Option<Keep>,
    pub api_version: ApiVersion,
    pub timeouts: Timeouts,
    /// Not used towards loopback.
    pub proxy: Option<ProxyServer>,
    /// PEM certificates to trust besides the system's.
    pub extra_ca: Option<PathBuf>,
    pub rate_limit: RateLimit,
    /// The account's time zone; UTC until it is known.
    pub zone: TimeZone,
    /// What was used of today's calls before a restart.
    pub spent: Option<Spent>,
}

#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    pub connect: Duration,
    /// From sending the request to the last of its headers, connecting included.
    pub headers: Duration,
    /// Between two pieces of a body.
    pub idle: Duration,
    /// For the whole exchange, so that a body that drips does not hold a walk up for ever.
    pub total: Duration,
}

impl Default for Timeouts {
    /// HubSpot's own gateway gives up after 100 s; its clients do after 60 s.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            headers: Duration::from_secs(60),
            idle: Duration::from_secs(30),
            total: Duration::from_secs(300),
        }
    }
}

/// A proxy and the hosts that it is not for. Its address may hold a password.
#[derive(Clone, Debug)]
pub struct ProxyServer {
    pub url: SecretString,
    pub no_proxy: Option<String>,
}

impl ProxyServer {
    /// Whether a host is reached without it. What is written as a network is left to the client.
    pub(super) fn leaves_out(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        let names = self.no_proxy.iter().flat_map(|names| names.split(','));
        names.map(str::trim).any(|name| {
            let name = name.trim_start_matches('.');
            let below = || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'));
            name == "*" || !name.is_empty() && (host.eq_ignore_ascii_case(name) || below())
        })
    }
}

/// A configuration with which no call can be made. A person must change it.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error("the base URL {reason} (HubSpot's is https://api.hubapi.com)")]
    BaseUrl { reason: &'static str },
    #[error("the token {reason}: copy it again, without spaces or line breaks")]
    Token { reason: &'static str },
    #[error("the proxy's address cannot be used: give it as http://host:port")]
    Proxy,
    #[error("read the extra CA certificates from {}: {reason}", path.display())]
    ExtraCa { path: PathBuf, reason: String },
    #[error("`rate_limit = \"off\"` is for an emulator on this machine: remove it towards HubSpot")]
    UnlimitedTowardsHubSpot,
    #[error("set up TLS: {reason} (install the system's CA certificates, or configure an extra CA)")]
    Tls { reason: String },
}

impl SetupError {
    /// Where `docs/troubleshooting.md` speaks of it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BaseUrl { .. } => "base-url",
            Self::Token { .. } => "token-format",
            Self::Proxy => "proxy-address",
            Self::ExtraCa { .. } => "extra-ca",
            Self::UnlimitedTowardsHubSpot => "rate-limit-off",
            Self::Tls { .. } => "tls-setup",
        }
    }
}

impl Options {
    /// The usual settings towards an address.
    #[must_use]
    pub fn new(base_url: impl Into<String>, credentials: impl Into<Credentials>) -> Self {
        Self {
            base_url: base_url.into(),
            credentials: credentials.into(),
            keep: None,
            api_version: ApiVersion::default(),
            timeouts: Timeouts::default(),
            proxy: None,
            extra_ca: None,
            rate_limit: RateLimit::default(),
            zone: TimeZone::UTC,
            spent: None,
        }
    }

    /// The address, if a token may be sent to it.
    pub(super) fn checked_base(&self) -> Result<Base, SetupError> {
        let refused = |reason| SetupError::BaseUrl { reason };
        let url = Url::parse(self.base_url.trim()).map_err(|_| refused("is not a URL"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("holds a user name or password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refused("has a query or fragment"));
        }
        if let Some(why) = link::literal(&url).and_then(link::refuses) {
            return Err(refused(why.trim_start_matches("it ")));
        }
        let loopback = is_loopback(&url);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => return Err(refused("must be https: the token would travel in clear")),
            _ => return Err(refused("must begin with https://")),
        }
        if self.rate_limit == RateLimit::Off && !loopback {
            return Err(SetupError::UnlimitedTowardsHubSpot);
        }
        Ok(Base { url, loopback })
    }
}

pub(super) struct Base {
    pub(super) url: Url,
    pub(super) loopback: bool,
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::link::tests::NOWHERE;

    fn options(base_url: &str) -> Options {
        Options::new(base_url, SecretString::from("pat-na1-secret"))
    }

    #[test]
    fn a_token_travels_over_tls_or_not_off_this_machine() {
        for good in [
            "https://api.hubapi.com",
            "https://api.hubapi.com/",
            "http://127.0.0.1:8080",
            "http://[::1]:1",
            "http://localhost:9",
        ] {
            assert!(options(good).checked_base().is_ok(), "{good}");
        }
        for (bad, why) in [
            ("http://api.hubapi.com", "in clear"),
            ("http://localhost.example.com", "in clear"),
            ("http://127.0.0.1.example.com", "in clear"),
            ("ftp://api.hubapi.com", "https://"),
            ("api.hubapi.com", "not a URL"),
            ("https://me:pw@api.hubapi.com", "password"),
            ("https://api.hubapi.com?x=1", "query"),
        ] {
            let error = options(bad).checked_base().err().map(|error| error.to_string());
            assert!(error.as_ref().is_some_and(|error| error.contains(why)), "{bad}: {error:?}");
        }
    }

    #[test]
    fn a_token_does_not_travel_to_the_machines_own_link_in_any_spelling() {
        for host in NOWHERE {
            let error = options(&format!("https://{host}/")).checked_base().err();
            let said = error.map(|error| error.to_string()).unwrap_or_default();
            assert!(said.starts_with("the base URL is "), "{host}: {said}");
        }
        assert!(options("https://10.0.0.7").checked_base().is_ok());
    }

    #[test]
    fn only_an_emulator_is_asked_without_limit() {
        let unlimited = |base| Options { rate_limit: RateLimit::Off, ..options(base) }.checked_base();
        assert!(unlimited("http://127.0.0.1:1").is_ok());
        assert!(matches!(unlimited("https://api.hubapi.com"), Err(SetupError::UnlimitedTowardsHubSpot)));
    }
}
