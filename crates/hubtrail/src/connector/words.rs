//! The settings as a person writes them, and as they are stored.

use std::fmt;
use std::str::FromStr;

use hubtrail_core::time::UtcMs;

use super::{Invalid, Start};
use crate::moment::{Moment, NotAMoment};

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

/// A start as a person writes it, perhaps told from when the connector was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WrittenStart {
    #[default]
    All,
    Now,
    Moment(Moment),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}; all and now are possible too")]
pub struct NotAStart(NotAMoment);

impl WrittenStart {
    /// The same for every reading of the same words: a time that is told from now is told from then.
    #[must_use]
    pub fn pinned(self, created_at: UtcMs) -> Start {
        match self {
            Self::All => Start::All,
            Self::Now => Start::Now,
            Self::Moment(moment) => Start::Since(moment.from_now(created_at)),
        }
    }
}

impl FromStr for WrittenStart {
    type Err = NotAStart;

    fn from_str(text: &str) -> Result<Self, NotAStart> {
        match text {
            "all" => Ok(Self::All),
            "now" => Ok(Self::Now),
            moment => moment.parse().map(Self::Moment).map_err(NotAStart),
        }
    }
}
