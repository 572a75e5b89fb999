//! What happened to which object when, to scale: one lane for each object, a tick for each event, and behind them the
//! hours in which it would not be usual. The lanes stand in a table, so that the picture is its own table.

use std::fmt;

use askama::filters::{Html, HtmlSafe, escape};
use hubtrail_core::time::UtcMs;
use jiff::tz::TimeZone;

use super::deed::Deed;

const HOUR_MS: i64 = 3_600_000;
/// Beyond this the hours of the week are too narrow to be seen.
const MOST_HOURS: i64 = 24 * 14;
const MARKS: i64 = 5;

/// From when to when, with some room at both ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scale {
    from: UtcMs,
    to: UtcMs,
    zone: TimeZone,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tick {
    pub(super) at: UtcMs,
    pub(super) deed: Deed,
    pub(super) told: String,
}

/// The events of one object.
#[derive(Clone, Debug)]
pub(super) struct Lane<'a> {
    pub(super) scale: &'a Scale,
    pub(super) ticks: &'a [Tick],
    pub(super) unusual: &'a [(f64, f64)],
}

impl Scale {
    pub(super) fn over(first: UtcMs, last: UtcMs, zone: TimeZone) -> Self {
        let room = (last.since(first) / 20).max(30_000);
        Self { from: first.minus(room), to: last.plus(room), zone }
    }

    fn percent(&self, at: UtcMs) -> f64 {
        let whole = self.to.since(self.from).max(1) as f64;
        (at.since(self.from) as f64 / whole * 100.0).clamp(0.0, 100.0)
    }

    /// Times to read it by, each with its place in percent.
    pub(super) fn marks(&self) -> Vec<(String, String)> {
        let step = self.to.since(self.from) / MARKS;
        let short = self.to.since(self.from) < 20 * HOUR_MS;
        let form = if step < 60_000 {
            "%H:%M:%S"
        } else if short {
            "%H:%M"
        } else {
            "%-d %b %H:%M"
        };
        let marks = (0..MARKS).map(|mark| {
            let at = self.from.plus(mark * step);
            let told = at.to_timestamp().to_zoned(self.zone.clone()).strftime(form).to_string();
            (format!("{:.2}%", self.percent(at)), told)
        });
        marks.collect()
    }

    /// The hours in which the week says that nothing usually happens, from and for how long, in percent.
    pub(super) fn unusual(&self, week: &[[u64; 24]; 7]) -> Vec<(f64, f64)> {
        let hours = self.to.since(self.from) / HOUR_MS;
        if hours > MOST_HOURS || week.iter().flatten().all(|entries| *entries == 0) {
            return Vec::new();
        }
        let starts = (0..=hours + 1).map(|hour| self.from.hour().plus(hour * HOUR_MS));
        let mut spans: Vec<(f64, f64)> = Vec::new();
        for start in starts.filter(|start| self.is_unusual(*start, week)) {
            let (from, to) = (self.percent(start), self.percent(start.plus(HOUR_MS)));
            match spans.last_mut() {
                Some((begin, wide)) if (*begin + *wide - from).abs() < 0.01 => *wide = to - *begin,
                _ if to > from => spans.push((from, to - from)),
                _ => {}
            }
        }
        spans
    }

    fn is_unusual(&self, hour: UtcMs, week: &[[u64; 24]; 7]) -> bool {
        let at = hour.to_timestamp().to_zoned(self.zone.clone());
        let day = usize::try_from(at.weekday().to_monday_zero_offset()).unwrap_or_default();
        let clock = usize::try_from(at.hour()).unwrap_or_default();
        week.get(day).and_then(|day| day.get(clock)).is_some_and(|entries| *entries == 0)
    }
}

impl HtmlSafe for Lane<'_> {}

impl fmt::Display for Lane<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let events = self.ticks.len();
        let word = if events == 1 { "event" } else { "events" };
        write!(f, r#"<svg class="lane" height="22" role="img" aria-label="{events} {word}">"#)?;
        for (from, wide) in self.unusual {
            write!(f, r#"<rect class="unusual" x="{from:.2}%" width="{wide:.2}%" y="0" height="22"/>"#)?;
        }
        f.write_str(r#"<line class="axis" x1="0" x2="100%" y1="11" y2="11"/>"#)?;
        for tick in self.ticks {
            let told = escape(&tick.told, Html).map_err(|_| fmt::Error)?;
            let (x, deed) = (self.scale.percent(tick.at), tick.deed.word());
            write!(
                f,
                r#"<g><title>{told}</title><rect class="{deed}" x="{x:.2}%" y="3" width="3" height="16" rx="1"/></g>"#
            )?;
        }
        f.write_str("</svg>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Wednesday, 6 March 2024, 12:00 UTC.
    const NOON: UtcMs = UtcMs(1_709_726_400_000);

    #[test]
    fn time_is_to_scale_and_unusual_hours_are_behind() {
        let scale = Scale::over(NOON, NOON.plus(20 * HOUR_MS), TimeZone::UTC);
        assert_eq!(scale.percent(NOON.minus(HOUR_MS)), 0.0);
        assert_eq!(scale.percent(NOON.plus(10 * HOUR_MS)), 50.0);
        let mut week = [[0; 24]; 7];
        assert!(scale.unusual(&week).is_empty(), "nothing is known of them");
        week[2] = [1; 24];
        let spans = scale.unusual(&week);
        assert_eq!(spans.len(), 1, "Thursday: {spans:?}");
        assert!((spans[0].0 - 59.09).abs() < 0.01 && (spans[0].0 + spans[0].1 - 100.0).abs() < 0.01);
        assert_eq!(scale.marks().len(), 5);
        assert_eq!(scale.marks()[0], ("0.00%".to_owned(), "6 Mar 11:00".to_owned()));
    }

    #[test]
    fn what_a_tick_says_is_text() {
        let scale = Scale::over(NOON, NOON, TimeZone::UTC);
        let ticks = [Tick { at: NOON, deed: Deed::Deleted, told: "<b>Eve</b> deleted".to_owned() }];
        let html = Lane { scale: &scale, ticks: &ticks, unusual: &[] }.to_string();
        assert!(html.contains("&#60;b&#62;Eve") && html.contains(r#"class="deleted" x="50.00%""#), "{html}");
        assert!(html.contains(r#"aria-label="1 event""#));
    }
}
