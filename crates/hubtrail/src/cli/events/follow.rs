//! `--follow`: entries in the order in which they come into the log, as soon as they are there.
//!
//! They are appended by another process, which only looking shows.

use std::time::Duration;

use super::printer::Printer;
use crate::store::{Position, Search, Store};

const LOOK_EVERY: Duration = Duration::from_millis(250);
const BATCH: usize = 512;

/// Returns only with an error; Ctrl-C ends the process.
pub(super) fn follow(
    store: &Store,
    search: &Search,
    mut position: Position,
    printer: &mut Printer,
) -> anyhow::Result<()> {
    loop {
        let entries = store.entries_after(position, BATCH)?;
        for entry in &entries {
            position = entry.position;
            if search.accepts(entry) {
                printer.print(store, entry)?;
            }
        }
        printer.flush()?;
        if entries.len() < BATCH {
            std::thread::sleep(LOOK_EVERY);
        }
    }
}
