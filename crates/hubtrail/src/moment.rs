//! Times and lengths of time as people type them; the only reader of either, for flags and
//! configuration alike. `now` is an argument.

use std::str::FromStr;

use hubtrail_core::time::UtcMs;

/// A point in time, perhaps told from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    At(UtcMs),
    /// So many milliseconds before now.
    Ago(i64),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time; write 2026-03-01, 2026-03-01T09:30:00Z, 30d, 2h, now, or milliseconds since 1970")]
pub struct NotAMoment;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a length of time; write a whole number and a unit: 500ms, 10s, 5m, 2h, 30d or 2w")]
pub struct NotALength;

impl Moment {
    #[must_use]
    pub const fn from_now(self, now: UtcMs) -> UtcMs {
        match self {
            Self::At(at) => at,
            Self::Ago(ms) => now.minus(ms),
        }
    }
}

impl FromStr for Moment {
    type Err = NotAMoment;

    fn from_str(text: &str) -> Result<Self, NotAMoment> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("now") {
            return Ok(Self::Ago(0));
        }
        if let Ok(ms) = length_ms(text.strip_suffix("ago").unwrap_or(text)) {
            return Ok(Self::Ago(ms));
        }
        text.parse().map(Self::At).map_err(|_| NotAMoment)
    }
}

/// Reads `10s`, `5 min`, `30d`, in milliseconds.
///
/// # Errors
/// When there is no whole number, no known unit, or more than some thousand years.
pub fn length_ms(text: &str) -> Result<i64, NotALength> {
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let number: i64 = number.parse().map_err(|_| NotALength)?;
    let unit_ms = match unit.trim_start() {
        "ms" => 1,
        "s" | "sec" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 604_800_000,
        _ => return Err(NotALength),
    };
    number.checked_mul(unit_ms).filter(|ms| *ms < 100_000_000_000_000).ok_or(NotALength)
}

/// The length in the largest unit that needs no fraction; [`length_ms`] reads it back.
#[must_use]
pub fn length(ms: i64) -> String {
    const UNITS: [(i64, &str); 5] =
        [(604_800_000, "w"), (86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    let unit = UNITS.into_iter().find(|(unit_ms, _)| ms > 0 && ms % unit_ms == 0);
    unit.map_or_else(|| format!("{ms}ms"), |(unit_ms, unit)| format!("{}{unit}", ms / unit_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_reads_back_as_it_was_written() {
        for (ms, text) in
            [(0, "0ms"), (1_500, "1500ms"), (10_000, "10s"), (90_000, "90s"), (2_592_000_000, "30d")]
        {
            assert_eq!((length(ms).as_str(), length_ms(text)), (text, Ok(ms)));
        }
    }

    #[test]
    fn moments_are_told_from_now_or_by_date() {
        let now = UtcMs(1_710_081_138_123);
        for (text, at) in [
            ("now", now),
            ("0s", now),
            ("250ms", now.minus(250)),
            ("90 min ago", now.minus(5_400_000)),
            ("2h", now.minus(7_200_000)),
            ("30d", now.minus(2_592_000_000)),
            ("1w", now.minus(604_800_000)),
            ("2024-03-10", UtcMs(1_710_028_800_000)),
            ("2024-03-10T15:32:18+01:00", UtcMs(1_710_081_138_000)),
            ("1710081138123", now),
            ("0", UtcMs(0)),
        ] {
            assert_eq!(text.parse::<Moment>().map(|moment| moment.from_now(now)), Ok(at), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "d", "ago", "2y", "-2h", "1.5h", "tomorrow", "2024-13-01", "999999999999w"] {
            assert_eq!(text.parse::<Moment>(), Err(NotAMoment), "{text}");
        }
        assert_eq!(length_ms("10"), Err(NotALength));
    }
}
