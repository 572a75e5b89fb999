//! Commands that go on until they are told to end: their runtime, and how they are told.

use anyhow::Context;
use tokio::signal;

/// Runs a command that does several things beside each other.
///
/// # Errors
/// When the operating system refuses what a runtime needs.
pub(super) fn run<T>(work: impl Future<Output = T>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    Ok(runtime.context("start the runtime")?.block_on(work))
}

/// Listens for Ctrl-C and, where there is such a thing, SIGTERM, from the call on; ready at the first.
///
/// # Errors
/// When the operating system does not let us listen.
pub(super) fn interrupted() -> anyhow::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let mut terminate =
        signal::unix::signal(signal::unix::SignalKind::terminate()).context("listen for SIGTERM")?;
    #[cfg(unix)]
    let mut interrupt =
        signal::unix::signal(signal::unix::SignalKind::interrupt()).context("listen for Ctrl-C")?;
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        #[cfg(not(unix))]
        if signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
