//! `hubtrail connector pause` and `resume`: a connector that is kept and does not collect.

use clap::Args;

use super::note;
use crate::cli::{Session, output};

/// Stop collecting an account for the time being
#[derive(Debug, Args)]
#[command(after_help = "Its entries, its token and its checkpoint are kept.")]
pub(super) struct Pause {
    /// The connector
    #[arg(value_name = "NAME")]
    connector: String,
}

/// Collect an account again, from where it stopped
#[derive(Debug, Args)]
pub(super) struct Resume {
    /// The connector
    #[arg(value_name = "NAME")]
    connector: String,
}

impl Pause {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        set(session, &self.connector, true)
    }
}

impl Resume {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        set(session, &self.connector, false)
    }
}

fn set(session: &Session, name: &str, paused: bool) -> anyhow::Result<()> {
    let store = session.existing_store()?;
    let mut connector = store.connector(name)?;
    let name = connector.name().to_owned();
    let state = if paused { "paused" } else { "active" };
    if connector.settings.paused == paused {
        output::print_line(format_args!("connector `{name}` was {state} already"))?;
        return Ok(());
    }
    connector.settings.paused = paused;
    let connector = store.update_connector(&connector)?;
    let action = if paused { "connector.pause" } else { "connector.resume" };
    note(session, &store, action, &connector, "")?;
    output::print_line(format_args!("connector `{name}` is {state}"))?;
    Ok(())
}
