//! The time picker: a usual range, or any two moments on the clocks of the viewer or of an account.

use jiff::tz::TimeZone;

use super::query::Query;
use crate::connector::Connector;
use crate::moment::Moment;
use crate::ui::frame::Frame;
use crate::ui::viewer::Taste;

pub(super) struct Picker {
    /// What is chosen, in words.
    pub(super) chosen: String,
    pub(super) ranges: Vec<Range>,
    pub(super) since: String,
    pub(super) until: String,
    pub(super) clocks: Vec<Clock>,
}

pub(super) struct Range {
    pub(super) word: &'static str,
    pub(super) href: String,
    pub(super) current: bool,
}

/// On whose clocks.
pub(super) struct Clock {
    /// Empty for the viewer's own.
    pub(super) name: String,
    pub(super) told: String,
    pub(super) current: bool,
}

const RANGES: [(&str, &str); 6] = [
    ("Last hour", "1h"),
    ("Last 24 hours", "24h"),
    ("Last 7 days", "7d"),
    ("Last 30 days", "30d"),
    ("Last 90 days", "90d"),
    ("All time", ""),
];

impl Picker {
    pub(super) fn new(query: &Query, taste: &Taste, frame: &Frame, connectors: &[Connector]) -> Self {
        let current = |after: &str| query.after == after && query.before.is_empty();
        let ranges = RANGES.into_iter().map(|(word, after)| Range {
            word,
            href: query.within(after, "").href(),
            current: current(after),
        });
        let (since, until) = (local(&query.after, &taste.zone), local(&query.before, &taste.zone));
        let known = RANGES.into_iter().find(|(_, after)| current(after)).map(|(word, _)| word.to_owned());
        Self {
            chosen: known.unwrap_or_else(|| told(query, taste)),
            ranges: ranges.collect(),
            since,
            until,
            clocks: clocks(taste, frame, connectors),
        }
    }
}

fn clocks(taste: &Taste, frame: &Frame, connectors: &[Connector]) -> Vec<Clock> {
    let now = taste.zone.iana_name().unwrap_or("UTC");
    let own = taste.own.iana_name().unwrap_or("UTC");
    let mut clocks =
        vec![Clock { name: String::new(), told: format!("Your own ({own})"), current: now == own }];
    let mut add = |name: &str, whose: &str| {
        if name != own && TimeZone::get(name).is_ok() && !clocks.iter().any(|clock| clock.name == name) {
            clocks.push(Clock {
                name: name.to_owned(),
                told: format!("{whose} ({name})"),
                current: now == name,
            });
        }
    };
    for account in &frame.accounts {
        let connector = connectors.iter().find(|connector| connector.id == account.id);
        if let Some(zone) = connector.and_then(|connector| connector.time_zone.as_deref()) {
            add(zone, &account.name);
        }
    }
    if own != "UTC" && !clocks.iter().any(|clock| clock.name == "UTC") {
        clocks.push(Clock { name: "UTC".to_owned(), told: "UTC".to_owned(), current: now == "UTC" });
    }
    clocks
}

fn absolute(text: &str) -> Option<jiff::Timestamp> {
    match text.parse() {
        Ok(Moment::At(at)) => Some(at.to_timestamp()),
        _ => None,
    }
}

/// As the browser's picker wants it; empty when it is told from now.
fn local(text: &str, zone: &TimeZone) -> String {
    absolute(text)
        .map(|at| at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M").to_string())
        .unwrap_or_default()
}

fn told(query: &Query, taste: &Taste) -> String {
    let short = |text: &str| {
        let at =
            absolute(text).map(|at| at.to_zoned(taste.zone.clone()).strftime("%-d %b %H:%M").to_string());
        at.unwrap_or_else(|| text.to_owned())
    };
    match (query.after.as_str(), query.before.as_str()) {
        (after, "") => format!("Since {}", short(after)),
        ("", before) => format!("Until {}", short(before)),
        (after, before) => format!("{} – {}", short(after), short(before)),
    }
}
