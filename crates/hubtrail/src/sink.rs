//! Where entries go: output adapters, one file each, behind one small contract. A sink neither reads the log
//! nor moves a position; who delivers to it does both, and waits, halves and gives up as its errors say.

use std::time::Duration;

use futures_util::future::BoxFuture;
use hubtrail_core::finding::Severity;
use hubtrail_core::time::UtcMs;

use crate::store::Position;

mod attempt;
mod configured;
mod credentials;
mod elasticsearch;
mod exchange;
mod file;
mod http;
mod open;
mod reachable;
mod selection;
mod settings;
pub(crate) mod spelling;
mod splunk_hec;
mod stdout;
mod syslog;
mod target;

pub(crate) use attempt::{PATIENCE, attempt};
pub use configured::{Configured, SinkId};
pub use credentials::{Credentials, NewCredentials};
pub use elasticsearch::Elasticsearch;
pub(crate) use exchange::Exchange;
pub use file::{Compression, File};
pub(crate) use http::standard_webhooks;
pub use http::{Auth, Body, Http};
pub use open::{Opening, open};
pub(crate) use reachable::{Connection, url_text};
pub use selection::{Selection, Subject};
pub use settings::{By, Limits, Settings, Start};
pub use splunk_hec::SplunkHec;
pub use stdout::Stdout;
pub(crate) use syslog::tls;
pub use syslog::{Protocol, Syslog, Transport};
pub use target::Target;

/// One entry as a sink gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub position: Position,
    /// The event's id, or the finding's: the same whenever the entry is delivered.
    pub id: String,
    pub time: UtcMs,
    /// Of a finding; an event is informational.
    pub severity: Severity,
    /// Encoded, on one line.
    pub body: Vec<u8>,
}

/// What a receiver answered, in a few words and without a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt(pub String);

/// Why entries were not taken, by what the caller does next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SinkError {
    /// Deliver the same once more, not sooner than this.
    #[error("{reason}")]
    Retry { reason: String, after: Option<Duration> },
    /// The receiver wants none of these; it has all others when `rest_stored`, else they are delivered again
    /// without them.
    #[error("the receiver refuses {} of the entries", refused.len())]
    Entries { refused: Vec<Refused>, rest_stored: bool },
    /// The receiver refuses them together: deliver fewer at a time, until the one it means stands alone.
    #[error("{0}")]
    Together(String),
    /// Deliver nothing until a person has changed something.
    #[error("{reason}")]
    Misconfigured { reason: String, fix: String },
}

/// One entry that a receiver refuses, by its place in the batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub index: usize,
    pub reason: String,
}

impl SinkError {
    pub(crate) fn retry(reason: impl Into<String>) -> Self {
        Self::Retry { reason: reason.into(), after: None }
    }

    pub(crate) fn misconfigured(reason: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Misconfigured { reason: reason.into(), fix: fix.into() }
    }
}

/// An output adapter.
///
/// `Ok` means that the receiver has every item durably, as far as its protocol can tell. The same batch may
/// come again, after an error as well as after a crash; it must do no harm. A call ends by itself, with an
/// error if need be, and may be given up in the middle. No error text holds a secret. Nothing is retried and
/// nothing is waited for inside: that is for the caller.
pub trait Sink: Send + Sync {
    /// Items are in the order of the log, and there is at least one.
    fn deliver<'a>(&'a mut self, batch: &'a [Item]) -> BoxFuture<'a, Result<Receipt, SinkError>>;
}
