//! How much happened when: bars over time, stacked by what happened, drawn here as SVG.
//!
//! A drawing says nothing that the table beside it does not say; whoever cannot see it reads its summary.

use std::fmt;

use askama::filters::HtmlSafe;
use hubtrail_core::finding::Severity;
use hubtrail_core::time::{UtcMs, whole_seconds};
use jiff::tz::TimeZone;

use super::deed::Deed;
use super::severity::Risk;
use super::when::grouped;

const MINUTE_MS: i64 = 60_000;
pub(super) const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// So many bars fit beside each other and can still be hit.
const MOST_BARS: i64 = 96;
const HEIGHT: f64 = 88.0;
const AXIS: f64 = 20.0;
const MARK: f64 = 12.0;
/// So many labels fit under a chart on a telephone.
const MOST_LABELS: usize = 6;

/// The step of a chart over a range: the finest at which its bars can still be told apart.
pub(super) fn step(range_ms: i64) -> i64 {
    let steps = [1, 2, 3, 6, 12, 24, 48, 72, 7 * 24, 14 * 24, 28 * 24];
    let hours = steps.into_iter().find(|hours| range_ms / (hours * HOUR_MS) < MOST_BARS);
    hours.map_or(91 * DAY_MS, |hours| hours * HOUR_MS)
}

/// The same within a few hours, where entries are counted one by one.
pub(super) fn fine_step(range_ms: i64) -> i64 {
    let steps = [1, 2, 5, 10].map(|minutes| minutes * MINUTE_MS);
    steps.into_iter().find(|step| range_ms / step < MOST_BARS).unwrap_or(10 * MINUTE_MS)
}

