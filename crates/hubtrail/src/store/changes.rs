//! Noticing that anybody, in this process or another, has committed something. Cheap enough to ask often.

use rusqlite::Connection;

use super::{Store, StoreError, schema};

/// Asks with a connection of its own: SQLite tells each connection what others have committed.
pub struct Changes {
    conn: Connection,
    seen: Option<i64>,
}

impl Store {
    /// # Errors
    /// When the log cannot be read.
    pub fn changes(&self) -> Result<Changes, StoreError> {
        let path = &self.inner.path;
        let conn = schema::open_reader(path).map_err(|error| error.located(path))?;
        Ok(Changes { conn, seen: None })
    }
}

impl Changes {
    /// Whether anything was committed since this was last asked; the first time it was.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn any(&mut self) -> Result<bool, StoreError> {
        let version = self.conn.query_row("PRAGMA data_version", [], |row| row.get(0))?;
        Ok(self.seen.replace(version) != Some(version))
    }
}
