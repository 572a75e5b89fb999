//! `hubtrail rules enable` and `disable`: which rules are on, over what the files say.

use clap::Args;
use jiff::tz::TimeZone;

use super::{Start, find};
use crate::access::Actor;
use crate::cli::output;
use crate::rules::Book;

/// Switch rules on; `hubtrail serve` notices within seconds
#[derive(Debug, Args)]
#[command(after_help = "Example: hubtrail rules enable watch_redirects watch_domains")]
pub(super) struct Enable {
    /// Their names or ids
    #[arg(value_name = "RULE", required = true)]
    rules: Vec<String>,
}

/// Switch rules off
#[derive(Debug, Args)]
pub(super) struct Disable {
    /// Their names or ids
    #[arg(value_name = "RULE", required = true)]
    rules: Vec<String>,
}

impl Enable {
    pub(super) fn run(self, start: Start<'_>) -> anyhow::Result<()> {
        switch(&self.rules, true, start)
    }
}

impl Disable {
    pub(super) fn run(self, start: Start<'_>) -> anyhow::Result<()> {
        switch(&self.rules, false, start)
    }
}

fn switch(rules: &[String], enabled: bool, start: Start<'_>) -> anyhow::Result<()> {
    let session = start()?;
    let store = session.existing_store()?;
    let set = Book::read(&store)?.rules(&TimeZone::UTC);
    let found = rules.iter().map(|named| find(&set, named)).collect::<anyhow::Result<Vec<_>>>()?;
    for rule in found {
        store.set_rule(&rule.id, &rule.title, enabled, &Actor::command_line(), session.clock.now())?;
        let word = if enabled { "on" } else { "off" };
        output::print_line(format_args!("{} is {word}", rule.name.as_deref().unwrap_or(&rule.id)))?;
    }
    Ok(())
}
