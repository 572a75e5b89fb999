//! `hubtrail user list`: who may sign in. Never a password, in whatever form.

use clap::Args;
use hubtrail_core::sentence::harmless;
use serde::Serialize;

use super::scope::Scopes;
use crate::access::Accounts;
use crate::cli::{Session, output};
use crate::http::scope::Scope;

/// List the people who may sign in
#[derive(Debug, Args)]
pub(super) struct List {
    /// Print them as JSON
    #[arg(long)]
    json: bool,
}

/// A user as it is shown to programs.
#[derive(Debug, Serialize)]
struct Shown {
    name: String,
    role: &'static str,
    accounts: Scope,
    disabled: bool,
    created_at: String,
    signed_in_at: Option<String>,
}

impl List {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let scopes = Scopes::of(&store)?;
        let users: Vec<Shown> = store
            .users(&Accounts::All)?
            .into_iter()
            .map(|user| Shown {
                role: user.role.as_str(),
                accounts: scopes.shown(&user.accounts),
                name: user.name,
                disabled: user.disabled,
                created_at: user.created_at.to_string(),
                signed_in_at: user.signed_in_at.map(|at| at.to_string()),
            })
            .collect();
        if self.json {
            return output::print_json(&users);
        }
        if users.is_empty() {
            output::say("nobody can sign in yet; add somebody with `hubtrail user add NAME --role admin`");
            return Ok(());
        }
        let mut table = output::table(&["NAME", "ROLE", "ACCOUNTS", "STATE", "SIGNED IN"]);
        for user in users {
            table.add_row([
                harmless(&user.name).into_owned(),
                user.role.to_owned(),
                harmless(&user.accounts.words()).into_owned(),
                if user.disabled { "disabled" } else { "enabled" }.to_owned(),
                user.signed_in_at.unwrap_or_else(|| "never".to_owned()),
            ]);
        }
        Ok(output::print_table(&table)?)
    }
}
