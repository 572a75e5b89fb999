//! Bringing a detector to where another one was, from the log: each kind of event from when on it can matter, by its
//! index, so that a large log is ready as soon as a small one.

use std::sync::Arc;

use hubtrail_core::detect::{Behaviour, Detector, LATENESS_MS, RuleSet};
use hubtrail_core::time::UtcMs;

use super::usual;
use crate::connector::ConnectorId;
use crate::store::{Position, Store, StoreError, Window};

/// The events of so long are in memory at a time.
const STEP_MS: i64 = 6 * 3_600_000;

/// A detector that has seen all that matters of an account's log up to a position, and tells nothing of it.
pub(super) fn detector(
    store: &Store,
    connector: ConnectorId,
    rules: &Arc<RuleSet>,
    behaviour: Option<Behaviour>,
    now: Option<UtcMs>,
    up_to: Position,
) -> Result<Detector, StoreError> {
    let learned_up_to = behaviour.as_ref().map(Behaviour::horizon);
    let mut detector = Detector::new(Arc::clone(rules), LATENESS_MS);
    if let Some(behaviour) = behaviour {
        detector = detector.with_behaviour(behaviour);
        usual::judge_all(&mut detector, store, connector)?;
    }
    let Some(now) = now else { return Ok(detector) };
    let kinds: Vec<(i64, UtcMs)> = store
        .kinds_seen(connector)?
        .into_iter()
        .filter_map(|kind| {
            let reach_ms = rules.reach_ms(&kind.object_type, &kind.event);
            let by_rules = reach_ms.map(|reach_ms| now.minus(LATENESS_MS).minus(reach_ms));
            let since = by_rules.into_iter().chain(learned_up_to).min()?;
            Some((kind.number, since))
        })
        .collect();
    let mut from = kinds.iter().map(|(_, since)| *since).min().unwrap_or(now);
    while from <= now {
        // What is dated in the future belongs to the last step.
        let end = from.plus(STEP_MS);
        let before = if end > now { UtcMs(i64::MAX) } else { end };
        let wanted = kinds.iter().filter(|(_, since)| *since < before).map(|(number, _)| *number);
        let wanted: Vec<_> = wanted.collect();
        for (event, id) in store.window(&Window { kinds: &wanted, from, before, up_to })? {
            detector.advance(event.timestamp.min(now));
            detector.observe(&event, id);
        }
        drop(detector.changes());
        from = end;
    }
    detector.advance(now);
    drop(detector.changes());
    usual::know_told(&mut detector, store, connector)?;
    Ok(detector)
}
