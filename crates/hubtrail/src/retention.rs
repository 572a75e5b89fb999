//! Taking out of the log what is older than is to be kept, for as long as a collection runs. Events and findings
//! are kept for times of their own.

use std::future::pending;

use crate::clock::Clock;
use crate::store::{Retention, Retired, Store, StoreError};

const DAY_MS: i64 = 86_400_000;
/// The log is retired by whole hours, so more often finds nothing.
const EVERY_MS: u64 = 3_600_000;

/// Works until the log cannot be used. `said` hears of what was taken out.
pub async fn keep(
    store: &Store,
    days: Option<u32>,
    clock: Clock,
    said: impl Fn(&Retired, u32),
) -> StoreError {
    let Some(days) = days else { return pending().await };
    loop {
        let before = clock.now().minus(i64::from(days) * DAY_MS);
        let retention = Retention { before, connectors: None, past_readers: false };
        let log = store.clone();
        match tokio::task::spawn_blocking(move || log.retire(&retention)).await {
            Ok(Ok(retired)) if retired.entries > 0 => said(&retired, days),
            Ok(Ok(_)) | Err(_) => {}
            Ok(Err(error)) => return error,
        }
        clock.pause(EVERY_MS).await;
    }
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
