//! One HTTP exchange with a receiver: no redirect, no environment's proxy, no wait without an end, nothing
//! secret in what is said about it. What statuses mean is the same for all receivers, but where a sink
//! knows better.

use std::io::Write as _;
use std::time::Duration;

use flate2::write::GzEncoder;
use hubtrail_core::time::UtcMs;
use reqwest::header::{CONTENT_ENCODING, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Certificate, Client, Identity, NoProxy, Proxy, RequestBuilder, redirect};
use rustls::CertificateError;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::timeout;
use url::Url;

use super::open::Opening;
use super::reachable::{Connection, is_loopback};
use super::{Credentials, SinkError};
use crate::address::link::{Refused, Resolver};
use crate::clock::Clock;
use crate::config::Network;
use crate::hubspot::{causes, install_crypto};

const USER_AGENT: &str = concat!("hubtrail/", env!("CARGO_PKG_VERSION"));
/// What a receiver says about a batch is short, but for a verdict on each entry.
const MOST_REPLY_BYTES: usize = 16 * 1024 * 1024;
const MOST_SAID_CHARS: usize = 300;
/// A receiver that asks us to wait longer is asked again all the same.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// A whole reply.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(crate) body: String,
}

pub(crate) struct Exchange {
    http: Client,
    timeout: Duration,
    credentials: Credentials,
    clock: Clock,
    gzip: bool,
}

impl Exchange {
    pub(super) fn new(
        opening: &Opening<'_>,
        url: &Url,
        connection: &Connection,
        gzip: bool,
    ) -> Result<Self, SinkError> {
        install_crypto();
        let timeout = Duration::from_millis(opening.settings.batch.timeout_ms);
        Ok(Self {
            http: client(opening.network, opening.credentials.client_key.as_ref(), url, connection)?,
            timeout,
            credentials: opening.credentials.clone(),
            clock: opening.clock,
            gzip,
        })
    }

    /// With a service that one secret opens; nothing that it answers repeats it.
    pub(crate) fn to(
        url: &Url,
        secret: Option<SecretString>,
        network: &Network,
        timeout: Duration,
        clock: Clock,
    ) -> Result<Self, SinkError> {
        install_crypto();
        let http = client(network, None, url, &Connection::default())?;
        let credentials = Credentials { token: secret, ..Credentials::default() };
        Ok(Self { http, timeout, credentials, clock, gzip: false })
    }

    pub(crate) fn post(&self, url: Url) -> RequestBuilder {
        self.http.post(url)
    }

    /// The body as it travels, and the request that carries it.
    pub(super) fn with_body(
        &self,
        request: RequestBuilder,
        body: Vec<u8>,
    ) -> Result<RequestBuilder, SinkError> {
        if !self.gzip {
            return Ok(request.body(body));
        }
        let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 6), flate2::Compression::fast());
        let packed = encoder.write_all(&body).and_then(|()| encoder.finish());
        let packed = packed.map_err(|error| SinkError::retry(format!("compress the body: {error}")))?;
        Ok(request.header(CONTENT_ENCODING, HeaderValue::from_static("gzip")).body(packed))
    }

    /// Sends it and reads the whole reply, whatever its status.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Reply, SinkError> {
        let exchanged = async {
            let mut response = request.send().await?;
            let status = response.status().as_u16();
            let retry_after = retry_after(response.headers(), self.clock.now());
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await? {
                if body.len() + chunk.len() <= MOST_REPLY_BYTES {
                    body.extend_from_slice(&chunk);
                }
            }
            Ok(Reply { status, retry_after, body: String::from_utf8_lossy(&body).into_owned() })
        };
        match timeout(self.timeout, exchanged).await {
            Ok(Ok(reply)) => Ok(Reply { body: self.credentials.redacted(&reply.body), ..reply }),
            Ok(Err(error)) => Err(unreachable(&error)),
            Err(_) => Err(SinkError::retry(format!(
                "the receiver did not answer within {} s",
                self.timeout.as_secs()
            ))),
        }
    }

    pub(crate) fn now(&self) -> UtcMs {
        self.clock.now()
    }
}

