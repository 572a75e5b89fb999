//! Any receiver that takes batches by `POST`: JSON or one entry a line, authenticated and signed in the
//! usual ways. Also DNIF's HTTP connector, which is one.

mod signature;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures_util::future::BoxFuture;
use hubtrail_core::encode::Format;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::Url;
use utoipa::ToSchema;

use super::exchange::Exchange;
use super::open::Opening;
use super::reachable::{Connection, by_name, url_text};
use super::{By, Credentials, Item, Receipt, Sink, SinkError};

use crate::connector::Invalid;
pub(crate) use signature::standard_webhooks;

/// Anything that takes entries by `POST`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Http {
    #[schema(value_type = String, example = "https://siem.example.org/ingest")]
    #[serde(with = "url_text")]
    pub url: Url,
    #[serde(default)]
    pub body: Body,
    /// Further headers. They are shown: what is secret belongs to the credentials.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "by_name")]
    pub auth: Auth,
    #[serde(default)]
    pub gzip: bool,
    #[serde(default, deserialize_with = "by_name")]
    pub connection: Connection,
}

/// How the entries of a batch stand in the body
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    #[default]
    JsonArray,
    /// One a line.
    Ndjson,
}

/// How it authenticates
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
pub enum Auth {
    #[default]
    None,
    /// With the password.
    Basic { user: String },
    /// With the token.
    Bearer,
    /// With the token, alone in a header of this name.
    SharedSecret { header: String },
    /// Signed with the signing secret, as <https://www.standardwebhooks.com> has it.
    StandardWebhooks,
    /// The body's HMAC-SHA256 in hexadecimal under the signing secret, in a header of this name.
    Hmac { header: String },
}

/// Headers that are ours to set.
const OURS: [&str; 9] = [
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "proxy-authorization",
    "transfer-encoding",
];
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

impl Http {
    pub(super) fn check(&self, format: Format, by: By) -> Result<(), Invalid> {
        let refuse = |field, reason: String, fix| Err(Invalid { field, reason, fix });
        self.connection.check_url(&self.url, by)?;
        for (name, value) in &self.headers {
            let lower = name.to_ascii_lowercase();
            if OURS.contains(&lower.as_str()) || looks_secret(&lower) {
                return refuse(
                    "target.headers",
                    format!("`{name}` is not for settings"),
                    "use auth and credentials for what is secret, and leave out what every request has",
                );
            }
            if HeaderName::try_from(name).is_err() || HeaderValue::try_from(value).is_err() {
                return refuse(
                    "target.headers",
                    format!("`{name}` is no header"),
                    "write it as X-Name = \"value\"",
                );
            }
        }
        if let Auth::SharedSecret { header } | Auth::Hmac { header } = &self.auth
            && HeaderName::try_from(header).is_err()
        {
            return refuse("target.auth.header", format!("`{header}` is no header"), "write it as X-Name");
        }
        if self.body == Body::JsonArray && !format.is_json() {
            return refuse(
                "target.body",
                format!("{format} is no JSON"),
                "use ndjson, which is one entry a line, or another format",
            );
        }
        Ok(())
    }

    pub(super) fn check_dnif(&self, format: Format, by: By) -> Result<(), Invalid> {
        if !self.url.path().ends_with("/events") {
            return Err(Invalid {
                field: "target.url",
                reason: "DNIF takes many entries at an address that ends in /events".to_owned(),
                fix: "write it as https://HOST:2882/CLUSTER/default/ID/events",
            });
        }
        self.check(format, by)
    }

    pub(super) fn check_credentials(&self, credentials: &Credentials) -> Result<(), Invalid> {
        self.connection.check_key(credentials)?;
        let (field, there) = match &self.auth {
            Auth::None => return Ok(()),
            Auth::Basic { .. } => ("credentials.password", credentials.password.is_some()),
            Auth::Bearer | Auth::SharedSecret { .. } => ("credentials.token", credentials.token.is_some()),
            Auth::StandardWebhooks | Auth::Hmac { .. } => {
                ("credentials.signingSecret", credentials.signing_secret.is_some())
            }
        };
        if !there {
            return Err(Invalid {
                field,
                reason: "it is missing".to_owned(),
                fix: "give what the chosen authentication needs",
            });
        }
        if self.auth == Auth::StandardWebhooks {
            signature::key(credentials.signing_secret.as_ref())?;
        }
        let one_line = |secret: &Option<SecretString>| {
            secret.as_ref().is_none_or(|secret| HeaderValue::from_str(secret.expose_secret()).is_ok())
        };
        if one_line(&credentials.token) {
            return Ok(());
        }
        Err(Invalid {
            field: "credentials.token",
            reason: "it holds characters that no header may hold".to_owned(),
            fix: "copy it again, the token alone",
        })
    }
}

fn looks_secret(header: &str) -> bool {
    ["token", "secret", "password", "api-key", "apikey"].iter().any(|word| header.contains(word))
}

