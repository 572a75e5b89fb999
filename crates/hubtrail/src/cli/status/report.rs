//! One stream's status, for programs as JSON and for people as a few lines.

use std::fmt;

use anstyle::{AnsiColor, Style};
use hubtrail_core::sentence::harmless;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::{UtcMs, spoken};
use serde::Serialize;

use super::state::{State, judge};
use crate::connector::Connector;
use crate::store::{Gap, StreamFacts, Verification};

#[derive(Debug, Serialize)]
pub(super) struct Report {
    connector: String,
    stream: &'static str,
    state: State,
    reason: String,
    /// When HubSpot last answered with a page that was stored.
    last_answer: Option<String>,
    newest_event: Option<String>,
    /// Now less the newest event.
    freshness_ms: Option<i64>,
    /// Everything visible up to here is in the log.
    collected_up_to: Option<String>,
    entries: i64,
    unparsed: i64,
    dated_in_the_future: i64,
    gaps: Vec<ReportedGap>,
    error: Option<ReportedError>,
    verified: Option<Verified>,
    #[serde(skip)]
    last_answer_ms: Option<i64>,
}

#[derive(Debug, Serialize)]
struct ReportedGap {
    from: String,
    to: String,
    reason: String,
}

#[derive(Debug, Serialize)]
struct ReportedError {
    kind: String,
    message: String,
    fix: String,
    at: String,
}

#[derive(Debug, Serialize)]
struct Verified {
    at: String,
    from: Option<String>,
    to: Option<String>,
    compared: u64,
    missing: u64,
    surplus: u64,
    complete: bool,
    #[serde(skip)]
    ago_ms: i64,
}

impl Report {
    pub(super) fn new(connector: &Connector, facts: Option<&StreamFacts>, gaps: &[Gap], now: UtcMs) -> Self {
        let (state, reason) = judge(connector, facts, now);
        let stream = facts.map_or(Stream::Content, |facts| facts.stream);
        let newest = facts.and_then(|facts| facts.newest);
        let answered = facts.and_then(|facts| facts.appended_at);
        let gaps = gaps.iter().filter(|gap| gap.stream == stream).map(|gap| ReportedGap {
            from: gap.span.from.to_string(),
            to: gap.span.to.to_string(),
            reason: gap.reason.clone(),
        });
        let failure = facts.and_then(|facts| facts.failure.as_ref());
        Self {
            connector: connector.name().to_owned(),
            stream: stream.as_str(),
            state,
            reason,
            last_answer: answered.map(|at| at.to_string()),
            newest_event: newest.map(|at| at.to_string()),
            freshness_ms: newest.map(|at| now.since(at)),
            collected_up_to: facts.and_then(|facts| facts.checkpoint.since).map(|since| since.to_string()),
            entries: facts.map_or(0, |facts| facts.entries),
            unparsed: facts.map_or(0, |facts| facts.unparsed),
            dated_in_the_future: facts.map_or(0, |facts| facts.future),
            gaps: gaps.collect(),
            error: failure.map(|failure| ReportedError {
                kind: failure.kind.clone(),
                message: failure.message.clone(),
                fix: failure.fix.clone(),
                at: failure.at.to_string(),
            }),
            verified: facts.and_then(|facts| facts.verified.as_ref()).map(|of| Verified::new(of, now)),
            last_answer_ms: answered.map(|at| now.since(at)),
        }
    }

    fn rows(&self) -> Vec<(&'static str, String)> {
        let never = || "never".to_owned();
        let with_age = |at: &Option<String>, ms: Option<i64>| match (at, ms) {
            (Some(at), Some(ms)) => format!("{} ago ({at})", spoken(ms)),
            _ => never(),
        };
        let mut rows = vec![
            ("last answer", with_age(&self.last_answer, self.last_answer_ms)),
            ("newest event", with_age(&self.newest_event, self.freshness_ms)),
            ("collected up to", self.collected_up_to.clone().unwrap_or_else(|| "nothing yet".to_owned())),
            ("entries", self.counts()),
            ("gaps", self.first_gap()),
            ("verified", self.verified.as_ref().map_or_else(never, ToString::to_string)),
        ];
        if let Some(error) = &self.error {
            rows.push(("error", error.message.clone()));
            rows.push(("fix", error.fix.clone()));
        }
        rows
    }

    fn counts(&self) -> String {
        let mut text = self.entries.to_string();
        for (count, what) in
            [(self.unparsed, "unreadable"), (self.dated_in_the_future, "dated in the future")]
        {
            if count > 0 {
                text = format!("{text}, of these {count} {what}");
            }
        }
        text
    }

    fn first_gap(&self) -> String {
        match self.gaps.as_slice() {
            [] => "none".to_owned(),
            [gap] => format!("{} to {}: {}", gap.from, gap.to, gap.reason),
            [gap, more @ ..] => {
                format!(
                    "{} to {}: {}; and {} more (--json lists them)",
                    gap.from,
                    gap.to,
                    gap.reason,
                    more.len()
                )
            }
        }
    }
}

impl Verified {
    fn new(of: &Verification, now: UtcMs) -> Self {
        Self {
            at: of.ended.to_string(),
            from: of.from.map(|from| from.to_string()),
            to: of.to.map(|to| to.to_string()),
            compared: of.compared,
            missing: of.missing,
            surplus: of.surplus,
            complete: of.complete,
            ago_ms: now.since(of.ended),
        }
    }
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { compared, missing, surplus, .. } = self;
        write!(f, "{} ago: {compared} records compared, ", spoken(self.ago_ms))?;
        match (missing, self.complete) {
            (0, true) => f.write_str("none missing")?,
            (0, false) => f.write_str("none missing in what could be read")?,
            _ => write!(f, "{missing} missing")?,
        }
        if *surplus > 0 {
            write!(f, ", {surplus} that HubSpot no longer shows")?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let colour = match self.state {
            State::Current => AnsiColor::Green,
            State::CatchingUp => AnsiColor::Cyan,
            State::Failing => AnsiColor::Red,
            State::Silent => AnsiColor::Yellow,
            State::Paused | State::NotStarted => AnsiColor::Blue,
        };
        let (bold, state) = (Style::new().bold(), Style::new().bold().fg_color(Some(colour.into())));
        write!(f, "{bold}{}{bold:#} · {}: ", harmless(&self.connector), self.stream)?;
        write!(f, "{state}{}{state:#}, {}", self.state.as_str(), harmless(&self.reason))?;
        for (what, value) in self.rows() {
            write!(f, "\n  {what:<15}  {}", harmless(&value))?;
        }
        Ok(())
    }
}
