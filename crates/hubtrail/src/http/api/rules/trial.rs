//! Trying a rule out on what the log has, before it is switched on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use hubtrail_core::finding::{Evidence, Finding};
use hubtrail_core::sentence::Sentence;
use hubtrail_core::time::UtcMs;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::missing;
use crate::access::{Caller, Role};
use crate::connector::Connector;
use crate::detect::{Trial, Tried};
use crate::http::accounts::Accounts;
use crate::http::extract::{Body, Path, Query};
use crate::http::found::FoundTold;
use crate::http::told::AccountName;
use crate::http::{App, Problem};
use crate::moment::Moment;
use crate::rules::Book;
use crate::store::{Store, StoreError};

/// Somebody waits for the answer.
const PATIENCE: Duration = Duration::from_secs(10);
const MOST_FINDINGS: usize = 50;
const MOST_EVIDENCE: usize = 20;
const USUAL_DAYS: i64 = 90;
const DAY_MS: i64 = 86_400_000;

/// Which past is looked at
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http::api) struct TrialRange {
    /// RFC 3339, or `30d`. Without it: 90 days.
    since: Option<String>,
    /// Connectors, by name or number. Without it: all that you may look into.
    account: Vec<String>,
}

/// What a rule would have raised, had it been on
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http::api) struct TrialReport {
    #[schema(format = DateTime)]
    from: String,
    #[schema(format = DateTime)]
    to: String,
    /// Entries that were passed; what cannot matter to the rule was not read.
    entries: u64,
    raised: usize,
    /// The same as a rate.
    per_30_days: f64,
    /// All of it was looked at; otherwise it took too long, and the numbers are of what was.
    complete: bool,
    /// The newest 50.
    findings: Vec<TrialFinding>,
}

/// A finding that was not raised
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http::api) struct TrialFinding {
    #[serde(flatten)]
    found: FoundTold,
    account: AccountName,
    /// The first 20 events that would justify it.
    evidence: Vec<TrialProof>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TrialProof {
    id: String,
    #[schema(format = DateTime)]
    timestamp: String,
    /// The event in words.
    sentence: String,
}

impl TrialProof {
    fn of(proof: &Evidence) -> Self {
        Self {
            id: proof.id.to_string(),
            timestamp: proof.event.timestamp.to_string(),
            sentence: Sentence::of(&proof.event).to_string(),
        }
    }
}

impl TrialFinding {
    fn of(connector: &Connector, finding: &Finding) -> Self {
        Self {
            found: FoundTold::of(finding),
            account: AccountName { id: connector.id.0, name: connector.name().to_owned() },
            evidence: finding.evidence.iter().take(MOST_EVIDENCE).map(TrialProof::of).collect(),
        }
    }
}

/// Try a rule out on the past
///
/// Nothing is written. It also works for rules that are off.
#[utoipa::path(
    post, path = "/rules/{rule}/test", tag = "rules", request_body = TrialRange,
    params(("rule" = String, Path, description = "Its id or name")), responses((status = OK, body = TrialReport))
)]
pub(in crate::http::api) async fn run(
    caller: Caller,
    State(app): State<App>,
    Path(named): Path<String>,
    Query(()): Query<()>,
    Body(range): Body<TrialRange>,
) -> Result<Json<TrialReport>, Problem> {
    caller.must_be(Role::Analyst)?;
    let now = app.clock.now();
    let from = match range.since.filter(|text| !text.trim().is_empty()) {
        None => now.minus(USUAL_DAYS * DAY_MS),
        Some(text) => {
            let moment: Result<Moment, _> = text.parse();
            let bad =
                |error| Problem::invalid("since", format!("it is {error}"), "write it as 90d or RFC 3339");
            moment.map_err(bad)?.from_now(now)
        }
    };
    let accounts = Accounts::of(&app, &caller).await?;
    let wanted =
        range.account.iter().map(|name| accounts.find(name).map_err(|problem| problem.field("account")));
    let wanted = wanted.collect::<Result<Vec<_>, _>>()?;
    let within = caller.within((!wanted.is_empty()).then_some(wanted.as_slice()));
    let rule = named.clone();
    let others = app.config.detection.alert_budget;
    let report = app.log(move |store| {
        let mut connectors = store.connectors()?;
        connectors.retain(|one| within.as_ref().is_none_or(|ids| ids.contains(&one.id)));
        try_out(store, &connectors, &rule, (from, now), others)
    });
    report.await?.map(Json).ok_or_else(|| missing(&named))
}

fn try_out(
    store: &Store,
    connectors: &[Connector],
    rule: &str,
    (from, to): (UtcMs, UtcMs),
    others: f64,
) -> Result<Option<TrialReport>, StoreError> {
    let (began, book) = (Instant::now(), Book::read(store)?);
    let mut found: Vec<(&Connector, Finding)> = Vec::new();
    let (mut entries, mut is_complete) = (0, true);
    for connector in connectors {
        let zone = connector.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
        let set = book.rules(&zone.unwrap_or(TimeZone::UTC));
        let Some(rule) = set.find(rule) else { return Ok(None) };
        let only = Arc::new(set.only(&rule.id));
        let budget = connector.settings.alert_budget.alerts(others);
        let trial = Trial { connector: connector.id, from, to, budget };
        let Tried { findings, entries: passed, stopped_at } =
            trial.run(store, only, || began.elapsed() > PATIENCE)?;
        entries += passed;
        is_complete &= stopped_at.is_none();
        found.extend(findings.into_iter().map(|finding| (connector, finding)));
    }
    found.sort_by_key(|(_, finding)| std::cmp::Reverse((finding.time, finding.id)));
    let days = to.since(from) as f64 / DAY_MS as f64;
    Ok(Some(TrialReport {
        from: from.to_string(),
        to: to.to_string(),
        entries,
        raised: found.len(),
        per_30_days: if days > 0.0 { found.len() as f64 * 30.0 / days } else { 0.0 },
        complete: is_complete,
        findings: found
            .iter()
            .take(MOST_FINDINGS)
            .map(|(connector, finding)| TrialFinding::of(connector, finding))
            .collect(),
    }))
}
