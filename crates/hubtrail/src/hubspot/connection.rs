//! A test of a connection, stage by stage, that tells a person what works and how to mend the rest.

use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::page::{Bound, Filter, Order, Page, PageRequest};
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use serde::Serialize;

use super::client::HubSpot;
use super::error::{ApiError, Reason};
use super::introspect::{Account, DailyUsage, TokenInfo};
use super::limits::Watch;
use super::options::Options;

/// The scope without which the audit log is not served.
const SCOPE: &str = "content";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Configuration,
    Network,
    Authentication,
    Permissions,
    Fetch,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    Passed {
        detail: String,
    },
    Failed {
        problem: String,
        fix: String,
    },
    /// An earlier stage failed, or HubSpot does not tell.
    Skipped {
        why: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StageReport {
    pub stage: Stage,
    #[serde(flatten)]
    pub outcome: Outcome,
    pub duration_ms: u64,
}

/// The stages in order, and what was learned on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ConnectionReport {
    pub stages: Vec<StageReport>,
    pub token: Option<TokenInfo>,
    pub account: Option<Account>,
    pub daily_usage: Option<DailyUsage>,
    /// The version of the API that answered.
    pub api_version: Option<String>,
    pub newest_event: Option<UtcMs>,
}

impl ConnectionReport {
    #[must_use]
    pub fn passed(&self) -> bool {
        !self.stages.is_empty() && self.first_failure().is_none()
    }

    #[must_use]
    pub fn first_failure(&self) -> Option<&StageReport> {
        self.stages.iter().find(|report| matches!(report.outcome, Outcome::Failed { .. }))
    }

    fn add(&mut self, stage: Stage, outcome: Outcome, duration_ms: u64) {
        self.stages.push(StageReport { stage, outcome, duration_ms });
    }
}

/// Tries a configuration out, from the address to the newest event. Every stage is in the report.
pub async fn test_connection(options: &Options, now: UtcMs) -> ConnectionReport {
    let watch = Watch::start(now);
    let mut report = ConnectionReport::default();
    match HubSpot::new(options, now) {
        Ok(hubspot) => {
            let detail = format!("{} can be asked", options.base_url.trim());
            report.add(Stage::Configuration, Outcome::Passed { detail }, watch.elapsed_ms());
            examine(&hubspot, &mut report, now).await;
        }
        Err(error) => {
            let outcome = Outcome::Failed {
                problem: error.to_string(),
                fix: "Change the connector's configuration as the message says.".to_owned(),
            };
            report.add(Stage::Configuration, outcome, watch.elapsed_ms());
        }
    }
    for stage in [Stage::Network, Stage::Authentication, Stage::Permissions, Stage::Fetch] {
        if !report.stages.iter().any(|done| done.stage == stage) {
            let why = "an earlier stage failed".to_owned();
            report.add(stage, Outcome::Skipped { why }, 0);
        }
    }
    report
}

/// Asks about the token, then for the newest event. Whichever answers first proves the network.
async fn examine(hubspot: &HubSpot, report: &mut ConnectionReport, now: UtcMs) {
    let watch = Watch::start(now);
    let token = hubspot.token_info(now).await;
    let asked_ms = watch.elapsed_ms();
    if let Some(failed) = token.as_ref().err().filter(|error| is_unreachable(error)) {
        return report.add(Stage::Network, failure(failed), asked_ms);
    }
    let detail = "HubSpot answers".to_owned();
    report.add(Stage::Network, Outcome::Passed { detail }, asked_ms);
    if let Some(refused) = token.as_ref().err().filter(|error| is_refused_token(error)) {
        return report.add(Stage::Authentication, failure(refused), asked_ms);
    }
    let token = token.unwrap_or(None);
    report.token.clone_from(&token);

    let watch = Watch::start(watch.now());
    let page = hubspot.page(Stream::Content, &newest_event(), WalkKind::Tail, watch.now()).await;
    let fetched_ms = watch.elapsed_ms();
    report.add(Stage::Authentication, authentication(token.as_ref(), &page), asked_ms);
    if page.as_ref().err().is_some_and(is_refused_token) {
        return;
    }
    report.add(Stage::Permissions, permissions(token.as_ref(), &page), asked_ms);
    if !page.as_ref().err().is_some_and(is_forbidden) {
        report.add(Stage::Fetch, fetch(&page), fetched_ms);
    }
    if let Ok(page) = page {
        report.newest_event = page.newest();
        report.api_version = Some(hubspot.version().to_string());
        report.account = hubspot.account(watch.now()).await.unwrap_or(None);
        report.daily_usage = hubspot.daily_usage(watch.now()).await.unwrap_or(None);
    }
}

fn newest_event() -> PageRequest {
    let (bound, order, filter) = (Bound::Oldest, Order::NewestFirst, Filter::default());
    PageRequest { bound, before: None, limit: 1, order, filter }
}

fn authentication(token: Option<&TokenInfo>, page: &Result<Page, ApiError>) -> Outcome {
    match (page, token.and_then(|token| token.hub_id)) {
        (Err(error), _) if is_refused_token(error) => failure(error),
        (_, Some(hub_id)) => Outcome::Passed { detail: format!("the token belongs to account {hub_id}") },
        (Ok(_), None) => Outcome::Passed { detail: "the token is accepted".to_owned() },
        (Err(error), None) if is_forbidden(error) => {
            Outcome::Passed { detail: "the token is accepted".to_owned() }
        }
        (Err(_), None) => Outcome::Skipped { why: "HubSpot does not tell".to_owned() },
    }
}

/// HubSpot serving the page is the proof; the list of scopes only explains.
fn permissions(token: Option<&TokenInfo>, page: &Result<Page, ApiError>) -> Outcome {
    match page {
        Ok(_) => Outcome::Passed { detail: format!("the audit log may be read (scope `{SCOPE}`)") },
        Err(error) if is_forbidden(error) => failure(error),
        Err(_) => match token {
            Some(token) if token.scopes.iter().any(|scope| scope == SCOPE) => {
                Outcome::Passed { detail: format!("the token has the scope `{SCOPE}`") }
            }
            Some(_) | None => Outcome::Skipped { why: "HubSpot does not tell".to_owned() },
        },
    }
}

fn fetch(page: &Result<Page, ApiError>) -> Outcome {
    match page {
        Ok(page) => Outcome::Passed {
            detail: page.newest().map_or_else(
                || "the audit log is empty so far".to_owned(),
                |newest| format!("the newest event is of {newest}"),
            ),
        },
        Err(error) => failure(error),
    }
}

fn failure(error: &ApiError) -> Outcome {
    Outcome::Failed { problem: error.to_string(), fix: error.fix() }
}

const fn is_unreachable(error: &ApiError) -> bool {
    matches!(error, ApiError::Wait { reason: Reason::Unreachable { .. }, .. })
}

const fn is_refused_token(error: &ApiError) -> bool {
    matches!(error, ApiError::Credentials { .. })
}

fn is_forbidden(error: &ApiError) -> bool {
    match error {
        ApiError::Scope { .. } | ApiError::Plan { .. } => true,
        ApiError::Refused { said, .. } => said.status == 403,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
