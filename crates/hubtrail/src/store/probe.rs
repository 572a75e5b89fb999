//! Whether the log can be used, for those who decide whether the service is sent requests.

use std::fs;

use super::{Store, StoreError, writer};

impl Store {
    /// Reads the log, and takes the turn to write without writing anything.
    ///
    /// # Errors
    /// What stands in the way.
    pub fn probe(&self) -> Result<(), StoreError> {
        self.read(writer::stored_head)?;
        self.write(|_| Ok(()))
    }

    /// What the log takes on the disk, with its journal.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let mut journal = self.path().as_os_str().to_owned();
        journal.push("-wal");
        let size = |path: &std::path::Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
        size(self.path()) + size(journal.as_ref())
    }
}
