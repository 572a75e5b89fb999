//! `hubtrail events`: search the log and print what was found, for people or for programs.

mod follow;
mod printer;
pub(super) mod table;

use std::ops::ControlFlow;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use hubtrail_core::encode::Encoding;
use hubtrail_core::page::{Dimension, Filter, Order};
use hubtrail_core::time::UtcMs;

use super::format::{self, Shown};
use super::{Session, output};
use crate::known::Known;
use crate::moment::Moment;
use crate::store::{Position, Search, Store};
use printer::{Named, Printer};

/// A terminal is not flooded unless it is asked for.
const NEWEST_ON_TERMINAL: usize = 50;

/// Search the log
#[derive(Debug, Args)]
#[command(after_help = "\
Without --limit, all that matches is printed; on a terminal the newest 50.

Examples:
  hubtrail events --object-type LANDING_PAGE,WEBSITE_PAGE --event-type DELETED --after 7d
  hubtrail events --text 'spring sale' --follow
  hubtrail events --format raw > events.ndjson

Filters of one kind are alternatives and may be repeated or separated by commas; different kinds must all match.
Times: 2026-03-01, 2026-03-01T09:30:00Z, 30d or 2h (before now), now, or milliseconds since 1970.
In CSV, a text that a spreadsheet would run as a formula gets a leading apostrophe; raw has the exact text.\n\
What stands where in each format is in docs/mapping.md.")]
pub struct Events {
    /// Only of these connectors
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    connector: Vec<String>,
    /// Only objects of these types, such as LANDING_PAGE
    #[arg(long, value_name = "TYPE", value_delimiter = ',')]
    object_type: Vec<String>,
    /// Only these events, such as DELETED
    #[arg(long, value_name = "TYPE", value_delimiter = ',')]
    event_type: Vec<String>,
    /// Only these objects
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    object_id: Vec<String>,
    /// Only by these HubSpot users
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    user_id: Vec<String>,
    /// Only at this time or later
    #[arg(long, value_name = "TIME")]
    after: Option<Moment>,
    /// Only earlier than this time
    #[arg(long, value_name = "TIME")]
    before: Option<Moment>,
    /// A piece of the name of a person or an object
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// Oldest or newest first, in HubSpot's words
    #[arg(long, value_enum, default_value_t, allow_hyphen_values = true)]
    sort: Sort,
    /// Print so many at most: the first ones by --sort, with --follow the newest ones
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Go on with new events as they are collected, until Ctrl-C
    #[arg(short, long, conflicts_with = "sort")]
    follow: bool,
    /// table: sentences for people; raw: each record as HubSpot sent it; ocsf, ecs, dnif: JSON; cef, leef; csv: with
    /// a header. One a line
    #[arg(long, value_name = "FORMAT", value_parser = format::shown(), default_value = "table", hide_possible_values = true)]
    format: Shown,
    /// Leave the record as HubSpot sent it out of the line; raw is nothing else and stays
    #[arg(long)]
    no_original: bool,
    /// Show times in UTC instead of local time
    #[arg(long)]
    utc: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    #[default]
    #[value(name = "timestamp")]
    OldestFirst,
    #[value(name = "-timestamp")]
    NewestFirst,
}

impl Events {
    /// # Errors
    /// When the log cannot be read, or stdout cannot be written to.
    pub fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let store = session.existing_store()?;
        let search = self.search(&store, session.clock.now())?;
        let known = Known::of(&store)?;
        let mut printer = match self.format {
            Shown::Table => Printer::table(self.utc, Named::of(&store, &search)?, session.clock),
            Shown::As(format) => Printer::encoded(Encoding { format, original: !self.no_original }, known),
        };
        printer.header()?;
        // What is appended from here on is what `--follow` goes on with.
        let head = store.head()?;
        match self.newest() {
            Some(newest) => self.print_newest(&store, &search, newest, &mut printer)?,
            None => print_all(&store, &search, head, &mut printer)?,
        }
        printer.flush()?;
        if self.follow {
            follow::follow(&store, &search, head, &mut printer)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn search(&self, store: &Store, now: UtcMs) -> anyhow::Result<Search> {
        let connectors = match self.connector.as_slice() {
            [] => None,
            names => {
                Some(names.iter().map(|name| Ok(store.connector(name)?.id)).collect::<anyhow::Result<_>>()?)
            }
        };
        let filter = Filter::default()
            .with(Dimension::EventType, self.event_type.clone())
            .with(Dimension::ObjectType, self.object_type.clone())
            .with(Dimension::UserId, self.user_id.clone())
            .with(Dimension::ObjectId, self.object_id.clone());
        Ok(Search {
            connectors,
            filter,
            text: self.text.clone(),
            after: self.after.map(|moment| moment.from_now(now)),
            before: self.before.map(|moment| moment.from_now(now)),
            order: match self.sort {
                Sort::OldestFirst => Order::OldestFirst,
                Sort::NewestFirst => Order::NewestFirst,
            },
            limit: self.limit,
            ..Search::default()
        })
    }

    /// How many of the newest are wanted, where it is not what comes first.
    fn newest(&self) -> Option<usize> {
        match self.limit {
            Some(limit) => self.follow.then_some(limit),
            None => output::is_terminal().then_some(NEWEST_ON_TERMINAL),
        }
    }

    fn print_newest(
        &self,
        store: &Store,
        search: &Search,
        newest: usize,
        printer: &mut Printer,
    ) -> anyhow::Result<()> {
        let one_more = newest.saturating_add(1);
        let search = Search { order: Order::NewestFirst, limit: Some(one_more), ..search.clone() };
        let mut entries = store.search(&search)?;
        let more = entries.len() > newest;
        entries.truncate(newest);
        if self.sort == Sort::OldestFirst {
            entries.reverse();
        }
        entries.iter().try_for_each(|entry| printer.print(store, entry))?;
        if more && self.limit.is_none() {
            printer.flush()?;
            output::say(format_args!("these are the newest {newest}; --limit N shows more"));
        }
        Ok(())
    }
}

/// Prints as it reads, so that a log of any length needs no memory.
fn print_all(store: &Store, search: &Search, head: Position, printer: &mut Printer) -> anyhow::Result<()> {
    let mut printed = Ok(());
    store.search_each(search, |entry| {
        if entry.position > head {
            return ControlFlow::Continue(());
        }
        printed = printer.print(store, entry);
        if printed.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    printed
}
