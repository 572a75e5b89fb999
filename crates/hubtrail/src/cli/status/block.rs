//! One stream's status as a few lines for people.

use std::fmt;

use anstyle::{AnsiColor, Style};
use hubtrail_core::sentence::harmless;
use hubtrail_core::time::{UtcMs, spoken};

use crate::status::{ApiCalls, ConnectorStatus, LastTest, LatenessSeen, State, Verified};

pub(super) struct Block<'a> {
    pub(super) status: &'a ConnectorStatus,
    pub(super) now: UtcMs,
}

impl Block<'_> {
    fn rows(&self) -> Vec<(&'static str, String)> {
        let of = self.status;
        let never = || "never".to_owned();
        let brought = of.last_new_event.as_ref().map(|event| event.at);
        let mut rows = vec![
            ("last poll", self.ago(of.last_poll).unwrap_or_else(never)),
            ("last new event", self.ago(brought).unwrap_or_else(never)),
            ("newest event", self.ago(of.newest_event).unwrap_or_else(never)),
            (
                "collected up to",
                of.collected_up_to.map_or_else(|| "nothing yet".to_owned(), |at| at.to_string()),
            ),
            ("late by", of.lateness.as_ref().map_or_else(|| "not known yet".to_owned(), late)),
            ("events", self.counts()),
            ("gaps", self.gaps()),
            ("API calls", of.api_calls.as_ref().map_or_else(|| "none yet".to_owned(), calls)),
            ("verified", of.last_verify.as_ref().map_or_else(never, |verified| self.verified(verified))),
            ("tested", of.last_test.as_ref().map_or_else(never, |test| self.tested(test))),
        ];
        if let Some(of) = &of.withdrawn {
            let ago = spoken(self.now.since(of.at));
            let told =
                format!("HubSpot no longer shows entries of {} that we hold (seen {ago} ago)", of.oldest);
            rows.push(("withdrawn", told));
        }
        for error in &of.errors {
            rows.push(("error", format!("{} walk: {}", error.walk, error.message)));
            rows.push(("", format!("{} ago; fix: {}", spoken(self.now.since(error.at)), error.fix)));
        }
        rows
    }

    fn ago(&self, at: Option<UtcMs>) -> Option<String> {
        at.map(|at| format!("{} ago ({at})", spoken(self.now.since(at))))
    }

    fn counts(&self) -> String {
        let of = self.status;
        let today: i64 = of.events_by_hour.iter().map(|hour| hour.events).sum();
        let mut text = format!("{} in all, {today} in the last 24 hours", of.total);
        for (count, what) in [(of.unparsed, "unreadable"), (of.future, "dated in the future")] {
            if count > 0 {
                text = format!("{text}, {count} {what}");
            }
        }
        text
    }

    fn gaps(&self) -> String {
        let Some(gap) = self.status.gaps.first() else { return "none".to_owned() };
        let first = format!("{} to {}: {}", gap.from, gap.to, gap.reason);
        match self.status.open_gaps {
            1 => first,
            all => format!("{first}; and {} more (--json lists them)", all - 1),
        }
    }

    fn verified(&self, of: &Verified) -> String {
        let missing = match (of.missing, of.complete) {
            (0, true) => "none missing".to_owned(),
            (0, false) => "none missing in what could be read".to_owned(),
            (missing, _) => format!("{missing} missing"),
        };
        let mut text =
            format!("{} ago: {} records compared, {missing}", spoken(self.now.since(of.at)), of.compared);
        if of.surplus > 0 {
            text = format!("{text}, {} that HubSpot no longer shows", of.surplus);
        }
        text
    }

    fn tested(&self, of: &LastTest) -> String {
        format!("{} ago: {}", spoken(self.now.since(of.at)), of.message)
    }
}

fn late(of: &LatenessSeen) -> String {
    let within = |ms: Option<i64>| ms.map_or_else(|| "more than 20 min".to_owned(), |ms| format!("{ms} ms"));
    format!("{} (half of {} events), {} (99 %)", within(of.p50_ms), of.observed, within(of.p99_ms))
}

fn calls(of: &ApiCalls) -> String {
    let share = of.of.map_or_else(String::new, |share| format!(" of {share}"));
    let left = of.account_left.map_or_else(String::new, |left| format!(", {left} left to the account"));
    format!("{}{share} today{left}", of.today)
}

impl fmt::Display for Block<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = self.status;
        let colour = match of.state {
            State::Active => AnsiColor::Green,
            State::Backfilling => AnsiColor::Cyan,
            State::Delayed | State::Waiting => AnsiColor::Yellow,
            State::ActionNeeded => AnsiColor::Red,
            State::Paused | State::Inactive => AnsiColor::Blue,
        };
        let (bold, state) = (Style::new().bold(), Style::new().bold().fg_color(Some(colour.into())));
        write!(f, "{bold}{}{bold:#} · {}: ", harmless(&of.connector), of.stream)?;
        write!(f, "{state}{}{state:#}; {}", harmless(&of.label), harmless(&of.reason))?;
        if let Some(fix) = &of.fix {
            write!(f, "\n  {:<15}  {}", "next step", harmless(fix))?;
        }
        for (what, value) in self.rows() {
            write!(f, "\n  {what:<15}  {}", harmless(&value))?;
        }
        Ok(())
    }
}
