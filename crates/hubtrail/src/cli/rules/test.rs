//! `hubtrail rules test`: the examples that rules bring along, each delivered in several orders; or what the rules
//! would have raised in the past that the log has.

use std::path::PathBuf;

use clap::Args;

use super::past::Past;
use super::{Start, find, usable};
use crate::cli::output;
use crate::moment::Moment;

/// Run the examples that rules bring along, or try rules on the past
#[derive(Debug, Args)]
#[command(after_help = "\
Each example is delivered in order, newest first, shuffled and twice; it must raise what it says in all of them.

With --since, the log is read instead: what the rules would have raised, how often, and with which evidence. Rules \
that are named are tried even when they are off.

Exit code 0: all do. 1: otherwise.

Examples:
  hubtrail rules test
  hubtrail rules test --since 90d watch_redirects
  hubtrail rules test --rules ./our-rules many_deletions")]
pub(super) struct Test {
    /// Only these rules, by name or id
    #[arg(value_name = "RULE")]
    names: Vec<String>,
    /// Your own rules, beside the shipped ones: a file or a directory
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// Try them on what the log has since this time
    #[arg(long, value_name = "TIME")]
    since: Option<Moment>,
    /// Only on what was collected of these connectors
    #[arg(long, value_name = "NAME", value_delimiter = ',', requires = "since")]
    connector: Vec<String>,
    /// Print the findings as `hubtrail detect --format json` does
    #[arg(long, requires = "since")]
    json: bool,
}

impl Test {
    pub(super) fn run(self, start: Start<'_>) -> anyhow::Result<bool> {
        if let Some(since) = self.since {
            let session = start()?;
            if self.rules.is_some() {
                usable(self.rules.as_deref())?;
            }
            let past = Past {
                names: &self.names,
                own: self.rules.as_deref(),
                connectors: &self.connector,
                since: since.from_now(session.clock.now()),
                json: self.json,
            };
            return past.run(&session).map(|()| true);
        }
        let set = usable(self.rules.as_deref())?;
        let rules = match self.names.as_slice() {
            [] => set.rules().iter().collect(),
            names => names.iter().map(|name| find(&set, name)).collect::<anyhow::Result<Vec<_>>>()?,
        };
        let (mut tried, mut failed) = (0, 0);
        for rule in rules {
            for example in &rule.examples {
                tried += 1;
                if let Err(failure) = set.try_example(rule, example) {
                    failed += 1;
                    let name = rule.name.as_deref().unwrap_or(&rule.id);
                    output::print_line(format_args!("{name}: {}: {failure}", example.name))?;
                }
            }
        }
        output::print_line(format_args!("{tried} examples, {failed} failed"))?;
        Ok(failed == 0)
    }
}
