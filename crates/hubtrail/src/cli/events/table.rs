//! Events for people: when, how long ago, and the event as a sentence, one line each.
//!
//! Columns have fixed widths, so that lines can be printed as they come and still stand below each
//! other. Nothing that comes from HubSpot reaches the terminal unchecked: see `sentence`.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use hubtrail_core::event::Event;
use hubtrail_core::sentence::{Sentence, harmless};
use hubtrail_core::time::{UtcMs, spoken};
use jiff::tz::TimeZone;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const TIME_WIDTH: usize = 23;
const AGO_WIDTH: usize = 10;

/// How the lines are laid out; the same for all lines of one listing.
#[derive(Clone, Debug)]
pub struct Table {
    pub zone: TimeZone,
    /// Columns of the terminal; none: nothing is cut.
    pub columns: Option<usize>,
    /// Width of the connector's column; none: all lines are of one connector, which goes without saying.
    pub connector: Option<usize>,
}

impl Table {
    /// # Errors
    /// When the output cannot be written to.
    pub fn header(&self, to: &mut impl Write, now: UtcMs) -> io::Result<()> {
        let zone = self.zone.to_offset(now.to_timestamp());
        let title = if self.zone == TimeZone::UTC { "UTC".to_owned() } else { format!("UTC{zone}") };
        let dim = Style::new().dimmed();
        let connector = self.connector.map_or(String::new(), |width| format!("{:<width$}  ", "CONNECTOR"));
        let title = format!("TIME ({title})");
        writeln!(to, "{dim}{title:<TIME_WIDTH$}  {:>AGO_WIDTH$}  {connector}EVENT{dim:#}", "AGO")
    }

    /// # Errors
    /// When the output cannot be written to.
    pub fn line(&self, to: &mut impl Write, now: UtcMs, connector: &str, event: &Event) -> io::Result<()> {
        let dim = Style::new().dimmed();
        let mut pieces = vec![
            (dim, format!("{:<TIME_WIDTH$}  ", self.time(event.timestamp))),
            (dim, format!("{:>AGO_WIDTH$}  ", ago(now, event.timestamp))),
        ];
        if let Some(width) = self.connector {
            pieces.push((Style::new(), format!("{}  ", padded(connector, width))));
        }
        pieces.extend(sentence(event));
        print(to, pieces, self.columns.unwrap_or(usize::MAX))
    }

    fn time(&self, at: UtcMs) -> String {
        at.to_timestamp().to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S.%3f").to_string()
    }
}

fn ago(now: UtcMs, at: UtcMs) -> String {
    if at > now { format!("in {}", spoken(at.since(now))) } else { format!("{} ago", spoken(now.since(at))) }
}

fn padded(text: &str, width: usize) -> String {
    let text = harmless(text);
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

fn sentence(event: &Event) -> [(Style, String); 3] {
    let Sentence { who, did, what } = Sentence::of(event);
    [
        (Style::new().bold(), who.into_owned()),
        (colour(&event.event), format!(" {did} ")),
        (Style::new(), what),
    ]
}

/// What takes something away from visitors stands out most.
fn colour(event_type: &str) -> Style {
    let colour = match event_type {
        "DELETED" => AnsiColor::Red,
        "UNPUBLISHED" => AnsiColor::Yellow,
        "PUBLISHED" | "RESTORE" => AnsiColor::Green,
        "CREATED" => AnsiColor::Cyan,
        "UPDATED" => AnsiColor::Blue,
        _ => AnsiColor::Magenta,
    };
    Style::new().fg_color(Some(colour.into()))
}

fn print(to: &mut impl Write, pieces: Vec<(Style, String)>, columns: usize) -> io::Result<()> {
    let total: usize = pieces.iter().map(|(_, text)| text.width()).sum();
    let mut room = if total > columns { columns.saturating_sub(1) } else { usize::MAX };
    for (style, text) in pieces {
        let fitting = fit(&text, room);
        room = room.saturating_sub(fitting.width());
        write!(to, "{style}{fitting}{style:#}")?;
        if fitting.len() < text.len() {
            to.write_all("…".as_bytes())?;
            break;
        }
    }
    to.write_all(b"\n")
}

/// As much of the text as fits into so many columns of a terminal.
fn fit(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > columns {
            return &text[..at];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UtcMs = UtcMs(1_710_081_138_123);

    fn event(name: &str) -> Event {
        Event {
            timestamp: NOW.minus(240_000),
            user_id: "7".to_owned(),
            full_name: "Maria Keller".to_owned(),
            event: "UNPUBLISHED".to_owned(),
            object_type: "LANDING_PAGE".to_owned(),
            object_id: "42".to_owned(),
            object_name: name.to_owned(),
            meta: None,
        }
    }

    fn printed(table: &Table, events: &[Event]) -> String {
        let mut bytes = anstream::StripStream::new(Vec::new());
        table.header(&mut bytes, NOW).unwrap();
        for event in events {
            table.line(&mut bytes, NOW, "main", event).unwrap();
        }
        String::from_utf8(bytes.into_inner()).unwrap()
    }

    #[test]
    fn lines_stand_below_each_other_and_are_cut_at_the_edge() {
        let wide = Table { zone: TimeZone::UTC, columns: None, connector: Some(9) };
        let mut future = event("");
        future.timestamp = NOW.plus(7_200_000);
        insta::assert_snapshot!(printed(&wide, &[event("Spring sale"), future]), @r"
        TIME (UTC)                      AGO  CONNECTOR  EVENT
        2024-03-10 14:28:18.123   4 min ago  main       Maria Keller unpublished landing page “Spring sale”
        2024-03-10 16:32:18.123      in 2 h  main       Maria Keller unpublished landing page 42
        ");
        let zone = TimeZone::fixed(jiff::tz::offset(-5));
        let narrow = Table { zone, columns: Some(60), connector: None };
        let cut = printed(&narrow, &[event("x")]);
        insta::assert_snapshot!(cut, @r"
        TIME (UTC-05)                   AGO  EVENT
        2024-03-10 09:28:18.123   4 min ago  Maria Keller unpublish…
        ");
        assert_eq!(cut.lines().last().map(UnicodeWidthStr::width), Some(60));
    }

    #[test]
    fn wide_characters_count_for_two_columns() {
        assert_eq!(fit("山田太郎", 5), "山田");
        assert_eq!(fit("abc", 3), "abc");
        assert_eq!(padded("山田", 6).width(), 6);
    }

    #[test]
    fn a_hostile_name_is_shown_and_not_obeyed() {
        let table = Table { zone: TimeZone::UTC, columns: None, connector: None };
        let mut bytes = Vec::new();
        table.line(&mut bytes, NOW, "", &event("\u{1b}]0;owned\u{7}")).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("\\u{1b}]0;owned\\u{7}") && !text.contains('\u{7}'));
    }
}
