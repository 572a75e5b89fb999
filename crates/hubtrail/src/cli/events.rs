//! `hubtrail events`: search the log and print what was found, for people or for programs.

pub mod csv;
pub mod table;

use clap::{Args, ValueEnum};

use crate::moment::Moment;

/// Search the log
///
/// Without --limit, all that matches is printed; on a terminal the newest 50.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hubtrail events --object-type LANDING_PAGE,WEBSITE_PAGE --event-type DELETED --after 7d
  hubtrail events --text 'spring sale' --follow
  hubtrail events --format raw > events.ndjson
Filters of one kind are alternatives and may be repeated or separated by commas; different kinds must all match.
Times: 2026-03-01, 2026-03-01T09:30:00Z, 30d or 2h (before now), now, or milliseconds since 1970.
In CSV, a text that a spreadsheet would run as a formula gets a leading apostrophe; raw has the exact text.")]
pub struct Events {
    /// Only of these connectors
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub connector: Vec<String>,
    /// Only objects of these types, such as LANDING_PAGE
    #[arg(long, value_name = "TYPE", value_delimiter = ',')]
    pub object_type: Vec<String>,
    /// Only these events, such as DELETED
    #[arg(long, value_name = "TYPE", value_delimiter = ',')]
    pub event_type: Vec<String>,
    /// Only these objects
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub object_id: Vec<String>,
    /// Only by these HubSpot users
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub user_id: Vec<String>,
    /// Only later than this time
    #[arg(long, value_name = "TIME")]
    pub after: Option<Moment>,
    /// Only earlier than this time
    #[arg(long, value_name = "TIME")]
    pub before: Option<Moment>,
    /// Words that must occur in the names of people or objects
    #[arg(long, value_name = "WORDS")]
    pub text: Option<String>,
    /// Oldest or newest first, in HubSpot's words
    #[arg(long, value_enum, default_value_t, allow_hyphen_values = true)]
    pub sort: Sort,
    /// Print so many at most
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Go on with new events as they are collected, until Ctrl-C
    #[arg(short, long, conflicts_with = "sort")]
    pub follow: bool,
    /// table: sentences; raw: each record as HubSpot sent it, one a line; csv: RFC 4180 with a header
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Show times in UTC instead of local time
    #[arg(long)]
    pub utc: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    #[default]
    #[value(name = "timestamp")]
    OldestFirst,
    #[value(name = "-timestamp")]
    NewestFirst,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    #[default]
    Table,
    Raw,
    Csv,
}
