//! Which connectors are at work: compares what the log says with what runs, and starts, stops and restarts.
//!
//! Woken by the commits of this process, and looking for those of others.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::Stop;
use super::worker::{Running, Start};
use crate::connector::ConnectorId;
use crate::http::App;
use crate::store::{Changes, StoreError};

/// Other processes' commits are noticed within this.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Pages are commits as well: a history that loads must not make us look all the time.
const LOOK_AT_MOST_EVERY: Duration = Duration::from_millis(50);
/// A worker only has to notice that it is to end.
const WORKER_GRACE: Duration = Duration::from_secs(3);

pub(super) async fn supervise(app: App, mut stop: Stop) {
    let mut commits = app.store.subscribe();
    let mut supervisor = Supervisor { app, changes: None, workers: BTreeMap::new(), started: false };
    let mut unreadable = false;
    loop {
        match supervisor.look().await {
            Ok(()) => unreadable = false,
            // What runs goes on; each worker meets the error itself.
            Err(error) if !unreadable => {
                unreadable = true;
                tracing::error!("the connectors cannot be read, and this is tried again: {error}");
            }
            Err(_) => {}
        }
        let woken = async {
            tokio::select! {
                _ = commits.changed() => sleep(LOOK_AT_MOST_EVERY).await,
                () = sleep(LOOK_EVERY) => {}
            }
        };
        tokio::select! {
            () = woken => {}
            () = stop.ready() => break,
        }
    }
    let all = std::mem::take(&mut supervisor.workers);
    end(all.into_values()).await;
}

struct Supervisor {
    app: App,
    changes: Option<Changes>,
    workers: BTreeMap<ConnectorId, Running>,
    /// Whether the connectors that were there at the start have been started.
    started: bool,
}

impl Supervisor {
    async fn look(&mut self) -> Result<(), StoreError> {
        let changes = match &mut self.changes {
            Some(changes) => changes,
            None => self.changes.insert(self.app.store.changes()?),
        };
        if !changes.any()? {
            return Ok(());
        }
        let looked = self.reconcile().await;
        if looked.is_err() {
            // What could not be read is to be looked at again.
            self.changes = None;
        }
        looked
    }

    async fn reconcile(&mut self) -> Result<(), StoreError> {
        let wanted: BTreeMap<ConnectorId, i64> = self.app.store.collecting()?.into_iter().collect();
        let outdated = |id: &ConnectorId, worker: &mut Running| wanted.get(id) != Some(&worker.revision());
        let ended: Vec<_> = self.workers.extract_if(.., outdated).collect();
        end(ended.into_iter().map(|(_, worker)| worker)).await;
        let mut before = 0;
        for (&id, &revision) in &wanted {
            if !self.workers.contains_key(&id) {
                let start = if self.started { Start::AtOnce } else { Start::Spread { before } };
                before += 1;
                self.workers.insert(id, Running::start(self.app.clone(), id, revision, start));
            }
        }
        self.started = true;
        for id in self.app.store.awaiting_backfill()? {
            if let Some(worker) = self.workers.get(&id) {
                worker.look_for_backfills();
            }
        }
        Ok(())
    }
}

/// Stops workers, all at the same time. What they have stored stays.
async fn end(workers: impl Iterator<Item = Running>) {
    let ending = workers.map(|worker| timeout(WORKER_GRACE, worker.end()));
    for ended in futures_util::future::join_all(ending).await {
        if ended.is_err() {
            tracing::warn!("a connector's collection does not end; it is left behind");
        }
    }
}
