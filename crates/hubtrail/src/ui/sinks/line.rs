//! A sink as a page shows it: a state in a shape and a word, why, what to do, and its gauges.

use hubtrail_core::sentence::harmless;
use hubtrail_core::time::{UtcMs, spoken};

use crate::forward::{SinkState, SinkStatus};
use crate::ui::badge::{Badge, Tone};
use crate::ui::prose::Prose;
use crate::ui::viewer::Taste;
use crate::ui::when::{When, grouped};

#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) place: String,
    pub(super) badge: Badge,
    pub(super) told: Prose,
    pub(super) fix: Prose,
    pub(super) lag: i64,
    pub(super) waits: Option<String>,
    pub(super) rate: String,
    pub(super) delivered: i64,
    pub(super) last: Option<When>,
    pub(super) dead_letters: i64,
}

impl Line {
    pub(super) fn new(status: &SinkStatus, taste: &Taste) -> Self {
        let when = |at: UtcMs| When { at, now: taste.now, zone: taste.zone.clone() };
        let (tone, word) = match status.state {
            SinkState::Paused => (Tone::Paused, "Paused"),
            SinkState::ActionNeeded => (Tone::Act, "Action needed"),
            SinkState::Refusing => (Tone::Act, "Refused by the receiver"),
            SinkState::Retrying => (Tone::Waiting, "Retrying"),
            SinkState::Behind => (Tone::Waiting, "Behind"),
            SinkState::Current => (Tone::Good, "Current"),
        };
        let usual = match status.state {
            SinkState::Paused => "it goes on from the same place when it is resumed",
            SinkState::Behind => "entries have been waiting for more than a minute",
            _ => "the receiver has what there is",
        };
        Self {
            id: status.id,
            name: status.name.clone(),
            kind: kind(status.kind),
            place: harmless(&status.place).into_owned(),
            badge: Badge { tone, word: word.to_owned() },
            told: Prose::new(status.reason.as_deref().unwrap_or(usual)),
            fix: Prose::new(status.fix.as_deref().unwrap_or_default()),
            lag: status.lag,
            waits: status.oldest_undelivered_ms.filter(|_| status.lag > 0).map(spoken),
            rate: if status.rate > 0.0 { format!("{:.1} a second", status.rate) } else { "none".to_owned() },
            delivered: status.delivered,
            last: status.last_success.map(when),
            dead_letters: status.dead_letters,
        }
    }

    pub(super) fn lag_told(&self) -> String {
        match (self.lag, &self.waits) {
            (0, _) => "none".to_owned(),
            (lag, Some(waits)) => format!("{} entries, for {waits}", grouped(lag)),
            (lag, None) => format!("{} entries", grouped(lag)),
        }
    }
}

/// A kind of receiver: its key in the API, and its name.
pub(super) const KINDS: [(&str, &str); 7] = [
    ("splunk_hec", "Splunk HEC"),
    ("elasticsearch", "Elasticsearch"),
    ("syslog", "Syslog"),
    ("http", "HTTP"),
    ("dnif", "DNIF"),
    ("file", "File"),
    ("stdout", "Standard output"),
];

pub(super) fn kind(key: &str) -> &'static str {
    KINDS.into_iter().find(|(own, _)| *own == key).map_or("Sink", |(_, word)| word)
}
