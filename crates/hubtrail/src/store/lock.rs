//! One process collects into a data directory. The second one is refused by name, so that a person
//! knows which one to stop. The lock is the operating system's: it ends with its process, however that ends.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use super::StoreError;
use crate::ownership::open_or_create;

const FILE: &str = "hubtrail.lock";

/// Held for as long as it lives.
#[derive(Debug)]
pub struct RoleLock {
    _file: File,
}

impl RoleLock {
    /// `role` is how the process calls itself, such as `hubtrail serve`.
    ///
    /// # Errors
    /// When another process holds the lock, or the directory cannot be written.
    pub fn take(dir: &Path, role: &str) -> Result<Self, StoreError> {
        let path = dir.join(FILE);
        let mut file =
            open_or_create(&path).map_err(|error| StoreError::io("open the lock", &path, error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::InUse { dir: dir.to_owned(), holder: holder(&mut file) });
            }
            Err(TryLockError::Error(error)) => return Err(StoreError::io("lock", &path, error)),
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| write!(file, "`{role}` (pid {})", std::process::id()))
            .and_then(|()| file.sync_data())
            .map_err(|error| StoreError::io("write the lock", &path, error))?;
        Ok(Self { _file: file })
    }
}

/// The holder writes its name a moment after it takes the lock; until then it has none.
fn holder(file: &mut File) -> String {
    let mut text = String::new();
    match file.read_to_string(&mut text) {
        Ok(_) if !text.is_empty() => text,
        _ => "another process".to_owned(),
    }
}
