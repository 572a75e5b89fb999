//! How far a collection has come: a bar on a terminal, a plain line every few seconds elsewhere.
//!
//! It measures by the time that the walk has covered, because nobody knows how many records there are.

use std::fmt::Write as _;

use hubtrail_core::time::{UtcMs, spoken};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::collect::Progress;

/// A log file that is read later needs a sign of life, not a line per page.
const LINE_EVERY_MS: i64 = 5_000;
const PER_MILLE: u64 = 1_000;

/// Shows the progress of one command on stderr.
pub struct ProgressView {
    began: UtcMs,
    /// The first record seen: where the window really begins when it has no start.
    oldest: Option<UtcMs>,
    shown: Shown,
}

enum Shown {
    Bar(ProgressBar),
    Lines { next: UtcMs },
}

impl ProgressView {
    #[must_use]
    pub fn new(now: UtcMs, is_terminal: bool) -> Self {
        let shown =
            if is_terminal { Shown::Bar(bar()) } else { Shown::Lines { next: now.plus(LINE_EVERY_MS) } };
        Self { began: now, oldest: None, shown }
    }

    pub fn show(&mut self, progress: &Progress, now: UtcMs) {
        self.oldest = self.oldest.or(progress.newest);
        let covered = self.covered(progress, now);
        let text = self.text(progress, covered, now);
        match &mut self.shown {
            Shown::Bar(bar) => {
                bar.set_position(covered.map_or(0, |share| (share * PER_MILLE as f64) as u64));
                bar.set_message(text);
            }
            Shown::Lines { next } if now >= *next => {
                *next = now.plus(LINE_EVERY_MS);
                super::output::say(text);
            }
            Shown::Lines { .. } => {}
        }
    }

    /// Says a line without tearing the bar.
    pub fn say(&self, text: impl std::fmt::Display) {
        match &self.shown {
            Shown::Bar(bar) => bar.suspend(|| super::output::say(text)),
            Shown::Lines { .. } => super::output::say(text),
        }
    }

    /// Leaves the terminal clean for the result.
    pub fn finish(self) {
        if let Shown::Bar(bar) = self.shown {
            bar.finish_and_clear();
        }
    }

    /// The share of the window that the walk has passed, from 0 to 1.
    fn covered(&self, progress: &Progress, now: UtcMs) -> Option<f64> {
        let from = progress.from.or(self.oldest)?;
        let to = progress.to.unwrap_or(now);
        let whole = to.since(from);
        let passed = progress.newest.unwrap_or(from).since(from);
        (whole > 0).then(|| (passed as f64 / whole as f64).clamp(0.0, 1.0))
    }

    fn text(&self, progress: &Progress, covered: Option<f64>, now: UtcMs) -> String {
        let Progress { walk, newest, pages, new, duplicate, .. } = progress;
        let took_ms = now.since(self.began).max(1);
        let rate = (new + duplicate) as f64 * 1_000.0 / took_ms as f64;
        let mut text = format!("{}: {new} new", walk.as_str());
        // Writing to a String cannot fail.
        if *duplicate > 0 {
            let _ = write!(text, ", {duplicate} known");
        }
        let _ = write!(text, ", {pages} pages, {rate:.0}/s");
        if let Some(newest) = newest {
            let _ = write!(text, ", at {}", newest.to_timestamp().strftime("%Y-%m-%d %H:%M"));
        }
        if let Some(left) = covered.and_then(|share| left_ms(took_ms, share)) {
            let _ = write!(text, ", about {} left", spoken(left));
        }
        text
    }
}

/// Time to go, once enough is behind to tell.
fn left_ms(took_ms: i64, covered: f64) -> Option<i64> {
    (took_ms >= 1_000 && (0.01..1.0).contains(&covered))
        .then(|| (took_ms as f64 * (1.0 - covered) / covered) as i64)
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:20} {percent:>3} %  {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(PER_MILLE), ProgressDrawTarget::stderr()).with_style(style)
}

#[cfg(test)]
mod tests {
    use hubtrail_core::checkpoint::WalkKind;

    use super::*;

    const HOUR: i64 = 3_600_000;

    fn progress(from: Option<i64>, to: Option<i64>, newest: i64) -> Progress {
        Progress {
            walk: WalkKind::Backfill,
            from: from.map(UtcMs),
            to: to.map(UtcMs),
            newest: Some(UtcMs(newest)),
            pages: 12,
            new: 1_100,
            duplicate: 100,
        }
    }

    #[test]
    fn it_is_measured_by_the_time_covered() {
        let mut view = ProgressView::new(UtcMs(0), false);
        let quarter = progress(Some(0), Some(4 * HOUR), HOUR);
        assert_eq!(view.covered(&quarter, UtcMs(2_000)), Some(0.25));
        assert_eq!(
            view.text(&quarter, Some(0.25), UtcMs(2_000)),
            "backfill: 1100 new, 100 known, 12 pages, 600/s, at 1970-01-01 01:00, about 6 s left"
        );
        assert_eq!(view.covered(&progress(None, None, HOUR), UtcMs(2 * HOUR)), None, "no start is known yet");
        view.show(&progress(None, None, HOUR), UtcMs(2 * HOUR));
        assert_eq!(view.covered(&progress(None, None, 2 * HOUR), UtcMs(3 * HOUR)), Some(0.5));
    }

    #[test]
    fn a_walk_past_its_end_and_an_empty_window_make_no_nonsense() {
        let view = ProgressView::new(UtcMs(0), false);
        assert_eq!(view.covered(&progress(Some(0), Some(HOUR), 2 * HOUR), UtcMs(0)), Some(1.0));
        assert_eq!(view.covered(&progress(Some(HOUR), Some(HOUR), HOUR), UtcMs(0)), None);
        assert_eq!(left_ms(5_000, 1.0), None);
    }
}
