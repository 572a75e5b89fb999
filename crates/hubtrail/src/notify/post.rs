//! One POST to a service of others, and what its answer means.

use hubtrail_core::time::UtcMs;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::Value;
use url::Url;

use crate::sink::{Exchange, SinkError};

pub(super) struct Post(pub(super) Exchange);

pub(super) type Headers = Vec<(HeaderName, HeaderValue)>;

impl Post {
    pub(super) fn now(&self) -> UtcMs {
        self.0.now()
    }

    pub(super) async fn json(&self, url: Url, body: &Value, headers: Headers) -> Result<String, SinkError> {
        // A value has no form that JSON lacks.
        self.bytes(url, serde_json::to_vec(body).unwrap_or_default(), headers).await
    }

    /// Gives back what a service answers that took it.
    pub(super) async fn bytes(&self, url: Url, body: Vec<u8>, headers: Headers) -> Result<String, SinkError> {
        let mut request = self.0.post(url).header(CONTENT_TYPE, "application/json").body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let reply = self.0.send(request).await?;
        match reply.verdict() {
            None => Ok(reply.body),
            Some(error) => Err(error),
        }
    }
}
