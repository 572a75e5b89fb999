//! A test of a connection, stage by stage, that tells a person what works and how to mend the rest.
//!
//! What the token may not read is left out of the report and no failure: only the audit log counts.

mod probe;
mod report;

use hubtrail_core::allowance::{RateHeaders, next_midnight};
use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::page::{Bound, Filter, Order, Page, PageRequest};
use hubtrail_core::stream::Stream;
use hubtrail_core::time::{UtcMs, spoken};
use tokio::sync::mpsc::UnboundedSender;

pub use self::report::{
    AllowanceLeft, ConnectionReport, Outcome, Stage, StageReport, Step, Trouble, Warning,
};

use super::client::HubSpot;
use super::error::{ApiError, Reason};
use super::introspect::TokenInfo;
use super::limits::Watch;
use super::options::Options;

/// The scope without which the audit log is not served.
const SCOPE: &str = "content";
/// HubSpot tells its time in whole seconds, and an answer takes its time as well.
const CLOCKS_DIFFER_MS: i64 = 30_000;

/// Tries a configuration out, from the address to the newest event. Every stage is in the report, and is
/// told as soon as it is over. `known_account` is whose events the connector has collected so far.
pub async fn test_connection(
    options: &Options,
    known_account: Option<i64>,
    now: UtcMs,
    tell: Option<&UnboundedSender<StageReport>>,
) -> ConnectionReport {
    let watch = Watch::start(now);
    let mut test = Test { report: ConnectionReport::new(now), tell, known_account };
    match HubSpot::new(options, now) {
        Ok(hubspot) => {
            let detail = format!("{} can be asked", options.base_url.trim());
            test.add(Stage::Configuration, Outcome::Passed { detail }, watch.elapsed_ms());
            test.examine(options, &hubspot, watch).await;
        }
        Err(error) => {
            let fix = "Change the connector's configuration as the message says.";
            let trouble = Trouble::new("configuration", error.code(), error.to_string(), fix);
            test.add(Stage::Configuration, Outcome::Failed(trouble), watch.elapsed_ms());
        }
    }
    test.conclude(watch.elapsed_ms())
}

/// The report of a configuration with which nothing can even be tried.
pub(crate) fn untestable(
    trouble: Trouble,
    now: UtcMs,
    tell: Option<&UnboundedSender<StageReport>>,
) -> ConnectionReport {
    let mut test = Test { report: ConnectionReport::new(now), tell, known_account: None };
    test.add(Stage::Configuration, Outcome::Failed(trouble), 0);
    test.conclude(0)
}

struct Test<'a> {
    report: ConnectionReport,
    tell: Option<&'a UnboundedSender<StageReport>>,
    known_account: Option<i64>,
}

