//! Our part of an account's limits, as a person writes it and as it is stored.

use std::fmt;
use std::str::FromStr;

/// How much of an account's limits is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateLimit {
    /// Percentages of the burst and of the daily limit.
    Share { burst_percent: u8, daily_percent: u8 },
    /// No limit of our own; for an emulator.
    Off,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither `off` nor the percentages of the burst and of the day, such as 50/10")]
pub struct NotARateLimit(String);

impl Default for RateLimit {
    /// Half the burst and a tenth of the day, because other integrations share them.
    fn default() -> Self {
        Self::Share { burst_percent: 50, daily_percent: 10 }
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Share { burst_percent, daily_percent } => write!(f, "{burst_percent}/{daily_percent}"),
        }
    }
}

impl FromStr for RateLimit {
    type Err = NotARateLimit;

    fn from_str(text: &str) -> Result<Self, NotARateLimit> {
        if text == "off" {
            return Ok(Self::Off);
        }
        let share = || {
            let (burst, daily) = text.split_once('/')?;
            Some(Self::Share { burst_percent: burst.parse().ok()?, daily_percent: daily.parse().ok()? })
        };
        share().ok_or_else(|| NotARateLimit(text.to_owned()))
    }
}
