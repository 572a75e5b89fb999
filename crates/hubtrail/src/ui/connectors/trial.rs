//! A test of a connection as a person watches it: each stage as it begins and ends, then the verdict.

use askama::Template;
use hubtrail_core::sentence::harmless;

use crate::hubspot::{ConnectionReport, Outcome, Stage};
use crate::ui::fields::sentence;
use crate::ui::filters;
use crate::ui::viewer::Taste;
use crate::ui::when::{When, grouped};
use hubtrail_core::time::UtcMs;

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
    pub(in crate::ui) detail: String,
    pub(in crate::ui) fix: String,
    pub(in crate::ui) took: String,
}

const STAGES: [Stage; 5] =
    [Stage::Configuration, Stage::Network, Stage::Authentication, Stage::Permissions, Stage::Fetch];

impl StageLine {
    fn new(stage: Stage, mark: Mark) -> Self {
        let (id, name) = match stage {
            Stage::Configuration => ("configuration", "Configuration"),
            Stage::Network => ("network", "Network"),
            Stage::Authentication => ("authentication", "Authentication"),
            Stage::Permissions => ("permissions", "Permissions"),
            Stage::Fetch => ("fetch", "Fetch logs"),
        };
        Self { id, name, mark, detail: String::new(), fix: String::new(), took: String::new() }
    }

    pub(in crate::ui) fn all_ahead() -> Vec<Self> {
        STAGES.into_iter().map(|stage| Self::new(stage, Mark::Ahead)).collect()
    }

    pub(super) fn running(stage: Stage) -> Self {
        Self::new(stage, Mark::Running)
    }

    pub(super) fn ended(report: &crate::hubspot::StageReport) -> Self {
        let told = |text: &str| harmless(&sentence(text)).into_owned();
        let (mark, detail, fix) = match &report.outcome {
            Outcome::Passed { detail } => (Mark::Passed, told(detail), String::new()),
            Outcome::Failed { problem, fix } => (Mark::Failed, told(problem), told(fix)),
            Outcome::Skipped { why } => (Mark::Skipped, told(why), String::new()),
        };
        let took =
            if mark == Mark::Skipped { String::new() } else { format!("{} ms", grouped(report.duration_ms)) };
        Self { mark, detail, fix, took, ..Self::new(report.stage, mark) }
    }
}

/// What the test comes to.
#[derive(Clone, Debug, Template)]
#[template(path = "verdict.html")]
pub(in crate::ui) struct Verdict {
    pub(in crate::ui) passed: bool,
    pub(in crate::ui) when: When,
    pub(in crate::ui) facts: Vec<(&'static str, String)>,
    /// Where a first test leads to when it has passed.
    pub(in crate::ui) next: Option<String>,
}

impl Verdict {
    pub(super) fn new(report: &ConnectionReport, at: UtcMs, taste: &Taste, next: Option<String>) -> Self {
        let mut facts = Vec::new();
        let mut tell = |what, value: Option<String>| {
            facts.extend(value.map(|value| (what, harmless(&value).into_owned())))
        };
        let account = report.account.as_ref();
        let portal = account.and_then(|account| account.portal_id).map(|id| id.to_string());
        tell(
            "Account",
            portal.or_else(|| report.token.as_ref().and_then(|token| token.hub_id).map(|id| id.to_string())),
        );
        tell("Time zone", account.and_then(|account| account.time_zone.clone()));
        tell(
            "Scopes",
            report
                .token
                .as_ref()
                .filter(|token| !token.scopes.is_empty())
                .map(|token| token.scopes.join(", ")),
        );
        tell("API version", report.api_version.clone());
        if report.passed() {
            let newest =
                report.newest_event.map(|at| When { at, now: taste.now, zone: taste.zone.clone() }.exact());
            tell("Newest event", Some(newest.unwrap_or_else(|| "none so far".to_owned())));
        }
        let total: u64 = report.stages.iter().map(|stage| stage.duration_ms).sum();
        tell("Took", Some(format!("{} ms", grouped(total))));
        let when = When { at, now: taste.now, zone: taste.zone.clone() };
        Self { passed: report.passed(), when, facts, next: next.filter(|_| report.passed()) }
    }
}
