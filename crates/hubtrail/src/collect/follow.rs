//! Collecting for as long as the account exists: the tail, the sweeps and the history beside each
//! other. What goes wrong with one walk is shown, and tried again; only the log itself stops it.
//!
//! A walk is boxed: most of the time there is none, and each would have its room reserved in every connector.

use std::future::Future;

use hubtrail_core::backoff::Backoff;
use hubtrail_core::cadence::{due_in_ms, tail_pause_ms, window_start};
use hubtrail_core::checkpoint::{Change, WalkKind, WalkPoint};
use hubtrail_core::identity::identify;
use hubtrail_core::page::{Bound, Filter, Order, PageRequest};
use hubtrail_core::time::UtcMs;

use super::{CollectError, Collector, Patience, STREAM, Tell};
use crate::store::{Append, Cleared, StoreError};

/// How soon a walk that failed is tried again. A person who mends the cause waits no longer than this.
pub(super) const AGAIN_MS: u64 = 60_000;
/// How long a sweep that is not due sleeps at most. A pause does not see that the machine slept, or that
/// HubSpot's clock turned out to be another than ours.
const LONGEST_NAP_MS: i64 = 60_000;

impl Collector {
    /// Collects until `stop` is ready. What was stored by then stays; nothing else is lost.
    ///
    /// # Errors
    /// When the log cannot be used.
    pub async fn follow(&self, stop: impl Future<Output = ()>) -> Result<(), CollectError> {
        let work = async {
            Box::pin(self.recognise()).await?;
            Box::pin(self.begin()).await?;
            let history = async { self.history().await };
            tokio::try_join!(
                self.tail(),
                self.sweeps(WalkKind::Sweep),
                self.sweeps(WalkKind::Deep),
                history
            )?;
            Ok(())
        };
        tokio::select! {
            result = work => result,
            () = stop => Ok(()),
        }
    }

    /// Waits until the token is one of the account whose events the log has.
    async fn recognise(&self) -> Result<(), CollectError> {
        while let Err(error) = self.refuse_another_account().await {
            self.failed(WalkKind::Tail, &error)?;
            self.tell_and_wait(&error, self.next_poll_ms()).await?;
        }
        Ok(())
    }

    /// Draws the line between what the tail collects from now on and the history behind it, which may
    /// have been begun without one.
    async fn begin(&self) -> Result<(), CollectError> {
        loop {
            let checkpoint = self.store.checkpoint(self.connector.id, STREAM)?;
            if checkpoint.since.is_some() {
                return Ok(());
            }
            let newest = PageRequest {
                bound: Bound::Oldest,
                before: None,
                limit: 1,
                order: Order::NewestFirst,
                filter: Filter::default(),
            };
            match self.page(&newest, WalkKind::Tail, Patience::Endless).await {
                Err(error) => {
                    let error = CollectError::from(error);
                    self.failed(WalkKind::Tail, &error)?;
                    self.tell_and_wait(&error, self.next_poll_ms()).await?;
                }
                Ok(page) => {
                    // The earlier clock: a line drawn in the future would blind the tail until then.
                    let now = self.clock.now();
                    let at = page.hub_now.map_or(now, |hub_now| hub_now.min(now));
                    let begun = checkpoint.walks.get(&WalkKind::Backfill).copied();
                    let point = begun.unwrap_or_else(|| WalkPoint::new(self.start(), None, at));
                    let point = WalkPoint { to: Some(at), ..point };
                    let mut append = Append::new(self.connector.id, STREAM, at);
                    append.ids = identify(&self.connector.account, STREAM, &page.records);
                    append.polled_at = now;
                    append.records = page.records;
                    append.changes = vec![Change::Progress { kind: WalkKind::Backfill, point }];
                    append.changes.push(Change::TailFrom { since: at });
                    self.store.append(append).await?;
                    return self.works(WalkKind::Tail, Cleared::Walk).map_err(Into::into);
                }
            }
        }
    }

