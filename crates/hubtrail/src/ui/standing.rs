//! How a connector stands, as the pages show it: a state in a shape and a word, why, what to do, and the
//! facts it follows from. It judges nothing: see [`status`](crate::status).

use std::fmt;

use askama::filters::HtmlSafe;
use hubtrail_core::time::{UtcMs, spoken};

use super::badge::{Badge, Tone};
use super::prose::Prose;
use super::strip::Strip;
use super::viewer::Taste;
use super::when::{When, grouped};
use crate::status::{ConnectorStatus, HourCount, State};

#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) stream: &'static str,
    pub(super) badge: Badge,
    pub(super) reason: Prose,
    pub(super) fix: Prose,
    /// Configured, and never begun: a person may have left in the middle of connecting it.
    pub(super) unfinished: bool,
    pub(super) last_poll: Option<When>,
    pub(super) last_event: Option<When>,
    pub(super) freshness: Option<String>,
    pub(super) spark: Spark,
    pub(super) total: i64,
    pub(super) calls: Option<Calls>,
    pub(super) progress: Option<Filling>,
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) troubles: Vec<Trouble>,
    /// How it went in the last days, where the page shows that.
    pub(super) strip: Option<Strip>,
}

/// Calls of today out of our share.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    pub(super) today: u64,
    pub(super) of: Option<u64>,
    pub(super) told: String,
}

/// History that is being collected.
#[derive(Clone, Debug)]
pub(super) struct Filling {
    pub(super) percent: Option<u8>,
    pub(super) told: String,
}

/// An error or a gap, with what to do.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    pub(super) what: Prose,
    pub(super) fix: Prose,
    pub(super) when: Option<When>,
}

pub(super) fn tone(status: &ConnectorStatus) -> Tone {
    match status.state {
        State::ActionNeeded => Tone::Act,
        State::Delayed | State::Waiting => Tone::Waiting,
        State::Active | State::Backfilling if status.unusual_silence.is_some() => Tone::Waiting,
        State::Active | State::Backfilling => Tone::Good,
        State::Paused | State::Inactive => Tone::Paused,
    }
}

impl Standing {
    pub(super) fn new(status: &ConnectorStatus, taste: &Taste) -> Self {
        let when = |at: UtcMs| When { at, now: taste.now, zone: taste.zone.clone() };
        let unfinished = status.state == State::Paused && status.last_poll.is_none();
        // How far the history is, stands beside the reason.
        let reason = status.reason.split(", by now to").next().unwrap_or(&status.reason);
        let (word, reason, fix) = if unfinished {
            (
                "Not started".to_owned(),
                Prose::new("it is connected, and was not started yet"),
                Prose::default(),
            )
        } else {
            let fix = status.fix.as_deref().filter(|_| status.state != State::Paused);
            (status.label.clone(), Prose::new(reason), Prose::new(fix.unwrap_or_default()))
        };
        Self {
            id: status.connector_id,
            name: status.connector.clone(),
            stream: status.stream,
            badge: Badge { tone: tone(status), word },
            reason,
            fix,
            unfinished,
            last_poll: status.last_poll.map(when),
            last_event: status.last_new_event.as_ref().map(|event| when(event.at)),
            freshness: status.freshness_ms.map(spoken),
            spark: Spark(status.events_by_hour.clone()),
            total: status.total,
            calls: calls(status),
            progress: filling(status),
            facts: facts(status, taste),
            troubles: troubles(status, taste),
            strip: None,
        }
    }

    pub(super) fn tone(&self) -> Tone {
        self.badge.tone
    }
}

fn calls(status: &ConnectorStatus) -> Option<Calls> {
    let calls = status.api_calls.as_ref()?;
    let told = match calls.of {
        Some(of) => format!("{} of {}", grouped(calls.today), grouped(of)),
        None => grouped(calls.today),
    };
    Some(Calls { today: calls.today, of: calls.of, told })
}

fn filling(status: &ConnectorStatus) -> Option<Filling> {
    let progress = status.progress.as_ref()?;
    let mut told = Vec::new();
    if let Some(percent) = progress.percent {
        told.push(format!("{percent} %"));
    }
    if let Some(rate) = progress.events_per_s {
        told.push(format!("{} events a second", grouped(rate.round() as i64)));
    }
    if let Some(eta_ms) = progress.eta_ms {
        told.push(format!("about {} to go", spoken(eta_ms)));
    }
    let told = if told.is_empty() { "just begun".to_owned() } else { told.join(" · ") };
    Some(Filling { percent: progress.percent, told })
}

