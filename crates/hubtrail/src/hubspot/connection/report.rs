//! What a test of a connection found: its stages in order, and what was learned on the way. It holds no
//! secret, and it is kept, so what it says must read back.

use hubtrail_core::time::{UtcMs, rfc3339};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::hubspot::error::{ApiError, Said};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Configuration,
    Network,
    Authentication,
    Permissions,
    Fetch,
}

impl Stage {
    pub const ALL: [Self; 5] =
        [Self::Configuration, Self::Network, Self::Authentication, Self::Permissions, Self::Fetch];

    /// For people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Configuration => "Configuration",
            Self::Network => "Network",
            Self::Authentication => "Authentication",
            Self::Permissions => "Permissions",
            Self::Fetch => "Fetch logs",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    Passed {
        detail: String,
    },
    Failed(Trouble),
    /// An earlier stage failed, or HubSpot does not tell.
    Skipped {
        why: String,
    },
}

/// What stands in the way of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Trouble {
    /// By what is to be done: `credentials`, `scope`, `unreachable` …
    pub kind: String,
    /// The row of `docs/troubleshooting.md`.
    pub code: String,
    pub problem: String,
    pub fix: String,
    /// HubSpot's own words.
    pub hubspot_message: Option<String>,
    /// What HubSpot's support asks for.
    pub correlation_id: Option<String>,
    /// When it is over by itself, where that is known.
    #[serde(with = "rfc3339::option", default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<UtcMs>,
}

impl Trouble {
    pub(crate) fn new(kind: &str, code: &str, problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            code: code.to_owned(),
            problem: problem.into(),
            fix: fix.into(),
            hubspot_message: None,
            correlation_id: None,
            until: None,
        }
    }

    pub(super) fn of(error: &ApiError) -> Self {
        let said = error.said();
        let message = |said: &Said| Some(said.message.clone()).filter(|message| !message.is_empty());
        let until = if let ApiError::Wait { not_before, .. } = error { *not_before } else { None };
        Self {
            hubspot_message: said.and_then(message),
            correlation_id: said.and_then(|said| said.correlation_id.clone()),
            until,
            ..Self::new(error.kind(), error.code(), error.to_string(), error.fix())
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StageReport {
    pub stage: Stage,
    #[serde(flatten)]
    pub outcome: Outcome,
    pub duration_ms: u64,
    /// What the stage consists of, where that is worth telling: DNS, TCP and TLS.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = TestStep)]
pub struct Step {
    pub name: String,
    pub passed: bool,
    pub detail: String,
    pub duration_ms: u64,
}

/// What does not stand in the way, and may become trouble.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Warning {
    /// The row of `docs/troubleshooting.md`.
    pub code: String,
    pub problem: String,
    pub fix: String,
}

/// What is left of the account's limits, as far as HubSpot told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AllowanceLeft {
    pub daily_limit: Option<u64>,
    pub daily_left: Option<u64>,
    /// Calls that the account may make in one interval.
    pub burst: Option<u64>,
    pub burst_left: Option<u64>,
    pub interval_ms: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConnectionReport {
    pub passed: bool,
    /// `Connection successful`, or the stage that failed and why.
    pub message: String,
    /// When the test began.
    #[serde(with = "rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub at: UtcMs,
    pub duration_ms: u64,
    pub stages: Vec<StageReport>,
    pub warnings: Vec<Warning>,
    /// What follows is missing where HubSpot does not tell it to this token.
    pub account_id: Option<u64>,
    pub account_type: Option<String>,
    pub time_zone: Option<String>,
    pub ui_domain: Option<String>,
    pub data_hosting_location: Option<String>,
    pub scopes: Option<Vec<String>>,
    #[serde(with = "rfc3339::option", default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub newest_event: Option<UtcMs>,
    /// From asking for a page to having it.
    pub round_trip_ms: Option<u64>,
    pub allowance: Option<AllowanceLeft>,
    /// HubSpot's clock less this machine's, to a second.
    pub clock_ahead_ms: Option<i64>,
    /// The version of the API that answered.
    pub api_version: Option<String>,
}

impl ConnectionReport {
    pub(super) fn new(at: UtcMs) -> Self {
        Self {
            passed: false,
            message: String::new(),
            at,
            duration_ms: 0,
            stages: Vec::new(),
            warnings: Vec::new(),
            account_id: None,
            account_type: None,
            time_zone: None,
            ui_domain: None,
            data_hosting_location: None,
            scopes: None,
            newest_event: None,
            round_trip_ms: None,
            allowance: None,
            clock_ahead_ms: None,
            api_version: None,
        }
    }

    /// The first stage that failed, and why.
    #[must_use]
    pub fn trouble(&self) -> Option<(Stage, &Trouble)> {
        self.stages.iter().find_map(|report| match &report.outcome {
            Outcome::Failed(trouble) => Some((report.stage, trouble)),
            _ => None,
        })
    }

    /// Sums the stages up; nothing is added afterwards.
    pub(super) fn conclude(mut self, duration_ms: u64) -> Self {
        self.duration_ms = duration_ms;
        let failed = self.trouble().map(|(stage, trouble)| format!("{}: {}", stage.label(), trouble.problem));
        self.passed = failed.is_none();
        self.message = failed.unwrap_or_else(|| "Connection successful".to_owned());
        self
    }
}
