//! `hubtrail token list`: which tokens there are, by their first characters.

use clap::Args;
use hubtrail_core::sentence::harmless;
use hubtrail_core::time::UtcMs;
use serde::Serialize;

use crate::access::Accounts;
use crate::cli::user::scope::Scopes;
use crate::cli::{Session, output};
use crate::http::scope::Scope;
use crate::store::Token;

/// List the tokens, those that were revoked included
#[derive(Debug, Args)]
pub(super) struct List {
    /// Print them as JSON
    #[arg(long)]
    json: bool,
}

/// A token as it is shown to programs.
#[derive(Debug, Serialize)]
struct Shown {
    id: i64,
    name: String,
    hint: String,
    role: &'static str,
    accounts: Scope,
    state: &'static str,
    created_at: String,
    created_by: String,
    expires_at: Option<String>,
    used_at: Option<String>,
}

impl Shown {
    fn new(token: Token, scopes: &Scopes, now: UtcMs) -> Self {
        let state = match token {
            Token { revoked_at: Some(_), .. } => "revoked",
            Token { expires_at: Some(at), .. } if at <= now => "expired",
            _ => "valid",
        };
        Self {
            id: token.id,
            accounts: scopes.shown(&token.accounts),
            name: token.name,
            hint: token.hint,
            role: token.role.as_str(),
            state,
            created_at: token.created_at.to_string(),
            created_by: token.created_by,
            expires_at: token.expires_at.map(|at| at.to_string()),
            used_at: token.used_at.map(|at| at.to_string()),
        }
    }
}

impl List {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let (scopes, now) = (Scopes::of(&store)?, session.clock.now());
        let tokens: Vec<Shown> =
            store.tokens(&Accounts::All)?.into_iter().map(|token| Shown::new(token, &scopes, now)).collect();
        if self.json {
            return output::print_json(&tokens);
        }
        if tokens.is_empty() {
            output::say("there is no token yet; make one with `hubtrail token create NAME`");
            return Ok(());
        }
        let mut table =
            output::table(&["ID", "NAME", "BEGINS", "ROLE", "ACCOUNTS", "STATE", "EXPIRES", "USED"]);
        for token in tokens {
            table.add_row([
                token.id.to_string(),
                harmless(&token.name).into_owned(),
                format!("{}…", token.hint),
                token.role.to_owned(),
                harmless(&token.accounts.words()).into_owned(),
                token.state.to_owned(),
                token.expires_at.unwrap_or_else(|| "never".to_owned()),
                token.used_at.unwrap_or_else(|| "never".to_owned()),
            ]);
        }
        Ok(output::print_table(&table)?)
    }
}
