//! One connector at work. Whatever goes wrong with it is shown, and tried again; it never ends the service
//! and never touches another connector.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use hubtrail_core::backoff::Backoff;
use hubtrail_core::identity::AccountKey;
use hubtrail_core::stream::Stream;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::{Notify, oneshot};
use tokio::task::{JoinHandle, JoinSet};

use super::announce::announce;
use super::backfill;
use super::trouble::Trouble;
use super::validate;
use crate::collect::Collector;
use crate::connector::ConnectorId;
use crate::directory;
use crate::http::App;
use crate::reach;
use crate::store::StoreError;

/// What only a person can mend is shown meanwhile, and their change starts the connector at once.
const AGAIN: Backoff = match Backoff::new(2_000, 30_000) {
    Ok(backoff) => backoff,
    Err(_) => panic!("checked when compiling"),
};
/// Whoever has worked for so long has recovered from what went wrong before.
const RECOVERED_MS: i64 = 600_000;
/// Accounts that are asked rarely still start within this.
const LONGEST_SPREAD_MS: i64 = 30_000;
/// New accounts are tried out, and their people and history read, at once: all together would take as many connections.
const NEW_EVERY_MS: u64 = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    AtOnce,
    /// Each a little later than another, so that many accounts are not asked in the same moment: so many others start
    /// before it.
    Spread {
        before: u64,
    },
}

/// A worker as the supervisor holds it.
pub(super) struct Running {
    revision: Arc<AtomicI64>,
    asked: Arc<Notify>,
    /// Dropped to end it.
    _stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    pub(super) fn start(app: App, id: ConnectorId, revision: i64, start: Start) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (revision, asked) = (Arc::new(AtomicI64::new(revision)), Arc::new(Notify::new()));
        let worker = Worker { app, id, revision: Arc::clone(&revision), asked: Arc::clone(&asked) };
        let task = tokio::spawn(worker.keep(start, stopped));
        Self { revision, asked, _stop: stop, task }
    }

    /// What it works by.
    pub(super) fn revision(&self) -> i64 {
        self.revision.load(Ordering::Relaxed)
    }

    pub(super) fn look_for_backfills(&self) {
        self.asked.notify_one();
    }

    /// Ready when it has ended: nobody else collects the connector then.
    pub(super) async fn end(self) {
        let Self { _stop: stop, task, .. } = self;
        drop(stop);
        // A worker catches its own panics; were it not so, it has ended as well.
        let _ = task.await;
    }
}

#[derive(Clone)]
struct Worker {
    app: App,
    id: ConnectorId,
    revision: Arc<AtomicI64>,
    asked: Arc<Notify>,
}

impl Worker {
    async fn keep(self, start: Start, mut stopped: oneshot::Receiver<()>) {
        let mut attempt = 0;
        let mut work = JoinSet::new();
        work.spawn(self.clone().spread(start));
        loop {
            let began = self.app.clock.now();
            let ended = tokio::select! {
                ended = work.join_next() => ended,
                _ = &mut stopped => break,
            };
            let trouble = match ended {
                Some(Ok(Err(trouble))) => trouble,
                Some(Err(_)) => Trouble::Panicked,
                Some(Ok(Ok(()))) | None => return,
            };
            if matches!(self.app.store.connector_by_id(self.id), Err(StoreError::UnknownConnector { .. })) {
                // It was removed while it worked, and that is why it stopped.
                return;
            }
            if self.app.clock.now().since(began) > RECOVERED_MS {
                attempt = 0;
            }
            self.show(&trouble);
            tokio::select! {
                () = self.app.clock.pause(AGAIN.delay_ms(attempt, rand::random())) => {}
                _ = &mut stopped => break,
            }
            attempt += 1;
            work.spawn(self.clone().work());
        }
        work.shutdown().await;
    }

    async fn spread(self, start: Start) -> Result<(), Trouble> {
        let store = &self.app.store;
        let connector = store.connector_by_id(self.id)?;
        let is_new = store.checkpoint(self.id, Stream::Content)?.since.is_none();
        if let Start::Spread { before } = start {
            let poll_interval_ms = connector.settings.poll_interval_ms;
            let wait_ms =
                if is_new { before * NEW_EVERY_MS } else { offset_ms(&connector.account, poll_interval_ms) };
            self.app.clock.pause(wait_ms).await;
        }
        self.work().await
    }

    async fn work(self) -> Result<(), Trouble> {
        let App { store, clock, config, keyring, .. } = &self.app;
        let connector = store.connector_by_id(self.id)?;
        self.revision.store(connector.revision, Ordering::Relaxed);
        let hubspot = reach::hubspot(store, &connector, &config.network, keyring, clock.now())?;
        let (tell, told) = unbounded_channel();
        let collector = Collector::new(store.clone(), hubspot, connector.clone(), *clock, tell);
        tokio::select! {
            ended = Box::pin(collector.follow(std::future::pending())) => ended?,
            ended = Box::pin(backfill::carry_out(&self.app, &collector, self.id, &self.asked)) => ended?,
            () = validate::again_and_again(&self.app, &collector, self.id) => {}
            () = directory::keep_fresh(store, collector.hubspot(), self.id, *clock) => {}
            () = announce(connector.name(), told) => {}
        }
        Ok(())
    }

    /// Where status finds it, and once in the service's own log.
    fn show(&self, trouble: &Trouble) {
        let failure = trouble.failure(self.app.clock.now());
        let connector = self.id.0;
        tracing::error!(connector, fix = failure.fix, "the collection stopped: {}", failure.message);
        if let Err(error) = self.app.store.set_failure(self.id, Stream::Content, failure) {
            tracing::error!(connector, "its failure could not be stored: {error}");
        }
    }
}

/// The same at every start, and different for each account.
fn offset_ms(account: &AccountKey, poll_interval_ms: i64) -> u64 {
    let digest = Sha256::digest(account.0.as_bytes());
    let number = u64::from_be_bytes(digest.first_chunk().copied().unwrap_or_default());
    number % poll_interval_ms.clamp(1, LONGEST_SPREAD_MS).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_accounts_are_asked_at_different_moments_and_each_at_its_own() {
        let account = |n: u32| AccountKey(format!("account-{n}"));
        let mut seconds = [0; 10];
        for n in 0..1_000 {
            let offset = offset_ms(&account(n), 10_000);
            assert_eq!(offset, offset_ms(&account(n), 10_000));
            seconds[usize::try_from(offset / 1_000).unwrap()] += 1;
        }
        assert!(seconds.iter().all(|count| (70..130).contains(count)), "{seconds:?}");
        let rare = (0..1_000).map(|n| offset_ms(&account(n), 3_600_000)).max();
        assert!(rare < Some(LONGEST_SPREAD_MS.unsigned_abs()));
    }
}
