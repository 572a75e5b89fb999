//! One configured HubSpot account, and what may be configured. Nothing invalid gets past
//! [`Settings::check`]: what is refused is refused by field, with the reason and the fix.

use std::fmt;

use hubtrail_core::identity::AccountKey;
use hubtrail_core::time::UtcMs;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::address;
use crate::secret::Sealed;

pub use crate::hubspot::{ApiVersion, Credentials, OAuth};
pub use hubtrail_core::allowance::RateLimit;

mod alert_budget;
mod check;
mod credentials;
mod keep;
mod words;

pub use alert_budget::AlertBudget;
pub use credentials::{oauth_from_text, token_from_text};
pub use keep::Keep;
pub use words::{NotAStart, WrittenStart};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConnectorId(pub i64);

impl fmt::Display for ConnectorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How much history a new connector collects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// Everything HubSpot still has.
    #[default]
    All,
    /// From the moment the connector was created.
    Now,
    Since(UtcMs),
}

/// What a person may set, and change later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub name: String,
    pub base_url: Url,
    pub api_version: ApiVersion,
    pub start: Start,
    pub poll_interval_ms: i64,
    pub rate_limit: RateLimit,
    pub page_size: u32,
    pub paused: bool,
    /// Words by which people group connectors.
    pub labels: Vec<String>,
    /// How long its events are kept.
    pub retention: Keep,
    /// How many alerts are wanted of it.
    pub alert_budget: AlertBudget,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connector {
    pub id: ConnectorId,
    /// Fixed when the connector is created and never recomputed, whatever its name becomes.
    pub account: AccountKey,
    pub settings: Settings,
    /// Empty where `sealed_oauth` is what opens the account.
    pub sealed_token: Sealed,
    pub sealed_oauth: Option<Sealed>,
    pub created_at: UtcMs,
    /// What HubSpot said about the account, once it was asked.
    pub portal_id: Option<i64>,
    pub time_zone: Option<String>,
    /// Removed, with its entries kept: it collects no more, and its name is free again.
    pub removed: bool,
    /// Declared in the configuration file, and read-only everywhere else.
    pub declared: bool,
    /// Raised by every change of what is configured: who changes it says which one they saw.
    pub revision: i64,
}

impl Connector {
    #[must_use]
    pub fn name(&self) -> &str {
        &self.settings.name
    }
}

/// The field of the connector's settings that is refused, why, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("setting `{field}`: {reason}; {fix}")]
pub struct Invalid {
    pub field: &'static str,
    pub reason: String,
    pub fix: &'static str,
}

pub const HUBSPOT: &str = "https://api.hubapi.com/";

impl Settings {
    /// A connector to HubSpot itself, or to whatever serves its API at `base_url`.
    ///
    /// # Errors
    /// When the name or the address cannot be used.
    pub fn new(name: &str, base_url: &str) -> Result<Self, Invalid> {
        let settings = Self {
            name: name.trim().to_owned(),
            base_url: address::read(base_url).map_err(|reason| Invalid {
                field: "base_url",
                reason: reason.to_owned(),
                fix: "write it as https://api.hubapi.com",
            })?,
            api_version: ApiVersion::default(),
            start: Start::default(),
            poll_interval_ms: 10_000,
            rate_limit: RateLimit::default(),
            page_size: 100,
            paused: false,
            labels: Vec::new(),
            retention: Keep::default(),
            alert_budget: AlertBudget::default(),
        };
        settings.check()?;
        Ok(settings)
    }

    /// Whether nothing leaves this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self.base_url.host() {
            Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }
}

#[cfg(test)]
mod tests;