fn facts(status: &ConnectorStatus, taste: &Taste) -> Vec<(&'static str, String)> {
    let exact = |at: UtcMs| When { at, now: taste.now, zone: taste.zone.clone() }.exact();
    let mut facts = Vec::new();
    let mut tell = |what, value: Option<String>| facts.extend(value.map(|value| (what, value)));
    tell("Stream", Some(status.stream.to_owned()));
    tell("Collected up to", status.collected_up_to.map(exact));
    tell("Newest event", status.newest_event.map(exact));
    tell(
        "Visible after",
        status.lateness.as_ref().map(|seen| {
            let told = |ms: Option<i64>| ms.map_or_else(|| "over 20 min".to_owned(), spoken);
            format!("{} for half of them, {} for 99 of 100", told(seen.p50_ms), told(seen.p99_ms))
        }),
    );
    tell("Unreadable", (status.unparsed > 0).then(|| grouped(status.unparsed)));
    tell("Dated in the future", (status.future > 0).then(|| grouped(status.future)));
    tell("Gaps", Some(if status.open_gaps == 0 { "none".to_owned() } else { grouped(status.open_gaps) }));
    tell(
        "No longer shown by HubSpot",
        status.withdrawn.as_ref().map(|of| format!("entries from {} on, which stay here", exact(of.oldest))),
    );
    tell(
        "Calls left to the account",
        status.api_calls.as_ref().and_then(|calls| calls.account_left).map(grouped_u64),
    );
    tell(
        "Last verified",
        status.last_verify.as_ref().map(|verified| {
            let found = match (verified.missing, verified.complete) {
                (0, true) => "nothing missing".to_owned(),
                (0, false) => "nothing missing in what could be read".to_owned(),
                (missing, _) => format!("{} missing", grouped(missing)),
            };
            format!("{}: {} compared, {found}", exact(verified.at), grouped(verified.compared))
        }),
    );
    tell(
        "Last test",
        status.last_test.as_ref().map(|test| {
            let outcome = if test.passed { "connection successful" } else { "failed" };
            format!("{}: {outcome}", exact(test.at))
        }),
    );
    facts
}

fn grouped_u64(n: u64) -> String {
    grouped(n)
}

fn troubles(status: &ConnectorStatus, taste: &Taste) -> Vec<Trouble> {
    let when = |at: UtcMs| Some(When { at, now: taste.now, zone: taste.zone.clone() });
    let errors = status.errors.iter().map(|error| Trouble {
        what: Prose::new(&error.message),
        fix: Prose::new(&error.fix),
        when: when(error.at),
    });
    let gaps = status.gaps.iter().map(|gap| Trouble {
        what: Prose::new(&format!(
            "Not everything could be read from {} to {}: {}",
            gap.from, gap.to, gap.reason
        )),
        fix: Prose::new("the sweeps try it again by themselves"),
        when: None,
    });
    errors.chain(gaps).collect()
}

/// The last 24 hours as bars.
#[derive(Clone, Debug)]
pub(super) struct Spark(Vec<HourCount>);

impl HtmlSafe for Spark {}

impl fmt::Display for Spark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = self.0.iter().map(|hour| hour.events).max().unwrap_or(0);
        let total: i64 = self.0.iter().map(|hour| hour.events).sum();
        write!(
            f,
            r#"<svg class="spark" viewBox="0 0 120 24" role="img" aria-label="{} events in 24 hours">"#,
            grouped(total)
        )?;
        for (at, hour) in self.0.iter().enumerate() {
            let x = at * 5;
            if hour.events <= 0 {
                write!(f, r#"<rect class="none" x="{x}" y="23" width="4" height="1"/>"#)?;
            } else {
                let height = (hour.events * 23 / most.max(1)).max(2);
                write!(f, r#"<rect x="{x}" y="{}" width="4" height="{height}"/>"#, 24 - height)?;
            }
        }
        f.write_str("</svg>")
    }
}
