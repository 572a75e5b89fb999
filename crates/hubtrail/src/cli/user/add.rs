//! `hubtrail user add`: everything but the password is checked before it is asked for.

use clap::Args;

use super::password::PasswordSource;
use super::scope::Only;
use crate::access::{Actor, PasswordHash, Role, name};
use crate::cli::{Session, output};
use crate::store::NewUser;

/// Add somebody who may sign in
#[derive(Debug, Args)]
#[command(after_help = "\
Viewers look; analysts also work: test, backfill; admins also decide: connectors, people, tokens. Without \
--account they do so in all accounts.

Examples:
  hubtrail user add maria --role admin               asks for the password
  hubtrail user add jon --account acme --password-file password.txt")]
pub(super) struct Add {
    /// Name to sign in with
    #[arg(value_name = "NAME")]
    name: String,
    /// viewer, analyst or admin
    #[arg(long, value_name = "ROLE", default_value_t = Role::Viewer)]
    role: Role,
    #[command(flatten)]
    only: Only,
    #[command(flatten)]
    password: PasswordSource,
}

impl Add {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let name = name(&self.name)?;
        let store = session.store()?;
        let accounts = self.only.accounts(&store)?;
        let password = PasswordHash::of_new(&self.password.read(&name)?, &name)?;
        let new = NewUser { name, password, role: self.role, accounts };
        let user = store.create_user(new, &Actor::command_line(), session.clock.now())?;
        output::print_line(format_args!("`{}` may sign in as {}", user.name, user.role))?;
        Ok(())
    }
}
