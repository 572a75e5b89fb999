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

use crate::store::Entry;

const TIME_WIDTH: usize = 23;
const AGO_WIDTH: usize = 10;

/// How the lines are laid out; the same for all lines of one listing.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Table {
    pub(in crate::cli) zone: TimeZone,
    /// Columns of the terminal; none: nothing is cut.
    pub(in crate::cli) columns: Option<usize>,
    /// Width of the connector's column; none: all lines are of one connector, which goes without saying.
    pub(in crate::cli) connector: Option<usize>,
}

impl Table {
    pub(super) fn header(&self, to: &mut impl Write, now: UtcMs) -> io::Result<()> {
        let zone = self.zone.to_offset(now.to_timestamp());
        let title = if self.zone == TimeZone::UTC { "UTC".to_owned() } else { format!("UTC{zone}") };
        let dim = Style::new().dimmed();
        let connector = self.connector.map_or(String::new(), |width| format!("{:<width$}  ", "CONNECTOR"));
        let title = format!("TIME ({title})");
        writeln!(to, "{dim}{title:<TIME_WIDTH$}  {:>AGO_WIDTH$}  {connector}EVENT{dim:#}", "AGO")
    }

    pub(super) fn line(
        &self,
        to: &mut impl Write,
        now: UtcMs,
        connector: &str,
        entry: &Entry,
    ) -> io::Result<()> {
        let dim = Style::new().dimmed();
        let mut pieces = vec![
            (dim, format!("{:<TIME_WIDTH$}  ", self.time(entry.timestamp))),
            (dim, format!("{:>AGO_WIDTH$}  ", ago(now, entry.timestamp))),
        ];
        if let Some(width) = self.connector {
            pieces.push((Style::new(), format!("{}  ", padded(connector, width))));
        }
        pieces.extend(event(entry));
        print(to, pieces, self.columns.unwrap_or(usize::MAX))
    }

    /// A line for a person who watches events arrive: the day and how long ago go without saying.
    pub(in crate::cli) fn brief(&self, to: &mut impl Write, entry: &Entry) -> io::Result<()> {
        let at = entry.timestamp.to_timestamp().to_zoned(self.zone.clone());
        let mut pieces = vec![(Style::new().dimmed(), at.strftime("%a %H:%M:%S  ").to_string())];
        pieces.extend(event(entry));
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

fn event(entry: &Entry) -> Vec<(Style, String)> {
    match &entry.event {
        Ok(event) => sentence(event).into(),
        Err(reason) => vec![(colour(""), format!("unreadable: {}", harmless(reason)))],
    }
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
    use hubtrail_core::identity::EventId;
    use hubtrail_core::stream::Stream;

    use super::*;
    use crate::connector::ConnectorId;
    use crate::store::Position;

    const NOW: UtcMs = UtcMs(1_710_081_138_123);

    fn entry(name: &str) -> Entry {
        let raw = format!(
            r#"{{"timestamp":{},"userId":7,"fullName":"Maria Keller","event":"UNPUBLISHED","objectType":"LANDING_PAGE",
                "objectId":"42","objectName":{}}}"#,
            NOW.minus(240_000).0,
            serde_json::to_string(name).unwrap()
        );
        Entry {
            position: Position(1),
            connector: ConnectorId(1),
            stream: Stream::Content,
            event_id: EventId([0; 16]),
            timestamp: NOW.minus(240_000),
            seen_at: NOW,
            future: false,
            leaf: [0; 32],
            event: Event::read(&raw).map_err(|error| error.to_string()),
            raw,
        }
    }

    fn printed(table: &Table, entries: &[Entry]) -> String {
        let mut bytes = anstream::StripStream::new(Vec::new());
        table.header(&mut bytes, NOW).unwrap();
        for entry in entries {
            table.line(&mut bytes, NOW, "main", entry).unwrap();
        }
        String::from_utf8(bytes.into_inner()).unwrap()
    }

    #[test]
    fn lines_stand_below_each_other_and_are_cut_at_the_edge() {
        let wide = Table { zone: TimeZone::UTC, columns: None, connector: Some(9) };
        let future = Entry { timestamp: NOW.plus(7_200_000), ..entry("") };
        let unreadable = Entry { event: Err("the record has no `timestamp`".to_owned()), ..entry("") };
        insta::assert_snapshot!(printed(&wide, &[entry("Spring sale"), future, unreadable]), @r"
        TIME (UTC)                      AGO  CONNECTOR  EVENT
        2024-03-10 14:28:18.123   4 min ago  main       Maria Keller unpublished landing page “Spring sale”
        2024-03-10 16:32:18.123      in 2 h  main       Maria Keller unpublished landing page 42
        2024-03-10 14:28:18.123   4 min ago  main       unreadable: the record has no `timestamp`
        ");
        let zone = TimeZone::fixed(jiff::tz::offset(-5));
        let narrow = Table { zone, columns: Some(60), connector: None };
        let cut = printed(&narrow, &[entry("x")]);
        insta::assert_snapshot!(cut, @r"
        TIME (UTC-05)                   AGO  EVENT
        2024-03-10 09:28:18.123   4 min ago  Maria Keller unpublish…
        ");
        assert_eq!(cut.lines().last().map(UnicodeWidthStr::width), Some(60));
        let mut brief = anstream::StripStream::new(Vec::new());
        narrow.brief(&mut brief, &entry("Spring sale")).unwrap();
        assert_eq!(
            String::from_utf8(brief.into_inner()).unwrap(),
            "Sun 09:28:18  Maria Keller unpublished landing page “Spring…\n"
        );
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
        table.line(&mut bytes, NOW, "", &entry("\u{1b}]0;owned\u{7}")).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("\\u{1b}]0;owned\\u{7}") && !text.contains('\u{7}'));
    }
}
