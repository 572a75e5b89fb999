//! The settings as a person writes them, and as they are stored.

use std::fmt;
use std::str::FromStr;

use hubtrail_core::time::UtcMs;

use super::{ApiVersion, Invalid, RateLimit, Start};

impl ApiVersion {
    pub const ALL: [Self; 4] = [Self::V3, Self::V2025_09, Self::V2026_03, Self::V2026_09];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V3 => "v3",
            Self::V2025_09 => "2025-09",
            Self::V2026_03 => "2026-03",
            Self::V2026_09 => "2026-09",
        }
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ApiVersion {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL.into_iter().find(|version| version.as_str() == text).ok_or_else(|| Invalid {
            field: "api_version",
            reason: format!("`{text}` is not a version of HubSpot's audit API"),
            fix: "use v3, 2025-09, 2026-03 or 2026-09",
        })
    }
}

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

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Share { burst_percent, daily_percent } => write!(f, "{burst_percent}/{daily_percent}"),
        }
    }
}

impl FromStr for RateLimit {
    type Err = Invalid;

    /// `off`, or the percent of the burst and of the day: `50/10`.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let share = || {
            let (burst, daily) = text.split_once('/')?;
            Some(Self::Share { burst_percent: burst.parse().ok()?, daily_percent: daily.parse().ok()? })
        };
        match text {
            "off" => Ok(Self::Off),
            _ => share().ok_or_else(|| Invalid {
                field: "rate_limit",
                reason: format!("`{text}` is neither `off` nor two percentages"),
                fix: "write the percent of the burst and of the day, such as 50/10",
            }),
        }
    }
}
