//! For which accounts somebody, or a token, is: by name on the command line, by number inside.

use clap::Args;

use crate::access::Accounts;
use crate::http::scope::{Names, Scope};
use crate::store::{Store, StoreError};

#[derive(Debug, Args)]
pub(in crate::cli) struct Only {
    /// Only the account of this connector; repeat it for more
    #[arg(long, value_name = "NAME")]
    account: Vec<String>,
}

impl Only {
    pub(in crate::cli) fn is_given(&self) -> bool {
        !self.account.is_empty()
    }

    /// # Errors
    /// When there is no such connector.
    pub(in crate::cli) fn accounts(&self, store: &Store) -> Result<Accounts, StoreError> {
        if !self.is_given() {
            return Ok(Accounts::All);
        }
        let ids = self.account.iter().map(|name| store.connector(name).map(|connector| connector.id));
        ids.collect::<Result<_, _>>().map(Accounts::Some)
    }
}

/// Accounts as they are shown.
pub(in crate::cli) struct Scopes(Names);

impl Scopes {
    pub(in crate::cli) fn of(store: &Store) -> Result<Self, StoreError> {
        store.connectors_ever().map(Names::new).map(Self)
    }

    pub(in crate::cli) fn shown(&self, accounts: &Accounts) -> Scope {
        self.0.write(accounts)
    }
}
