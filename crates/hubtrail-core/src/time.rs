//! Instants as HubSpot counts them: UTC milliseconds inside, RFC 3339 outside.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UtcMs(pub i64);

/// The largest instant that still has an RFC 3339 form (9999-12-30T22:00:00.999Z).
const MAX_MS: i64 = 253_402_207_200_999;
const MIN_MS: i64 = -377_705_023_201_000;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time: `{0}` (use RFC 3339 such as 2026-03-01T09:30:00Z, or milliseconds since 1970)")]
pub struct NotATime(pub String);

impl UtcMs {
    pub const EPOCH: Self = Self(0);

    #[must_use]
    pub const fn plus(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    #[must_use]
    pub const fn minus(self, ms: i64) -> Self {
        Self(self.0.saturating_sub(ms))
    }

    /// `self − earlier`, in milliseconds; negative when `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The start of the hour (UTC) that this instant falls into.
    #[must_use]
    pub const fn hour(self) -> Self {
        Self(self.0 - self.0.rem_euclid(3_600_000))
    }

    pub fn from_ms(ms: i64) -> Option<Self> {
        (MIN_MS..=MAX_MS).contains(&ms).then_some(Self(ms))
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0.clamp(MIN_MS, MAX_MS)).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The form for jiff's calendar work (time zones, hours of the week).
    #[must_use]
    pub fn to_timestamp(self) -> Timestamp {
        self.timestamp()
    }
}

impl From<Timestamp> for UtcMs {
    /// Finer than a millisecond is cut off, towards the past.
    fn from(timestamp: Timestamp) -> Self {
        Self(timestamp.as_nanosecond().div_euclid(1_000_000).try_into().unwrap_or(MAX_MS))
    }
}

impl fmt::Display for UtcMs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.timestamp())
    }
}

impl FromStr for UtcMs {
    type Err = NotATime;

    /// Reads ISO 8601 with or without fraction and zone (none means UTC), a bare date, and epoch milliseconds.
    fn from_str(text: &str) -> Result<Self, NotATime> {
        let trimmed = text.trim();
        let not_a_time = || NotATime(text.chars().take(64).collect());
        if let Ok(ms) = trimmed.parse::<i64>() {
            return Self::from_ms(ms).ok_or_else(not_a_time);
        }
        if let Ok(timestamp) = trimmed.parse::<Timestamp>() {
            return Self::from_ms(Self::from(timestamp).0).ok_or_else(not_a_time);
        }
        let civil = trimmed
            .parse::<DateTime>()
            .or_else(|_| trimmed.parse::<Date>().map(|date| date.at(0, 0, 0, 0)))
            .map_err(|_| not_a_time())?;
        let zoned = civil.to_zoned(TimeZone::UTC).map_err(|_| not_a_time())?;
        Self::from_ms(Self::from(zoned.timestamp()).0).ok_or_else(not_a_time)
    }
}

/// A length of time as a person says it: `12 s`, `4 min`, `3 h`, `2 d`.
#[must_use]
pub fn spoken(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    match seconds {
        0..=89 => format!("{seconds} s"),
        90..=5_399 => format!("{} min", (seconds + 30) / 60),
        5_400..=172_799 => format!("{} h", (seconds + 1_800) / 3_600),
        _ => format!("{} d", (seconds + 43_200) / 86_400),
    }
}

/// Rounds down to whole seconds, the coarsest form in which a bound may have to be sent.
#[must_use]
pub fn whole_seconds(at: UtcMs) -> String {
    at.plus(-at.0.rem_euclid(1000))
        .timestamp()
        .round(Unit::Second)
        .map_or_else(|_| at.to_string(), |timestamp| timestamp.to_string())
}

/// For `#[serde(with = "…")]`: what leaves the process is readable.
pub mod rfc3339 {
    use serde::{Deserialize as _, Deserializer, Serializer};

    use super::UtcMs;

    /// # Errors
    /// What the serializer refuses.
    pub fn serialize<S: Serializer>(at: &UtcMs, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(at)
    }

    /// # Errors
    /// When it is not a time.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UtcMs, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }

    /// The same for a time that may be missing.
    pub mod option {
        use serde::{Deserialize as _, Deserializer, Serializer};

        use super::UtcMs;

        /// # Errors
        /// What the serializer refuses.
        pub fn serialize<S: Serializer>(at: &Option<UtcMs>, serializer: S) -> Result<S::Ok, S::Error> {
            match at {
                Some(at) => serializer.collect_str(at),
                None => serializer.serialize_none(),
            }
        }

        /// # Errors
        /// When it is neither missing nor a time.
        pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<UtcMs>, D::Error> {
            let text = Option::<String>::deserialize(deserializer)?;
            text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_that_hubspot_or_a_person_writes_is_read() {
        for (text, ms) in [
            ("2024-03-10T14:32:18.123Z", 1_710_081_138_123),
            ("2024-03-10T14:32:18Z", 1_710_081_138_000),
            ("2024-03-10T15:32:18.123+01:00", 1_710_081_138_123),
            ("2024-03-10T14:32:18.123", 1_710_081_138_123),
            ("2024-03-10T14:32:18.123999Z", 1_710_081_138_123),
            ("1710081138123", 1_710_081_138_123),
            (" 1710081138123 ", 1_710_081_138_123),
            ("2024-03-10", 1_710_028_800_000),
        ] {
            assert_eq!(text.parse::<UtcMs>(), Ok(UtcMs(ms)), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused_with_its_text() {
        for text in ["", "yesterday", "99999999999999999999", "2024-13-01", "9223372036854775807"] {
            assert!(text.parse::<UtcMs>().is_err(), "{text}");
        }
    }

    #[test]
    fn display_is_rfc_3339_with_milliseconds() {
        assert_eq!(UtcMs(1_710_081_138_120).to_string(), "2024-03-10T14:32:18.120Z");
        assert_eq!(UtcMs(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(whole_seconds(UtcMs(1_710_081_138_999)), "2024-03-10T14:32:18Z");
    }
}
