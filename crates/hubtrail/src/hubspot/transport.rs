//! One HTTP exchange with the configured host, and nothing it can do beyond that: no redirect, no
//! environment's proxy, no body without a limit, no wait without an end.

use std::sync::Arc;
use std::time::Duration;

use hubtrail_core::time::UtcMs;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::bearer::{Access, Bearer};
use super::error::{ApiError, NetworkFault, Nonsense, Waited};
use super::network::{self, Phase};
use super::options::{Options, SetupError, Timeouts};
use super::{refusal, wire};

const JSON: &str = "application/json";
/// A page of the largest size that HubSpot is known to serve is far smaller.
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// Chooses the cryptography behind TLS for the process. May be called again.
pub fn install_crypto() {
    // An error means that it was chosen before, which is all that is wanted.
    drop(rustls::crypto::ring::default_provider().install_default());
}

/// A whole response.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

pub(super) struct Transport {
    http: Arc<Client>,
    base: Url,
    bearer: Bearer,
    timeouts: Timeouts,
}

impl Transport {
    pub(super) fn new(options: &Options) -> Result<Self, SetupError> {
        install_crypto();
        let base = options.checked_base()?;
        Ok(Self {
            http: wire::client(options, &base)?,
            base: base.url,
            bearer: Bearer::new(options)?,
            timeouts: options.timeouts,
        })
    }

    /// A request for a path and query below the base URL, still without the token.
    pub(super) fn get(&self, path: &str, query: &str) -> RequestBuilder {
        self.http.get(self.url(path, query)).header(ACCEPT, JSON)
    }

    pub(super) fn post(&self, path: &str, json: String) -> RequestBuilder {
        let request = self.http.post(self.url(path, "")).body(json);
        request.header(CONTENT_TYPE, JSON).header(ACCEPT, JSON)
    }

    pub(super) fn post_form(&self, path: &str, form: &str) -> RequestBuilder {
        let request = self.http.post(self.url(path, "")).body(form.to_owned());
        request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").header(ACCEPT, JSON)
    }

    /// What calls are authorised with now.
    pub(super) async fn access(&self, now: UtcMs) -> Result<Arc<Access>, ApiError> {
        self.bearer.access(self, now).await
    }

    /// Whatever HubSpot sent, without a secret in it.
    pub(super) fn redacted(&self, text: &str) -> String {
        self.bearer.redacted(text)
    }

    /// Sends a request with the token. One that is refused is replaced, where there is another, and the
    /// request is sent once more.
    pub(super) async fn authorised(&self, request: RequestBuilder, now: UtcMs) -> Result<Reply, ApiError> {
        let again = request.try_clone();
        let access = self.access(now).await?;
        let reply = self.exchange(request.header(AUTHORIZATION, access.header.clone())).await?;
        let Some(again) = again.filter(|_| reply.status == 401) else { return Ok(reply) };
        match self.bearer.after_refusal(self, access, now).await? {
            None => Ok(reply),
            Some(access) => self.exchange(again.header(AUTHORIZATION, access.header.clone())).await,
        }
    }

    /// Sends a request and reads the whole response, whatever its status.
    pub(super) async fn exchange(&self, request: RequestBuilder) -> Result<Reply, ApiError> {
        let began = Instant::now();
        let end = began + self.timeouts.total;
        let headers_end = end.min(began + self.timeouts.headers);
        let mut response = timeout_at(headers_end, request.send())
            .await
            .map_err(|_| late(Waited::Headers, self.timeouts.headers.min(self.timeouts.total)))?
            .map_err(|error| network::fault(&error, Phase::Headers))?;
        let status = response.status().as_u16();
        let headers = self.without_token(std::mem::take(response.headers_mut()));
        let mut body = Vec::new();
        loop {
            let chunk_end = end.min(Instant::now() + self.timeouts.idle);
            let chunk = match timeout_at(chunk_end, response.chunk()).await {
                Ok(chunk) => chunk.map_err(|error| network::fault(&error, Phase::Body)),
                Err(_) => Err(late(Waited::Body, began.elapsed())),
            };
            match chunk {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                // What a refusal says matters less than the refusal.
                Err(_) if status >= 400 => break,
                Err(error) => return Err(error),
            }
            if body.len() > MAX_BODY_BYTES {
                let what = format!("a body of more than {} MiB", MAX_BODY_BYTES / 1024 / 1024);
                let said = refusal::said(status, &headers, "", None);
                return Err(ApiError::Malformed { form: Nonsense::Other, what, said });
            }
        }
        Ok(Reply { status, headers, body })
    }

    /// Asks for nothing, without the token: whatever the answer is, the server is the one that it claims to be.
    pub(super) async fn greet(&self) -> Result<(), ApiError> {
        let end = Instant::now() + self.timeouts.headers;
        let greeting = self.http.head(self.base.clone()).send();
        match timeout_at(end, greeting).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(network::fault(&error, Phase::Headers)),
            Err(_) => Err(late(Waited::Headers, self.timeouts.headers)),
        }
    }

    /// The error that a reply other than a 200 is.
    pub(super) fn refusal(&self, reply: &Reply, now: UtcMs) -> ApiError {
        refusal::read(reply.status, &reply.headers, &self.cleared(&reply.body), now)
    }

    /// A body without a secret in it, also where its JSON spells one with escapes.
    fn cleared(&self, body: &[u8]) -> String {
        let text = String::from_utf8_lossy(body);
        match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
            Ok(json) => self.cleared_value(json).to_string(),
            Err(_) => self.redacted(&text),
        }
    }

    fn cleared_value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.redacted(&text)),
            Value::Array(values) => values.into_iter().map(|value| self.cleared_value(value)).collect(),
            Value::Object(fields) => {
                fields.into_iter().map(|(name, value)| (name, self.cleared_value(value))).collect()
            }
            other => other,
        }
    }

    /// Headers are read into errors as bodies are; one that repeats the token is as good as missing.
    fn without_token(&self, headers: HeaderMap) -> HeaderMap {
        let harmless = |value: &HeaderValue| {
            let text = String::from_utf8_lossy(value.as_bytes());
            self.redacted(&text) == text
        };
        let named = headers.iter().filter(|(_, value)| harmless(value));
        named.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    fn url(&self, path: &str, query: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        url.set_query(Some(query).filter(|query| !query.is_empty()));
        url
    }
}

fn late(waited: Waited, after: Duration) -> ApiError {
    ApiError::unreachable(NetworkFault::Timeout(waited), format!("after {} s", after.as_secs()))
}
