//! `hubtrail rules test`: the examples that rules bring along, each delivered in several orders.

use std::path::PathBuf;

use clap::Args;

use super::{find, usable};
use crate::cli::output;

/// Run the examples that rules bring along
#[derive(Debug, Args)]
#[command(after_help = "\
Each example is delivered in order, newest first, shuffled and twice; it must raise what it says in all of them.

Exit code 0: all do. 1: otherwise.

Examples:
  hubtrail rules test
  hubtrail rules test --rules ./our-rules many_deletions")]
pub(super) struct Test {
    /// Only these rules, by name or id
    #[arg(value_name = "RULE")]
    names: Vec<String>,
    /// Your own rules, beside the shipped ones: a file or a directory
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
}

impl Test {
    pub(super) fn run(self) -> anyhow::Result<bool> {
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
