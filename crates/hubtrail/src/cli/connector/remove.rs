//! `hubtrail connector remove`: its token goes; its entries stay unless a person says otherwise, by name.

use clap::Args;

use super::note;
use crate::cli::failure::Failure;
use crate::cli::{Session, output};

/// Stop collecting an account for good and forget its token
#[derive(Debug, Args)]
#[command(after_help = "\
The entries stay and can be searched, unless they are erased:
  hubtrail connector remove acme --erase-entries --confirm acme

What was kept is erased later with `hubtrail connector erase`.")]
pub(super) struct Remove {
    /// The connector
    #[arg(value_name = "NAME")]
    connector: String,
    /// Also erase its entries, which cannot be undone; needs --confirm
    #[arg(long)]
    erase_entries: bool,
    /// The name of the connector once more
    #[arg(long, value_name = "NAME", requires = "erase_entries")]
    confirm: Option<String>,
}

impl Remove {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let connector = store.connector(&self.connector)?;
        let name = connector.name();
        if self.erase_entries && self.confirm.as_deref() != Some(name) {
            let what = format!("erasing the entries of `{name}` cannot be undone");
            let fix = format!("repeat the name with --confirm '{name}', or leave --erase-entries out");
            return Err(Failure::misuse(what, fix).into());
        }
        store.remove_connector(name, self.erase_entries)?;
        let entries = if self.erase_entries { "its entries are erased" } else { "its entries are kept" };
        note(session, &store, "connector.delete", &connector, entries)?;
        output::print_line(format_args!("connector `{name}` is removed; {entries}"))?;
        Ok(())
    }
}
