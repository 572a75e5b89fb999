//! Which sinks are at work: compares what the log says with what runs, and starts, stops and restarts. Whatever
//! goes wrong with one is shown and tried again; it reaches neither another sink nor the collection.

use std::collections::BTreeMap;
use std::time::Duration;

use hubtrail_core::backoff::Backoff;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::Stop;
use crate::forward::{ForwardError, Forwarder, until_tried_again};
use crate::http::App;
use crate::sink::{SinkError, SinkId};
use crate::store::{Changes, Obstacle, StoreError};

/// Other processes' commits are noticed within this.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Every batch is a commit as well.
const LOOK_AT_MOST_EVERY: Duration = Duration::from_millis(100);
/// A batch that is under way may end, so that it does not come again.
const GRACE: Duration = Duration::from_secs(2);
const AGAIN: Backoff = match Backoff::new(1_000, 60_000) {
    Ok(backoff) => backoff,
    Err(_) => panic!("checked when compiling"),
};

pub(super) async fn forward(app: App, mut stop: Stop) {
    let mut commits = app.store.subscribe();
    let mut running: BTreeMap<SinkId, Running> = BTreeMap::new();
    let mut changes = None;
    let mut unreadable = false;
    loop {
        match look(&app, &mut changes, &mut running).await {
            Ok(()) => unreadable = false,
            // What runs goes on; each worker meets the error itself.
            Err(error) if !unreadable => {
                (unreadable, changes) = (true, None);
                tracing::error!("the sinks cannot be read, and this is tried again: {error}");
            }
            Err(_) => changes = None,
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
    end(running.into_values()).await;
}

async fn look(
    app: &App,
    changes: &mut Option<Changes>,
    running: &mut BTreeMap<SinkId, Running>,
) -> Result<(), StoreError> {
    let changes = match changes {
        Some(changes) => changes,
        None => changes.insert(app.store.changes()?),
    };
    if !changes.any()? {
        return Ok(());
    }
    let wanted: BTreeMap<SinkId, i64> = app.store.forwarding()?.into_iter().collect();
    let outdated = |id: &SinkId, one: &mut Running| wanted.get(id) != Some(&one.revision);
    let ended: Vec<_> = running.extract_if(.., outdated).collect();
    end(ended.into_iter().map(|(_, one)| one)).await;
    for (&id, &revision) in &wanted {
        running.entry(id).or_insert_with(|| Running::start(app.clone(), id, revision));
    }
    Ok(())
}

async fn end(running: impl Iterator<Item = Running>) {
    futures_util::future::join_all(running.map(Running::end)).await;
}

/// A worker as it is held.
struct Running {
    revision: i64,
    /// Dropped to end it.
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    fn start(app: App, id: SinkId, revision: i64) -> Self {
        let (stop, stopped) = oneshot::channel();
        Self { revision, stop, task: tokio::spawn(keep(app, id, stopped)) }
    }

    async fn end(self) {
        drop(self.stop);
        // A worker catches its own panics; were it not so, it has ended as well.
        let _ = self.task.await;
    }
}

async fn keep(app: App, id: SinkId, mut stopped: oneshot::Receiver<()>) {
    let mut attempt = 0;
    loop {
        let mut work = JoinSet::new();
        work.spawn(forwarded(app.clone(), id));
        let ended = tokio::select! {
            ended = work.join_next() => ended,
            _ = &mut stopped => {
                // What is under way may still end by itself; what is not acknowledged comes again.
                let _ = timeout(GRACE, work.join_next()).await;
                return work.shutdown().await;
            }
        };
        let wait_ms = match ended {
            Some(Ok(Err(ForwardError::Superseded))) => return,
            Some(Ok(Err(error))) => show(&app, id, &error, attempt).await,
            Some(Err(_)) => {
                tracing::error!(sink = id.0, "hubtrail made a mistake while forwarding; it is tried again");
                AGAIN.delay_ms(attempt, rand::random())
            }
            Some(Ok(Ok(()))) | None => return,
        };
        attempt += 1;
        tokio::select! {
            () = app.clock.pause(wait_ms) => {}
            _ = &mut stopped => return,
        }
    }
}

async fn forwarded(app: App, id: SinkId) -> Result<(), ForwardError> {
    let sink = match app.store.sink_by_id(id) {
        Ok(sink) => sink,
        Err(StoreError::UnknownSink { .. }) => return Err(ForwardError::Superseded),
        Err(error) => return Err(error.into()),
    };
    let forwarder = Forwarder::new(&app.store, sink, &app.keyring, &app.config.network, app.clock)?;
    forwarder.run().await
}

/// Where status finds it, and once in the service's own log. Gives back how long to wait.
async fn show(app: &App, id: SinkId, error: &ForwardError, attempt: u32) -> u64 {
    let now = app.clock.now();
    let fix = match error {
        ForwardError::Secret(_) => Some("give the sink its credentials again, or restore the key".to_owned()),
        ForwardError::Sink(SinkError::Misconfigured { fix, .. }) => Some(fix.clone()),
        ForwardError::Sink(_) | ForwardError::Log(_) | ForwardError::Superseded => None,
    };
    let (wait_ms, retry_at) = if fix.is_some() {
        let until = until_tried_again(now);
        (until.since(now).unsigned_abs(), until)
    } else {
        let ms = AGAIN.delay_ms(attempt, rand::random());
        (ms, now.plus(i64::try_from(ms).unwrap_or(i64::MAX)))
    };
    tracing::error!(sink = id.0, fix, "forwarding stopped: {error}");
    let obstacle = Obstacle { reason: error.to_string(), stopped: fix.is_some(), fix, at: now, retry_at };
    if let Err(error) = app.store.obstructed(id, obstacle).await {
        tracing::error!(sink = id.0, "what stands in its way could not be stored: {error}");
    }
    wait_ms
}
