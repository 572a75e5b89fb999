//! From facts to a state, a reason and a next step. Pure: the table of its tests is the table of the
//! documentation. It never claims more than the log knows.

use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::sentence::harmless;
use hubtrail_core::time::{UtcMs, spoken};
use jiff::tz::TimeZone;

use super::progress::Progress;
use super::report::LastTest;
use super::state::State;
use crate::connector::Connector;
use crate::store::{Failure, OF_ACCOUNT, StreamFacts};

/// So many polls may be missed before silence means something: HubSpot may have had us wait.
const MISSED_POLLS: i64 = 6;
const PATIENCE_MS: i64 = 60_000;
/// A call that hangs, and the pause after it, take this long at most until something is heard again.
const PATIENCE_IN_TROUBLE_MS: i64 = 5 * 60_000;
/// A collection that is silent for this long is none.
const NOBODY_COLLECTS_MS: i64 = 15 * 60_000;
/// A sweep that does not get through is tried again within a minute; this is longer than a hiccup.
const SWEEPS_FAIL_MS: i64 = 5 * 60_000;

/// Everything that a state follows from.
pub(super) struct Situation<'a> {
    pub(super) connector: &'a Connector,
    pub(super) facts: Option<&'a StreamFacts>,
    pub(super) test: Option<&'a LastTest>,
    pub(super) progress: Option<&'a Progress>,
    /// The account's.
    pub(super) zone: &'a TimeZone,
    pub(super) now: UtcMs,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Judged {
    pub(super) state: State,
    pub(super) label: String,
    pub(super) reason: String,
    pub(super) fix: Option<String>,
}

impl Judged {
    fn new(state: State, label: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { state, label: label.into(), reason: reason.into(), fix: None }
    }

    fn fix(self, fix: impl Into<String>) -> Self {
        Self { fix: Some(fix.into()), ..self }
    }
}

pub(super) fn judge(of: &Situation<'_>) -> Judged {
    let name = harmless(of.connector.name());
    if of.connector.removed {
        return Judged::new(State::Inactive, "Inactive", "it was removed; its events were kept");
    }
    if of.connector.settings.paused {
        return Judged::new(State::Paused, "Paused", "a person paused it")
            .fix(format!("`hubtrail connector resume {name}` goes on from where it stopped"));
    }
    if let Some(failure) = of.standing().find(|failure| is_for_a_person(&failure.kind)) {
        return action_needed(&failure.kind, &failure.message, &failure.fix);
    }
    if let Some(judged) = of.failed_test() {
        return judged;
    }
    let Some(heard) = of.heard() else {
        return Judged::new(State::Inactive, "Inactive", "nothing was collected yet")
            .fix(format!("`hubtrail serve` collects all connectors, `hubtrail collect {name}` this one"));
    };
    if let Some(judged) = of.silent(heard) {
        return judged;
    }
    if let Some(failure) = of.standing().find(|failure| failure.walk == WalkKind::Tail) {
        return of.hindered(failure);
    }
    if let Some(judged) = of.incomplete_sweeps() {
        return judged;
    }
    of.well()
}

