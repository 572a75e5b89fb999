//! Splunk's HTTP Event Collector. With indexer acknowledgement a batch counts when Splunk has it on the disk;
//! without, when Splunk has taken it, which it may still lose.

mod answer;

use std::io::Write as _;
use std::time::Duration;

use futures_util::future::BoxFuture;
use hubtrail_core::encode::Format;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::{Instant, sleep};
use url::Url;
use utoipa::ToSchema;

use self::answer::Answer;
use super::exchange::Exchange;
use super::open::Opening;
use super::reachable::{Connection, by_name, url_text};
use super::{By, Credentials, Item, Receipt, Sink, SinkError};
use crate::connector::Invalid;

/// Splunk's HTTP Event Collector
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SplunkHec {
    /// Scheme, host and port.
    #[schema(value_type = String, example = "https://splunk.example.org:8088")]
    #[serde(with = "url_text")]
    pub url: Url,
    /// Left out: the token's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<String>,
    #[serde(default = "hubtrail")]
    pub source: String,
    /// Left out: `hubtrail:` and the format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sourcetype: Option<String>,
    #[serde(default = "hubtrail")]
    pub host: String,
    /// Whether it waits until the indexers have acknowledged a batch; the token must have that enabled.
    #[serde(default)]
    pub acknowledge: bool,
    #[serde(default)]
    pub gzip: bool,
    #[serde(default)]
    #[serde(deserialize_with = "by_name")]
    pub connection: Connection,
}

fn hubtrail() -> String {
    "hubtrail".to_owned()
}

impl SplunkHec {
    pub(super) fn check(&self, by: By) -> Result<(), Invalid> {
        if self.url.query().is_some() || self.url.path().contains("/services") {
            return Err(Invalid {
                field: "target.url",
                reason: "the paths of the collector are added by themselves".to_owned(),
                fix: "write it as https://splunk.example.org:8088",
            });
        }
        self.connection.check_url(&self.url, by)
    }

    pub(super) fn check_credentials(&self, credentials: &Credentials) -> Result<(), Invalid> {
        self.connection.check_key(credentials)?;
        let usable =
            |token: &secrecy::SecretString| token.expose_secret().bytes().all(|b| b.is_ascii_graphic());
        if credentials.token.as_ref().is_some_and(usable) {
            return Ok(());
        }
        Err(Invalid {
            field: "credentials.token",
            reason: "there is no HEC token, or it cannot be one".to_owned(),
            fix: "copy it from Settings > Data inputs > HTTP Event Collector",
        })
    }
}

/// How often acknowledgements are asked for; Splunk itself asks for patience.
const ASK_FIRST: Duration = Duration::from_millis(100);
const ASK_AT_LEAST: Duration = Duration::from_secs(2);
const CHANNEL: &str = "X-Splunk-Request-Channel";

pub(super) struct SplunkSink {
    exchange: Exchange,
    settings: SplunkHec,
    format: Format,
    authorization: HeaderValue,
    /// Acknowledgements are kept apart by it; one for each opening.
    channel: String,
    timeout: Duration,
}

impl SplunkSink {
    pub(super) fn new(settings: &SplunkHec, opening: &Opening<'_>) -> Result<Self, SinkError> {
        let missing = || SinkError::misconfigured("the HEC token cannot be used", "give it again");
        let token = opening.credentials.token.as_ref().ok_or_else(missing)?;
        let text = zeroize::Zeroizing::new(format!("Splunk {}", token.expose_secret()));
        let mut authorization = HeaderValue::from_str(&text).map_err(|_| missing())?;
        authorization.set_sensitive(true);
        Ok(Self {
            exchange: Exchange::new(opening, &settings.url, &settings.connection, settings.gzip)?,
            settings: settings.clone(),
            format: opening.settings.format,
            authorization,
            channel: channel()?,
            timeout: Duration::from_millis(opening.settings.batch.timeout_ms),
        })
    }

    async fn post(&self, batch: &[Item]) -> Result<Receipt, SinkError> {
        let answer = self.ask("/services/collector/event", self.body(batch), batch.len()).await?;
        if !self.settings.acknowledge {
            return Ok(Receipt(answer.said));
        }
        let Some(id) = answer.ack_id else {
            return Err(SinkError::misconfigured(
                "splunk acknowledges nothing for this token",
                "enable indexer acknowledgement for the token, or set acknowledge = false",
            ));
        };
        self.acknowledged(id).await
    }

    /// Waits until the indexers have it.
    async fn acknowledged(&self, id: u64) -> Result<Receipt, SinkError> {
        let end = Instant::now() + self.timeout;
        let mut wait = ASK_FIRST;
        while Instant::now() < end {
            sleep(wait).await;
            wait = (wait * 2).min(ASK_AT_LEAST);
            let body = json!({ "acks": [id] }).to_string().into_bytes();
            if self.ask("/services/collector/ack", body, 0).await?.has(id) {
                return Ok(Receipt(format!("indexed, acknowledgement {id}")));
            }
        }
        Err(SinkError::retry(format!("the indexers did not acknowledge within {} s", self.timeout.as_secs())))
    }

    async fn ask(&self, path: &str, body: Vec<u8>, entries: usize) -> Result<Answer, SinkError> {
        let mut url = self.settings.url.clone();
        url.set_path(&format!("{}{path}", self.settings.url.path().trim_end_matches('/')));
        let request = self
            .exchange
            .post(url)
            .header(AUTHORIZATION, self.authorization.clone())
            .header(CHANNEL, &self.channel)
            .header(reqwest::header::CONTENT_TYPE, "application/json");
        let request = self.exchange.with_body(request, body)?;
        answer::read(&self.exchange.send(request).await?, entries)
    }

    /// One object after the other, as the collector takes them.
    fn body(&self, batch: &[Item]) -> Vec<u8> {
        let settings = &self.settings;
        let usual = || format!("hubtrail:{}", self.format);
        let frame = json!({
            "host": settings.host,
            "source": settings.source,
            "sourcetype": settings.sourcetype.clone().unwrap_or_else(usual),
        });
        let mut frame = frame.to_string();
        frame.pop();
        if let Some(index) = &settings.index {
            frame.push_str(&format!(",\"index\":{}", json!(index)));
        }
        let mut body = Vec::with_capacity(batch.iter().map(|item| item.body.len() + frame.len() + 120).sum());
        for item in batch {
            let (seconds, ms) = (item.time.0.div_euclid(1_000), item.time.0.rem_euclid(1_000));
            // Writing to a vector cannot fail.
            let _ = write!(
                body,
                "{frame},\"time\":{seconds}.{ms:03},\"fields\":{{\"id\":\"{}\"}},\"event\":",
                item.id
            );
            if self.format.is_json() {
                body.extend_from_slice(&item.body);
            } else {
                let text = String::from_utf8_lossy(&item.body);
                let _ = write!(body, "{}", json!(text));
            }
            body.extend_from_slice(b"}\n");
        }
        body
    }
}

/// A random number in the form of a UUID (version 4).
fn channel() -> Result<String, SinkError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| SinkError::retry(format!("the operating system gave no random bytes: {error}")))?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hex::encode(bytes);
    Ok([&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-"))
}

impl Sink for SplunkSink {
    fn deliver<'a>(&'a mut self, batch: &'a [Item]) -> BoxFuture<'a, Result<Receipt, SinkError>> {
        Box::pin(self.post(batch))
    }
}