impl Reply {
    /// What it says, in few words.
    pub(super) fn said(&self) -> String {
        let words = self.body.split(|c: char| c.is_whitespace() || c.is_control());
        let text = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        let short: String = text.chars().take(MOST_SAID_CHARS).collect();
        if short.is_empty() { format!("{}", self.status) } else { format!("{}: {short}", self.status) }
    }

    /// None: it was taken.
    pub(crate) fn verdict(&self) -> Option<SinkError> {
        let said = format!("the receiver answers {}", self.said());
        match self.status {
            200..=299 => None,
            300..=399 => Some(SinkError::misconfigured(
                format!("the receiver answers {} and wants us elsewhere, where nothing is sent", self.status),
                "name the address that it redirects to",
            )),
            401 | 403 | 407 => {
                Some(SinkError::misconfigured(said, "give it credentials that the receiver accepts"))
            }
            404 | 405 | 410 | 421 | 501 => {
                Some(SinkError::misconfigured(said, "check the address: host, port and path"))
            }
            406 | 411 | 415 => {
                let fix =
                    "check that a receiver of this kind is there, and turn gzip off where it takes none";
                Some(SinkError::misconfigured(said, fix))
            }
            408 | 425 | 429 => Some(SinkError::Retry { reason: said, after: self.retry_after }),
            400..=499 => Some(SinkError::Together(said)),
            _ => Some(SinkError::Retry { reason: said, after: self.retry_after }),
        }
    }
}

fn retry_after(headers: &HeaderMap, now: UtcMs) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
            Duration::from_millis(UtcMs::from(at).since(now).max(0).unsigned_abs())
        }
    };
    Some(wait.min(LONGEST_WAIT))
}

fn client(
    network: &Network,
    client_key: Option<&SecretString>,
    url: &Url,
    connection: &Connection,
) -> Result<Client, SinkError> {
    let reach = connection.clone();
    let mut builder = Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(network.connect_timeout)
        .redirect(redirect::Policy::none())
        .referer(false)
        .http1_only()
        .pool_max_idle_per_host(1)
        .dns_resolver(Resolver(move |_: &str, address| reach.refuses(address)))
        // First of all, no proxy that the environment names: only `config` reads the environment.
        .no_proxy();
    if let Some(proxy) = network.proxy.as_ref().filter(|_| !is_loopback(url)) {
        let proxy = Proxy::all(proxy.expose_secret())
            .map_err(|_| SinkError::misconfigured("the proxy cannot be used", "check network.proxy"))?;
        builder = builder.proxy(proxy.no_proxy(network.no_proxy.as_deref().and_then(NoProxy::from_string)));
    }
    if url.scheme() == "http" {
        // The system's certificates are not needed, and a machine without any is not an error.
        return built(builder.tls_certs_only([]));
    }
    let mut authorities = Vec::new();
    if let Some(path) = &network.extra_ca {
        let pem = std::fs::read_to_string(path).map_err(|error| {
            let reason = format!("read {}: {error}", path.display());
            SinkError::misconfigured(reason, "check network.extra_ca")
        })?;
        authorities.extend(certificates(&pem)?);
    }
    if let Some(pem) = &connection.ca {
        authorities.extend(certificates(pem)?);
    }
    if !authorities.is_empty() {
        builder = builder.tls_certs_merge(authorities);
    }
    if let (Some(certificate), Some(key)) = (&connection.client_certificate, client_key) {
        let pem = zeroize::Zeroizing::new(format!("{certificate}\n{}", key.expose_secret()));
        let identity = Identity::from_pem(pem.as_bytes()).map_err(|_| {
            let reason = "the client certificate and its key cannot be used";
            SinkError::misconfigured(reason, "give both as PEM, the key unencrypted")
        })?;
        builder = builder.identity(identity);
    }
    built(builder)
}

