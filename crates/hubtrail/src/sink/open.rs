//! From settings to a sink that delivers. Nothing is connected to yet.

use std::path::Path;

use super::{Credentials, Settings, Sink, SinkError, Target};
use super::{elasticsearch, file, http, splunk_hec, stdout, syslog};
use crate::clock::Clock;
use crate::config::Network;

/// What a sink is opened with.
pub struct Opening<'a> {
    pub settings: &'a Settings,
    pub credentials: Credentials,
    pub network: &'a Network,
    /// Files with a relative path are below its `export`.
    pub data_dir: &'a Path,
    pub clock: Clock,
}

/// # Errors
/// When the settings cannot lead to any delivery.
pub fn open(opening: &Opening<'_>) -> Result<Box<dyn Sink>, SinkError> {
    Ok(match &opening.settings.target {
        Target::File(settings) => Box::new(file::FileSink::new(settings, opening)),
        Target::Stdout(_) => Box::new(stdout::StdoutSink),
        Target::Syslog(settings) => Box::new(syslog::SyslogSink::new(settings, opening)?),
        Target::Http(settings) | Target::Dnif(settings) => Box::new(http::HttpSink::new(settings, opening)?),
        Target::SplunkHec(settings) => Box::new(splunk_hec::SplunkSink::new(settings, opening)?),
        Target::Elasticsearch(settings) => Box::new(elasticsearch::ElasticSink::new(settings, opening)?),
    })
}
