//! `hubtrail user role`, `disable`, `enable` and `remove`. The last administrator of all accounts stays.

use clap::Args;

use super::scope::Only;
use crate::access::{Accounts, Actor, Role};
use crate::cli::{Session, output};
use crate::store::UserChange;

/// Change what somebody may do, and in which accounts
#[derive(Debug, Args)]
pub(super) struct SetRole {
    /// The user
    #[arg(value_name = "NAME")]
    name: String,
    /// viewer, analyst or admin
    #[arg(value_name = "ROLE")]
    role: Role,
    #[command(flatten)]
    only: Only,
    /// From now on all accounts; without it and --account they stay as they are
    #[arg(long, conflicts_with = "account")]
    all_accounts: bool,
}

/// Keep somebody from signing in, and end their sessions
#[derive(Debug, Args)]
pub(super) struct Disable {
    /// The user
    #[arg(value_name = "NAME")]
    name: String,
}

/// Let somebody sign in again
#[derive(Debug, Args)]
pub(super) struct Enable {
    /// The user
    #[arg(value_name = "NAME")]
    name: String,
}

/// Remove somebody for good, and end their sessions
#[derive(Debug, Args)]
pub(super) struct Remove {
    /// The user
    #[arg(value_name = "NAME")]
    name: String,
}

fn change(session: &Session, name: &str, change: UserChange, done: &str) -> anyhow::Result<()> {
    let store = session.existing_store()?;
    let user = store.user_named(name)?;
    let user = store.change_user(user.id, change, &Actor::command_line(), session.clock.now())?;
    output::print_line(format_args!("`{}` {done}", user.name))?;
    Ok(())
}

impl SetRole {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let accounts = match (self.all_accounts, self.only.is_given()) {
            (true, _) => Some(Accounts::All),
            (false, true) => Some(self.only.accounts(&session.existing_store()?)?),
            (false, false) => None,
        };
        let role = self.role;
        let wanted = UserChange { role: Some(role), accounts, ..UserChange::default() };
        change(session, &self.name, wanted, &format!("is {role}"))
    }
}

impl Disable {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let wanted = UserChange { disabled: Some(true), ..UserChange::default() };
        change(session, &self.name, wanted, "can no longer sign in")
    }
}

impl Enable {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let wanted = UserChange { disabled: Some(false), ..UserChange::default() };
        change(session, &self.name, wanted, "can sign in again")
    }
}

impl Remove {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let user = store.user_named(&self.name)?;
        store.delete_user(user.id, &Actor::command_line(), session.clock.now())?;
        output::print_line(format_args!("`{}` is removed", user.name))?;
        Ok(())
    }
}