fn built(builder: reqwest::ClientBuilder) -> Result<Client, SinkError> {
    builder.build().map_err(|error| {
        let reason = format!("prepare the connection: {}", innermost(&error));
        SinkError::misconfigured(reason, "check the certificates that are configured")
    })
}

fn certificates(pem: &str) -> Result<Vec<Certificate>, SinkError> {
    match Certificate::from_pem_bundle(pem.as_bytes()) {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(SinkError::misconfigured("the authority is no PEM certificate", "give it as PEM")),
    }
}

/// Why there is no reply. What the library says of it may repeat the address, which may be one's secret.
fn unreachable(error: &reqwest::Error) -> SinkError {
    let causes = causes(error);
    if let Some(refused) = causes.iter().find_map(|cause| cause.downcast_ref::<Refused>()) {
        return refused.clone().into();
    }
    let certificate = causes.iter().find_map(|cause| match cause.downcast_ref()? {
        rustls::Error::InvalidCertificate(error) => Some(certificate_fault(error)),
        _ => None,
    });
    if let Some(reason) = certificate {
        let fix = "give the authority that signed it, or have it renewed";
        return SinkError::misconfigured(reason, fix);
    }
    let what = match error {
        error if error.is_timeout() => "the receiver does not answer in time",
        error if error.is_dns() => "the receiver's address is not found",
        error if error.is_connect() => "the receiver cannot be reached",
        _ => "the connection to the receiver broke",
    };
    match causes.last() {
        Some(cause) => SinkError::retry(format!("{what}: {}", without_code(&cause.to_string()))),
        None => SinkError::retry(what),
    }
}

/// The operating system's number for an error says nothing that its words do not.
fn without_code(cause: &str) -> String {
    let words = cause.split_once(" (os error ").map_or(cause, |(words, _)| words);
    // It stands within a sentence. A name in capitals stays as it is.
    match words.split_at_checked(1) {
        Some((first, rest)) if rest.starts_with(char::is_lowercase) => first.to_lowercase() + rest,
        _ => words.to_owned(),
    }
}

fn certificate_fault(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the receiver's certificate is for another name"
        }
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => "the receiver's certificate is out of date",
        _ => "the receiver's certificate is signed by nobody that is trusted",
    }
}

fn innermost(error: &reqwest::Error) -> String {
    causes(error).last().map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_in_words_alone() {
        for (cause, told) in [
            ("Connection refused (os error 111)", "connection refused"),
            ("TLS handshake eof", "TLS handshake eof"),
            ("", ""),
        ] {
            assert_eq!(without_code(cause), told);
        }
    }

    #[test]
    fn a_status_says_what_to_do_next() {
        let verdict =
            |status| Reply { status, retry_after: None, body: "no\n\u{7} thanks".to_owned() }.verdict();
        for status in [200, 201, 202, 204] {
            assert_eq!(verdict(status), None);
        }
        for status in [301, 307, 401, 403, 404, 405, 406, 415] {
            assert!(matches!(verdict(status), Some(SinkError::Misconfigured { .. })), "{status}");
        }
        for status in [408, 429, 500, 502, 503, 507] {
            assert!(matches!(verdict(status), Some(SinkError::Retry { .. })), "{status}");
        }
        for status in [400, 409, 413, 422] {
            assert!(matches!(verdict(status), Some(SinkError::Together(_))), "{status}");
        }
        assert_eq!(verdict(500).unwrap().to_string(), "the receiver answers 500: no thanks");
    }

    #[test]
    fn a_wait_is_told_in_seconds_or_by_date_and_is_never_for_ever() {
        let now: UtcMs = "2026-03-01T10:00:00Z".parse().unwrap();
        let after = |text: &'static str| {
            retry_after(&HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(text))]), now)
        };
        assert_eq!(after("7"), Some(Duration::from_secs(7)));
        assert_eq!(after("Sun, 01 Mar 2026 10:00:30 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(after("Sun, 01 Mar 2026 09:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(after("999999999"), Some(LONGEST_WAIT));
        assert_eq!(after("soon"), None);
    }
}
