//! Where entries go: the chosen format, and the stdout that suits it.

use std::collections::HashMap;
use std::io::{self, Write};
use std::slice;

use hubtrail_core::encode::Encoding;
use hubtrail_core::sentence::harmless;
use jiff::tz::TimeZone;
use unicode_width::UnicodeWidthStr;

use super::table::Table;
use crate::cli::output;
use crate::clock::Clock;
use crate::connector::ConnectorId;
use crate::known::Known;
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
    form: Form,
}

enum Form {
    Table { table: Table, named: Named, clock: Clock },
    Encoded { encoding: Encoding, known: Known, line: Vec<u8> },
}

impl Printer {
    pub(super) fn table(utc: bool, named: Named, clock: Clock) -> Self {
        let zone = if utc { TimeZone::UTC } else { TimeZone::system() };
        let table = Table { zone, columns: output::columns(), connector: named.width() };
        Self { to: Box::new(output::styled()), form: Form::Table { table, named, clock } }
    }

    pub(super) fn encoded(encoding: Encoding, known: Known) -> Self {
        let form = Form::Encoded { encoding, known, line: Vec::new() };
        Self { to: Box::new(output::exact()), form }
    }

    pub(super) fn header(&mut self) -> io::Result<()> {
        match &self.form {
            Form::Table { table, clock, .. } => table.header(&mut self.to, clock.now()),
            Form::Encoded { encoding, .. } => self.to.write_all(&encoding.header()),
        }
    }

    /// # Errors
    /// When stdout cannot be written to, or the log not be asked who it was.
    pub(super) fn print(&mut self, store: &Store, entry: &Entry) -> anyhow::Result<()> {
        match &mut self.form {
            Form::Table { table, named, clock } => {
                table.line(&mut self.to, clock.now(), named.name(entry.connector), entry)?;
            }
            Form::Encoded { encoding, known, line } => {
                known.meet(store, slice::from_ref(entry))?;
                line.clear();
                encoding.encode_line(&known.item(entry), line);
                self.to.write_all(line)?;
            }
        }
        Ok(())
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
