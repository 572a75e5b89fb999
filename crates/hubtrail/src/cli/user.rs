//! `hubtrail user`: the people who may sign in. Works beside a running server; whoever may run it on the data
//! directory may do everything, and so it is the way back in for somebody who locked themselves out.

mod add;
mod change;
mod list;
mod password;
pub(super) mod scope;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Session;

/// Add, list and change the people who may sign in
#[derive(Debug, Args)]
pub struct User {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Add(add::Add),
    List(list::List),
    Password(password::SetPassword),
    Role(change::SetRole),
    Disable(change::Disable),
    Enable(change::Enable),
    Remove(change::Remove),
}

impl User {
    /// # Errors
    /// When the action fails.
    pub fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::Add(action) => action.run(session)?,
            Action::List(action) => action.run(session)?,
            Action::Password(action) => action.run(session)?,
            Action::Role(action) => action.run(session)?,
            Action::Disable(action) => action.run(session)?,
            Action::Enable(action) => action.run(session)?,
            Action::Remove(action) => action.run(session)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
