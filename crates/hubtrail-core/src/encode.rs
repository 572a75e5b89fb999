//! Events and findings in the schemas that others read. Each encoder is pure and total: whatever the record
//! says, and also when it could not be read, there is a line for it, and nothing in it is invented.
//!
//! With the original attached, the record as HubSpot sent it can be had back from the line byte by byte
//! (`docs/mapping.md` says from which field). The exception is `raw` itself, which is the record on one line.

mod act;
mod cef;
pub mod csv;
mod dnif;
mod ecs;
mod json;
mod leef;
mod message;
mod ocsf;
mod raw;

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use crate::event::Event;
use crate::finding::{Finding, Severity};
use crate::identity::EventId;
use crate::stream::Stream;
use crate::time::UtcMs;

pub use message::message;

/// What is known of the account that an item is from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account<'a> {
    /// The connector's name; empty where there is none.
    pub connector: &'a str,
    pub portal_id: Option<i64>,
}

/// What HubSpot's directory tells of who did it, which no event says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Person<'a> {
    pub email: Option<&'a str>,
    pub role: Option<&'a str>,
    /// Has left the account.
    pub gone: bool,
}

/// A record of HubSpot's, and what it says.
#[derive(Clone, Copy, Debug)]
pub struct Recorded<'a> {
    pub id: EventId,
    /// Its place in the log, if it is in one.
    pub position: Option<i64>,
    pub stream: Stream,
    pub account: Account<'a>,
    /// The event's time; of a record that could not be read, that of its nearest neighbour.
    pub time: UtcMs,
    /// When it was received, if that is known.
    pub seen_at: Option<UtcMs>,
    /// As HubSpot sent it.
    pub raw: &'a str,
    /// What it says, or why it could not be read.
    pub event: Result<&'a Event, &'a str>,
    pub person: Option<Person<'a>>,
}

/// What became of a finding. It is told of more than once, always by the same id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    #[default]
    Raised,
    /// There is more evidence.
    Grown,
    /// It is a part of another one now, or was judged.
    Closed,
}

/// A finding, as it was at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    pub position: Option<i64>,
    pub account: Account<'a>,
    pub finding: &'a Finding,
    pub stage: Stage,
    pub person: Option<Person<'a>>,
}

/// What is written: one line each.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    Event(Recorded<'a>),
    Finding(Found<'a>),
}

impl<'a> From<Recorded<'a>> for Item<'a> {
    fn from(recorded: Recorded<'a>) -> Self {
        Self::Event(recorded)
    }
}

impl<'a> From<Found<'a>> for Item<'a> {
    fn from(found: Found<'a>) -> Self {
        Self::Finding(found)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// The record as HubSpot sent it, on one line; a finding as Hubtrail's own JSON.
    Raw,
    /// OCSF 1.8.0: Entity Management and Detection Finding.
    Ocsf,
    /// Elastic Common Schema.
    Ecs,
    /// JSON with the field names of DNIF.
    Dnif,
    /// ArcSight Common Event Format.
    Cef,
    /// IBM Log Event Extended Format 2.0.
    Leef,
    /// RFC 4180, safe to open in a spreadsheet.
    Csv,
}

impl Format {
    pub const ALL: [Self; 7] =
        [Self::Raw, Self::Ocsf, Self::Ecs, Self::Dnif, Self::Cef, Self::Leef, Self::Csv];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Ocsf => "ocsf",
            Self::Ecs => "ecs",
            Self::Dnif => "dnif",
            Self::Cef => "cef",
            Self::Leef => "leef",
            Self::Csv => "csv",
        }
    }

    /// Whether a line is one JSON value.
    #[must_use]
    pub const fn is_json(self) -> bool {
        matches!(self, Self::Raw | Self::Ocsf | Self::Ecs | Self::Dnif)
    }

    #[must_use]
    pub const fn line_end(self) -> &'static str {
        if matches!(self, Self::Csv) { "\r\n" } else { "\n" }
    }

    /// Of a text of many lines.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Raw | Self::Ocsf | Self::Ecs | Self::Dnif => "application/x-ndjson",
            Self::Cef | Self::Leef => "text/plain; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    /// The usual end of a file's name.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Raw | Self::Ocsf | Self::Ecs | Self::Dnif => "ndjson",
            Self::Cef => "cef",
            Self::Leef => "leef",
            Self::Csv => "csv",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no format `{0}` (use raw, ocsf, ecs, dnif, cef, leef or csv)")]
pub struct NoSuchFormat(String);

impl FromStr for Format {
    type Err = NoSuchFormat;

    fn from_str(text: &str) -> Result<Self, NoSuchFormat> {
        let found = Self::ALL.into_iter().find(|format| format.as_str() == text);
        found.ok_or_else(|| NoSuchFormat(text.chars().take(40).collect()))
    }
}

/// A format, and whether each line carries the original with it. `raw` is the original and always does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding {
    pub format: Format,
    pub original: bool,
}

impl Encoding {
    #[must_use]
    pub const fn with_original(format: Format) -> Self {
        Self { format, original: true }
    }

    /// Appends the item, without a line end. Only CSV has line breaks inside, and those in quotes.
    pub fn encode(self, item: &Item<'_>, to: &mut Vec<u8>) {
        match self.format {
            Format::Raw => raw::encode(item, to),
            Format::Ocsf => ocsf::encode(item, self.original, to),
            Format::Ecs => ecs::encode(item, self.original, to),
            Format::Dnif => dnif::encode(item, self.original, to),
            Format::Cef => cef::encode(item, self.original, to),
            Format::Leef => leef::encode(item, self.original, to),
            Format::Csv => csv::encode(item, self.original, to),
        }
    }

    /// As [`Encoding::encode`], with the line end that belongs to the format.
    pub fn encode_line(self, item: &Item<'_>, to: &mut Vec<u8>) {
        self.encode(item, to);
        to.extend_from_slice(self.format.line_end().as_bytes());
    }

    /// What stands before the first line, with its line end; only CSV has it.
    #[must_use]
    pub fn header(self) -> Vec<u8> {
        if self.format == Format::Csv { csv::header() } else { Vec::new() }
    }
}

impl<'a> Recorded<'a> {
    fn original(&self, attached: bool) -> Option<&'a str> {
        attached.then_some(self.raw)
    }

    fn email(&self) -> Option<&'a str> {
        let person = self.person.filter(|_| self.event.is_ok());
        person.and_then(|person| person.email)
    }
}

/// Where a schema counts severity from 1 to 10.
const fn out_of_ten(severity: Severity) -> u8 {
    match severity {
        Severity::Informational => 1,
        Severity::Low => 3,
        Severity::Medium => 5,
        Severity::High => 8,
        Severity::Critical => 10,
    }
}

/// What an event is, on its own: whether it is abnormal is said by findings.
const OF_AN_EVENT: Severity = Severity::Informational;

/// Of this mapping, for schemas that want a version of what sends.
const MAPPING_VERSION: &str = "1";
const VENDOR: &str = "HubSpot";
const PRODUCT: &str = "CMS Audit Log";
const OURS: &str = "Hubtrail";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// `T1565.001` is a sub-technique of `T1565`.
fn technique(id: &str) -> &str {
    id.split_once('.').map_or(id, |(technique, _)| technique)
}