pub(super) struct HttpSink {
    exchange: Exchange,
    settings: Http,
    format: Format,
    credentials: Credentials,
}

impl HttpSink {
    pub(super) fn new(settings: &Http, opening: &Opening<'_>) -> Result<Self, SinkError> {
        let exchange = Exchange::new(opening, &settings.url, &settings.connection, settings.gzip)?;
        let credentials = opening.credentials.clone();
        Ok(Self { exchange, settings: settings.clone(), format: opening.settings.format, credentials })
    }

    async fn post(&self, batch: &[Item]) -> Result<Receipt, SinkError> {
        let (kind, body) = match self.settings.body {
            Body::JsonArray => ("application/json", array(batch)),
            Body::Ndjson if self.format.is_json() => ("application/x-ndjson", lines(batch)),
            Body::Ndjson => ("text/plain; charset=utf-8", lines(batch)),
        };
        let key = key(batch);
        let mut request = self.exchange.post(self.settings.url.clone()).header(CONTENT_TYPE, kind);
        for (name, value) in &self.settings.headers {
            request = request.header(name, value);
        }
        for (name, value) in self.proof(&key, &body)? {
            request = request.header(name, value);
        }
        let request = self.exchange.with_body(request.header(IDEMPOTENCY_KEY, key), body)?;
        let reply = self.exchange.send(request).await?;
        match reply.verdict() {
            None => Ok(Receipt(reply.said())),
            Some(error) => Err(error),
        }
    }

    /// The headers that say who we are. The signature is over the body as it is before it is compressed.
    fn proof(&self, key: &str, body: &[u8]) -> Result<Vec<(HeaderName, HeaderValue)>, SinkError> {
        let missing = || SinkError::misconfigured("the credentials are missing", "give them again");
        let secret = |secret: &Option<SecretString>| secret.clone().ok_or_else(missing);
        match &self.settings.auth {
            Auth::None => Ok(Vec::new()),
            Auth::Basic { user } => {
                let password = secret(&self.credentials.password)?;
                let pair = zeroize::Zeroizing::new(format!("{user}:{}", password.expose_secret()));
                let text = zeroize::Zeroizing::new(format!("Basic {}", BASE64.encode(pair.as_bytes())));
                Ok(vec![(AUTHORIZATION, sensitive(&text)?)])
            }
            Auth::Bearer => {
                let token = secret(&self.credentials.token)?;
                let text = zeroize::Zeroizing::new(format!("Bearer {}", token.expose_secret()));
                Ok(vec![(AUTHORIZATION, sensitive(&text)?)])
            }
            Auth::SharedSecret { header } => {
                let token = secret(&self.credentials.token)?;
                Ok(vec![(name(header)?, sensitive(token.expose_secret())?)])
            }
            Auth::StandardWebhooks => {
                let secret = self.credentials.signing_secret.as_ref();
                standard_webhooks(secret, key, self.exchange.now(), body)
            }
            Auth::Hmac { header } => {
                let secret = secret(&self.credentials.signing_secret)?;
                let text = signature::hex(secret.expose_secret().as_bytes(), body);
                Ok(vec![(name(header)?, sensitive(&text)?)])
            }
        }
    }
}

fn name(header: &str) -> Result<HeaderName, SinkError> {
    HeaderName::try_from(header)
        .map_err(|_| SinkError::misconfigured("the header's name cannot be used", "change auth.header"))
}

fn sensitive(text: &str) -> Result<HeaderValue, SinkError> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| SinkError::misconfigured("the credentials fit into no header", "give them again"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The same for the same entries, whenever they are sent; of a single entry it is the entry's own id.
fn key(batch: &[Item]) -> String {
    if let [item] = batch {
        return item.id.clone();
    }
    let mut digest = Sha256::new();
    for item in batch {
        digest.update(item.id.as_bytes());
        digest.update(b"\n");
    }
    format!("b1-{}", hex::encode(&digest.finalize()[..16]))
}

fn array(batch: &[Item]) -> Vec<u8> {
    let mut body = Vec::with_capacity(batch.iter().map(|item| item.body.len() + 1).sum::<usize>() + 2);
    body.push(b'[');
    for (at, item) in batch.iter().enumerate() {
        if at > 0 {
            body.push(b',');
        }
        body.extend_from_slice(&item.body);
    }
    body.push(b']');
    body
}

fn lines(batch: &[Item]) -> Vec<u8> {
    let mut body = Vec::with_capacity(batch.iter().map(|item| item.body.len() + 1).sum());
    for item in batch {
        body.extend_from_slice(&item.body);
        body.push(b'\n');
    }
    body
}

impl Sink for HttpSink {
    fn deliver<'a>(&'a mut self, batch: &'a [Item]) -> BoxFuture<'a, Result<Receipt, SinkError>> {
        Box::pin(self.post(batch))
    }
}

#[cfg(test)]
mod tests;