pub(super) fn begin(at: UtcMs, step_ms: i64) -> UtcMs {
    at.minus(at.0.rem_euclid(step_ms))
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bar {
    /// By [`Deed::ALL`], in its order: from the ground up.
    pub(super) counts: [u64; 7],
    /// Findings of this time, and the worst of them.
    found: u64,
    worst: Option<Severity>,
}

impl Bar {
    fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// A step of the chart as a line of its table.
pub(super) struct Line {
    pub(super) label: String,
    pub(super) href: String,
    /// By what happened at all, in the order of the legend.
    pub(super) counts: Vec<u64>,
    pub(super) total: u64,
    pub(super) found: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Activity {
    pub(super) from: UtcMs,
    pub(super) step_ms: i64,
    pub(super) bars: Vec<Bar>,
    pub(super) zone: TimeZone,
    /// Nothing earlier was counted, because there was too much.
    pub(super) since: Option<UtcMs>,
}

impl Activity {
    /// Empty bars from one time to another.
    pub(super) fn over(from: UtcMs, to: UtcMs, step_ms: i64, zone: TimeZone) -> Self {
        let from = begin(from, step_ms);
        let bars = to.since(from).div_euclid(step_ms) + 1;
        let bars = usize::try_from(bars.clamp(1, 2 * MOST_BARS)).unwrap_or(1);
        Self { from, step_ms, bars: vec![Bar::default(); bars], zone, since: None }
    }

    fn bar(&mut self, at: UtcMs) -> Option<&mut Bar> {
        let bar = usize::try_from(at.since(self.from).div_euclid(self.step_ms)).ok()?;
        self.bars.get_mut(bar)
    }

    /// Counts what lies within the chart; the rest is not shown.
    pub(super) fn add(&mut self, at: UtcMs, deed: Deed, entries: u64) {
        let row = Deed::ALL.iter().position(|own| *own == deed);
        if let Some(bar) = self.bar(at)
            && let Some(row) = row
        {
            bar.counts[row] += entries;
        }
    }

    /// Marks a finding on the axis, if it lies within the chart.
    pub(super) fn mark(&mut self, at: UtcMs, severity: Severity) {
        if let Some(bar) = self.bar(at) {
            bar.found += 1;
            bar.worst = bar.worst.max(Some(severity));
        }
    }

    pub(super) fn found(&self) -> u64 {
        self.bars.iter().map(|bar| bar.found).sum()
    }

    /// The worst of all that is marked, for the legend.
    pub(super) fn worst(&self) -> Option<Risk> {
        self.bars.iter().filter_map(|bar| bar.worst).max().map(Risk)
    }

    pub(super) fn total(&self) -> u64 {
        self.bars.iter().map(Bar::total).sum()
    }

    /// What happened at all, for the legend.
    pub(super) fn deeds(&self) -> Vec<Deed> {
        let seen = |row: usize| self.bars.iter().any(|bar| bar.counts[row] > 0);
        Deed::ALL.into_iter().enumerate().filter(|(row, _)| seen(*row)).map(|(_, deed)| deed).collect()
    }

    pub(super) fn step_word(&self) -> String {
        match self.step_ms / HOUR_MS {
            0 if self.step_ms == MINUTE_MS => "minute".to_owned(),
            0 => format!("{} minutes", self.step_ms / MINUTE_MS),
            1 => "hour".to_owned(),
            hours @ 2..24 => format!("{hours} hours"),
            24 => "day".to_owned(),
            hours => format!("{} days", hours / 24),
        }
    }

    /// What the drawing says, in words: the steps in which anything happened, the newest first. `zoom` is an
    /// address with `FROM` and `TO` in it.
    pub(super) fn lines(&self, zoom: &str) -> Vec<Line> {
        let deeds = self.deeds();
        let line = |(at, bar): (usize, &Bar)| {
            let (from, to) = (self.start(at), self.start(at + 1));
            let encoded = |at| whole_seconds(at).replace(':', "%3A");
            let of =
                |deed: &Deed| Deed::ALL.iter().position(|own| own == deed).map_or(0, |row| bar.counts[row]);
            Line {
                label: self.label(from, true),
                href: zoom.replace("FROM", &encoded(from)).replace("TO", &encoded(to)),
                counts: deeds.iter().map(of).collect(),
                total: bar.total(),
                found: bar.found,
            }
        };
        let any = |(_, bar): &(usize, &Bar)| bar.total() > 0 || bar.found > 0;
        self.bars.iter().enumerate().filter(any).rev().map(line).collect()
    }

    fn summary(&self) -> String {
        let peak = self.bars.iter().enumerate().max_by_key(|(_, bar)| bar.total());
        let marked = match self.found() {
            0 => String::new(),
            1 => " 1 finding is marked.".to_owned(),
            n => format!(" {} findings are marked.", grouped(n)),
        };
        match peak.filter(|(_, bar)| bar.total() > 0) {
            None => format!("No events in this time.{marked}"),
            Some((at, bar)) => format!(
                "{} events, per {}. The most at once: {} from {}.{marked}",
                grouped(self.total()),
                self.step_word(),
                grouped(bar.total()),
                self.label(self.start(at), true)
            ),
        }
    }

    fn start(&self, bar: usize) -> UtcMs {
        self.from.plus(i64::try_from(bar).unwrap_or(0) * self.step_ms)
    }

    fn label(&self, at: UtcMs, exact: bool) -> String {
        let at = at.to_timestamp().to_zoned(self.zone.clone());
        let form = match (exact, self.step_ms < DAY_MS) {
            (true, true) => "%-d %b %Y %H:%M",
            (true, false) => "%-d %b %Y",
            (false, true) if self.bars.len() as i64 * self.step_ms <= 2 * DAY_MS => "%H:%M",
            (false, _) if self.bars.len() as i64 * self.step_ms > 300 * DAY_MS => "%b %Y",
            (false, _) => "%-d %b",
        };
        at.strftime(form).to_string()
    }
}

impl HtmlSafe for Activity {}

impl fmt::Display for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, tallest) = (self.bars.len(), self.bars.iter().map(Bar::total).max().unwrap_or(0));
        let width = 100.0 / count as f64;
        write!(
            f,
            r#"<svg class="chart" height="{}" role="img" aria-label="{}" data-from="{}" data-step="{}" data-bars="{count}">"#,
            HEIGHT + AXIS,
            self.summary(),
            self.from.0,
            self.step_ms
        )?;
        for (at, bar) in self.bars.iter().enumerate() {
            let x = at as f64 * width;
            write!(f, "<g><title>{}</title>", self.told(at, bar))?;
            write!(f, r#"<rect class="ground" x="{x:.3}%" width="{width:.3}%" y="0" height="{HEIGHT}"/>"#)?;
            self.stack(f, bar, x + width * 0.1, width * 0.8, tallest)?;
            f.write_str("</g>")?;
        }
        write!(f, r#"<line class="axis" x1="0" x2="100%" y1="{HEIGHT}" y2="{HEIGHT}"/>"#)?;
        self.marks(f, width)?;
        self.axis(f, width)?;
        f.write_str("</svg>")
    }
}

impl Activity {
    fn told(&self, at: usize, bar: &Bar) -> String {
        let mut told = format!("{}: {} events", self.label(self.start(at), true), grouped(bar.total()));
        for (deed, entries) in Deed::ALL.into_iter().zip(bar.counts).filter(|(_, entries)| *entries > 0) {
            told.push_str(&format!("\n{} {}", grouped(entries), deed.word()));
        }
        if let Some(risk) = bar.worst.map(Risk) {
            let many = if bar.found == 1 { "finding" } else { "findings, the worst" };
            told.push_str(&format!("\n{} {many}: {}", grouped(bar.found), risk.word().to_lowercase()));
        }
        told
    }

    /// A quiet hour stays visible beside a busy one: whatever there is has two pixels.
    fn stack(&self, f: &mut fmt::Formatter<'_>, bar: &Bar, x: f64, width: f64, tallest: u64) -> fmt::Result {
        let total = bar.total();
        if total == 0 {
            return Ok(());
        }
        let full = ((total as f64 / tallest as f64) * (HEIGHT - 4.0)).max(2.0);
        let mut y = HEIGHT;
        for (deed, entries) in Deed::ALL.into_iter().zip(bar.counts).filter(|(_, entries)| *entries > 0) {
            let height = full * entries as f64 / total as f64;
            y -= height;
            write!(
                f,
                r#"<rect class="{}" x="{x:.3}%" width="{width:.3}%" y="{y:.2}" height="{height:.2}"/>"#,
                deed.word()
            )?;
        }
        Ok(())
    }

    /// Each sits on the axis in the middle of its bar; what it says stands in the bar's own words.
    fn marks(&self, f: &mut fmt::Formatter<'_>, width: f64) -> fmt::Result {
        let base = super::asset::base();
        for (at, bar) in self.bars.iter().enumerate() {
            let Some(risk) = bar.worst.map(Risk) else { continue };
            let x = (at as f64 + 0.5) * width;
            write!(
                f,
                r#"<use class="flag {0}" href="{base}/icons.svg#r-{0}" x="{x:.3}%" y="{1}" width="{MARK}" height="{MARK}" transform="translate(-{2} 0)"/>"#,
                risk.key(),
                HEIGHT - MARK / 2.0,
                MARK / 2.0
            )?;
        }
        Ok(())
    }

    /// The bars that have a label, and the time that it names: where days begin, if the label is a day and several bars
    /// make one. Near the end a label would not fit.
    fn labelled(&self) -> Vec<(usize, UtcMs)> {
        let count = self.bars.len();
        let by_days = self.step_ms < DAY_MS && !self.label(self.from, false).contains(':');
        let begins_day = |bar: &usize| by_days && self.day(*bar) != self.day(*bar - 1);
        let days: Vec<_> = (1..count).filter(begins_day).filter(|bar| bar * 100 < count * 90).collect();
        if days.is_empty() {
            let marks = MOST_LABELS.min(count);
            return (0..marks).map(|mark| mark * count / marks).map(|bar| (bar, self.start(bar))).collect();
        }
        let some = days.iter().step_by(days.len().div_ceil(MOST_LABELS));
        some.map(|bar| (*bar, self.last_ms(*bar))).collect()
    }

    fn last_ms(&self, bar: usize) -> UtcMs {
        self.start(bar + 1).minus(1)
    }

    /// The day in which a bar ends: a bar across midnight is the first of the new day.
    fn day(&self, bar: usize) -> jiff::civil::Date {
        self.last_ms(bar).to_timestamp().to_zoned(self.zone.clone()).date()
    }

    fn axis(&self, f: &mut fmt::Formatter<'_>, width: f64) -> fmt::Result {
        for (bar, at) in self.labelled() {
            let x = bar as f64 * width;
            write!(f, r#"<text x="{x:.2}%" y="{}">{}</text>"#, HEIGHT + 15.0, self.label(at, false))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UtcMs = UtcMs(1_710_081_138_123);

    #[test]
    fn the_step_is_the_finest_that_leaves_bars_apart() {
        for (range_ms, step_ms) in [
            (0, HOUR_MS),
            (DAY_MS, HOUR_MS),
            (7 * DAY_MS, 2 * HOUR_MS),
            (90 * DAY_MS, DAY_MS),
            (3_000 * DAY_MS, 91 * DAY_MS),
        ] {
            assert_eq!(step(range_ms), step_ms, "{range_ms}");
        }
    }

    #[test]
    fn a_day_is_labelled_where_it_begins() {
        let labels = |days: i64, step_ms, zone: TimeZone| {
            let activity = Activity::over(NOW.minus(days * DAY_MS), NOW, step_ms, zone);
            let label =
                |(bar, at)| (bar, activity.label(at, false), activity.label(activity.start(bar), true));
            activity.labelled().into_iter().map(label).collect::<Vec<_>>()
        };
        let week = labels(7, 2 * HOUR_MS, TimeZone::UTC);
        let told: Vec<_> = week.iter().map(|(_, label, _)| label.as_str()).collect();
        assert_eq!(told, ["4 Mar", "5 Mar", "6 Mar", "7 Mar", "8 Mar", "9 Mar"]);
        assert!(week.iter().all(|(_, _, start)| start.ends_with("00:00")), "{week:?}");
        // In a zone of half an hour a day begins within a bar.
        let half = labels(11, 3 * HOUR_MS, TimeZone::get("Asia/Kolkata").unwrap());
        assert_eq!((half[0].1.as_str(), half[0].2.as_str()), ("29 Feb", "28 Feb 2024 23:30"));
        assert!(half.len() <= MOST_LABELS, "{half:?}");
        let (days, hours) = (labels(30, DAY_MS, TimeZone::UTC), labels(1, HOUR_MS, TimeZone::UTC));
        assert_eq!((days.len(), hours.len(), days[0].0, hours[0].0), (6, 6, 0, 0));
    }

    #[test]
    fn what_lies_outside_is_not_drawn_and_the_summary_says_what_is() {
        let mut activity = Activity::over(NOW.minus(DAY_MS), NOW, HOUR_MS, TimeZone::UTC);
        assert_eq!(activity.bars.len(), 25);
        assert_eq!(activity.summary(), "No events in this time.");
        activity.add(NOW, Deed::Deleted, 3);
        activity.add(NOW.minus(2 * DAY_MS), Deed::Deleted, 9);
        activity.add(NOW.plus(HOUR_MS), Deed::Deleted, 9);
        assert_eq!(activity.summary(), "3 events, per hour. The most at once: 3 from 10 Mar 2024 14:00.");
        assert_eq!(activity.deeds(), [Deed::Deleted]);
        activity.mark(NOW.minus(HOUR_MS), Severity::Low);
        activity.mark(NOW.minus(HOUR_MS), Severity::High);
        activity.mark(NOW.minus(2 * DAY_MS), Severity::Critical);
        assert!(activity.summary().ends_with("2 findings are marked."));
        let html = activity.to_string();
        assert_eq!(html.matches("<use").count(), 1, "one mark for each time: {html}");
        assert!(html.contains("#r-high") && html.contains("2 findings, the worst: high"), "{html}");
        assert_eq!(activity.lines("").iter().map(|line| line.found).collect::<Vec<_>>(), [0, 2]);
    }
}
