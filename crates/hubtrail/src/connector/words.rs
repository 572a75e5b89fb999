//! The settings as a person writes them, and as they are stored.

use std::fmt;
use std::str::FromStr;

use hubtrail_core::time::UtcMs;

use super::{Invalid, Start};

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Now => f.write_str("now"),
            Self::Since(since) => since.fmt(f),
        }
    }
}

impl FromStr for Start {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "all" => Ok(Self::All),
            "now" => Ok(Self::Now),
            time => time.parse::<UtcMs>().map(Self::Since).map_err(|error| Invalid {
                field: "start",
                reason: error.to_string(),
                fix: "use all, now or a time",
            }),
        }
    }
}
