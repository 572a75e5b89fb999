//! Syslog: RFC 5424, or RFC 3164 for old receivers, over UDP, TCP with octet counting (RFC 6587) and TLS
//! (RFC 5425).
//!
//! Syslog has no acknowledgement. Over TCP and TLS there is one thing that a receiver does say: it closes the
//! connection once it has read it to the end. So a batch has a connection of its own, and counts as delivered
//! when the receiver has closed it; a connection that breaks before is a batch that comes again.

mod connect;
mod frame;

use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::UdpSocket;
use tokio::time::timeout;
use utoipa::ToSchema;

use self::connect::Tls;
pub(crate) use self::connect::tls;
use self::frame::Framing;
use super::open::Opening;
use super::reachable::{Connection, by_name};
use super::{By, Credentials, Item, Receipt, Refused, Sink, SinkError};
use crate::connector::Invalid;

/// A syslog receiver
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Syslog {
    /// Host and port: 514 for UDP, 601 for TCP and 6514 for TLS are usual.
    #[schema(example = "siem.example.org:6514")]
    pub address: String,
    #[serde(default)]
    pub transport: Transport,
    #[serde(default)]
    pub protocol: Protocol,
    /// 0 to 23; 13 is the log audit.
    #[serde(default = "log_audit")]
    #[schema(minimum = 0, maximum = 23)]
    pub facility: u8,
    /// Who sends, as the receiver files it.
    #[serde(default = "hubtrail")]
    pub hostname: String,
    #[serde(default = "hubtrail")]
    pub app_name: String,
    /// Whether a batch counts only when the receiver has closed the connection after it. Of a receiver that never
    /// does, nothing can be known; then a batch counts when it is written.
    #[serde(default = "yes")]
    pub confirm: bool,
    #[serde(default)]
    #[serde(deserialize_with = "by_name")]
    pub connection: Connection,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    Udp,
    Tcp,
    #[default]
    Tls,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    #[default]
    Rfc5424,
    Rfc3164,
}

const fn log_audit() -> u8 {
    13
}

fn hubtrail() -> String {
    "hubtrail".to_owned()
}

const fn yes() -> bool {
    true
}

impl Transport {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
        }
    }
}

impl Syslog {
    /// The host as it is resolved and as its certificate names it, and the port.
    fn host_and_port(&self) -> Option<(&str, u16)> {
        let (host, port) = self.address.rsplit_once(':')?;
        let host = host.strip_prefix('[').map_or(Some(host), |host| host.strip_suffix(']'))?;
        let is_host =
            !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || matches!(c, '/' | '@'));
        port.parse().ok().filter(|port| *port > 0 && is_host).map(|port| (host, port))
    }

    pub(super) fn check(&self, by: By) -> Result<(), Invalid> {
        let refuse = |field, reason: &str, fix| Err(Invalid { field, reason: reason.to_owned(), fix });
        let Some((host, _)) = self.host_and_port() else {
            return refuse("target.address", "it is no host and port", "write it as siem.example.org:6514");
        };
        let literal: Option<std::net::IpAddr> = host.parse().ok();
        if let Some(why) = literal.and_then(|address| self.connection.refuses(address)) {
            return refuse("target.address", why, "name the receiver's own address");
        }
        let here =
            host.eq_ignore_ascii_case("localhost") || literal.is_some_and(|address| address.is_loopback());
        if self.transport != Transport::Tls && !here && !self.connection.allow_plaintext {
            let fix = "use tls, or allow plaintext";
            return refuse("target.transport", "entries would travel unencrypted", fix);
        }
        if self.facility > 23 {
            return refuse("target.facility", "there is no such facility", "use 0 to 23");
        }
        for (field, name, most) in
            [("target.hostname", &self.hostname, 255), ("target.appName", &self.app_name, 48)]
        {
            if name.is_empty() || name.len() > most || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
                return refuse(field, "it is no name for syslog", "use letters, digits and dashes");
            }
        }
        self.connection.check(by)
    }

    pub(super) fn check_credentials(&self, credentials: &Credentials) -> Result<(), Invalid> {
        self.connection.check_key(credentials)
    }
}

pub(super) struct SyslogSink {
    settings: Syslog,
    tls: Option<Tls>,
    timeout: Duration,
}

/// What fits into one datagram over IPv4.
const MOST_DATAGRAM_BYTES: usize = 65_507;

