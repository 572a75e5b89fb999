//! A log to forward, a sink of any kind to forward it to, and what its receiver has then.

use std::time::Duration;

use hubtrail::clock::Clock;
use hubtrail::config::Network;
use hubtrail::forward::Forwarder;
use hubtrail::secret::Keyring;
use hubtrail::sink::{By, Configured, Credentials, Limits, Opening, Selection, Settings, Sink, Target, open};
use hubtrail::store::{Delivery, NewSink, Position, SinkChange};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::receiver::dnif::{Block, Dnif};
use crate::receiver::elastic::{self, Elastic};
use crate::receiver::plain::Plain;
use crate::receiver::splunk::{self, Splunk};
use crate::receiver::syslog::{Papers, Syslog};
use crate::receiver::web::Web;
use crate::receiver::{Faults, Kept};
use crate::store_support::{Log, at};

/// A pause of a minute costs a few milliseconds.
const SPEED: u32 = 5_000;
pub(crate) const SECRET: &str = "planted-hunter2-token";
const SIGNING: &str = "whsec_cGxhbnRlZC1odW50ZXIyLXNpZ25pbmctc2VjcmV0";

/// Every kind of sink that the contract is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Http,
    HttpSigned,
    Dnif,
    Splunk,
    SplunkAcknowledged,
    Elastic,
    SyslogTcp,
    SyslogTls,
    SyslogUdp,
    File,
}

impl Kind {
    pub(crate) const WEB: [Self; 6] =
        [Self::Http, Self::HttpSigned, Self::Dnif, Self::Splunk, Self::SplunkAcknowledged, Self::Elastic];
    /// Those whose receiver can break off.
    pub(crate) const CONNECTED: [Self; 8] = [
        Self::Http,
        Self::HttpSigned,
        Self::Dnif,
        Self::Splunk,
        Self::SplunkAcknowledged,
        Self::Elastic,
        Self::SyslogTcp,
        Self::SyslogTls,
    ];
    pub(crate) const ALL: [Self; 10] = [
        Self::Http,
        Self::HttpSigned,
        Self::Dnif,
        Self::Splunk,
        Self::SplunkAcknowledged,
        Self::Elastic,
        Self::SyslogTcp,
        Self::SyslogTls,
        Self::SyslogUdp,
        Self::File,
    ];

    /// Whether its receiver knows an entry by its id, and keeps it once.
    pub(crate) fn keeps_ids(self) -> bool {
        self == Self::Elastic
    }
}

/// What is there of a receiver, and kept alive with it.
enum Standing {
    Web(Web),
    Syslog(Syslog),
    Folder(tempfile::TempDir),
}

pub(crate) struct Scene {
    pub(crate) log: Log,
    pub(crate) sink: Configured,
    pub(crate) kind: Kind,
    pub(crate) clock: Clock,
    keyring: Keyring,
    standing: Standing,
    kept: Kept,
}

pub(crate) fn network() -> Network {
    Network { connect_timeout: Duration::from_secs(5), proxy: None, no_proxy: None, extra_ca: None }
}

impl Scene {
    /// With `count` entries in the log, one of which is of an object that receivers refuse when `unwanted` says so.
    pub(crate) async fn new(kind: Kind, count: u32, unwanted: Option<u32>) -> Self {
        let log = Log::new();
        let (standing, kept, target, credentials) = receiver(kind).await;
        let records: Vec<_> = (0..count)
            .map(|n| {
                let object = if Some(n) == unwanted { 666 } else { 1_000 + n };
                crate::store_support::Record { object, ..at(1_700_000_000_000 + i64::from(n)) }.seen()
            })
            .collect();
        log.append(&records);
        let keyring = Keyring::open(log.dir.path(), None).unwrap();
        let settings = Settings {
            name: "siem".to_owned(),
            format: "raw".parse().unwrap(),
            original: true,
            target: serde_json::from_value::<Target>(target).unwrap(),
            select: Selection::default(),
            batch: Limits { entries: 40, wait_ms: 0, timeout_ms: 2_000, ..Limits::default() },
        };
        let new = NewSink {
            settings,
            credentials,
            by: By::Operator,
            paused: false,
            since: None,
            declared_in: None,
            created_at: crate::store_support::NOW,
        };
        let sink = log.store.add_sink(new, &keyring).unwrap();
        Self { log, sink, kind, clock: Clock::at_speed(SPEED), keyring, standing, kept }
    }

