//! `hubtrail connector`: the HubSpot accounts that are collected.

mod add;
pub(super) mod apply;
mod backfill;
mod edit;
mod erase;
mod list;
mod pause;
mod remove;
mod rotate;
mod test;
mod token;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Session;
use crate::access::Actor;
use crate::connector;
use crate::store::{NewAudit, Store, StoreError};

/// Add, list and change the HubSpot accounts that are collected
#[derive(Debug, Args)]
pub struct Connector {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Add(add::Add),
    List(list::List),
    Show(list::Show),
    Test(test::Test),
    Edit(edit::Edit),
    Token(rotate::Rotate),
    Pause(pause::Pause),
    Resume(pause::Resume),
    Backfill(backfill::Backfill),
    Apply(apply::Apply),
    Remove(remove::Remove),
    Erase(erase::Erase),
}

/// What was done to a connector goes into Hubtrail's own audit trail, as when the console does it.
fn note(
    session: &Session,
    store: &Store,
    action: &'static str,
    connector: &connector::Connector,
    detail: &str,
) -> Result<(), StoreError> {
    let entry = NewAudit::by(&Actor::command_line(), action, connector.name());
    store.audit(entry.connector(Some(connector.id)).detail(detail), session.clock.now())
}

impl Connector {
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
            Action::Token(action) => action.run(session)?,
            Action::Pause(action) => action.run(session)?,
            Action::Resume(action) => action.run(session)?,
            Action::Backfill(action) => action.run(session)?,
            Action::Apply(action) => action.run(session)?,
            Action::Remove(action) => action.run(session)?,
            Action::Erase(action) => action.run(session)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
