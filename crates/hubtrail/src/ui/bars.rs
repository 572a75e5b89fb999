//! A few numbers side by side, as small bars within a line of a table.

use std::fmt;

use askama::filters::HtmlSafe;

use super::when::grouped;

const WIDTH: usize = 120;
const HEIGHT: u64 = 24;

/// One bar for each day, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bars(pub(super) Vec<u64>);

impl HtmlSafe for Bars {}

impl fmt::Display for Bars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = self.0.iter().copied().max().unwrap_or_default().max(1);
        let days = self.0.len().max(1);
        let (total, width) = (self.0.iter().sum::<u64>(), WIDTH as f64 / days as f64);
        write!(
            f,
            r#"<svg class="spark" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{} events in {days} days, at most {} a day">"#,
            grouped(total),
            grouped(self.0.iter().copied().max().unwrap_or_default())
        )?;
        // One path for all days: a list has a hundred of these.
        for (class, is_drawn) in [("none", false), ("some", true)] {
            write!(f, r#"<path class="{class}" d=""#)?;
            for (at, entries) in self.0.iter().enumerate().filter(|(_, entries)| (**entries > 0) == is_drawn)
            {
                let (x, wide) = (at as f64 * width, (width - 1.0).max(1.0));
                let height = if is_drawn { (entries * (HEIGHT - 1) / most).max(2) } else { 1 };
                write!(f, "M{x:.1} {HEIGHT}v-{height}h{wide:.1}v{height}z")?;
            }
            f.write_str(r#""/>"#)?;
        }
        f.write_str("</svg>")
    }
}

#[cfg(test)]
mod tests {
    use super::Bars;

    #[test]
    fn every_day_has_its_bar_and_the_sum_is_said() {
        let html = Bars(vec![0, 1, 200]).to_string();
        assert!(html.contains("201 events in 3 days, at most 200 a day"), "{html}");
        assert_eq!(html.matches('M').count(), 3);
        assert!(html.contains("v-2h") && html.contains("v-23h"), "a quiet day is still seen: {html}");
        assert!(Bars(Vec::new()).to_string().contains("0 events"));
    }
}