    pub(crate) fn faults(&self) -> Faults {
        match &self.standing {
            Standing::Web(web) => web.faults.clone(),
            Standing::Syslog(syslog) => syslog.faults.clone(),
            Standing::Folder(_) => Faults::default(),
        }
    }

    pub(crate) fn forwarder(&self) -> Forwarder {
        let store = &self.log.store;
        let sink = store.sink_by_id(self.sink.id).unwrap();
        Forwarder::new(store, sink, &self.keyring, &network(), self.clock).unwrap()
    }

    /// The sink alone, without anybody who repeats or halves.
    pub(crate) fn bare(&self) -> Box<dyn Sink> {
        let credentials = self.sink.credentials(&self.keyring).unwrap();
        let (settings, data_dir) = (&self.sink.settings, self.log.dir.path());
        open(&Opening { settings, credentials, network: &network(), data_dir, clock: self.clock }).unwrap()
    }

    pub(crate) fn delivery(&self) -> Delivery {
        self.log.store.delivery(&self.sink, self.clock.now()).unwrap()
    }

    pub(crate) fn position(&self) -> Position {
        self.delivery().position
    }

    /// The objects of what the receiver has, in the order in which it came.
    pub(crate) fn received(&self) -> Vec<String> {
        let object = |entry: &String| {
            let entry: Value = serde_json::from_str(entry).unwrap();
            entry["objectId"].as_str().unwrap().to_owned()
        };
        match &self.standing {
            Standing::Folder(dir) => {
                let text = std::fs::read_to_string(dir.path().join("out.ndjson")).unwrap_or_default();
                text.lines().map(|line| object(&line.to_owned())).collect()
            }
            _ => self.kept.all().iter().map(object).collect(),
        }
    }
}

/// The objects of the log, in its order.
pub(crate) fn sent(count: u32) -> Vec<String> {
    (0..count).map(|n| (1_000 + n).to_string()).collect()
}

fn token(text: &str) -> Credentials {
    Credentials { token: Some(SecretString::from(text)), ..Credentials::default() }
}

async fn receiver(kind: Kind) -> (Standing, Kept, Value, Credentials) {
    match kind {
        Kind::Http => {
            let plain =
                Plain::start(|request| request.header("authorization") == Some(&format!("Bearer {SECRET}")))
                    .await;
            let target = json!({ "kind": "http", "url": plain.url(), "auth": { "method": "bearer" } });
            (Standing::Web(plain.web), plain.kept, target, token(SECRET))
        }
        Kind::HttpSigned => {
            let plain = Plain::start(is_signed).await;
            let target = json!({
                "kind": "http", "url": plain.url(), "body": "ndjson", "gzip": true,
                "auth": { "method": "standard_webhooks" }, "headers": { "X-Scope-OrgID": "acme" },
            });
            let credentials =
                Credentials { signing_secret: Some(SecretString::from(SIGNING)), ..Credentials::default() };
            (Standing::Web(plain.web), plain.kept, target, credentials)
        }
        Kind::Dnif => {
            let dnif = Dnif::start(Block::SharedSecret { header: "X-DNIF-Key", secret: SECRET }).await;
            let auth = json!({ "method": "shared_secret", "header": "X-DNIF-Key" });
            let target = json!({ "kind": "dnif", "url": dnif.url(), "auth": auth });
            (Standing::Web(dnif.web), dnif.kept, target, token(SECRET))
        }
        Kind::Splunk | Kind::SplunkAcknowledged => {
            let acknowledge = kind == Kind::SplunkAcknowledged;
            let splunk = Splunk::start(acknowledge).await;
            let url = splunk.web.url();
            let target =
                json!({ "kind": "splunk_hec", "url": url, "acknowledge": acknowledge, "gzip": acknowledge });
            (Standing::Web(splunk.web), splunk.kept, target, token(splunk::TOKEN))
        }
        Kind::Elastic => {
            let elastic = Elastic::start().await;
            let url = elastic.web.url();
            let target = json!({ "kind": "elasticsearch", "url": url, "auth": { "method": "api_key" } });
            (Standing::Web(elastic.web), elastic.kept, target, token(elastic::API_KEY))
        }
        Kind::SyslogTcp | Kind::SyslogTls | Kind::SyslogUdp => syslog(kind).await,
        Kind::File => {
            let dir = tempfile::tempdir().unwrap();
            let target = json!({ "kind": "file", "path": dir.path().join("out.ndjson") });
            (Standing::Folder(dir), Kept::default(), target, Credentials::default())
        }
    }
}

