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
        for (at, entries) in self.0.iter().enumerate() {
            let x = at as f64 * width;
            let wide = (width - 1.0).max(1.0);
            if *entries == 0 {
                write!(f, r#"<rect class="none" x="{x:.1}" y="23" width="{wide:.1}" height="1"/>"#)?;
            } else {
                let height = (entries * (HEIGHT - 1) / most).max(2);
                let y = HEIGHT - height;
                write!(f, r#"<rect x="{x:.1}" y="{y}" width="{wide:.1}" height="{height}"/>"#)?;
            }
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
        assert_eq!(html.matches("<rect").count(), 3);
        assert!(html.contains(r#"height="2""#), "a quiet day is still seen");
        assert!(Bars(Vec::new()).to_string().contains("0 events"));
    }
}
