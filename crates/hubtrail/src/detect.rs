//! Detection: a reader of the log that runs the rules over every account's events and writes what it finds back
//! into the log, together with how far it has read.
//!
//! It holds nothing that is not in the log: the windows of the rules are read again when they are needed and not
//! in memory; what is usual in an account is kept as of its last closed day, and the events since are read again. History that comes in later than a rule waits for is looked at in order of time, behind the walk
//! that collects it. Looking at the same events again finds the same, and is not told again.

mod account;
mod joining;
mod look;
mod reread;
mod trial;
mod usual;

use std::path::PathBuf;
use std::time::Duration;

use hubtrail_core::detect::BUDGET;
use tokio::time::timeout;

use crate::clock::Clock;
use crate::store::{Store, StoreError};
use look::Looker;

pub use trial::{Trial, Tried};

/// The name under which the log keeps how far detection has read.
pub const READER: &str = "detect";

/// What another process appends, and a rule file that was changed, is only seen by looking.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// After trouble with the log.
const AGAIN: Duration = Duration::from_secs(2);

/// What people want of detection.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Rules of their own: a file or a directory.
    pub rules: Option<PathBuf>,
    /// Alerts in 30 days that an account may raise.
    pub alert_budget: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { rules: None, alert_budget: BUDGET }
    }
}

/// Works until it is dropped; what goes wrong is told once and tried again.
pub async fn keep(store: Store, clock: Clock, settings: Settings) {
    let mut commits = store.subscribe();
    let mut held: Option<Looker> = None;
    let mut last_trouble = None;
    loop {
        // Marked before looking: a commit that comes meanwhile ends the wait at once.
        commits.mark_unchanged();
        let (store, settings, looker) = (store.clone(), settings.clone(), held.take());
        let looked = tokio::task::spawn_blocking(move || look(store, clock, settings, looker)).await;
        let trouble = match looked {
            Ok(Ok((looker, is_done))) => {
                held = Some(looker);
                last_trouble = None;
                if is_done {
                    // Whether a commit woke us or time did is the same: we look.
                    drop(timeout(LOOK_EVERY, commits.changed()).await);
                }
                continue;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "hubtrail made a mistake; please report it with the server's log".to_owned(),
        };
        // What it held may be ahead of the log: it is read again.
        if last_trouble.as_ref() != Some(&trouble) {
            tracing::error!("detection stopped, and is tried again: {trouble}");
            last_trouble = Some(trouble);
        }
        tokio::time::sleep(AGAIN).await;
    }
}

fn look(
    store: Store,
    clock: Clock,
    settings: Settings,
    looker: Option<Looker>,
) -> Result<(Looker, bool), StoreError> {
    let mut looker = match looker {
        Some(looker) => looker,
        None => Looker::open(store, clock, settings)?,
    };
    let is_done = looker.look()?;
    Ok((looker, is_done))
}
