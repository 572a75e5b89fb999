//! One configured HubSpot account, and what may be configured. Nothing invalid gets past
//! [`Settings::check`]: what is refused is refused by field, with the reason and the fix.

use std::fmt;

use hubtrail_core::identity::AccountKey;
use hubtrail_core::time::UtcMs;
use url::{Host, Url};

use crate::secret::Sealed;

pub use crate::hubspot::ApiVersion;
pub use hubtrail_core::allowance::RateLimit;

mod words;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connector {
    pub id: ConnectorId,
    /// Fixed when the connector is created and never recomputed, whatever its name becomes.
    pub account: AccountKey,
    pub settings: Settings,
    pub sealed_token: Sealed,
    pub created_at: UtcMs,
    /// What HubSpot said about the account, once it was asked.
    pub portal_id: Option<i64>,
    pub time_zone: Option<String>,
    /// Removed, with its entries kept: it collects no more, and its name is free again.
    pub removed: bool,
}

impl Connector {
    #[must_use]
    pub fn name(&self) -> &str {
        &self.settings.name
    }
}

/// The field of the connector's settings that is refused, why, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("connector setting `{field}`: {reason}; {fix}")]
pub struct Invalid {
    pub field: &'static str,
    pub reason: String,
    pub fix: &'static str,
}

pub const HUBSPOT: &str = "https://api.hubapi.com/";
const MOST_NAME_CHARS: usize = 100;
const POLL_INTERVAL_MS: std::ops::RangeInclusive<i64> = 1_000..=3_600_000;
const PAGE_SIZE: std::ops::RangeInclusive<u32> = 1..=1_000;

impl Settings {
    /// A connector to HubSpot itself, or to whatever serves its API at `base_url`.
    ///
    /// # Errors
    /// When the name or the address cannot be used.
    pub fn new(name: &str, base_url: &str) -> Result<Self, Invalid> {
        let settings = Self {
            name: name.trim().to_owned(),
            base_url: base_url.trim().parse().map_err(|error| Invalid {
                field: "base_url",
                reason: format!("it is not an address ({error})"),
                fix: "write it as https://api.hubapi.com",
            })?,
            api_version: ApiVersion::default(),
            start: Start::default(),
            poll_interval_ms: 10_000,
            rate_limit: RateLimit::default(),
            page_size: 100,
            paused: false,
        };
        settings.check()?;
        Ok(settings)
    }

    /// # Errors
    /// The first field that cannot be accepted.
    pub fn check(&self) -> Result<(), Invalid> {
        self.check_name()?;
        self.check_base_url()?;
        if !POLL_INTERVAL_MS.contains(&self.poll_interval_ms) {
            return Err(Invalid {
                field: "poll_interval",
                reason: format!("{} ms is outside of what makes sense", self.poll_interval_ms),
                fix: "use 1 second to 1 hour",
            });
        }
        if !PAGE_SIZE.contains(&self.page_size) {
            return Err(Invalid {
                field: "page_size",
                reason: format!("{} records a page is outside of what HubSpot can be asked", self.page_size),
                fix: "use 1 to 1000",
            });
        }
        self.check_rate_limit()
    }

    fn check_name(&self) -> Result<(), Invalid> {
        let refuse = |reason: &str| {
            Err(Invalid {
                field: "name",
                reason: reason.to_owned(),
                fix: "use 1 to 100 characters, such as `acme`",
            })
        };
        match &self.name {
            name if name.is_empty() => refuse("it is empty"),
            name if name.trim() != name => refuse("it begins or ends with a blank"),
            name if name.chars().count() > MOST_NAME_CHARS => refuse("it is too long"),
            name if name.chars().any(char::is_control) => refuse("it holds control characters"),
            _ => Ok(()),
        }
    }

    fn check_base_url(&self) -> Result<(), Invalid> {
        let refuse = |reason: &str, fix| Err(Invalid { field: "base_url", reason: reason.to_owned(), fix });
        let url = &self.base_url;
        match url.scheme() {
            "https" => {}
            "http" if self.is_loopback() => {}
            "http" => return refuse("the token would travel unencrypted", "use https://"),
            _ => return refuse("it is not an http address", "write it as https://api.hubapi.com"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("it holds a user name or password", "leave them out; the token is kept apart");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse("it has a query or fragment", "write only scheme, host, port and path");
        }
        Ok(())
    }

    fn check_rate_limit(&self) -> Result<(), Invalid> {
        let refuse = |reason: &str, fix| Err(Invalid { field: "rate_limit", reason: reason.to_owned(), fix });
        match self.rate_limit {
            RateLimit::Off if !self.is_loopback() => {
                refuse("`off` would starve the account's other integrations", "use a share such as 50/10")
            }
            RateLimit::Share { burst_percent, daily_percent }
                if !(1..=100).contains(&burst_percent) || !(1..=100).contains(&daily_percent) =>
            {
                refuse("a share is outside of 1 to 100 percent", "use a share such as 50/10")
            }
            _ => Ok(()),
        }
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
