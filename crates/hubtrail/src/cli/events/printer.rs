//! Where entries go: the chosen format, and the stdout that suits it.

use std::collections::HashMap;
use std::io::{self, Write};

use hubtrail_core::record_line::record_line;
use hubtrail_core::sentence::harmless;
use jiff::tz::TimeZone;
use unicode_width::UnicodeWidthStr;

use super::{Format, table::Table};
use crate::cli::output;
use crate::clock::Clock;
use crate::connector::ConnectorId;
use crate::csv;
use crate::store::{Entry, Search, Store, StoreError};

/// The title of the connector's column must fit as well.
const LEAST_WIDTH: usize = 9;

/// The connectors' names, also of those that were removed.
pub(super) struct Named {
    names: HashMap<ConnectorId, String>,
    /// The search can find entries of more than one.
    several: bool,
}

impl Named {
    pub(super) fn of(store: &Store, search: &Search) -> Result<Self, StoreError> {
        let names: HashMap<_, _> = store
            .connectors_ever()?
            .into_iter()
            .map(|connector| (connector.id, connector.settings.name))
            .collect();
        let several = search.connectors.as_ref().map_or(names.len(), Vec::len) > 1;
        Ok(Self { names, several })
    }

    fn name(&self, id: ConnectorId) -> &str {
        self.names.get(&id).map_or("", String::as_str)
    }

    fn width(&self) -> Option<usize> {
        let widest = self.names.values().map(|name| harmless(name).width()).max().unwrap_or_default();
        self.several.then_some(widest.max(LEAST_WIDTH))
    }
}

pub(super) struct Printer {
    to: Box<dyn Write>,
    format: Format,
    table: Table,
    named: Named,
    clock: Clock,
    /// Records that the format has no place for.
    left_out: u64,
}

impl Printer {
    pub(super) fn new(format: Format, utc: bool, named: Named, clock: Clock) -> Self {
        let to: Box<dyn Write> = match format {
            Format::Table => Box::new(output::styled()),
            Format::Raw | Format::Csv => Box::new(output::exact()),
        };
        let zone = if utc { TimeZone::UTC } else { TimeZone::system() };
        let table = Table { zone, columns: output::columns(), connector: named.width() };
        Self { to, format, table, named, clock, left_out: 0 }
    }

    pub(super) fn header(&mut self) -> io::Result<()> {
        match self.format {
            Format::Table => self.table.header(&mut self.to, self.clock.now()),
            Format::Csv => csv::header(&mut self.to),
            Format::Raw => Ok(()),
        }
    }

    pub(super) fn print(&mut self, entry: &Entry) -> io::Result<()> {
        let connector = self.named.name(entry.connector);
        match (self.format, &entry.event) {
            (Format::Table, _) => self.table.line(&mut self.to, self.clock.now(), connector, entry),
            (Format::Raw, _) => writeln!(self.to, "{}", record_line(&entry.raw)),
            (Format::Csv, Ok(event)) => csv::line(&mut self.to, entry.position, connector, event),
            (Format::Csv, Err(_)) => {
                self.left_out += 1;
                Ok(())
            }
        }
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }

    /// A record without fields has no line in CSV; that must not go unnoticed.
    pub(super) fn report_left_out(&self) {
        if self.left_out > 0 {
            output::say(format_args!(
                "left out: {} unreadable records; --format raw has them",
                self.left_out
            ));
        }
    }
}