impl Test<'_> {
    fn add(&mut self, stage: Stage, outcome: Outcome, duration_ms: u64) {
        self.tell(StageReport { stage, outcome, duration_ms, steps: Vec::new() });
    }

    fn tell(&mut self, report: StageReport) {
        if let Some(tell) = self.tell {
            // Nobody watching is no reason to stop.
            let _ = tell.send(report.clone());
        }
        self.report.stages.push(report);
    }

    fn conclude(mut self, duration_ms: u64) -> ConnectionReport {
        for stage in Stage::ALL {
            if !self.report.stages.iter().any(|done| done.stage == stage) {
                self.add(stage, Outcome::Skipped { why: "an earlier stage failed".to_owned() }, 0);
            }
        }
        self.report.conclude(duration_ms)
    }

    async fn examine(&mut self, options: &Options, hubspot: &HubSpot, watch: Watch) {
        let stage = Watch::start(watch.now());
        let probe = probe::probe(options, hubspot, stage.now()).await;
        let began = Watch::start(stage.now());
        let token = match probe.trouble {
            Some(trouble) => Err(trouble),
            None => Ok(hubspot.token_info(began.now()).await),
        };
        let unreachable = match &token {
            Err(trouble) => Some(trouble.clone()),
            Ok(Err(error)) if is_unreachable(error) => Some(Trouble::of(error)),
            Ok(_) => None,
        };
        let outcome = match unreachable {
            Some(trouble) => Outcome::Failed(trouble),
            None => Outcome::Passed { detail: "HubSpot answers".to_owned() },
        };
        let failed = matches!(outcome, Outcome::Failed(_));
        let duration_ms = stage.elapsed_ms();
        self.tell(StageReport { stage: Stage::Network, outcome, duration_ms, steps: probe.steps });
        if let (false, Ok(token)) = (failed, token) {
            self.authenticate(hubspot, token, began).await;
        }
    }

    /// Asks for the newest event, which is what proves everything that the token itself does not tell.
    async fn authenticate(
        &mut self,
        hubspot: &HubSpot,
        token: Result<Option<TokenInfo>, ApiError>,
        asked: Watch,
    ) {
        let asked_ms = asked.elapsed_ms();
        if let Some(refused) = token.as_ref().err().filter(|error| is_refused_token(error)) {
            return self.add(Stage::Authentication, Outcome::Failed(Trouble::of(refused)), asked_ms);
        }
        let token = token.unwrap_or(None);
        if let Some(info) = &token {
            self.report.scopes = Some(info.scopes.clone());
            self.report.account_id = info.hub_id;
            if let Some(trouble) = self.other_account(info.hub_id) {
                return self.add(Stage::Authentication, Outcome::Failed(trouble), asked_ms);
            }
        }
        let watch = Watch::start(asked.now());
        let page = hubspot.page(Stream::Content, &newest_event(), WalkKind::Tail, watch.now()).await;
        let fetched_ms = watch.elapsed_ms();
        let authentication = authentication(token.as_ref(), &page);
        self.add(Stage::Authentication, authentication, asked_ms + fetched_ms);
        if page.as_ref().err().is_some_and(is_refused_token) {
            return;
        }
        self.add(Stage::Permissions, permissions(token.as_ref(), &page), fetched_ms);
        if page.as_ref().err().is_some_and(is_forbidden) {
            return;
        }
        self.add(Stage::Fetch, fetch(&page, next_midnight(watch.now(), &hubspot.zone())), fetched_ms);
        self.report.allowance = allowance(&hubspot.last_limits());
        if let Ok(page) = page {
            self.report.round_trip_ms = Some(fetched_ms);
            self.learn(hubspot, &page, watch).await;
        }
    }

    async fn learn(&mut self, hubspot: &HubSpot, page: &Page, watch: Watch) {
        let answered = watch.now();
        self.report.newest_event = page.newest();
        self.report.api_version = Some(hubspot.version().to_string());
        if let Some(hub_now) = page.hub_now {
            let ahead_ms = hub_now.since(answered);
            self.report.clock_ahead_ms = Some(ahead_ms);
            self.report.warnings.extend(clock_warning(ahead_ms));
        }
        if let Some(account) = hubspot.account(watch.now()).await.unwrap_or(None) {
            self.report.account_id = account.portal_id.or(self.report.account_id);
            self.report.account_type = account.account_type;
            self.report.time_zone = account.time_zone;
            self.report.ui_domain = account.ui_domain;
            self.report.data_hosting_location = account.data_hosting_location;
        }
        if let Some(usage) = hubspot.daily_usage(watch.now()).await.unwrap_or(None) {
            let allowance = self.report.allowance.get_or_insert_default();
            let left =
                usage.usage_limit.zip(usage.current_usage).map(|(limit, used)| limit.saturating_sub(used));
            allowance.daily_limit = allowance.daily_limit.or(usage.usage_limit);
            allowance.daily_left = allowance.daily_left.or(left);
        }
        if let Some(trouble) = self.other_account(self.report.account_id) {
            // The token itself did not tell whose it is; the account did.
            if let Some(stage) =
                self.report.stages.iter_mut().find(|done| done.stage == Stage::Authentication)
            {
                stage.outcome = Outcome::Failed(trouble);
                if let Some(tell) = self.tell {
                    let _ = tell.send(stage.clone());
                }
            }
        }
    }

    /// Another account's events would be stored as this one's.
    fn other_account(&self, found: Option<u64>) -> Option<Trouble> {
        let found = found.and_then(|found| i64::try_from(found).ok())?;
        let known = self.known_account.filter(|&known| known != found)?;
        Some(Trouble::new(
            "other_account",
            "token-of-another-account",
            format!(
                "the token belongs to HubSpot account {found}, and this connector collects account {known}"
            ),
            other_account_fix(found.unsigned_abs(), known),
        ))
    }
}

