//! Taking out of the log what is older than is to be kept, for as long as a collection runs. Events and findings
//! are kept for times of their own. What a sink has not had stays longer, up to a limit that is told of before it is
//! reached.

use std::future::pending;

use hubtrail_core::time::UtcMs;

use crate::clock::Clock;
use crate::config::Storage;
use crate::store::{Retention, Retired, Store, StoreError};

const DAY_MS: i64 = 86_400_000;
/// The log is retired by whole hours, so more often finds nothing.
const EVERY_MS: u64 = 3_600_000;

/// Works until the log cannot be used. `said` hears of what was taken out.
pub async fn keep(
    store: &Store,
    storage: &Storage,
    clock: Clock,
    said: impl Fn(&Retired, u32),
) -> StoreError {
    let Some(days) = storage.retention_days else { return pending().await };
    loop {
        let now = clock.now();
        let retention = retention(days, storage.sink_wait_days, now);
        let (log, end) = (store.clone(), retention.past_sinks_before);
        match tokio::task::spawn_blocking(move || log.retire(&retention)).await {
            Ok(Ok(retired)) => {
                warn(&retired, end, storage.sink_wait_days);
                if retired.entries > 0 {
                    said(&retired, days);
                }
            }
            Err(_) => {}
            Ok(Err(error)) => return error,
        }
        clock.pause(EVERY_MS).await;
    }
}

fn retention(days: u32, sink_wait_days: Option<u32>, now: UtcMs) -> Retention {
    let before = now.minus(i64::from(days) * DAY_MS);
    let past_sinks_before = sink_wait_days.map(|days| before.minus(i64::from(days) * DAY_MS));
    Retention { before, connectors: None, past_readers: false, past_sinks_before }
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
        let usual = retention(30, None, now);
        assert_eq!((usual.before, usual.past_sinks_before), (UtcMs(70 * DAY_MS), None));
        let limited = retention(30, Some(10), now);
        let end = limited.past_sinks_before.unwrap();
        assert_eq!(end, UtcMs(60 * DAY_MS));
        assert_eq!(is_near(UtcMs(69 * DAY_MS), end, 10), None);
        assert_eq!(is_near(UtcMs(64 * DAY_MS), end, 10), Some(4 * DAY_MS));
        assert_eq!(is_near(UtcMs(10 * DAY_MS), end, 10), Some(0));
    }
}
