//! How each sink is, from facts of the log alone: for the command line, the API, the console and the metrics.

use hubtrail_core::time::{UtcMs, rfc3339};
use serde::Serialize;
use utoipa::ToSchema;

use crate::sink::Configured;
use crate::store::{Delivery, Refusals, Store, StoreError};

/// The first that applies counts
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SinkState {
    /// A person paused it.
    Paused,
    /// A person must change something; nothing is sent.
    ActionNeeded,
    /// The receiver has refused each of the newest entries for good; they are dead letters.
    Refusing,
    /// Something stands in the way, and is tried again.
    Retrying,
    /// Entries have been waiting for more than a minute.
    Behind,
    /// The receiver has what there is.
    Current,
}

impl SinkState {
    pub const ALL: [Self; 6] =
        [Self::Paused, Self::ActionNeeded, Self::Refusing, Self::Retrying, Self::Behind, Self::Current];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::ActionNeeded => "action_needed",
            Self::Refusing => "refusing",
            Self::Retrying => "retrying",
            Self::Behind => "behind",
            Self::Current => "current",
        }
    }
}

/// How a sink is
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SinkStatus {
    pub id: i64,
    pub name: String,
    /// Which kind of receiver.
    pub kind: &'static str,
    /// Where it is.
    pub place: String,
    pub state: SinkState,
    /// What stands in the way now.
    pub reason: Option<String>,
    /// What to do about it.
    pub fix: Option<String>,
    #[serde(with = "rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub retry_at: Option<UtcMs>,
    /// Up to here the receiver has it, or need not have it.
    pub position: i64,
    /// Entries of the log after it.
    pub lag: i64,
    /// How long the oldest of them has been in the log.
    pub oldest_undelivered_ms: Option<i64>,
    /// Entries a second, in the last whole minute.
    pub rate: f64,
    /// Entries that were ever delivered.
    pub delivered: i64,
    pub delivered_bytes: i64,
    #[serde(with = "rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_success: Option<UtcMs>,
    /// What went wrong last, also when it is over.
    pub last_error: Option<String>,
    #[serde(with = "rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_error_at: Option<UtcMs>,
    pub dead_letters: i64,
}

const BEHIND_MS: i64 = 60_000;

/// # Errors
/// When the log cannot be read.
pub fn all(store: &Store, now: UtcMs) -> Result<Vec<SinkStatus>, StoreError> {
    store.sinks()?.iter().map(|sink| of(store, sink, now)).collect()
}

/// # Errors
/// When the log cannot be read, or the sink was removed.
pub fn of(store: &Store, sink: &Configured, now: UtcMs) -> Result<SinkStatus, StoreError> {
    Ok(judged(sink, store.delivery(sink, now)?, now))
}

fn judged(sink: &Configured, facts: Delivery, now: UtcMs) -> SinkStatus {
    let waiting = facts.oldest_undelivered.map(|since| now.since(since).max(0));
    let refusals = facts.refusals.as_ref();
    let state = if sink.paused {
        SinkState::Paused
    } else if facts.failing_since.is_some() && facts.stopped {
        SinkState::ActionNeeded
    } else if refusals.is_some_and(|refusals| refusals.in_a_row >= Refusals::MANY) {
        SinkState::Refusing
    } else if facts.failing_since.is_some() {
        SinkState::Retrying
    } else if waiting.is_some_and(|ms| ms > BEHIND_MS) {
        SinkState::Behind
    } else {
        SinkState::Current
    };
    let in_the_way = facts.failing_since.is_some() && !sink.paused;
    let (reason, fix) = if state == SinkState::Refusing {
        refused(sink, refusals)
    } else {
        (facts.failure.clone().filter(|_| in_the_way), facts.fix.filter(|_| in_the_way))
    };
    let newest_refusal = refusals.filter(|refusals| facts.failed_at.is_none_or(|at| at < refusals.at));
    SinkStatus {
        id: sink.id.0,
        name: sink.name().to_owned(),
        kind: sink.settings.target.kind(),
        place: sink.settings.target.place(),
        state,
        reason,
        fix,
        retry_at: facts.retry_at.filter(|_| in_the_way),
        position: facts.position.0,
        lag: facts.lag,
        oldest_undelivered_ms: waiting,
        rate: rate(facts.last_minute),
        delivered: facts.entries,
        delivered_bytes: facts.bytes,
        last_success: facts.succeeded_at,
        last_error: newest_refusal.map(|refusals| refusals.reason.clone()).or(facts.failure),
        last_error_at: newest_refusal.map(|refusals| refusals.at).or(facts.failed_at),
        dead_letters: facts.dead_letters,
    }
}

fn refused(sink: &Configured, refusals: Option<&Refusals>) -> (Option<String>, Option<String>) {
    let many = Refusals::MANY;
    let reason = refusals.map(|newest| {
        format!("the receiver has refused the newest {many} entries or more: {}", newest.reason)
    });
    let name = sink.name();
    let fix = format!(
        "mend it at the receiver or in the sink's settings, then `hubtrail sink dead-letters retry {name}`"
    );
    (reason, Some(fix))
}

#[expect(clippy::cast_precision_loss, reason = "a rate need not be exact")]
fn rate(in_a_minute: i64) -> f64 {
    in_a_minute as f64 / 60.0
}
