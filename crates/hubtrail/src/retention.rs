//! Taking out of the log what is older than is to be kept, for as long as a collection runs. Events and findings
//! are kept for times of their own, and so are the events of an account that has one. What a sink has not had stays
//! longer, up to a limit that is told of before it is reached.

use std::collections::BTreeMap;
use std::future::pending;

use hubtrail_core::time::UtcMs;

use crate::clock::Clock;
use crate::config::Storage;
use crate::connector::{Connector, ConnectorId};
use crate::store::{Retention, Retired, Store, StoreError};

const DAY_MS: i64 = 86_400_000;
/// The log is retired by whole hours, so more often finds nothing.
const EVERY_MS: u64 = 3_600_000;

/// Works until the log cannot be used. `said` hears of what was taken out, and after how many days.
pub async fn keep(
    store: &Store,
    storage: &Storage,
    clock: Clock,
    said: impl Fn(&Retired, u32),
) -> StoreError {
    loop {
        let (log, storage, now) = (store.clone(), storage.clone(), clock.now());
        match tokio::task::spawn_blocking(move || retire(&log, &storage, now)).await {
            Ok(Ok(all)) => {
                let taken = all.iter().filter(|(_, retired)| retired.entries > 0);
                taken.for_each(|(days, retired)| said(retired, *days));
            }
            Err(_) => {}
            Ok(Err(error)) => return error,
        }
        clock.pause(EVERY_MS).await;
    }
}

/// Takes out of each account what is older than its events are kept: what was taken out after how many days.
///
/// # Errors
/// When it could not go on; the next time does.
pub fn retire(store: &Store, storage: &Storage, now: UtcMs) -> Result<Vec<(u32, Retired)>, StoreError> {
    let due = due(&store.connectors_ever()?, storage.retention_days);
    let retired = due.into_iter().map(|(days, connectors)| {
        let retention = retention(days, connectors, storage.sink_wait_days, now);
        let retired = store.retire(&retention)?;
        warn(&retired, retention.past_sinks_before, storage.sink_wait_days);
        Ok((days, retired))
    });
    retired.collect()
}

/// The accounts whose events go after so many days. What is left of a removed one goes as it would have gone.
fn due(connectors: &[Connector], others: Option<u32>) -> BTreeMap<u32, Vec<ConnectorId>> {
    let mut due = BTreeMap::<_, Vec<_>>::new();
    for connector in connectors {
        if let Some(days) = connector.settings.retention.days(others) {
            due.entry(days).or_default().push(connector.id);
        }
    }
    due
}

fn retention(days: u32, connectors: Vec<ConnectorId>, sink_wait_days: Option<u32>, now: UtcMs) -> Retention {
    let before = now.minus(i64::from(days) * DAY_MS);
    let past_sinks_before = sink_wait_days.map(|days| before.minus(i64::from(days) * DAY_MS));
    Retention { before, connectors: Some(connectors), past_readers: false, past_sinks_before }
}

/// Entries that a sink has not had are gone for it when the limit is reached: told from half of the way on.
fn warn(retired: &Retired, end: Option<UtcMs>, sink_wait_days: Option<u32>) {
    let (Some(from), Some(end), Some(days)) = (retired.waits_from, end, sink_wait_days) else { return };
    if let Some(left_ms) = is_near(from, end, days) {
        let reader = retired.slowest_reader.as_deref().unwrap_or_default();
        let left_hours = left_ms / 3_600_000;
        tracing::warn!(
            reader,
            left_hours,
            "entries from {from} on wait for a sink, and are taken out without it when that time is over"
        );
    }
}

/// How long the oldest entries still wait, once half of the time is over.
fn is_near(from: UtcMs, end: UtcMs, days: u32) -> Option<i64> {
    let left_ms = from.since(end).max(0);
    (left_ms <= i64::from(days) * DAY_MS / 2).then_some(left_ms)
}

/// As [`keep`], for findings with all that belongs to them.
pub async fn keep_findings(
    store: &Store,
    days: Option<u32>,
    clock: Clock,
    said: impl Fn(usize, u32),
) -> StoreError {
    let Some(days) = days else { return pending().await };
    loop {
        let before = clock.now().minus(i64::from(days) * DAY_MS);
        let log = store.clone();
        match tokio::task::spawn_blocking(move || log.retire_findings(before)).await {
            Ok(Ok(retired)) if retired > 0 => said(retired, days),
            Ok(Ok(_)) | Err(_) => {}
            Ok(Err(error)) => return error,
        }
        clock.pause(EVERY_MS).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sink_is_waited_for_longer_and_told_of_from_half_of_the_way_on() {
        let now = UtcMs(100 * DAY_MS);
        let usual = retention(30, Vec::new(), None, now);
        assert_eq!((usual.before, usual.past_sinks_before), (UtcMs(70 * DAY_MS), None));
        let limited = retention(30, Vec::new(), Some(10), now);
        let end = limited.past_sinks_before.unwrap();
        assert_eq!(end, UtcMs(60 * DAY_MS));
        assert_eq!(is_near(UtcMs(69 * DAY_MS), end, 10), None);
        assert_eq!(is_near(UtcMs(64 * DAY_MS), end, 10), Some(4 * DAY_MS));
        assert_eq!(is_near(UtcMs(10 * DAY_MS), end, 10), Some(0));
    }
}
