//! `hubtrail connector erase`: what was kept of a connector that was removed, taken out by the key of its account.

use clap::Args;

use super::note;
use crate::cli::failure::Failure;
use crate::cli::{Session, output};

/// Erase the entries that were kept of a removed connector, which cannot be undone
#[derive(Debug, Args)]
#[command(after_help = "\
A name may be used again after its connector was removed; the key of an account never is. One that
is not known is answered with those of which entries were kept.

Example: hubtrail connector erase acme --confirm acme")]
pub(super) struct Erase {
    /// The key of the removed connector's account
    #[arg(value_name = "ACCOUNT")]
    account: String,
    /// The key once more
    #[arg(long, value_name = "ACCOUNT")]
    confirm: Option<String>,
}

impl Erase {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let account = self.account.trim();
        let mut kept = store.connectors_ever()?;
        kept.retain(|connector| connector.removed);
        let Some(connector) = kept.iter().find(|connector| connector.account.0 == account) else {
            let keys: Vec<_> = kept.iter().map(|connector| format!("`{}`", connector.account.0)).collect();
            let fix = match keys.as_slice() {
                [] => "nothing was kept of a removed connector; `hubtrail connector remove` removes one that collects".into(),
                keys => format!("entries were kept of {}", keys.join(", ")),
            };
            return Err(Failure::new(format!("no removed connector has the account `{account}`"), fix).into());
        };
        if self.confirm.as_deref() != Some(account) {
            let what = format!("erasing the entries of `{account}` cannot be undone");
            return Err(Failure::misuse(what, format!("repeat it with --confirm '{account}'")).into());
        }
        store.erase_connector(connector.id)?;
        note(session, &store, "connector.delete", connector, "its entries are erased")?;
        output::print_line(format_args!("what was kept of `{account}` is erased"))?;
        Ok(())
    }
}
