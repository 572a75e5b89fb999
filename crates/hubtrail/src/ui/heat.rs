//! At which hours of the week: a table whose cells are shaded, so that the picture is its own table.

use std::fmt;

use askama::filters::HtmlSafe;

use super::when::grouped;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// Shades besides the one of nothing at all.
const SHADES: f64 = 5.0;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heat {
    /// What is shaded.
    pub(super) hours: [[u64; 24]; 7],
    /// What is marked on top: the hours of now. Those that have no shade are new.
    pub(super) now: Option<[[u64; 24]; 7]>,
    /// What it is of, for whoever does not see it.
    pub(super) of: &'static str,
}

impl Heat {
    /// Hours that have events now and had none before.
    pub(super) fn new_hours(&self) -> usize {
        let Some(now) = &self.now else { return 0 };
        let pairs = now.iter().flatten().zip(self.hours.iter().flatten());
        pairs.filter(|(now, usual)| **now > 0 && **usual == 0).count()
    }

    /// The busiest hour in words: `Tuesday 09–10`.
    pub(super) fn busiest(&self) -> Option<String> {
        let cells = self.hours.iter().enumerate();
        let cells = cells.flat_map(|(day, hours)| hours.iter().enumerate().map(move |(at, n)| (*n, day, at)));
        let (most, day, at) = cells.max_by_key(|(n, day, at)| (*n, usize::MAX - day * 24 - at))?;
        (most > 0).then(|| span(day, at))
    }

    fn shade(&self, entries: u64, most: u64) -> u8 {
        if entries == 0 {
            return 0;
        }
        // By the square root: one loud hour must not make all others look silent.
        let share = (entries as f64 / most.max(1) as f64).sqrt();
        (share * SHADES).ceil().clamp(1.0, SHADES) as u8
    }

    fn cell(&self, f: &mut fmt::Formatter<'_>, day: usize, at: usize, most: u64) -> fmt::Result {
        let usual = self.hours[day][at];
        let now = self.now.map(|now| now[day][at]);
        let mark = match now {
            Some(now) if now > 0 && usual == 0 => " new",
            Some(now) if now > 0 => " now",
            _ => "",
        };
        let (shade, span) = (self.shade(usual, most), span(day, at));
        write!(f, r#"<td class="h{shade}{mark}" title="{span}: {}"#, grouped(usual))?;
        if let Some(now) = now {
            write!(f, " usually, {} now", grouped(now))?;
        }
        write!(f, r#""><span class="visually-hidden">{}"#, grouped(usual))?;
        if let Some(now) = now.filter(|now| *now > 0) {
            write!(f, ", now {}", grouped(now))?;
        }
        f.write_str("</span></td>")
    }
}

fn span(day: usize, at: usize) -> String {
    format!("{} {at:02}–{:02}", DAYS.get(day).copied().unwrap_or_default(), (at + 1) % 24)
}

impl HtmlSafe for Heat {}

impl fmt::Display for Heat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = self.hours.iter().flatten().copied().max().unwrap_or_default();
        write!(
            f,
            r#"<table class="heat"><caption class="visually-hidden">{} by the hour of the week</caption><thead><tr><td></td>"#,
            self.of
        )?;
        for at in 0..24 {
            let hidden = if at % 3 == 0 { "" } else { r#" class="visually-hidden""# };
            write!(f, r#"<th scope="col"><span{hidden}>{at:02}</span></th>"#)?;
        }
        f.write_str("</tr></thead><tbody>")?;
        for (day, name) in DAYS.into_iter().enumerate() {
            write!(f, r#"<tr><th scope="row">{name}</th>"#)?;
            for at in 0..24 {
                self.cell(f, day, at, most)?;
            }
            f.write_str("</tr>")?;
        }
        f.write_str("</tbody></table>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_loud_hour_does_not_silence_the_others() {
        let mut hours = [[0; 24]; 7];
        (hours[1][9], hours[2][10]) = (10_000, 1);
        let mut now = [[0; 24]; 7];
        (now[2][10], now[6][3]) = (4, 2);
        let heat = Heat { hours, now: Some(now), of: "Events" };
        assert_eq!(heat.busiest().as_deref(), Some("Tue 09–10"));
        assert_eq!(heat.new_hours(), 1);
        let html = heat.to_string();
        assert!(html.contains(r#"<td class="h5" title="Tue 09–10: 10,000 usually, 0 now">"#));
        assert!(html.contains(r#"<td class="h1 now" title="Wed 10–11: 1 usually, 4 now">"#));
        assert!(html.contains(r#"<td class="h0 new" title="Sun 03–04: 0 usually, 2 now">"#));
    }
}
