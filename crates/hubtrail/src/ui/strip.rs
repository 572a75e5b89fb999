//! How collection went in the last days, as one band: what needed somebody stands out by its height as well as by
//! its colour, and a sentence beside it says the same.

use std::fmt;

use askama::filters::HtmlSafe;
use hubtrail_core::time::UtcMs;
use jiff::tz::TimeZone;

use super::standing::Standing;
use super::viewer::Taste;
use crate::connector::ConnectorId;
use crate::http::{App, Problem};
use crate::status::{self, History, HourState, State};

const DAYS: i64 = 7;
const HOURS: i64 = DAYS * 24;
const HEIGHT: i64 = 16;
const HOUR_MS: i64 = 3_600_000;

#[derive(Clone, Debug)]
pub(super) struct Strip {
    pub(super) id: i64,
    pub(super) name: String,
    hours: Vec<HourState>,
    /// The band ends with the hour of it, whether or not anything is known of that hour yet.
    now: UtcMs,
    zone: TimeZone,
}

/// Of these connectors, in their order.
///
/// # Errors
/// When the log cannot be read.
pub(super) async fn of(app: &App, taste: &Taste, ids: Vec<ConnectorId>) -> Result<Vec<Strip>, Problem> {
    let now = taste.now;
    let histories = app
        .log(move |store| {
            let all = ids.into_iter().map(|id| {
                let connector = store.connector_by_id(id)?;
                status::history(store, &connector, HOURS, now)
            });
            Ok(all.collect::<Result<Vec<_>, _>>()?.concat())
        })
        .await?;
    Ok(histories.into_iter().map(|history| Strip::new(history, taste)).collect())
}

/// Gives each of the first of these its band.
///
/// # Errors
/// When the log cannot be read.
pub(super) async fn put(app: &App, taste: &Taste, rows: &mut [Standing]) -> Result<(), Problem> {
    const MOST: usize = 50;
    let ids = rows.iter().take(MOST).map(|row| ConnectorId(row.id)).collect();
    for strip in of(app, taste, ids).await? {
        if let Some(row) = rows.iter_mut().find(|row| row.id == strip.id) {
            row.strip = Some(strip);
        }
    }
    Ok(())
}

impl Strip {
    fn new(history: History, taste: &Taste) -> Self {
        let History { connector_id, connector, hours, .. } = history;
        Self { id: connector_id, name: connector, hours, now: taste.now, zone: taste.zone.clone() }
    }

    /// How many hours of the band are from before the connector was added.
    fn before(&self) -> i64 {
        let known = self.hours.first().map_or(0, |first| self.now.hour().since(first.hour) / HOUR_MS + 1);
        (HOURS - known).max(0)
    }

    fn count(&self, states: &[State]) -> usize {
        self.hours.iter().filter(|hour| states.contains(&hour.state)).count()
    }

    /// The band in words.
    pub(super) fn told(&self) -> String {
        let all = self.hours.len();
        let hours = |n: usize| if n == 1 { "1 hour".to_owned() } else { format!("{n} hours") };
        let parts = [
            (self.count(&[State::ActionNeeded]), "needed somebody"),
            (self.count(&[State::Delayed]), "delayed"),
            (self.count(&[State::Waiting]), "waiting for a limit"),
            (self.count(&[State::Inactive]), "without collection"),
        ];
        let parts: Vec<_> = parts
            .into_iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, what)| format!("{} {what}", hours(n)))
            .collect();
        let since = if self.before() > 0 { "since it was added" } else { "in 7 days" };
        match parts.as_slice() {
            [] if all == 0 => "Added within this hour".to_owned(),
            [] => format!("Collected in every hour {since}"),
            parts => format!("{} of {} {since}", parts.join(", "), hours(all)),
        }
    }

    /// Hours that went the same way, one after the other.
    fn runs(&self) -> Vec<&[HourState]> {
        self.hours.chunk_by(|a, b| class(a.state) == class(b.state)).collect()
    }

    fn label(&self, run: &[HourState]) -> String {
        let clock = |hour: &HourState| {
            hour.hour.to_timestamp().to_zoned(self.zone.clone()).strftime("%a %-d %b %H:%M").to_string()
        };
        let word = match run.first().map_or(State::Inactive, |hour| hour.state) {
            State::ActionNeeded => "somebody was needed",
            State::Delayed => "delayed",
            State::Waiting => "waiting for a limit",
            State::Inactive | State::Paused => "nothing was asked of HubSpot",
            State::Active | State::Backfilling => "collected",
        };
        match run {
            [] => String::new(),
            [one] => format!("{}: {word}", clock(one)),
            [first, .., last] => format!("{} to {}: {word}", clock(first), clock(last)),
        }
    }
}

const fn class(state: State) -> &'static str {
    match state {
        State::ActionNeeded => "act",
        State::Delayed | State::Waiting => "waiting",
        State::Active | State::Backfilling => "good",
        State::Inactive | State::Paused => "none",
    }
}

const fn height(class: &str) -> i64 {
    match class.as_bytes() {
        b"act" => HEIGHT,
        b"waiting" => 12,
        b"good" => 8,
        _ => 2,
    }
}

impl HtmlSafe for Strip {}

impl fmt::Display for Strip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            r#"<svg class="strip" viewBox="0 0 {HOURS} {HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{}">"#,
            self.told()
        )?;
        let mut x = self.before();
        if x > 0 {
            write!(
                f,
                r#"<rect class="before" x="0" y="{}" width="{x}" height="1"><title>before it was added</title></rect>"#,
                HEIGHT - 1
            )?;
        }
        for run in self.runs() {
            let class = class(run[0].state);
            let (width, tall) = (i64::try_from(run.len()).unwrap_or(HOURS), height(class));
            write!(
                f,
                r#"<rect class="{class}" x="{x}" y="{}" width="{width}" height="{tall}"><title>{}</title></rect>"#,
                HEIGHT - tall,
                self.label(run)
            )?;
            x += width;
        }
        f.write_str("</svg>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_the_same_way_is_one_piece_and_the_sentence_counts_the_hours() {
        let states = [State::Active, State::Active, State::ActionNeeded, State::Inactive, State::Active];
        let hour = |(n, state): (i64, State)| HourState { hour: UtcMs(n * HOUR_MS), state };
        let hours: Vec<_> = (0..).zip(states).map(hour).collect();
        let strip =
            Strip { id: 1, name: String::new(), hours, now: UtcMs(4 * HOUR_MS + 1), zone: TimeZone::UTC };
        let html = strip.to_string();
        assert_eq!(html.matches("<rect").count(), 5, "{html}");
        assert!(html.contains(r#"<rect class="act" x="165" y="0" width="1" height="16">"#), "{html}");
        assert!(html.contains("Thu 1 Jan 00:00 to Thu 1 Jan 01:00: collected"), "{html}");
        let told = "1 hour needed somebody, 1 hour without collection of 5 hours since it was added";
        assert_eq!(strip.told(), told);
        let well = Strip { hours: strip.hours[..2].to_vec(), now: UtcMs(2 * HOUR_MS), ..strip };
        assert_eq!(well.told(), "Collected in every hour since it was added");
        assert!(well.to_string().contains(r#"<rect class="good" x="165" y="8" width="2""#), "{well}");
        let new = Strip { hours: Vec::new(), ..well };
        assert_eq!(
            (new.told().as_str(), new.to_string().matches("<rect").count()),
            ("Added within this hour", 1)
        );
    }
}
