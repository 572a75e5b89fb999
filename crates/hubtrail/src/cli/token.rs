//! `hubtrail token`: tokens with which programs ask. A token is printed once, when it is made: stdout carries
//! it alone, so that it can go straight to where secrets are kept.

mod create;
mod list;
mod revoke;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Session;

/// Make, list and revoke tokens for programs
#[derive(Debug, Args)]
pub struct Token {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Create(create::Create),
    List(list::List),
    Revoke(revoke::Revoke),
}

impl Token {
    /// # Errors
    /// When the action fails.
    pub fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::Create(action) => action.run(session)?,
            Action::List(action) => action.run(session)?,
            Action::Revoke(action) => action.run(session)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
