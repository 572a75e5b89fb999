//! A sink as the log keeps it.

use std::fmt;

use hubtrail_core::identity::AccountKey;
use hubtrail_core::time::UtcMs;

use super::{Credentials, Settings};
use crate::access::Accounts;
use crate::secret::{Context, Keyring, Sealed, SecretError};
use crate::store::Position;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SinkId(pub i64);

impl fmt::Display for SinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configured {
    pub id: SinkId,
    pub settings: Settings,
    pub(crate) sealed: Option<Sealed>,
    pub paused: bool,
    /// Declared in the configuration file, and read-only everywhere else.
    pub declared: bool,
    pub created_at: UtcMs,
    /// The reader that keeps its position.
    pub reader: String,
    /// A start or a replay from a time: up to the position, only what is not older than the time.
    pub since: Option<(UtcMs, Position)>,
    /// Raised by every change of what is configured.
    pub revision: i64,
}

impl Configured {
    #[must_use]
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// Whether it gets nothing but what belongs to these accounts.
    #[must_use]
    pub fn is_within(&self, accounts: &Accounts) -> bool {
        let own = &self.settings.select.accounts;
        *accounts == Accounts::All || (!own.is_empty() && own.iter().all(|one| accounts.contain(*one)))
    }

    /// Whether it has something that opens its receiver.
    #[must_use]
    pub const fn has_credentials(&self) -> bool {
        self.sealed.is_some()
    }

    /// # Errors
    /// When they were sealed under another key, or are damaged.
    pub fn credentials(&self, keyring: &Keyring) -> Result<Credentials, SecretError> {
        let Some(sealed) = &self.sealed else { return Ok(Credentials::default()) };
        let key = key(self.id);
        let context = Context { account: &key, field: Context::SINK };
        Credentials::opened(&keyring.unseal(context, sealed)?).ok_or_else(|| SecretError::damaged(context))
    }

    /// Takes what opens the receiver from now on; stored with the sink.
    pub(crate) fn put_sealed(
        &mut self,
        credentials: &Credentials,
        keyring: &Keyring,
    ) -> Result<(), SecretError> {
        let key = key(self.id);
        let context = Context { account: &key, field: Context::SINK };
        self.sealed = match credentials.form() {
            Some(form) => Some(keyring.seal(context, &form)?),
            None => None,
        };
        Ok(())
    }
}

/// What the credentials are sealed for. No connector's field has this name, so that neither opens the other's.
fn key(id: SinkId) -> AccountKey {
    AccountKey(format!("sink {id}"))
}
