//! `hubtrail token revoke`: from now on nobody gets in with it.

use clap::Args;

use crate::access::Actor;
use crate::cli::{Session, output};

/// Revoke a token for good
#[derive(Debug, Args)]
pub(super) struct Revoke {
    /// Its number in `hubtrail token list`
    #[arg(value_name = "ID")]
    id: i64,
}

impl Revoke {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let token = store.revoke_token(self.id, &Actor::command_line(), session.clock.now())?;
        output::print_line(format_args!("token {} (`{}`) is revoked", token.id, token.name))?;
        Ok(())
    }
}
