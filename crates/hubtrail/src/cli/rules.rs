//! `hubtrail rules`: what is looked for, in words; whether rules of one's own are understood; what they would have
//! found; and which are on.

mod check;
mod explain;
mod list;
mod past;
mod switch;
mod test;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use hubtrail_core::detect::{Problem, Rule, RuleSet};
use jiff::tz::TimeZone;

use super::failure::Failure;
use super::{Session, output};
use crate::rules::{self, Book};
use crate::store::Store;

/// List, check, explain, test and switch the rules that findings come from
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
    Enable(switch::Enable),
    Disable(switch::Disable),
}

/// Which rules there are.
#[derive(Debug, Args)]
struct Pack {
    /// Your own rules, beside the shipped ones: a file or a directory [default: the rules in force, if there is a log]
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
}

/// How a command gets at its session: not all of them need one.
type Start<'a> = &'a dyn Fn() -> anyhow::Result<Session>;

impl Rules {
    /// # Errors
    /// When rules cannot be read, or an action fails.
    pub fn run(self, start: impl Fn() -> anyhow::Result<Session>) -> anyhow::Result<ExitCode> {
        let start: Start<'_> = &start;
        let passed = match self.action {
            Action::List(action) => action.run(start).map(|()| true),
            Action::Check(action) => action.run(),
            Action::Explain(action) => action.run(start).map(|()| true),
            Action::Test(action) => action.run(start),
            Action::Enable(action) => action.run(start).map(|()| true),
            Action::Disable(action) => action.run(start).map(|()| true),
        }?;
        Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

impl Pack {
    fn load(&self, start: Start<'_>) -> anyhow::Result<RuleSet> {
        if self.rules.is_some() {
            return usable(self.rules.as_deref());
        }
        let session = start()?;
        if !Store::exists(&session.config.storage.data_dir) {
            return usable(session.config.detection.rules.as_deref());
        }
        Ok(Book::read(&session.store()?)?.rules(&TimeZone::UTC))
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
