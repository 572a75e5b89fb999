//! How collection went, hour by hour, from what was heard of HubSpot in each of them.

use hubtrail_core::stream::Stream;
use hubtrail_core::time::{UtcMs, rfc3339};
use serde::Serialize;
use utoipa::ToSchema;

use super::judge::is_for_a_person;
use super::state::State;
use crate::connector::Connector;
use crate::store::{ANSWERED, Heard, Store, StoreError};

const HOUR_MS: i64 = 3_600_000;

/// How the collection of a stream went
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = StatusHistory)]
pub struct History {
    pub connector_id: i64,
    pub connector: String,
    pub stream: &'static str,
    /// The oldest first, without one left out, up to now; the hour that has not ended is there as soon as anything was
    /// heard in it. None is from before the connector was added.
    pub hours: Vec<HourState>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HourState {
    #[serde(with = "rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub hour: UtcMs,
    /// The worst of it: `action_needed`, `delayed`, `waiting`; `active`, when HubSpot answered and nothing stood in
    /// the way; `inactive`, when it was asked nothing.
    pub state: State,
}

/// One for each stream that anything was heard of; a connector that nothing was heard of has the one that it will have.
///
/// # Errors
/// When the log cannot be read.
pub fn of(store: &Store, connector: &Connector, hours: i64, now: UtcMs) -> Result<Vec<History>, StoreError> {
    let from = now.hour().minus((hours - 1) * HOUR_MS).max(connector.created_at.hour());
    let heard = store.heard(connector.id, from)?;
    let mut streams: Vec<Stream> = heard.iter().map(|heard| heard.stream).collect();
    streams.dedup();
    if streams.is_empty() {
        streams.push(Stream::Content);
    }
    let history = |stream: Stream| History {
        connector_id: connector.id.0,
        connector: connector.name().to_owned(),
        stream: stream.as_str(),
        hours: by_hour(heard.iter().filter(|heard| heard.stream == stream), from, now),
    };
    Ok(streams.into_iter().map(history).collect())
}

fn by_hour<'a>(heard: impl Iterator<Item = &'a Heard>, from: UtcMs, now: UtcMs) -> Vec<HourState> {
    let mut heard = heard.peekable();
    let mut hours = Vec::new();
    let mut hour = from;
    while hour <= now {
        let mut state = State::Inactive;
        while let Some(one) = heard.next_if(|one| one.hour <= hour) {
            state = worse(state, &one.what);
        }
        let next = hour.plus(HOUR_MS);
        // Of an hour that is not over nobody can say that HubSpot was asked nothing in it.
        if state != State::Inactive || next <= now {
            hours.push(HourState { hour, state });
        }
        hour = next;
    }
    hours
}

fn worse(so_far: State, what: &str) -> State {
    let rank = |state: State| match state {
        State::ActionNeeded => 4,
        State::Delayed => 3,
        State::Waiting => 2,
        State::Inactive => 0,
        _ => 1,
    };
    let state = match what {
        ANSWERED => State::Active,
        "limit" => State::Waiting,
        kind if is_for_a_person(kind) => State::ActionNeeded,
        _ => State::Delayed,
    };
    if rank(state) > rank(so_far) { state } else { so_far }
}
