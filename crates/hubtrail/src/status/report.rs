//! One stream's status as it is shown: to programs as JSON, to people by whoever prints it.

use hubtrail_core::stream::Stream;
use hubtrail_core::time::{UtcMs, rfc3339};
use serde::Serialize;
use utoipa::ToSchema;

use super::judge::{Judged, Situation};
use super::progress::Progress;
use super::silence::UnusualSilence;
use super::state::State;
use crate::connector::ConnectorId;
use crate::hubspot::ConnectionReport;
use crate::store::{Failure, Hours, Store, StoreError, StreamFacts, Verification};

const HOUR_MS: i64 = 3_600_000;
const HOURS: i64 = 24;
/// More gaps than this are counted, not listed.
const MOST_GAPS: usize = 20;
/// The bucket of what is later than a sweep reaches.
const LATEST: i64 = i64::MAX;

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ConnectorStatus {
    pub connector_id: i64,
    pub connector: String,
    pub labels: Vec<String>,
    pub stream: &'static str,
    pub state: State,
    /// The state for people: `Backfilling 43 %`.
    pub label: String,
    /// Why, in a sentence.
    pub reason: String,
    /// The next step, where there is one.
    pub fix: Option<String>,
    /// When HubSpot last answered.
    #[serde(with = "rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_poll: Option<UtcMs>,
    pub last_new_event: Option<LastEvent>,
    /// The newest event by its own time, but for those dated in the future.
    #[serde(with = "rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub newest_event: Option<UtcMs>,
    /// Now less the newest event.
    pub freshness_ms: Option<i64>,
    /// Everything visible up to here is in the log.
    #[serde(with = "rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub collected_up_to: Option<UtcMs>,
    pub lateness: Option<LatenessSeen>,
    /// The last 24 hours, oldest first, hours without events included.
    pub events_by_hour: Vec<HourCount>,
    pub total: i64,
    pub unparsed: i64,
    pub future: i64,
    pub open_gaps: i64,
    /// The oldest of them.
    pub gaps: Vec<OpenGap>,
    pub api_calls: Option<ApiCalls>,
    /// What stands in the way now, the newest first.
    pub errors: Vec<StandingError>,
    pub last_verify: Option<Verified>,
    pub last_test: Option<LastTest>,
    /// While history is being collected.
    pub progress: Option<Progress>,
    /// What the log keeps and HubSpot no longer shows.
    pub withdrawn: Option<Withdrawal>,
    pub unusual_silence: Option<UnusualSilence>,
}

/// What came last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LastEvent {
    /// When it came, by HubSpot's clock.
    #[serde(with = "rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub at: UtcMs,
    /// Where it is in the log.
    pub position: i64,
}

/// How late events became visible. Missing where that is later than 20 minutes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LatenessSeen {
    pub observed: u64,
    pub p50_ms: Option<i64>,
    pub p99_ms: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HourCount {
    #[serde(with = "rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub hour: UtcMs,
    pub events: i64,
}

/// A span of which not everything could be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OpenGap {
    #[serde(with = "rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub from: UtcMs,
    #[serde(with = "rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub to: UtcMs,
    pub reason: String,
}

/// The account's day, as far as it is Hubtrail's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ApiCalls {
    pub today: u64,
    /// Our share; missing where there is no limit.
    pub of: Option<u64>,
    /// What all integrations of the account together have left, if HubSpot told today.
    pub account_left: Option<u64>,
    #[serde(with = "rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub resets_at: UtcMs,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StandingError {
    /// The walk it is in the way of: `tail`, `sweep`, `deep`, `backfill` or `range`.
    pub walk: &'static str,
    /// By what is to be done: `credentials`, `limit`, `unreachable` …
    pub kind: String,
    /// The row of `docs/troubleshooting.md`.
    pub code: String,
    pub message: String,
    pub fix: String,
    /// Since when it stands.
    #[serde(with = "rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub since: UtcMs,
    #[serde(with = "rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub at: UtcMs,
    /// When it is over by itself.
    #[serde(with = "rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<UtcMs>,
}

/// The newest comparison with HubSpot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Verified {
    #[serde(with = "rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub at: UtcMs,
    #[serde(with = "rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<UtcMs>,
    #[serde(with = "rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub to: Option<UtcMs>,
    pub compared: u64,
    pub missing: u64,
    pub surplus: u64,
    pub complete: bool,
}

/// Entries of ours that HubSpot left out where it would have had to show them, in two walks. They stay in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Withdrawal {
    /// The time of the oldest of them.
    #[serde(with = "rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub oldest: UtcMs,
    /// When that was last seen.
    #[serde(with = "rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub at: UtcMs,
}

/// The newest test of the connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LastTest {
    #[serde(with = "rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub at: UtcMs,
    pub passed: bool,
    pub message: String,
    pub kind: Option<String>,
    pub code: Option<String>,
    pub fix: Option<String>,
}

pub(super) fn last_test(store: &Store, connector: ConnectorId) -> Result<Option<LastTest>, StoreError> {
    let Some(test) = store.connection_tests(connector, 1)?.pop() else { return Ok(None) };
    // Of another version's form, what can be told is whether it passed.
    let report: Option<ConnectionReport> = serde_json::from_str(&test.report).ok();
    let trouble = report.as_ref().and_then(|report| report.trouble()).map(|(_, trouble)| trouble.clone());
    Ok(Some(LastTest {
        at: test.at,
        passed: test.passed,
        message: report.map_or_else(String::new, |report| report.message),
        kind: trouble.as_ref().map(|trouble| trouble.kind.clone()),
        code: trouble.as_ref().map(|trouble| trouble.code.clone()),
        fix: trouble.map(|trouble| trouble.fix),
    }))
}

