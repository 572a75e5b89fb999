//! How each connector and stream is: a state, its reason and what to do next, from nothing but facts
//! in the log. It asks HubSpot nothing and keeps nothing: whoever looks again sees what is true then.
//! The states are explained in `docs/status.md`.

mod csv;
mod history;
mod judge;
mod noticed;
mod progress;
mod report;
mod silence;
mod state;

use hubtrail_core::time::UtcMs;
use jiff::tz::TimeZone;

pub use self::csv::csv;
pub use self::history::{History, HourState, of as history};
pub use self::noticed::Noticed;
pub use self::progress::Progress;
pub use self::report::{
    ApiCalls, ConnectorStatus, HourCount, LastEvent, LastTest, LatenessSeen, OpenGap, StandingError,
    Verified, Withdrawal,
};
pub use self::silence::UnusualSilence;
pub use self::state::{NotAState, State};

use self::judge::{Judged, Situation};
use crate::connector::{Connector, ConnectorId};
use crate::store::{Store, StoreError, StreamFacts};

/// Every stream of the given connectors, by name; none means all of those that were not removed. One that
/// was removed is only there when it is asked for.
///
/// # Errors
/// When the log cannot be read.
pub fn all(
    store: &Store,
    now: UtcMs,
    connectors: Option<&[ConnectorId]>,
) -> Result<Vec<ConnectorStatus>, StoreError> {
    let connectors = match connectors {
        None => store.connectors()?,
        Some(ids) => {
            let mut ever = store.connectors_ever()?;
            ever.retain(|connector| ids.contains(&connector.id));
            ever.sort_by_key(|connector| connector.name().to_lowercase());
            ever
        }
    };
    let mut statuses = Vec::with_capacity(connectors.len());
    for connector in &connectors {
        statuses.extend(of(store, connector, now)?);
    }
    Ok(statuses)
}

/// The streams of one connector; one that never collected has the stream that it will have.
///
/// # Errors
/// When the log cannot be read.
pub fn of(store: &Store, connector: &Connector, now: UtcMs) -> Result<Vec<ConnectorStatus>, StoreError> {
    let facts = store.facts_of(connector.id)?;
    if facts.is_empty() {
        return Ok(vec![of_stream(store, connector, None, now)?]);
    }
    facts.iter().map(|facts| of_stream(store, connector, Some(facts), now)).collect()
}

fn of_stream(
    store: &Store,
    connector: &Connector,
    facts: Option<&StreamFacts>,
    now: UtcMs,
) -> Result<ConnectorStatus, StoreError> {
    let test = report::last_test(store, connector.id)?;
    let progress = match facts {
        Some(facts) => progress::of(store, facts)?,
        None => None,
    };
    let zone = connector.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
    let zone = zone.unwrap_or(TimeZone::UTC);
    let situation =
        Situation { connector, facts, test: test.as_ref(), progress: progress.as_ref(), zone: &zone, now };
    let mut judged = judge::judge(&situation);
    let silence = match facts {
        Some(facts) if judged.state == State::Active => silence::of(store, facts, &zone, now)?,
        _ => None,
    };
    if let Some(silence) = &silence {
        judged = Judged { reason: silence.to_string(), ..judged };
    }
    report::of(store, &situation, judged, progress.clone(), test.clone(), silence)
}
