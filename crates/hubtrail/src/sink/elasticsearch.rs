//! Elasticsearch and OpenSearch: `_bulk` with `create`, so that an entry that comes again is known by its id
//! and left alone. Each entry has a verdict of its own.

mod verdict;

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures_util::future::BoxFuture;
use hubtrail_core::encode::Format;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;
use utoipa::ToSchema;

use super::exchange::Exchange;
use super::open::Opening;
use super::reachable::{Connection, by_name, url_text};
use super::{By, Credentials, Item, Receipt, Sink, SinkError};
use crate::connector::Invalid;

/// Elasticsearch or OpenSearch
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Elasticsearch {
    /// Scheme, host and port.
    #[schema(value_type = String, example = "https://elastic.example.org:9200")]
    #[serde(with = "url_text")]
    pub url: Url,
    /// A data stream or an index.
    #[serde(default = "data_stream")]
    #[schema(example = "logs-hubtrail-default")]
    pub index: String,
    /// An ingest pipeline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<String>,
    #[serde(default, deserialize_with = "by_name")]
    pub auth: ElasticAuth,
    #[serde(default)]
    pub gzip: bool,
    #[serde(default, deserialize_with = "by_name")]
    pub connection: Connection,
}

/// How it authenticates
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
pub enum ElasticAuth {
    #[default]
    None,
    /// With the password.
    Basic { user: String },
    /// With the token, which is the encoded API key.
    ApiKey,
}

fn data_stream() -> String {
    "logs-hubtrail-default".to_owned()
}

impl Elasticsearch {
    pub(super) fn check(&self, format: Format, by: By) -> Result<(), Invalid> {
        let refuse = |field, reason: &str, fix| Err(Invalid { field, reason: reason.to_owned(), fix });
        if !format.is_json() {
            return refuse("format", "documents are JSON", "use ecs, ocsf, dnif or raw");
        }
        if self.url.query().is_some() {
            return refuse(
                "target.url",
                "it has a query",
                "write only scheme, host, port and a path before _bulk",
            );
        }
        let is_name = |name: &str| {
            !name.is_empty()
                && name.len() <= 255
                && !name.starts_with(['-', '_', '+', '.'])
                && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.+".contains(&b))
        };
        if !is_name(&self.index) {
            let fix = "use lower-case letters, digits, dashes, dots, such as logs-hubtrail-default";
            return refuse("target.index", "it is no name of a data stream or an index", fix);
        }
        if self
            .pipeline
            .as_ref()
            .is_some_and(|name| name.is_empty() || name.contains(|c: char| c.is_control()))
        {
            return refuse("target.pipeline", "it is no name of a pipeline", "leave it out, or name one");
        }
        self.connection.check_url(&self.url, by)
    }

    pub(super) fn check_credentials(&self, credentials: &Credentials) -> Result<(), Invalid> {
        self.connection.check_key(credentials)?;
        let (field, there) = match self.auth {
            ElasticAuth::None => return Ok(()),
            ElasticAuth::Basic { .. } => ("credentials.password", credentials.password.is_some()),
            ElasticAuth::ApiKey => ("credentials.token", credentials.token.is_some()),
        };
        if there {
            return Ok(());
        }
        let reason = "it is missing".to_owned();
        Err(Invalid { field, reason, fix: "give what the chosen authentication needs" })
    }
}

pub(super) struct ElasticSink {
    exchange: Exchange,
    url: Url,
    authorization: Option<HeaderValue>,
    shape: Shape,
}

/// How a document is made of an entry: a data stream wants a time of each.
enum Shape {
    /// It has one.
    Entry,
    /// It gets one.
    Timed,
    /// It is an object of its own beside the time: HubSpot's words, such as `event`, mean other things in a stream.
    Nested,
}

impl ElasticSink {
    pub(super) fn new(settings: &Elasticsearch, opening: &Opening<'_>) -> Result<Self, SinkError> {
        let mut url = settings.url.clone();
        url.set_path(&format!("{}/{}/_bulk", settings.url.path().trim_end_matches('/'), settings.index));
        {
            let mut query = url.query_pairs_mut();
            // What it does not say cannot be misread, and each verdict is needed.
            query.append_pair("filter_path", "errors,items.*.status,items.*.error");
            if let Some(pipeline) = &settings.pipeline {
                query.append_pair("pipeline", pipeline);
            }
        }
        Ok(Self {
            exchange: Exchange::new(opening, &settings.url, &settings.connection, settings.gzip)?,
            url,
            authorization: authorization(&settings.auth, &opening.credentials)?,
            shape: match opening.settings.format {
                Format::Ecs => Shape::Entry,
                Format::Raw => Shape::Nested,
                _ => Shape::Timed,
            },
        })
    }

    async fn post(&self, batch: &[Item]) -> Result<Receipt, SinkError> {
        let mut request = self.exchange.post(self.url.clone()).header(CONTENT_TYPE, "application/x-ndjson");
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        let request = self.exchange.with_body(request, self.body(batch))?;
        verdict::read(&self.exchange.send(request).await?, batch.len())
    }

    fn body(&self, batch: &[Item]) -> Vec<u8> {
        let mut body = Vec::with_capacity(batch.iter().map(|item| item.body.len() + 120).sum());
        for item in batch {
            // Writing to a vector cannot fail.
            let _ = writeln!(body, "{{\"create\":{{\"_id\":\"{}\"}}}}", item.id);
            match (item.body.strip_prefix(b"{"), &self.shape) {
                (Some(_), Shape::Entry) => body.extend_from_slice(&item.body),
                (Some(rest), Shape::Timed) => {
                    let _ = write!(body, "{{\"@timestamp\":\"{}\"", item.time);
                    let is_empty = rest.trim_ascii_start().starts_with(b"}");
                    body.extend_from_slice(if is_empty { b"" } else { b"," });
                    body.extend_from_slice(rest);
                }
                (Some(_), Shape::Nested) => {
                    let _ = write!(body, "{{\"@timestamp\":\"{}\",\"hubspot\":", item.time);
                    body.extend_from_slice(&item.body);
                    body.push(b'}');
                }
                // A record that is no object is no document either.
                (None, _) => {
                    let text = String::from_utf8_lossy(&item.body);
                    let _ =
                        write!(body, "{}", json!({ "@timestamp": item.time.to_string(), "message": text }));
                }
            }
            body.push(b'\n');
        }
        body
    }
}

fn authorization(auth: &ElasticAuth, credentials: &Credentials) -> Result<Option<HeaderValue>, SinkError> {
    let missing = || SinkError::misconfigured("the credentials cannot be used", "give them again");
    let text = match auth {
        ElasticAuth::None => return Ok(None),
        ElasticAuth::Basic { user } => {
            let password = credentials.password.as_ref().ok_or_else(missing)?;
            let pair = zeroize::Zeroizing::new(format!("{user}:{}", password.expose_secret()));
            format!("Basic {}", BASE64.encode(pair.as_bytes()))
        }
        ElasticAuth::ApiKey => {
            format!("ApiKey {}", credentials.token.as_ref().ok_or_else(missing)?.expose_secret())
        }
    };
    let text = zeroize::Zeroizing::new(text);
    let mut value = HeaderValue::from_str(&text).map_err(|_| missing())?;
    value.set_sensitive(true);
    Ok(Some(value))
}

impl Sink for ElasticSink {
    fn deliver<'a>(&'a mut self, batch: &'a [Item]) -> BoxFuture<'a, Result<Receipt, SinkError>> {
        Box::pin(self.post(batch))
    }
}
