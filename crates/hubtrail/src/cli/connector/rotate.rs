//! `hubtrail connector token`: another token for the same account, whose history and identity stay.

use clap::Args;

use super::token::TokenSource;
use super::{note, test};
use crate::cli::{Session, output};

/// Replace a connector's token
#[derive(Debug, Args)]
#[command(after_help = "\
Everything collected stays, and no event counts as new. A `hubtrail serve` or `hubtrail collect` that runs takes the \
new token at once.

Example: hubtrail connector token acme --token-file token.txt")]
pub(super) struct Rotate {
    /// The connector
    #[arg(value_name = "NAME")]
    connector: String,
    #[command(flatten)]
    token: TokenSource,
}

impl Rotate {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let connector = store.connector(&self.connector)?;
        let credentials = self.token.read()?;
        let connector = store.replace_credentials(&connector, credentials, &session.keyring()?)?;
        note(session, &store, "connector.token", &connector, "")?;
        output::print_line(format_args!("connector `{}` has a new token", connector.name()))?;
        output::print_line("a first test:")?;
        test::show(session, &store, &connector)?;
        Ok(())
    }
}
