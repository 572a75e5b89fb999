//! A test of a connection as a person watches it: each stage as it begins and ends, then the verdict.

use askama::Template;
use hubtrail_core::sentence::harmless;
use hubtrail_core::time::UtcMs;

use crate::hubspot::{ConnectionReport, Outcome, Stage, StageReport, Warning};
use crate::ui::fields::sentence;
use crate::ui::filters;
use crate::ui::prose::Prose;
use crate::ui::viewer::Taste;
use crate::ui::when::{When, grouped};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui) enum Mark {
    Ahead,
    Running,
    Passed,
    Failed,
    Skipped,
}

impl Mark {
    pub(in crate::ui) const fn class(self) -> &'static str {
        match self {
            Self::Ahead => "ahead",
            Self::Running => "running",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    pub(in crate::ui) const fn word(self) -> &'static str {
        match self {
            Self::Ahead => "to come",
            Self::Running => "under way",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "not tested",
        }
    }
}

/// One line of the list.
#[derive(Clone, Debug, Template)]
#[template(path = "stage.html")]
pub(in crate::ui) struct StageLine {
    pub(in crate::ui) id: &'static str,
    pub(in crate::ui) name: &'static str,
    pub(in crate::ui) mark: Mark,
    pub(in crate::ui) detail: Prose,
    pub(in crate::ui) fix: Prose,
    /// HubSpot's own words, and what its support asks for.
    pub(in crate::ui) said: Vec<(&'static str, String)>,
    pub(in crate::ui) took: String,
}

impl StageLine {
    fn new(stage: Stage, mark: Mark) -> Self {
        let id = match stage {
            Stage::Configuration => "configuration",
            Stage::Network => "network",
            Stage::Authentication => "authentication",
            Stage::Permissions => "permissions",
            Stage::Fetch => "fetch",
        };
        Self {
            id,
            name: stage.label(),
            mark,
            detail: Prose::default(),
            fix: Prose::default(),
            said: Vec::new(),
            took: String::new(),
        }
    }

    pub(in crate::ui) fn all_ahead() -> Vec<Self> {
        Stage::ALL.into_iter().map(|stage| Self::new(stage, Mark::Ahead)).collect()
    }

    /// All stages, as far as the report tells.
    pub(in crate::ui) fn all_of(report: &ConnectionReport, taste: &Taste) -> Vec<Self> {
        let of = |stage| report.stages.iter().find(|own| own.stage == stage);
        let line = |stage| {
            of(stage).map_or_else(|| Self::new(stage, Mark::Ahead), |ended| Self::ended(ended, taste))
        };
        Stage::ALL.into_iter().map(line).collect()
    }

    pub(super) fn running(stage: Stage) -> Self {
        Self::new(stage, Mark::Running)
    }

    /// The stage that is under way when this one is over.
    pub(super) fn after(report: &StageReport) -> Option<Self> {
        let at = Stage::ALL.into_iter().position(|stage| stage == report.stage)?;
        let goes_on = matches!(report.outcome, Outcome::Passed { .. });
        Stage::ALL.get(at + 1).filter(|_| goes_on).map(|next| Self::running(*next))
    }

    pub(super) fn ended(report: &StageReport, taste: &Taste) -> Self {
        let told = Prose::new;
        let line = Self::new(report.stage, Mark::Skipped);
        let steps: Vec<String> = report
            .steps
            .iter()
            .map(|step| format!("{} {} ms", step.name, grouped(step.duration_ms)))
            .collect();
        let took = format!("{} ms", grouped(report.duration_ms));
        match &report.outcome {
            Outcome::Skipped { why } => Self { detail: told(why), ..line },
            Outcome::Passed { detail } => {
                let steps =
                    if steps.is_empty() { String::new() } else { format!(" {}.", steps.join(" · ")) };
                Self {
                    mark: Mark::Passed,
                    detail: told(&format!("{}{steps}", sentence(&with_times(detail, taste)))),
                    took,
                    ..line
                }
            }
            Outcome::Failed(trouble) => {
                // What HubSpot said stands by itself below.
                let quotes = trouble.hubspot_message.is_some();
                let problem =
                    trouble.problem.split(": HTTP ").next().filter(|_| quotes).unwrap_or(&trouble.problem);
                let mut said = Vec::new();
                let mut add = |what, text: &Option<String>| {
                    said.extend(text.as_ref().map(|text| (what, harmless(text).into_owned())));
                };
                add("HubSpot said", &trouble.hubspot_message);
                add("Correlation id", &trouble.correlation_id);
                Self {
                    mark: Mark::Failed,
                    detail: told(problem),
                    fix: told(&trouble.fix),
                    said,
                    took,
                    ..line
                }
            }
        }
    }
}

/// What the test comes to.
#[derive(Clone, Debug, Template)]
#[template(path = "verdict.html")]
pub(in crate::ui) struct Verdict {
    pub(in crate::ui) passed: bool,
    pub(in crate::ui) message: String,
    pub(in crate::ui) when: When,
    pub(in crate::ui) warnings: Vec<(Prose, Prose)>,
    pub(in crate::ui) facts: Vec<(&'static str, String)>,
    /// Where a first test leads to when it has passed.
    pub(in crate::ui) next: Option<String>,
}

impl Verdict {
    pub(super) fn new(report: &ConnectionReport, taste: &Taste, next: Option<String>) -> Self {
        let when = |at: UtcMs| When { at, now: taste.now, zone: taste.zone.clone() };
        let warn = |warning: &Warning| (Prose::new(&warning.problem), Prose::new(&warning.fix));
        Self {
            passed: report.passed,
            message: harmless(&report.message).into_owned(),
            when: when(report.at),
            warnings: report.warnings.iter().map(warn).collect(),
            facts: if report.passed { facts(report, when) } else { Vec::new() },
            next: next.filter(|_| report.passed),
        }
    }
}

/// A report writes a time as logs do, a page as people read it.
fn with_times(text: &str, taste: &Taste) -> String {
    let word = |word: &str| match word.parse() {
        Ok(at) if word.contains('T') => When { at, now: taste.now, zone: taste.zone.clone() }.exact(),
        _ => word.to_owned(),
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn facts(report: &ConnectionReport, when: impl Fn(UtcMs) -> When) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let mut tell = |what, value: Option<String>| {
        facts.extend(value.map(|value| (what, harmless(&value).into_owned())));
    };
    tell("Account", report.account_id.map(|id| id.to_string()));
    tell("Time zone", report.time_zone.clone());
    tell("Scopes", report.scopes.as_ref().map(|scopes| scopes.join(", ")));
    tell("API version", report.api_version.clone());
    let newest = report.newest_event.map_or_else(|| "none so far".to_owned(), |at| when(at).exact());
    tell("Newest event", Some(newest));
    tell("Round trip", report.round_trip_ms.map(|ms| format!("{} ms", grouped(ms))));
    let left =
        report.allowance.as_ref().and_then(|allowance| allowance.daily_left.zip(allowance.daily_limit));
    tell("Calls left today", left.map(|(left, of)| format!("{} of {}", grouped(left), grouped(of))));
    facts
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn a_time_in_a_report_is_told_as_everywhere_else() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let taste = Taste { theme: "", zone: zone.clone(), own: zone, now: UtcMs(0) };
        assert_eq!(
            with_times("the newest event is of 2024-03-10T14:32:18.123Z", &taste),
            "the newest event is of Sunday, 10 March 2024, 15:32:18.123 CET"
        );
        let other = "the token belongs to account 48213907; the API is of 2026-03";
        assert_eq!(with_times(other, &taste), other);
    }
}
