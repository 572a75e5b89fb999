//! The whole service in one process: every connector and every sink that is not paused, detection, alerts, the listener,
//! and retention.
//!
//! The log is the only meeting point: who answers a request writes to it, and the supervisor looks into it.
//! Nothing that goes wrong with one connector reaches another.

mod alerting;
mod announce;
mod backfill;
mod declare;
mod forwarding;
mod supervisor;
mod trouble;
mod validate;
mod worker;

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::config::Detection;
use crate::detect;
use crate::http::listen::Listener;
use crate::http::{App, backup};
use crate::retention;

pub use declare::{declare, declaring};

/// How long those who are being answered, and pages that are being stored, may take to end.
const GRACE: Duration = Duration::from_secs(4);
/// A log that cannot be used for retention is tried again after this.
const RETENTION_AGAIN_MS: u64 = 600_000;

/// Ready when the service ends: its other half was dropped.
#[derive(Clone)]
struct Stop(watch::Receiver<()>);

impl Stop {
    async fn ready(&mut self) {
        while self.0.changed().await.is_ok() {}
    }
}

/// A part of the service that was to run for ever has ended.
#[derive(Debug, thiserror::Error)]
#[error("a part of the service ended unexpectedly: {0}")]
pub struct PartLost(String);

/// Serves and collects until `stop` is ready, then lets everything end.
///
/// # Errors
/// When a part of the service ends by itself. The others are stopped in an orderly way first.
pub async fn run(app: App, listener: Listener, stop: impl Future<Output = ()>) -> Result<(), PartLost> {
    backup::clear_unfinished(&app.config.storage.data_dir);
    let (running, stopped) = watch::channel(());
    let stopped = Stop(stopped);
    let mut parts = JoinSet::new();
    parts.spawn(supervisor::supervise(app.clone(), stopped.clone()));
    parts.spawn(forwarding::forward(app.clone(), stopped.clone()));
    parts.spawn(alerting::alert(app.clone(), stopped.clone()));
    parts.spawn(listen(listener, app.clone(), stopped.clone()));
    parts.spawn(watch(app.clone(), stopped.clone()));
    parts.spawn(keep(app, stopped));
    let lost = tokio::select! {
        () = stop => None,
        ended = parts.join_next() => ended,
    };
    tracing::info!("stopping");
    drop(running);
    let ended = async { while parts.join_next().await.is_some() {} };
    if timeout(GRACE, ended).await.is_err() {
        tracing::warn!("someone is still being answered; they are cut off");
    }
    match lost {
        None => Ok(()),
        Some(ended) => Err(PartLost(ended.err().map_or_else(String::new, |error| error.to_string()))),
    }
}

async fn listen(listener: Listener, app: App, mut stop: Stop) {
    if let Err(error) = listener.serve(app, async move { stop.ready().await }).await {
        tracing::error!("the listener ended: {error}");
    }
}

async fn watch(app: App, mut stop: Stop) {
    let Detection { rules, alert_budget, .. } = app.config.detection.clone();
    let settings = detect::Settings { rules, alert_budget };
    tokio::select! {
        () = detect::keep(app.store, app.clock, settings) => {}
        () = stop.ready() => {}
    }
}

async fn keep(app: App, mut stop: Stop) {
    tokio::select! {
        () = keep_entries(&app) => {}
        () = keep_findings(&app) => {}
        () = stop.ready() => {}
    }
}

async fn keep_entries(app: &App) {
    loop {
        let said = |retired: &crate::store::Retired, days| {
            tracing::info!(entries = retired.entries, "entries older than {days} days were taken out");
        };
        let error = retention::keep(&app.store, &app.config.storage, app.clock, said).await;
        tracing::warn!("taking out old entries failed, and is tried again: {error}");
        app.clock.pause(RETENTION_AGAIN_MS).await;
    }
}

async fn keep_findings(app: &App) {
    loop {
        let days = app.config.detection.retention_days;
        let said = |findings: usize, days| {
            tracing::info!(findings, "findings older than {days} days were taken out");
        };
        let error = retention::keep_findings(&app.store, days, app.clock, said).await;
        tracing::warn!("taking out old findings failed, and is tried again: {error}");
        app.clock.pause(RETENTION_AGAIN_MS).await;
    }
}
