//! `hubtrail sink`: where entries are forwarded to.

mod add;
mod dead_letters;
mod edit;
mod list;
mod secrets;
mod test;
mod work;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Session;
use crate::access::Actor;
use crate::sink::Configured;
use crate::store::{NewAudit, Store, StoreError};

/// Forward entries to a SIEM, and see how that goes
#[derive(Debug, Args)]
pub struct Sink {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Add(Box<add::Add>),
    List(list::List),
    Show(list::Show),
    Test(test::Test),
    Edit(Box<edit::Edit>),
    Pause(work::Pause),
    Resume(work::Resume),
    Replay(work::Replay),
    DeadLetters(dead_letters::DeadLetters),
    Remove(work::Remove),
}

/// What was done to a sink goes into Hubtrail's own audit trail, as when the console does it.
fn note(
    session: &Session,
    store: &Store,
    action: &'static str,
    sink: &Configured,
    detail: &str,
) -> Result<(), StoreError> {
    let entry = NewAudit::by(&Actor::command_line(), action, sink.name());
    store.audit(entry.detail(detail), session.clock.now())
}

impl Sink {
    /// # Errors
    /// When the action fails.
    pub fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::Add(action) => action.run(session)?,
            Action::List(action) => action.run(session)?,
            Action::Show(action) => action.run(session)?,
            Action::Test(action) => {
                let passed = action.run(session)?;
                return Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE });
            }
            Action::Edit(action) => action.run(session)?,
            Action::Pause(action) => action.run(session)?,
            Action::Resume(action) => action.run(session)?,
            Action::Replay(action) => action.run(session)?,
            Action::DeadLetters(action) => action.run(session)?,
            Action::Remove(action) => action.run(session)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