impl Situation<'_> {
    /// What stands in the way, but for what a later test has shown to be over.
    fn standing(&self) -> impl Iterator<Item = &Failure> {
        let passed_at = self.test.filter(|test| test.passed).map(|test| test.at);
        let over = move |failure: &Failure| {
            OF_ACCOUNT.contains(&failure.kind.as_str()) && passed_at.is_some_and(|at| at > failure.at)
        };
        self.facts.into_iter().flat_map(|facts| &facts.failures).filter(move |failure| !over(failure))
    }

    /// The newest sign of a collection at work: an answer of HubSpot's, or a failure to get one.
    fn heard(&self) -> Option<UtcMs> {
        let facts = self.facts?;
        facts.polled_at.max(facts.failures.iter().map(|failure| failure.at).max())
    }

    /// A test that failed after HubSpot last answered a walk.
    fn failed_test(&self) -> Option<Judged> {
        let test = self.test.filter(|test| !test.passed)?;
        let answered = self.facts.and_then(|facts| facts.polled_at);
        if answered.is_some_and(|answered| answered >= test.at) {
            return None;
        }
        let (kind, fix) = (test.kind.as_deref().unwrap_or_default(), test.fix.as_deref().unwrap_or_default());
        if is_for_a_person(kind) {
            return Some(action_needed(kind, &test.message, fix));
        }
        // Before anything is heard of a collection, a test is all there is to go by.
        self.heard().is_none().then(|| Judged::new(State::Delayed, "Delayed", test.message.clone()).fix(fix))
    }

    fn silent(&self, heard: UtcMs) -> Option<Judged> {
        let name = harmless(self.connector.name());
        let in_trouble = self.standing().next().is_some();
        let least_ms = if in_trouble { PATIENCE_IN_TROUBLE_MS } else { PATIENCE_MS };
        let interval_ms = self.connector.settings.poll_interval_ms;
        let patience_ms = interval_ms.saturating_mul(MISSED_POLLS).max(least_ms);
        let silence_ms = self.now.since(heard);
        if silence_ms <= patience_ms {
            return None;
        }
        let walks = self.facts.map(|facts| &facts.checkpoint.walks);
        let left_off = walks
            .and_then(|walks| walks.keys().next())
            .map_or_else(String::new, |kind| format!(", and a {} walk is unfinished", kind.as_str()));
        if silence_ms <= patience_ms.max(NOBODY_COLLECTS_MS) {
            let reason = format!("nothing was heard of HubSpot for {}{left_off}", spoken(silence_ms));
            let fix = format!("see whether `hubtrail serve` or `hubtrail collect {name}` still runs");
            return Some(Judged::new(State::Delayed, "Delayed", reason).fix(fix));
        }
        let reason = format!("nobody has collected it for {}{left_off}", spoken(silence_ms));
        let fix = format!(
            "`hubtrail serve` collects all connectors, `hubtrail collect {name}` this one; \
             it goes on from where it stopped"
        );
        Some(Judged::new(State::Inactive, "Inactive", reason).fix(fix))
    }

    /// The tail does not get through.
    fn hindered(&self, failure: &Failure) -> Judged {
        let Some(until) = failure.until else {
            let reason = format!("{} (for {})", failure.message, spoken(self.now.since(failure.began)));
            return Judged::new(State::Delayed, "Delayed", reason).fix(&failure.fix);
        };
        let what = match failure.code.as_str() {
            "account-migrating" => "Waiting for HubSpot to move the account",
            "own-share" => "Waiting for our share of HubSpot's limit",
            _ => "Waiting for HubSpot's limit",
        };
        let label = format!("{what} until {}", self.clock(until));
        Judged::new(State::Waiting, label, &failure.message).fix(&failure.fix)
    }

    /// New events arrive, but what becomes visible late, or the history, does not.
    fn incomplete_sweeps(&self) -> Option<Judged> {
        let failure = self.standing().find(|failure| {
            failure.until.is_none() && failure.at.since(failure.began).max(0) >= SWEEPS_FAIL_MS
        })?;
        let what = match failure.walk {
            WalkKind::Backfill => "the history does not arrive",
            _ => "what HubSpot shows late does not arrive",
        };
        let reason = format!("new events arrive, {what}: {}", failure.message);
        Some(Judged::new(State::Delayed, "Delayed", reason).fix(&failure.fix))
    }

    fn well(&self) -> Judged {
        if let Some(progress) = self.progress {
            let label = progress
                .percent
                .map_or_else(|| "Backfilling".to_owned(), |percent| format!("Backfilling {percent} %"));
            let waits = self.standing().find(|failure| failure.walk == WalkKind::Backfill);
            let reason = match waits.and_then(|failure| Some((failure, failure.until?))) {
                Some((failure, until)) => format!(
                    "new events arrive; the history waits until {}: {}",
                    self.clock(until),
                    failure.message
                ),
                None => format!("new events arrive, and the history is being collected{progress}"),
            };
            return Judged::new(State::Backfilling, label, reason);
        }
        match self.facts.map_or(0, |facts| facts.open_gaps) {
            0 => Judged::new(State::Active, "Active", "everything that HubSpot showed is in the log"),
            gaps => {
                let name = harmless(self.connector.name());
                Judged::new(
                    State::Active,
                    "Active",
                    format!("everything that HubSpot showed is in the log, but for gaps ({gaps})"),
                )
                .fix(format!(
                    "the sweeps try them again by themselves; so does `hubtrail collect {name} --once --since TIME`"
                ))
            }
        }
    }

    /// As a clock on the account's wall shows it, with the date where it is another day.
    fn clock(&self, at: UtcMs) -> String {
        let here = |at: UtcMs| at.to_timestamp().to_zoned(self.zone.clone());
        let form = if here(at).date() == here(self.now).date() { "%H:%M" } else { "%Y-%m-%d %H:%M" };
        here(at).strftime(form).to_string()
    }
}

/// Whether waiting helps nobody.
pub(super) fn is_for_a_person(kind: &str) -> bool {
    OF_ACCOUNT.contains(&kind) || matches!(kind, "configuration" | "sealed")
}

fn action_needed(kind: &str, message: &str, fix: &str) -> Judged {
    let what = match kind {
        "credentials" | "other_account" => "the token",
        "scope" | "forbidden" => "the token's permissions",
        "plan" => "the account's plan",
        "version_gone" => "the API version",
        "sealed" => "the key of the data directory",
        _ => "the configuration",
    };
    Judged::new(State::ActionNeeded, format!("Action needed: {what}"), message).fix(fix)
}

#[cfg(test)]
mod tests;
