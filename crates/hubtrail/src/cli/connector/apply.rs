//! `hubtrail connector apply`: many connectors from one file, again and again with the same result.

use std::path::PathBuf;

use clap::Args;

use crate::cli::{Session, output};
use crate::config::{self, ConfigError};
use crate::declared::{Action, By, Plan, Step, carry_out, plan};
use crate::store::Store;

/// Bring the connectors in line with a file
#[derive(Debug, Args)]
#[command(after_help = "\
The file holds a [[connector]] for each account, as in hubtrail.toml (see examples/hubtrail.toml). Applying it \
again changes nothing. Connectors that are not in it are left alone, unless --prune is given: they are then removed, \
and their entries stay.")]
pub(super) struct Apply {
    /// The file, in TOML
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Also remove the connectors that are not in the file
    #[arg(long)]
    prune: bool,
    /// Print the steps as JSON
    #[arg(long)]
    json: bool,
}

impl Apply {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let declared = config::connectors_in(self.file)?;
        let by = By::Person { prune: self.prune };
        let now = session.clock.now();
        // Looking makes neither a log nor a key.
        let is_new = !Store::exists(&session.config.storage.data_dir);
        if self.dry_run && is_new {
            let scratch = tempfile::tempdir()?;
            let steps = whole(plan(&Store::open(scratch.path())?, None, &declared, &by, now)?)?;
            return print(&steps, self.dry_run, self.json);
        }
        let store = session.store()?;
        let keyring = session.keyring_for(&store)?;
        let steps = whole(plan(&store, Some(&keyring), &declared, &by, now)?)?;
        print(&steps, self.dry_run, self.json)?;
        if !self.dry_run {
            carry_out(&store, &keyring, steps, &by, now)?;
        }
        Ok(())
    }
}

/// Half a file is not applied.
fn whole(plan: Plan) -> Result<Vec<Step>, ConfigError> {
    match plan.refused.into_iter().next() {
        Some(error) => Err(error),
        None => Ok(plan.steps),
    }
}

fn print(steps: &[Step], dry_run: bool, json: bool) -> anyhow::Result<()> {
    if json {
        return output::print_json(&steps);
    }
    for step in steps {
        output::print_line(said(step, dry_run))?;
    }
    if steps.is_empty() {
        output::say("the file declares no connector");
    }
    Ok(())
}

/// In the words of `serve --check` as well.
pub(in crate::cli) fn said(Step { name, action, .. }: &Step, would: bool) -> String {
    let (is, would) = if would { ("would be", "would be ") } else { ("is", "") };
    match action {
        Action::Create => format!("connector `{name}` {is} added"),
        Action::Change { fields } => format!("connector `{name}` {is} changed: {}", fields.join(", ")),
        Action::Leave => format!("connector `{name}` is as declared"),
        Action::Release => format!("connector `{name}` is no longer declared, and {would}paused"),
        Action::Remove => format!("connector `{name}` {is} removed; its entries are kept"),
    }
}
