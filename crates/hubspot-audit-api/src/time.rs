//! Instants on the wire. Inside they are UTC milliseconds since 1970; no clock is read here.

use jiff::civil::{Date, DateTime};
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// How a client wrote a time. Only epoch milliseconds can be mistaken for HubSpot's cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    EpochMs,
    Iso8601,
}

/// Reads ISO 8601 with or without fraction and zone (none means UTC), a bare date, or epoch milliseconds.
#[must_use]
pub fn read(text: &str) -> Option<(i64, Written)> {
    let text = text.trim();
    if let Ok(ms) = text.parse::<i64>() {
        return Timestamp::from_millisecond(ms).ok().map(|_| (ms, Written::EpochMs));
    }
    // An unescaped `+` of a zone arrives as a space.
    let plus = if text.contains('T') { text.replace(' ', "+") } else { text.to_owned() };
    let timestamp = plus.parse::<Timestamp>().ok().or_else(|| {
        let civil =
            plus.parse::<DateTime>().or_else(|_| plus.parse::<Date>().map(|date| date.at(0, 0, 0, 0)));
        Some(civil.ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })?;
    Some((floor_ms(timestamp), Written::Iso8601))
}

fn floor_ms(timestamp: Timestamp) -> i64 {
    let nanoseconds = timestamp.as_nanosecond().div_euclid(1_000_000);
    i64::try_from(nanoseconds).unwrap_or(i64::MAX)
}

pub(crate) fn timestamp(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// `2024-03-10T14:32:18.120Z`.
#[must_use]
pub fn iso(ms: i64) -> String {
    format!("{:.3}", timestamp(ms))
}

/// `2024-03-10T14:32:18Z` where there are no milliseconds, as Java's `Instant` prints it.
#[must_use]
pub fn iso_short(ms: i64) -> String {
    if ms.rem_euclid(1000) == 0 { timestamp(ms).to_string() } else { iso(ms) }
}

/// The form of HTTP's `Date` header.
pub(crate) fn http_date(ms: i64) -> Option<String> {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&timestamp(ms)).ok()
}

/// The next midnight in `zone`, when HubSpot's daily allowance starts again.
#[must_use]
pub fn next_midnight(ms: i64, zone: &TimeZone) -> i64 {
    let now = timestamp(ms);
    let tomorrow = now.to_zoned(zone.clone()).date().tomorrow().and_then(|date| date.to_zoned(zone.clone()));
    let midnight = tomorrow.map_or_else(
        |_| now.saturating_add(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX),
        |zoned| zoned.timestamp(),
    );
    midnight.as_millisecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_that_a_client_writes_is_read() {
        for (text, ms) in [
            ("2024-03-10T14:32:18.123Z", 1_710_081_138_123),
            ("2024-03-10T14:32:18Z", 1_710_081_138_000),
            ("2024-03-10T15:32:18.123+01:00", 1_710_081_138_123),
            ("2024-03-10T15:32:18.123 01:00", 1_710_081_138_123),
            ("2024-03-10T14:32:18.123", 1_710_081_138_123),
            ("2024-03-10T14:32:18.123999Z", 1_710_081_138_123),
            ("2024-03-10 14:32:18", 1_710_081_138_000),
            ("2024-03-10", 1_710_028_800_000),
        ] {
            assert_eq!(read(text), Some((ms, Written::Iso8601)), "{text}");
        }
        assert_eq!(read("1710081138123"), Some((1_710_081_138_123, Written::EpochMs)));
        for text in ["", "soon", "2024-13-01", "99999999999999999999", "9223372036854775807"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_written_as_iso_8601() {
        assert_eq!(iso(1_710_081_138_120), "2024-03-10T14:32:18.120Z");
        assert_eq!(iso_short(1_710_081_138_120), "2024-03-10T14:32:18.120Z");
        assert_eq!(iso_short(1_710_081_138_000), "2024-03-10T14:32:18Z");
        assert_eq!(iso(-1), "1969-12-31T23:59:59.999Z");
        assert_eq!(http_date(1_710_081_138_120).unwrap(), "Sun, 10 Mar 2024 14:32:18 GMT");
    }

    #[test]
    fn the_day_ends_at_midnight_of_the_zone() {
        assert_eq!(iso(next_midnight(1_710_081_138_120, &TimeZone::UTC)), "2024-03-11T00:00:00.000Z");
        let east = TimeZone::fixed(jiff::tz::offset(-5));
        assert_eq!(iso(next_midnight(1_710_081_138_120, &east)), "2024-03-11T05:00:00.000Z");
    }
}