async fn syslog(kind: Kind) -> (Standing, Kept, Value, Credentials) {
    match kind {
        Kind::SyslogTcp => {
            let syslog = Syslog::tcp(None).await;
            let target =
                json!({ "kind": "syslog", "address": syslog.address.to_string(), "transport": "tcp" });
            let kept = syslog.kept.clone();
            (Standing::Syslog(syslog), kept, target, Credentials::default())
        }
        Kind::SyslogTls => {
            let papers = Papers::new();
            let syslog = Syslog::tcp(Some(&papers)).await;
            let target = json!({
                "kind": "syslog", "address": format!("localhost:{}", syslog.address.port()), "transport": "tls",
                "connection": { "ca": papers.authority, "clientCertificate": papers.client.0 },
            });
            let kept = syslog.kept.clone();
            let client_key = Some(SecretString::from(papers.client.1));
            (Standing::Syslog(syslog), kept, target, Credentials { client_key, ..Credentials::default() })
        }
        _ => {
            let syslog = Syslog::udp().await;
            let target = json!({
                "kind": "syslog", "address": syslog.address.to_string(), "transport": "udp", "protocol": "rfc3164",
            });
            let kept = syslog.kept.clone();
            (Standing::Syslog(syslog), kept, target, Credentials::default())
        }
    }
}

/// As the specification of Standard Webhooks has it, by a receiver of its own.
fn is_signed(request: &crate::receiver::web::Request) -> bool {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let key = STANDARD.decode(SIGNING.strip_prefix("whsec_").unwrap()).unwrap();
    let (Some(id), Some(time)) = (request.header("webhook-id"), request.header("webhook-timestamp")) else {
        return false;
    };
    let mut signed = format!("{id}.{time}.").into_bytes();
    signed.extend_from_slice(&request.body);
    let expected = STANDARD.encode(crate::receiver::dnif::hmac_sha256(&key, &signed));
    request.header("webhook-signature") == Some(&format!("v1,{expected}"))
}

/// Every secret that any of the scenes plants.
pub(crate) const SECRETS: [&str; 5] =
    [SECRET, "hec-token-of-a-test", elastic::API_KEY, "cGxhbnRlZC1odW50ZXIy", "PRIVATE KEY"];

/// Ready when it is so.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let patient = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(60), patient).await;
    assert!(waited.is_ok(), "in vain waited until {what}");
}

impl Scene {
    /// Has the sink deliver to another address of this machine.
    pub(crate) fn points_to(&mut self, address: std::net::SocketAddr) {
        let mut settings = self.sink.settings.clone();
        let mut target = serde_json::to_value(&settings.target).unwrap();
        match target["kind"].as_str().unwrap() {
            "syslog" => target["address"] = format!("localhost:{}", address.port()).into(),
            _ => {
                let url: url::Url = target["url"].as_str().unwrap().parse().unwrap();
                let mut moved = url.clone();
                moved.set_port(Some(address.port())).unwrap();
                target["url"] = moved.as_str().into();
            }
        }
        settings.target = serde_json::from_value(target).unwrap();
        let credentials = Some(self.sink.credentials(&self.keyring).unwrap());
        let change = SinkChange { settings, paused: false, credentials, by: By::Operator, declared_in: None };
        self.sink = self.log.store.update_sink(&self.sink, change, &self.keyring).unwrap();
    }
}
