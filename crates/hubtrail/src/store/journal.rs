//! The journal in which SQLite keeps what is committed before it goes into the file (its write-ahead log).
//!
//! Moving it takes as long as the disk likes, so it has a thread of its own: a commit, and whoever waits for what
//! is in it, waits for its own flush only. The journal begins anew with a commit that finds all of it moved and nobody
//! reading from it.

use std::os::raw::c_int;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::hooks::Wal;

use super::{StoreError, schema};

/// Pages after which they are moved (16 MiB): a page that changed often goes once.
const MANY: c_int = 4_096;
/// Pages (64 MiB) that a writer in a hurry leaves no time to move: it moves the rest itself.
const TOO_MANY: c_int = 16_384;
/// Between two passes while the journal does not begin anew.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The thread that moves what a connection commits.
pub(super) struct Journal(JoinHandle<()>);

pub(super) fn keep_short(writer: &mut Connection, path: &Path) -> Result<Journal, StoreError> {
    let mover = schema::connect(path)?;
    mover.execute_batch("PRAGMA synchronous = FULL;")?;
    let length = Arc::new(AtomicI32::new(0));
    let seen = Arc::clone(&length);
    let (wake, woken) = mpsc::sync_channel(1);
    let thread = thread::Builder::new()
        .name("log-journal".to_owned())
        .spawn(move || while woken.recv().is_ok() && shorten(&mover, &seen, &woken) {})
        .map_err(|error| StoreError::io("start the thread of the journal of", path, error))?;
    writer.wal_hook(Some(move |journal: &mut Wal, pages| {
        let before = length.swap(pages, Ordering::Relaxed);
        if before < MANY && pages >= MANY {
            // The thread may not have taken the last one yet: one is enough.
            wake.try_send(()).unwrap_or_default();
        }
        if pages >= TOO_MANY {
            drop(journal.checkpoint());
        }
        // The commit is done, whatever becomes of the journal.
        Ok(())
    }))?;
    Ok(Journal(thread))
}

impl Journal {
    /// The last connection that is closed moves all that is left: that is the writer's, with nobody beside it.
    pub(super) fn end(self, writer: &mut Connection) {
        let nobody: Option<fn(&mut Wal, c_int) -> rusqlite::Result<()>> = None;
        // Without the hook nobody wakes the thread again. Should it not go, closing the connection ends it.
        if writer.wal_hook(nobody).is_ok() {
            drop(self.0.join());
        }
    }
}

/// Moves what there is until the journal has begun anew. Whether there is still somebody who writes.
fn shorten(mover: &Connection, length: &AtomicI32, woken: &Receiver<()>) -> bool {
    let mut pause = FIRST_PAUSE;
    while length.load(Ordering::Relaxed) >= MANY {
        // It waits for nobody: what cannot be moved now is moved the next time.
        drop(mover.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())));
        match woken.recv_timeout(pause) {
            Err(RecvTimeoutError::Disconnected) => return false,
            Ok(()) | Err(RecvTimeoutError::Timeout) => pause = LONGEST_PAUSE.min(pause * 2),
        }
    }
    true
}