pub(super) fn of(
    store: &Store,
    of: &Situation<'_>,
    judged: Judged,
    progress: Option<Progress>,
    last_test: Option<LastTest>,
    unusual_silence: Option<UnusualSilence>,
) -> Result<ConnectorStatus, StoreError> {
    let (connector, facts, now) = (of.connector, of.facts, of.now);
    let stream = facts.map_or(Stream::Content, |facts| facts.stream);
    let newest_event = facts.and_then(|facts| facts.newest);
    let brought = facts.and_then(|facts| facts.brought);
    Ok(ConnectorStatus {
        connector_id: connector.id.0,
        connector: connector.name().to_owned(),
        labels: connector.settings.labels.clone(),
        stream: stream.as_str(),
        state: judged.state,
        label: judged.label,
        reason: judged.reason,
        fix: judged.fix,
        last_poll: facts.and_then(|facts| facts.polled_at),
        last_new_event: brought.map(|(at, position)| LastEvent { at, position: position.0 }),
        newest_event,
        freshness_ms: newest_event.map(|at| now.since(at)),
        collected_up_to: facts.and_then(|facts| facts.checkpoint.since),
        lateness: facts.and_then(lateness),
        events_by_hour: by_hour(store, connector.id, stream, now)?,
        total: facts.map_or(0, |facts| facts.entries),
        unparsed: facts.map_or(0, |facts| facts.unparsed),
        future: facts.map_or(0, |facts| facts.future),
        open_gaps: facts.map_or(0, |facts| facts.open_gaps),
        gaps: if facts.is_some_and(|facts| facts.open_gaps > 0) {
            gaps(store, connector.id, stream)?
        } else {
            Vec::new()
        },
        api_calls: api_calls(store, connector.id, now)?,
        errors: facts.map(|facts| errors(&facts.failures)).unwrap_or_default(),
        last_verify: facts.and_then(|facts| facts.verified.as_ref()).map(verified),
        last_test,
        progress,
        withdrawn: facts.and_then(withdrawn),
        unusual_silence,
    })
}

fn lateness(facts: &StreamFacts) -> Option<LatenessSeen> {
    let seen = &facts.checkpoint.lateness;
    let within = |per_mille| Some(seen.within_ms(per_mille)).filter(|&ms| ms != LATEST);
    (!seen.is_empty()).then(|| LatenessSeen {
        observed: seen.observed(),
        p50_ms: within(500),
        p99_ms: within(990),
    })
}

fn withdrawn(facts: &StreamFacts) -> Option<Withdrawal> {
    facts.checkpoint.withdrawn.map(|seen| Withdrawal { oldest: seen.held, at: seen.seen_at })
}

fn by_hour(
    store: &Store,
    connector: ConnectorId,
    stream: Stream,
    now: UtcMs,
) -> Result<Vec<HourCount>, StoreError> {
    let first = now.hour().minus((HOURS - 1) * HOUR_MS);
    let hours =
        Hours { connector: Some(connector), stream: Some(stream), after: Some(first), before: Some(now) };
    let totals = store.histogram(&hours)?;
    let events = |hour| totals.iter().find(|total| total.hour == hour).map_or(0, |total| total.entries);
    let hours = (0..HOURS).map(|n| first.plus(n * HOUR_MS));
    Ok(hours.map(|hour| HourCount { hour, events: events(hour) }).collect())
}

fn gaps(store: &Store, connector: ConnectorId, stream: Stream) -> Result<Vec<OpenGap>, StoreError> {
    let open = store.gaps(Some(connector), false)?;
    let of_stream = open.into_iter().filter(|gap| gap.stream == stream).take(MOST_GAPS);
    Ok(of_stream.map(|gap| OpenGap { from: gap.span.from, to: gap.span.to, reason: gap.reason }).collect())
}

fn api_calls(store: &Store, connector: ConnectorId, now: UtcMs) -> Result<Option<ApiCalls>, StoreError> {
    Ok(store.usage(connector)?.map(|usage| {
        let is_today = usage.resets_at > now;
        ApiCalls {
            today: if is_today { usage.used_today } else { 0 },
            of: usage.limited.then_some(usage.of_today),
            account_left: usage.account_remaining.filter(|_| is_today),
            resets_at: usage.resets_at,
        }
    }))
}

fn errors(failures: &[Failure]) -> Vec<StandingError> {
    let mut errors: Vec<StandingError> = failures
        .iter()
        .map(|failure| StandingError {
            walk: failure.walk.as_str(),
            kind: failure.kind.clone(),
            code: failure.code.clone(),
            message: failure.message.clone(),
            fix: failure.fix.clone(),
            since: failure.began,
            at: failure.at,
            until: failure.until,
        })
        .collect();
    errors.sort_by_key(|error| std::cmp::Reverse(error.at));
    errors
}

fn verified(of: &Verification) -> Verified {
    Verified {
        at: of.ended,
        from: of.from,
        to: of.to,
        compared: of.compared,
        missing: of.missing,
        surplus: of.surplus,
        complete: of.complete,
    }
}
