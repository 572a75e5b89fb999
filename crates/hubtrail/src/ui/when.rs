//! A moment as people read it: how long ago, with the exact time and its zone on hover.

use std::fmt;

use askama::filters::HtmlSafe;
use hubtrail_core::time::{UtcMs, spoken};
use jiff::tz::TimeZone;

/// How long ago; a module keeps it true while the page is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct When {
    pub(super) at: UtcMs,
    pub(super) now: UtcMs,
    pub(super) zone: TimeZone,
}

impl When {
    pub(super) fn exact(&self) -> String {
        let at = self.at.to_timestamp().to_zoned(self.zone.clone());
        at.strftime("%A, %-d %B %Y, %H:%M:%S.%3f %Z").to_string()
    }
}

impl HtmlSafe for When {}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (at, exact) = (self.at, self.exact());
        let told = told(self.at, self.now);
        write!(f, r#"<time datetime="{at}" title="{exact}" data-ago>{told}</time>"#)
    }
}

pub(super) fn told(at: UtcMs, now: UtcMs) -> String {
    match now.since(at) {
        future if future < -1_000 => format!("in {}", spoken(-future)),
        -1_000..=999 => "just now".to_owned(),
        ago => format!("{} ago", spoken(ago)),
    }
}

/// The time of day on a clock in the viewer's zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clock(pub(super) When);

impl HtmlSafe for Clock {}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let When { at, zone, .. } = &self.0;
        let clock = at.to_timestamp().to_zoned(zone.clone()).strftime("%H:%M:%S").to_string();
        write!(f, r#"<time datetime="{at}" title="{}">{clock}</time>"#, self.0.exact())
    }
}

/// A whole number with its thousands set apart.
pub(super) fn grouped(n: impl TryInto<i64>) -> String {
    let n: i64 = n.try_into().unwrap_or(i64::MAX);
    let digits = n.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + 4);
    if n < 0 {
        text.push('−');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How often something is done: exactly, in the largest unit that needs no fraction.
pub(super) fn every(ms: i64) -> String {
    let units = [(3_600_000, "h"), (60_000, "min"), (1_000, "s")];
    let unit = units.into_iter().find(|(unit_ms, _)| ms > 0 && ms % unit_ms == 0);
    let (n, unit) = unit.map_or((ms, "ms"), |(unit_ms, unit)| (ms / unit_ms, unit));
    format!("{}\u{a0}{unit}", grouped(n))
}

/// How long something is kept.
pub(super) fn in_days(days: Option<u32>, none: &str) -> String {
    match days {
        None => none.to_owned(),
        Some(1) => "1 day".to_owned(),
        Some(days) => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UtcMs = UtcMs(1_710_081_138_123);

    #[test]
    fn a_moment_is_told_from_now() {
        for (ms, text) in [
            (0, "just now"),
            (-500, "just now"),
            (4_000, "4 s ago"),
            (240_000, "4 min ago"),
            (-7_200_000, "in 2 h"),
        ] {
            assert_eq!(told(NOW.minus(ms), NOW), text);
        }
    }

    #[test]
    fn the_exact_time_names_its_zone() {
        let when = When { at: NOW, now: NOW, zone: TimeZone::UTC };
        assert_eq!(when.exact(), "Sunday, 10 March 2024, 14:32:18.123 UTC");
    }

    #[test]
    fn how_often_is_told_exactly() {
        let told =
            [1_000, 10_000, 90_000, 300_000, 3_600_000, 1_500].map(|ms| every(ms).replace('\u{a0}', " "));
        assert_eq!(told, ["1 s", "10 s", "90 s", "5 min", "1 h", "1,500 ms"]);
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
