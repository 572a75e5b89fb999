//! Where a sink delivers to. A new kind of sink is a variant here.

use hubtrail_core::encode::Format;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{By, Credentials, Elasticsearch, File, Http, SplunkHec, Stdout, Syslog};
use crate::connector::Invalid;

/// Where it delivers to
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Target {
    File(File),
    Stdout(Stdout),
    Syslog(Syslog),
    Http(Http),
    /// DNIF's HTTP connector: the address of its `/events`.
    Dnif(Http),
    SplunkHec(SplunkHec),
    Elasticsearch(Elasticsearch),
}

impl Target {
    pub const KINDS: [&str; 7] = ["file", "stdout", "syslog", "http", "dnif", "splunk_hec", "elasticsearch"];

    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::Stdout(_) => "stdout",
            Self::Syslog(_) => "syslog",
            Self::Http(_) => "http",
            Self::Dnif(_) => "dnif",
            Self::SplunkHec(_) => "splunk_hec",
            Self::Elasticsearch(_) => "elasticsearch",
        }
    }

    /// Where it is, in a few words.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::File(file) => file.path.display().to_string(),
            Self::Stdout(_) => "standard output".to_owned(),
            Self::Syslog(syslog) => format!("{}://{}", syslog.transport.as_str(), syslog.address),
            Self::Http(http) | Self::Dnif(http) => http.url.to_string(),
            Self::SplunkHec(splunk) => splunk.url.to_string(),
            Self::Elasticsearch(elastic) => format!("{} of {}", elastic.index, elastic.url),
        }
    }

    /// Where credentials are sent: they do not follow to another place by themselves.
    #[must_use]
    pub fn receiver(&self) -> Option<String> {
        let origin = |url: &url::Url| url.origin().ascii_serialization();
        match self {
            Self::File(_) | Self::Stdout(_) => None,
            Self::Syslog(syslog) => Some(syslog.address.clone()),
            Self::Http(http) | Self::Dnif(http) => Some(origin(&http.url)),
            Self::SplunkHec(splunk) => Some(origin(&splunk.url)),
            Self::Elasticsearch(elastic) => Some(origin(&elastic.url)),
        }
    }

    /// Whether it shows a certificate, whose key is a credential.
    pub(crate) fn shows_certificate(&self) -> bool {
        let connection = match self {
            Self::File(_) | Self::Stdout(_) => return false,
            Self::Syslog(syslog) => &syslog.connection,
            Self::Http(http) | Self::Dnif(http) => &http.connection,
            Self::SplunkHec(splunk) => &splunk.connection,
            Self::Elasticsearch(elastic) => &elastic.connection,
        };
        connection.client_certificate.is_some()
    }

    pub(super) fn check(&self, format: Format, by: By) -> Result<(), Invalid> {
        match self {
            Self::File(file) => file.check(by),
            Self::Stdout(_) => Ok(()),
            Self::Syslog(syslog) => syslog.check(by),
            Self::Http(http) => http.check(format, by),
            Self::Dnif(http) => http.check_dnif(format, by),
            Self::SplunkHec(splunk) => splunk.check(by),
            Self::Elasticsearch(elastic) => elastic.check(format, by),
        }
    }

    pub(super) fn check_credentials(&self, credentials: &Credentials) -> Result<(), Invalid> {
        match self {
            Self::File(_) | Self::Stdout(_) => Ok(()),
            Self::Syslog(syslog) => syslog.check_credentials(credentials),
            Self::Http(http) | Self::Dnif(http) => http.check_credentials(credentials),
            Self::SplunkHec(splunk) => splunk.check_credentials(credentials),
            Self::Elasticsearch(elastic) => elastic.check_credentials(credentials),
        }
    }
}
