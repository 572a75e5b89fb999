//! The way to the host, step by step: its name, its port, and the certificate behind it. Nothing is sent
//! that HubSpot would count, and the token least of all.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures_util::future::select_ok;
use hubtrail_core::time::UtcMs;
use secrecy::ExposeSecret as _;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use url::{Host, Url};

use super::report::{Step, Trouble};
use crate::address::link;
use crate::hubspot::client::HubSpot;
use crate::hubspot::error::{ApiError, NetworkFault, Waited};
use crate::hubspot::limits::Watch;
use crate::hubspot::options::Options;

/// What the steps found, the last one being the one that failed.
pub(super) struct Probe {
    pub(super) steps: Vec<Step>,
    pub(super) trouble: Option<Trouble>,
}

pub(super) async fn probe(options: &Options, hubspot: &HubSpot, now: UtcMs) -> Probe {
    let mut probe = Probe { steps: Vec::new(), trouble: None };
    let Ok(base) = options.checked_base() else { return probe };
    let proxy = options.proxy.as_ref().filter(|proxy| !base.loopback && !proxy.leaves_out(&base.url));
    let proxy_url = proxy.and_then(|proxy| Url::parse(proxy.url.expose_secret()).ok());
    let (target, via) = match &proxy_url {
        Some(proxy) => (proxy, "the proxy "),
        None => (&base.url, ""),
    };
    let watch = Watch::start(now);
    let refuses = |address| if proxy_url.is_some() { None } else { link::refuses(address) };
    let addresses = match resolve(target, options.timeouts.connect, refuses).await {
        Ok(Resolved::Literal(address)) => vec![address],
        Ok(Resolved::Named(addresses)) => {
            let detail = format!("{via}{} is {}", host(target), addresses[0].ip());
            probe.passed("DNS", detail, watch.elapsed_ms());
            addresses
        }
        Err(detail) => {
            return probe.failed("DNS", fault(NetworkFault::Dns, via, detail), watch.elapsed_ms());
        }
    };
    let watch = Watch::start(watch.now());
    match connect(&addresses, options.timeouts.connect).await {
        Ok(address) => probe.passed("TCP", format!("{via}{address} answers"), watch.elapsed_ms()),
        Err((cause, detail)) => return probe.failed("TCP", fault(cause, via, detail), watch.elapsed_ms()),
    }
    if base.url.scheme() == "https" {
        let watch = Watch::start(watch.now());
        match hubspot.transport().greet().await {
            Ok(()) => {
                let detail = format!("the certificate of {} is trusted", host(&base.url));
                probe.passed("TLS", detail, watch.elapsed_ms());
            }
            Err(error) => return probe.failed("TLS", error, watch.elapsed_ms()),
        }
    }
    probe
}

impl Probe {
    fn passed(&mut self, name: &str, detail: String, duration_ms: u64) {
        self.steps.push(Step { name: name.to_owned(), passed: true, detail, duration_ms });
    }

    fn failed(mut self, name: &str, error: ApiError, duration_ms: u64) -> Self {
        let detail = error.to_string();
        self.steps.push(Step { name: name.to_owned(), passed: false, detail, duration_ms });
        self.trouble = Some(Trouble::of(&error));
        self
    }
}

enum Resolved {
    /// There was no name.
    Literal(SocketAddr),
    Named(Vec<SocketAddr>),
}

async fn resolve(
    url: &Url,
    within: Duration,
    refuses: impl Fn(IpAddr) -> Option<&'static str>,
) -> Result<Resolved, String> {
    let port =
        url.port_or_known_default().unwrap_or(if url.scheme().starts_with("socks") { 1080 } else { 443 });
    let name = match url.host() {
        Some(Host::Ipv4(ip)) => return Ok(Resolved::Literal((ip, port).into())),
        Some(Host::Ipv6(ip)) => return Ok(Resolved::Literal((ip, port).into())),
        Some(Host::Domain(name)) => name.to_owned(),
        // Of a scheme that it does not know, such as socks5, a URL does not know what a host looks like.
        None => return Err("there is no host".to_owned()),
    };
    let found = timeout(within, lookup_host((name.as_str(), port))).await;
    let addresses: Vec<SocketAddr> = match found {
        Ok(Ok(addresses)) => {
            link::allowed(&name, addresses, refuses).map_err(|refused| refused.to_string())?
        }
        Ok(Err(error)) => return Err(error.to_string()),
        Err(_) => return Err(format!("no answer within {} s", within.as_secs())),
    };
    if addresses.is_empty() { Err("it has no address".to_owned()) } else { Ok(Resolved::Named(addresses)) }
}

/// The first address to take a connection. All are tried at once: one after the other, a name with eight of them
/// behind a firewall took eight times as long to be told.
async fn connect(addresses: &[SocketAddr], within: Duration) -> Result<SocketAddr, (NetworkFault, String)> {
    let tried = addresses.iter().map(|address| Box::pin(connect_to(*address, within)));
    select_ok(tried).await.map(|(address, _)| address)
}

async fn connect_to(address: SocketAddr, within: Duration) -> Result<SocketAddr, (NetworkFault, String)> {
    match timeout(within, TcpStream::connect(address)).await {
        Ok(Ok(_)) => Ok(address),
        Ok(Err(error)) => Err((NetworkFault::Connect, format!("{address}: {error}"))),
        Err(_) => {
            let waited = format!("{address}: no answer within {} s", within.as_secs());
            Err((NetworkFault::Timeout(Waited::Connection), waited))
        }
    }
}

/// What goes wrong on the way to a proxy is the proxy's.
fn fault(fault: NetworkFault, via: &str, detail: String) -> ApiError {
    if via.is_empty() {
        ApiError::unreachable(fault, detail)
    } else {
        ApiError::unreachable(NetworkFault::Proxy, detail)
    }
}

fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}
