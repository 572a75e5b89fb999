//! Alerts to people: what was found, and what goes wrong with the collection itself, over the channels they set up.
//!
//! A reader of the log makes messages of what became of findings, and the status report those of what fails; both
//! are kept in the log until they are told. What belongs together is one message, which is updated, and ends.
//! Invariant: a position moves in the transaction that stores what is to be told.
//! Invariant: no secret is in a message, an error or the service's own log.

mod channel;
mod deliver;
mod digest;
mod email;
mod found;
mod letter;
mod pace;
mod pager_duty;
mod post;
mod slack;
mod smtp;
mod story;
mod teams;
mod trouble;
mod webhook;

use std::fmt;

use hubtrail_core::identity::AccountKey;
use hubtrail_core::time::UtcMs;
use secrecy::SecretString;
use serde::Serialize;
use utoipa::ToSchema;

use crate::secret::{Context, Keyring, Sealed, SecretError};

pub use channel::{Digest, Encryption, Route, Service, Settings};
pub use deliver::{Trial, deliver, trial};
pub use digest::make as make_digests;
pub(crate) use found::notes as finding_notes;
pub use letter::Letter;
pub use pace::{Pace, Quiet};
pub use story::{Item, News, OVER_AFTER_MS, Story, Thread};
pub(crate) use trouble::{Trouble, troubles};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId(pub i64);

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ChannelId {
    /// # Errors
    /// When it cannot be sealed.
    pub(crate) fn seal(self, secret: &SecretString, keyring: &Keyring) -> Result<Sealed, SecretError> {
        keyring.seal(Context { account: &self.key(), field: Context::ALERT }, secret)
    }

    /// What the secret is sealed for. No connector and no sink has this name.
    fn key(self) -> AccountKey {
        AccountKey(format!("alert channel {self}"))
    }
}

/// A channel as the log keeps it, and how telling over it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    pub id: ChannelId,
    pub settings: Settings,
    pub(crate) sealed: Option<Sealed>,
    pub paused: bool,
    pub created_at: UtcMs,
    pub succeeded_at: Option<UtcMs>,
    pub failure: Option<String>,
    pub fix: Option<String>,
    pub failed_at: Option<UtcMs>,
    pub retry_at: Option<UtcMs>,
    pub attempts: u32,
    /// Raised by every change of what is configured: who changes it says which one they saw.
    pub revision: i64,
}

/// How telling over a channel goes
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AlertState)]
pub enum State {
    Paused,
    /// The service refuses us, and somebody has to change something.
    ActionNeeded,
    /// The service fails, and is tried again.
    Retrying,
    Active,
}

impl Channel {
    #[must_use]
    pub fn state(&self) -> State {
        match (&self.failure, &self.fix) {
            _ if self.paused => State::Paused,
            (Some(_), Some(_)) => State::ActionNeeded,
            (Some(_), None) => State::Retrying,
            (None, _) => State::Active,
        }
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// Whether it has something that opens its service.
    #[must_use]
    pub const fn has_secret(&self) -> bool {
        self.sealed.is_some()
    }

    /// # Errors
    /// When it was sealed under another key, or is damaged.
    pub fn secret(&self, keyring: &Keyring) -> Result<Option<SecretString>, SecretError> {
        let Some(sealed) = &self.sealed else { return Ok(None) };
        keyring.unseal(Context { account: &self.id.key(), field: Context::ALERT }, sealed).map(Some)
    }
}