impl SyslogSink {
    pub(super) fn new(settings: &Syslog, opening: &Opening<'_>) -> Result<Self, SinkError> {
        let tls = match settings.transport {
            Transport::Tls => Some(tls(&settings.connection, opening.network, Some(&opening.credentials))?),
            Transport::Udp | Transport::Tcp => None,
        };
        let timeout = Duration::from_millis(opening.settings.batch.timeout_ms);
        Ok(Self { settings: settings.clone(), tls, timeout })
    }

    async fn send(&self, batch: &[Item]) -> Result<Receipt, SinkError> {
        if self.settings.transport == Transport::Udp {
            return self.datagrams(batch).await;
        }
        let mut bytes = Vec::with_capacity(batch.iter().map(|item| item.body.len() + 200).sum());
        for item in batch {
            frame::append(&self.settings, item, Framing::Counted, &mut bytes);
        }
        let stream = self.connected().await?;
        match &self.tls {
            None => self.hand_over(stream, &bytes).await,
            Some(tls) => {
                let (host, _) = self.address()?;
                self.hand_over(tls.over(stream, host).await?, &bytes).await
            }
        }
    }

    fn address(&self) -> Result<(&str, u16), SinkError> {
        let unusable = || SinkError::misconfigured("the address cannot be used", "write it as HOST:PORT");
        self.settings.host_and_port().ok_or_else(unusable)
    }

    async fn connected(&self) -> Result<tokio::net::TcpStream, SinkError> {
        let (host, port) = self.address()?;
        let addresses = self.settings.connection.resolve(host, port).await?;
        let stream = tokio::net::TcpStream::connect(addresses.as_slice()).await;
        let stream = stream.map_err(|error| SinkError::retry(format!("connect to the receiver: {error}")))?;
        drop(stream.set_nodelay(true));
        Ok(stream)
    }

    /// Writes it all, says that this was all, and waits until the receiver has read to the end.
    async fn hand_over(
        &self,
        mut stream: impl AsyncRead + AsyncWrite + Unpin,
        bytes: &[u8],
    ) -> Result<Receipt, SinkError> {
        let broke = |error| connect::broke("write to the receiver", &error);
        stream.write_all(bytes).await.map_err(broke)?;
        stream.flush().await.map_err(broke)?;
        stream.shutdown().await.map_err(broke)?;
        if !self.settings.confirm {
            return Ok(Receipt("written; the receiver confirms nothing".to_owned()));
        }
        let mut ignored = [0; 512];
        loop {
            match stream.read(&mut ignored).await {
                Ok(0) => return Ok(Receipt("the receiver read it to the end".to_owned())),
                Ok(_) => {}
                // Some close without TLS's goodbye, after they have read ours.
                Err(error) if self.tls.is_some() && error.kind() == std::io::ErrorKind::UnexpectedEof => {
                    return Ok(Receipt("the receiver read it to the end".to_owned()));
                }
                Err(error) => return Err(connect::broke("the receiver broke off the connection", &error)),
            }
        }
    }

    async fn datagrams(&self, batch: &[Item]) -> Result<Receipt, SinkError> {
        let (host, port) = self.address()?;
        let addresses = self.settings.connection.resolve(host, port).await?;
        let Some(address) = addresses.first() else {
            return Err(SinkError::retry(format!("{host} has no address")));
        };
        let own = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let failed = |error: std::io::Error| SinkError::retry(format!("send to the receiver: {error}"));
        let socket = UdpSocket::bind(own).await.map_err(failed)?;
        socket.connect(address).await.map_err(failed)?;
        let mut too_long = Vec::new();
        let mut datagram = Vec::new();
        for (index, item) in batch.iter().enumerate() {
            datagram.clear();
            frame::append(&self.settings, item, Framing::Alone, &mut datagram);
            if datagram.len() > MOST_DATAGRAM_BYTES {
                let reason = format!("its {} bytes fit into no datagram", datagram.len());
                too_long.push(Refused { index, reason });
                continue;
            }
            // That nobody listens is told by the one after.
            socket.send(&datagram).await.map_err(failed)?;
        }
        if too_long.is_empty() {
            return Ok(Receipt("sent; datagrams are confirmed by nobody".to_owned()));
        }
        Err(SinkError::Entries { refused: too_long, rest_stored: true })
    }
}

impl Sink for SyslogSink {
    fn deliver<'a>(&'a mut self, batch: &'a [Item]) -> BoxFuture<'a, Result<Receipt, SinkError>> {
        Box::pin(async move {
            let limit = self.timeout;
            match timeout(limit, self.send(batch)).await {
                Ok(done) => done,
                Err(_) => Err(SinkError::retry(format!(
                    "the receiver took the batch, or closed after it, not within {} s; \
                     of one that never closes, set confirm = false",
                    limit.as_secs()
                ))),
            }
        })
    }
}
