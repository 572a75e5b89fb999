//! The log: every record collected, the checkpoints they came with, and who has read how far. One SQLite
//! file per data directory, one thread that writes, a few connections that read.
//!
//! The only place with SQL. Entries are immutable, a position never goes back, and nothing is reported
//! as stored before it is durable. Calls block for the disk unless they are `async`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::watch;
use tokio::task::block_in_place;

mod access;
mod append;
mod audit;
mod backfill;
mod backup;
mod calls;
mod changes;
mod channels;
mod check;
mod connection_test;
mod connectors;
mod days;
mod dead_letter;
mod delivery;
mod detection;
mod directory;
mod entry;
mod error;
mod exceptions;
mod facts;
mod failure;
mod finding;
mod gap;
mod hours;
mod journal;
mod lock;
mod log;
mod look;
mod messages;
mod names;
mod original;
mod own_rules;
mod pace;
mod pool;
mod probe;
mod reader;
mod removal;
mod replay;
mod rollup;
mod rule_book;
mod schema;
mod search;
mod sinks;
mod spans;
mod stream;
mod upgrading;
mod verification;
mod view;
mod walk;
mod writer;

pub use access::{Credential, NewSession, NewToken, NewUser, Token, User, UserChange};
pub use append::{Append, Appended};
pub use audit::{AuditEntry, AuditSearch, NewAudit};
pub use backfill::{Backfill, NewBackfill};
pub use changes::Changes;
pub use channels::{ALERTS, NewChannel};
pub use check::{Depth, Report};
pub use connection_test::ConnectionTest;
pub use connectors::NewConnector;
pub use days::{Busy, DAY_MS, Lively};
pub use dead_letter::{DeadLetter, NewDeadLetter, Refusals};
pub use delivery::{Delivery, Obstacle, Progress};
pub use detection::{AlertRate, Detection};
pub use directory::DirectoryRead;
pub use entry::{Entry, Position};
pub use error::StoreError;
pub use exceptions::ExceptionSearch;
pub use facts::StreamFacts;
pub(crate) use failure::OF_ACCOUNT;
pub use failure::{Cleared, Failure};
pub use finding::{
    Detected, FindingChange, FindingEntry, FindingSearch, Judged, Judgement, KeptFinding, Looked, Owner,
    Proof, QueueCount, Recorded, RuleRate, Sight, Standing, WholeFinding,
};
pub use gap::{Gap, NewGap, Span};
pub(crate) use hours::ANSWERED;
pub use hours::Heard;
pub use lock::RoleLock;
pub use log::{LogEntry, Stretch};
pub use look::Look;
pub use messages::{DueMessage, Note};
pub use own_rules::OwnRule;
pub use pace::Pace;
pub use reader::ReaderState;
pub use removal::{Retention, Retired};
pub use replay::{Replay, Replayed, SeenKind, Window};
pub use rollup::{HourTotal, Hours, KindTotal};
pub use rule_book::{RuleFile, RuleProblem, RuleSetting};
pub use search::{Cursor, Facets, Frequent, Held, Search, Side, Spread, Subject, TypeSpread, Week};
pub use sinks::{NewSink, SinkChange};
pub use verification::Verification;
pub use view::View;
pub use walk::Walk;

const FILE: &str = "hubtrail.db";

/// A handle to the log; cloning it is cheap. The file is closed when the last one is dropped.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    pool: pool::Pool,
    writer: writer::Handle,
    head: watch::Sender<Position>,
}

impl Store {
    /// Whether there is a log in `dir`; for those that only look and must not create one.
    #[must_use]
    pub fn exists(dir: &Path) -> bool {
        dir.join(FILE).exists()
    }

    /// Opens the log in `dir`; creates both when they are missing, and brings an older log up to date.
    ///
    /// # Errors
    /// When the directory or the file cannot be used, or was written by a newer version.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        schema::create_dir(dir)?;
        let path = dir.join(FILE);
        let conn = schema::open(&path).map_err(|error| error.located(&path))?;
        let at = writer::stored_head(&conn).map_err(|error| error.located(&path))?;
        let (head, _) = watch::channel(at);
        let writer = writer::Handle::start(conn, path.clone(), head.clone())?;
        let pool = pool::Pool::new(path.clone());
        Ok(Self { inner: Arc::new(Inner { path, pool, writer, head }) })
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// The position of the newest entry ever appended, by this process or another.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn head(&self) -> Result<Position, StoreError> {
        self.read(writer::stored_head)
    }

    /// Woken by every commit of this process. Other processes' commits are only seen by looking.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Position> {
        self.inner.head.subscribe()
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let conn = self.inner.pool.take().map_err(|error| error.located(&self.inner.path))?;
        work(&conn).map_err(|error| error.located(&self.inner.path))
    }

    /// As [`Store::read`], with everything read from one state of the log.
    fn read_at_once<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.read(|conn| {
            let snapshot = conn.unchecked_transaction()?;
            let result = work(&snapshot)?;
            snapshot.commit()?;
            Ok(result)
        })
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut writer::Writer) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = std::sync::mpsc::sync_channel(1);
        self.inner.writer.submit(work, move |result| drop(reply.send(result)));
        patiently(|| answer.recv()).unwrap_or(Err(StoreError::Stopped))
    }

    async fn write_async<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut writer::Writer) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        self.inner.writer.submit(work, move |result| drop(reply.send(result)));
        answer.await.unwrap_or(Err(StoreError::Stopped))
    }
}

/// Waits for the disk without keeping a runtime's other tasks waiting, where it has other threads for them.
fn patiently<T>(wait: impl FnOnce() -> T) -> T {
    match Handle::try_current() {
        Ok(runtime) if runtime.runtime_flavor() == RuntimeFlavor::MultiThread => block_in_place(wait),
        _ => wait(),
    }
}

#[cfg(test)]
mod tests;
