//! The journal in which SQLite keeps what is committed before it goes into the file (its write-ahead log).
//!
//! Moving it takes as long as the disk likes, so it has a thread of its own: a commit, and whoever waits for what
//! is in it, waits for its own flush only.

use std::os::raw::c_int;
use std::path::Path;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use rusqlite::Connection;

use super::{StoreError, schema};

/// Pages after which they are moved (16 MiB): a page that changed often goes once.
const MANY: c_int = 4_096;
/// Pages that a writer in a hurry leaves no time to move: it moves the rest itself, or the journal would grow on.
const TOO_MANY: c_int = 32_768;

/// Begins to move what `writer` commits. The thread ends when the connection is closed.
pub(super) fn keep_short(writer: &mut Connection, path: &Path) -> Result<JoinHandle<()>, StoreError> {
    let mover = schema::connect(path)?;
    mover.execute_batch("PRAGMA synchronous = FULL;")?;
    let (wake, woken) = mpsc::sync_channel(1);
    let thread = thread::Builder::new()
        .name("log-journal".to_owned())
        .spawn(move || {
            while woken.recv().is_ok() {
                // What cannot be moved now stays in the journal, and is moved the next time.
                drop(mover.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())));
            }
        })
        .map_err(|error| StoreError::io("start the thread of the journal of", path, error))?;
    let mut asked = 0;
    writer.wal_hook(Some(move |journal: &mut rusqlite::hooks::Wal, pages| {
        // It was begun anew.
        asked = if pages < asked { 0 } else { asked };
        if pages - asked >= MANY && wake.try_send(()).is_ok() {
            asked = pages;
        }
        if pages >= TOO_MANY {
            drop(journal.checkpoint());
        }
        // The commit is done, whatever becomes of the journal.
        Ok(())
    }))?;
    Ok(thread)
}
