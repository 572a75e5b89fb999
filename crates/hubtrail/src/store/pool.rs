//! Connections that read. One is opened whenever none is idle, so that a reader never waits for another
//! and may read while it reads; only a few are kept.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::{StoreError, schema};

const MOST_IDLE: usize = 4;

pub(super) struct Pool {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Pool {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::default() }
    }

    pub(super) fn take(&self) -> Result<Reading<'_>, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let conn = match idle {
            Some(conn) => conn,
            None => schema::open_reader(&self.path)?,
        };
        Ok(Reading { conn: Some(conn), pool: self })
    }
}

/// A connection on loan.
pub(super) struct Reading<'a> {
    conn: Option<Connection>,
    pool: &'a Pool,
}

impl Deref for Reading<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.conn.as_ref().expect("the connection is taken only when the loan ends")
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        let mut idle = self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(conn) = self.conn.take().filter(|conn| conn.is_autocommit() && idle.len() < MOST_IDLE) {
            idle.push(conn);
        }
    }
}
