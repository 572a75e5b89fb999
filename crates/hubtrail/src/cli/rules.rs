//! `hubtrail rules`: what is looked for, in words; and whether rules of one's own are understood.

mod check;
mod explain;
mod list;
mod test;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use hubtrail_core::detect::{Problem, Rule, RuleSet};
use jiff::tz::TimeZone;

use super::failure::Failure;
use super::output;
use crate::rules;

/// List, check, explain and test the rules that findings come from
#[derive(Debug, Args)]
pub struct Rules {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(list::List),
    Check(check::Check),
    Explain(explain::Explain),
    Test(test::Test),
}

/// Which rules there are.
#[derive(Debug, Args)]
struct Pack {
    /// Your own rules, beside the shipped ones: a file or a directory
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
}

impl Rules {
    /// # Errors
    /// When rules cannot be read, or an action fails.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let passed = match self.action {
            Action::List(action) => action.run().map(|()| true),
            Action::Check(action) => action.run(),
            Action::Explain(action) => action.run().map(|()| true),
            Action::Test(action) => action.run(),
        }?;
        Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

impl Pack {
    fn load(&self) -> anyhow::Result<RuleSet> {
        usable(self.rules.as_deref())
    }
}

/// The shipped pack and the user's own rules, all of which must be understood.
pub(super) fn usable(own: Option<&Path>) -> anyhow::Result<RuleSet> {
    let (set, problems) = rules::load(own, &TimeZone::UTC)?;
    match problems.as_slice() {
        [] => Ok(set),
        [Problem { file, .. }, ..] => {
            problems.iter().for_each(|problem| output::say(format_args!("not understood: {problem}")));
            let what = format!("a rule in {file} cannot be used");
            Err(Failure::new(what, "mend or remove it; `hubtrail rules check` looks at a file by itself")
                .into())
        }
    }
}

fn find<'a>(set: &'a RuleSet, name: &str) -> anyhow::Result<&'a Rule> {
    set.find(name).ok_or_else(|| {
        Failure::new(format!("there is no rule `{name}`"), "see `hubtrail rules list` for names and ids")
            .into()
    })
}
