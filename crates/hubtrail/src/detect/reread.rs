//! Bringing a detector to where another one was, from the log: each kind of event from when on it can matter, by its
//! index, so that a large log is ready as soon as a small one.

use std::sync::Arc;

use hubtrail_core::detect::{Detector, LATENESS_MS, RuleSet};
use hubtrail_core::time::UtcMs;

use crate::connector::ConnectorId;
use crate::store::{Position, Store, StoreError, Window};

/// The events of so long are in memory at a time.
const STEP_MS: i64 = 6 * 3_600_000;

/// A detector that has seen all that matters of an account's log up to a position, and tells nothing of it.
pub(super) fn detector(
    store: &Store,
    connector: ConnectorId,
    rules: &Arc<RuleSet>,
    now: Option<UtcMs>,
    up_to: Position,
) -> Result<Detector, StoreError> {
    let mut detector = Detector::new(Arc::clone(rules), LATENESS_MS);
    let Some(now) = now else { return Ok(detector) };
    let kinds: Vec<(i64, UtcMs)> = store
        .kinds_seen(connector)?
        .into_iter()
        .filter_map(|kind| {
            let reach_ms = rules.reach_ms(&kind.object_type, &kind.event)?;
            Some((kind.number, now.minus(LATENESS_MS).minus(reach_ms)))
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
    Ok(detector)
}