    async fn tail(&self) -> Result<(), CollectError> {
        loop {
            let checkpoint = self.store.checkpoint(self.connector.id, STREAM)?;
            let from = window_start(&checkpoint, WalkKind::Tail);
            let point = self.resumed(&checkpoint, WalkKind::Tail, from, None);
            match Box::pin(self.walk(WalkKind::Tail, point, Patience::Endless)).await {
                Ok(report) => self.clock.pause(self.tail_pause_ms(report.new > 0)).await,
                Err(error) => self.tell_and_wait(&error, self.next_poll_ms()).await?,
            }
        }
    }

    fn tail_pause_ms(&self, brought: bool) -> u64 {
        let now = self.clock.now();
        let usage = self.hubspot.usage(now);
        let left = if usage.limited { usage.of_today.saturating_sub(usage.used_today) } else { u64::MAX };
        let interval_ms = self.connector.settings.poll_interval_ms;
        tail_pause_ms(interval_ms, brought, left, usage.resets_at.since(now).max(0)).unsigned_abs()
    }

    async fn sweeps(&self, kind: WalkKind) -> Result<(), CollectError> {
        loop {
            let checkpoint = self.store.checkpoint(self.connector.id, STREAM)?;
            let due_in_ms = due_in_ms(&checkpoint, kind, self.hub_now());
            if due_in_ms > 0 || checkpoint.completed.is_empty() {
                self.clock.pause(due_in_ms.clamp(1_000, LONGEST_NAP_MS).unsigned_abs()).await;
                continue;
            }
            let from = window_start(&checkpoint, kind);
            let anew = || WalkPoint::new(from, Some(self.hub_now()), self.clock.now());
            let point = checkpoint.unfinished(kind, from).unwrap_or_else(anew);
            if let Err(error) = Box::pin(self.walk(kind, point, Patience::Endless)).await {
                self.tell_and_wait(&error, AGAIN_MS).await?;
            }
        }
    }

    async fn history(&self) -> Result<(), CollectError> {
        loop {
            let checkpoint = self.store.checkpoint(self.connector.id, STREAM)?;
            let Some(point) = self.backfill(&checkpoint) else { return Ok(()) };
            if let Err(error) = Box::pin(self.walk(WalkKind::Backfill, point, Patience::Endless)).await {
                self.tell_and_wait(&error, AGAIN_MS).await?;
            }
        }
    }

    /// Shows what stands in the way and waits; what only a person can mend is tried again as well.
    pub(super) async fn tell_and_wait(&self, error: &CollectError, ms: u64) -> Result<(), CollectError> {
        match error {
            // A disk is emptied and a lock is let go; nothing was stored, so nothing is skipped.
            CollectError::Log(
                StoreError::Busy(_) | StoreError::DiskFull(_) | StoreError::DiskFails { .. },
            ) => {}
            CollectError::Log(_) | CollectError::TaskLost => {
                return Err(CollectError::Stopped(error.to_string()));
            }
            _ => {}
        }
        self.tell(Tell::Failed { message: error.to_string(), fix: error.fix() });
        self.clock.pause(ms).await;
        Ok(())
    }

    /// A tail in trouble asks as often as one that is well: a recovery is seen with the next poll.
    pub(super) fn next_poll_ms(&self) -> u64 {
        soon_ms(self.connector.settings.poll_interval_ms, rand::random())
    }

    /// HubSpot's clock, as far as its last reply told it.
    pub(super) fn hub_now(&self) -> UtcMs {
        self.clock.now().plus(self.ahead_ms.load(std::sync::atomic::Ordering::Relaxed))
    }
}

/// From half a poll interval to a whole one, so that accounts that failed together do not come back together.
fn soon_ms(poll_interval_ms: i64, random: f64) -> u64 {
    let most_ms = poll_interval_ms.unsigned_abs().clamp(1, AGAIN_MS);
    Backoff::new(most_ms, most_ms).map_or(AGAIN_MS, |backoff| backoff.delay_ms(0, random))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_waits_for_one_poll_at_most_and_for_a_minute_where_polls_are_rare() {
        for (poll_interval_ms, least_ms, most_ms) in
            [(1_000, 500, 1_000), (10_000, 5_000, 10_000), (3_600_000, 30_000, 60_000)]
        {
            assert_eq!((soon_ms(poll_interval_ms, 0.0), soon_ms(poll_interval_ms, 1.0)), (least_ms, most_ms));
        }
    }
}
