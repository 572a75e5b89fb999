//! `hubtrail connector remove`: its token goes; its entries stay unless a person says otherwise.

use clap::Args;

use super::note;
use crate::cli::{Session, output};

/// Stop collecting an account for good and forget its token
#[derive(Debug, Args)]
#[command(after_help = "The entries stay and can be searched, unless --erase-entries is given.")]
pub(super) struct Remove {
    /// The connector
    #[arg(value_name = "NAME")]
    connector: String,
    /// Also erase its entries, which cannot be undone
    #[arg(long)]
    erase_entries: bool,
}

impl Remove {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let connector = store.connector(&self.connector)?;
        let entries = if self.erase_entries { "its entries are erased" } else { "its entries are kept" };
        note(session, &store, "connector.delete", &connector, entries)?;
        store.remove_connector(&self.connector, self.erase_entries)?;
        output::print_line(format_args!("connector `{}` is removed; {entries}", self.connector))?;
        Ok(())
    }
}
