//! What may be configured of a sink. One form for the configuration file, the API and the log. Nothing
//! invalid gets past [`Settings::check`]: what is refused is refused by field, with the reason and the fix.

use std::fmt;
use std::str::FromStr;

use hubtrail_core::encode::Format;
use hubtrail_core::time::UtcMs;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Credentials, Selection, Target};
use crate::connector::Invalid;
use crate::moment::{Moment, NotAMoment};

/// A sink's settings
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = SinkSettings)]
pub struct Settings {
    /// Its name, unique whatever its case.
    #[schema(example = "siem", min_length = 1, max_length = 100)]
    pub name: String,
    /// What entries are turned into.
    #[serde(with = "format")]
    #[schema(value_type = String, example = "ocsf")]
    pub format: Format,
    /// Whether each entry carries HubSpot's record with it.
    #[serde(default = "yes")]
    pub original: bool,
    pub target: Target,
    #[serde(default)]
    pub select: Selection,
    #[serde(default)]
    pub batch: Limits,
}

const fn yes() -> bool {
    true
}

mod format {
    use hubtrail_core::encode::Format;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(format: &Format, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(format.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Format, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// When a batch is full; whichever comes first
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Limits {
    #[schema(minimum = 1, maximum = 10000)]
    pub entries: usize,
    #[schema(minimum = 1024, maximum = 67108864)]
    pub bytes: usize,
    /// How long the first entry waits for more.
    #[schema(minimum = 0, maximum = 60000)]
    pub wait_ms: u64,
    /// How long a delivery may take.
    #[schema(minimum = 1000, maximum = 600000)]
    pub timeout_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entries: 1_000, bytes: 1_048_576, wait_ms: 500, timeout_ms: 30_000 }
    }
}

/// Where a new sink begins, as a person writes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// With everything that is in the log.
    Beginning,
    /// With what comes from now on.
    #[default]
    Now,
    /// With what is not older than this.
    Since(Moment),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}; beginning and now are possible too")]
pub struct NotAStart(NotAMoment);

impl FromStr for Start {
    type Err = NotAStart;

    fn from_str(text: &str) -> Result<Self, NotAStart> {
        match text {
            "beginning" => Ok(Self::Beginning),
            "now" => Ok(Self::Now),
            moment => moment.parse().map(Self::Since).map_err(NotAStart),
        }
    }
}

impl Start {
    /// None: from the beginning on. A time that is told from now is told from `now`.
    #[must_use]
    pub fn from_now(self, now: UtcMs) -> Option<UtcMs> {
        match self {
            Self::Beginning => None,
            Self::Now => Some(now),
            Self::Since(moment) => Some(moment.from_now(now)),
        }
    }
}

/// Who says it: an operator of the machine may do what somebody over the network may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// On the command line or in the configuration file.
    Operator,
    /// Over HTTP.
    Request,
}

const MOST_NAME_CHARS: usize = 100;

impl Settings {
    /// # Errors
    /// The first field that cannot be accepted.
    pub fn check(&self, by: By) -> Result<(), Invalid> {
        let refuse = |reason: String, fix| Err(Invalid { field: "name", reason, fix });
        let name = self.name.as_str();
        if name.is_empty() || name.trim() != name || name.chars().count() > MOST_NAME_CHARS {
            return refuse(
                "it is empty, too long, or has blanks around it".to_owned(),
                "use 1 to 100 characters",
            );
        }
        if name.eq_ignore_ascii_case("status") {
            return refuse("the API has this word at its place".to_owned(), "choose another name");
        }
        if name.chars().any(char::is_control) {
            return refuse("it holds control characters".to_owned(), "leave them out");
        }
        if self.format == Format::Csv {
            return Err(Invalid {
                field: "format",
                reason: "an entry of csv may be several lines".to_owned(),
                fix: "use raw, ocsf, ecs, dnif, cef or leef",
            });
        }
        self.batch.check()?;
        self.select.check()?;
        self.target.check(self.format, by)
    }

    /// Whether the credentials are those that it authenticates with.
    ///
    /// # Errors
    /// The one that is missing or cannot be.
    pub fn check_credentials(&self, credentials: &Credentials) -> Result<(), Invalid> {
        self.target.check_credentials(credentials)
    }
}

impl Limits {
    fn check(self) -> Result<(), Invalid> {
        let within = |field, value: u64, range: std::ops::RangeInclusive<u64>, fix| {
            if range.contains(&value) {
                return Ok(());
            }
            Err(Invalid { field, reason: format!("{value} is outside of what makes sense"), fix })
        };
        let size = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
        within("batch.entries", size(self.entries), 1..=10_000, "use 1 to 10000")?;
        within("batch.bytes", size(self.bytes), 1_024..=67_108_864, "use 1024 to 67108864")?;
        within("batch.wait", self.wait_ms, 0..=60_000, "use up to one minute")?;
        within("batch.timeout", self.timeout_ms, 1_000..=600_000, "use 1 second to 10 minutes")
    }
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Beginning => f.write_str("beginning"),
            Self::Now => f.write_str("now"),
            Self::Since(Moment::At(at)) => at.fmt(f),
            Self::Since(Moment::Ago(ms)) => write!(f, "{}", crate::moment::length(*ms)),
        }
    }
}

#[cfg(test)]
mod tests;