/// What to do about a token that opens another account.
pub(crate) fn other_account_fix(found: u64, known: i64) -> String {
    format!(
        "Give this connector a token of account {known} with `hubtrail connector token NAME`; for account {found} \
         add a connector of its own with `hubtrail connector add NAME`."
    )
}

fn newest_event() -> PageRequest {
    let (bound, order, filter) = (Bound::Oldest, Order::NewestFirst, Filter::default());
    PageRequest { bound, before: None, limit: 1, order, filter }
}

fn clock_warning(ahead_ms: i64) -> Option<Warning> {
    (ahead_ms.abs() >= CLOCKS_DIFFER_MS).then(|| Warning {
        code: "clock-skew".to_owned(),
        problem: format!(
            "this machine's clock is {} {} HubSpot's",
            spoken(ahead_ms.abs()),
            if ahead_ms > 0 { "behind" } else { "ahead of" }
        ),
        fix: "Nothing is lost, because HubSpot's clock decides; but set this machine's clock, by NTP for \
              instance: TLS and every time that is shown depend on it."
            .to_owned(),
    })
}

fn allowance(headers: &RateHeaders) -> Option<AllowanceLeft> {
    let told = AllowanceLeft {
        daily_limit: headers.daily,
        daily_left: headers.daily_remaining,
        burst: headers.max,
        burst_left: headers.remaining,
        interval_ms: headers.interval_ms,
    };
    (told != AllowanceLeft::default()).then_some(told)
}

fn authentication(token: Option<&TokenInfo>, page: &Result<Page, ApiError>) -> Outcome {
    match (page, token.and_then(|token| token.hub_id)) {
        (Err(error), _) if is_refused_token(error) => Outcome::Failed(Trouble::of(error)),
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
        Err(error) if is_forbidden(error) => Outcome::Failed(Trouble::of(error)),
        Err(_) => match token {
            Some(token) if token.scopes.iter().any(|scope| scope == SCOPE) => {
                Outcome::Passed { detail: format!("the token has the scope `{SCOPE}`") }
            }
            Some(_) | None => Outcome::Skipped { why: "HubSpot does not tell".to_owned() },
        },
    }
}

/// `midnight` is when the account's day ends.
fn fetch(page: &Result<Page, ApiError>, midnight: UtcMs) -> Outcome {
    match page {
        Ok(page) => Outcome::Passed {
            detail: page.newest().map_or_else(
                || "the audit log is empty so far".to_owned(),
                |newest| format!("the newest event is of {newest}"),
            ),
        },
        Err(error) => {
            let trouble = Trouble::of(error);
            let ends = matches!(error, ApiError::Wait { reason: Reason::Daily, .. }).then_some(midnight);
            Outcome::Failed(Trouble { until: trouble.until.or(ends), ..trouble })
        }
    }
}

const fn is_unreachable(error: &ApiError) -> bool {
    matches!(error, ApiError::Wait { reason: Reason::Unreachable { .. }, .. })
}

const fn is_refused_token(error: &ApiError) -> bool {
    matches!(error, ApiError::Credentials { .. })
}

fn is_forbidden(error: &ApiError) -> bool {
    matches!(error.kind(), "scope" | "plan" | "forbidden")
}

#[cfg(test)]
mod tests;
