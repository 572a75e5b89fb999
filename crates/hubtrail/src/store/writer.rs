//! The one thread that writes. Jobs that wait while a transaction commits share the next one, so that
//! a slow disk costs one flush for many appends; each has a savepoint, so that one that fails does not
//! take its neighbours with it. Replies go out after the commit, never before.

use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::watch;

use super::journal::{self, Journal};
use super::names::Names;
use super::original::Shapes;
use super::{Position, StoreError};

/// Bounds the size of a transaction, and with it how long its first job waits.
const MOST_TOGETHER: usize = 64;

/// Runs in the transaction, or is told why there is none; gives back what to do once its fate is known.
type Job = Box<dyn FnOnce(Result<&mut Writer, StoreError>) -> Answer + Send>;
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// The way to the writer's thread. Dropping it waits until what was submitted is committed.
pub(super) struct Handle {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Handle {
    pub(super) fn start(
        mut conn: Connection,
        path: PathBuf,
        head: watch::Sender<Position>,
    ) -> Result<Self, StoreError> {
        let journal = journal::keep_short(&mut conn, &path)?;
        let (jobs, queue) = mpsc::channel();
        let failed = path.clone();
        let writer = Writer {
            conn,
            path,
            journal: Some(journal),
            names: Names::default(),
            shapes: Shapes::default(),
            head: *head.borrow(),
            seen_version: None,
            lost: None,
        };
        let thread = thread::Builder::new()
            .name("log-writer".to_owned())
            .spawn(move || writer.run(&queue, &head))
            .map_err(|error| StoreError::io("start the writer of", &failed, error))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// `reply` is called exactly once, or dropped when the writer has stopped.
    pub(super) fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
        reply: impl FnOnce(Result<T, StoreError>) + Send + 'static,
    ) {
        let job: Job = Box::new(move |writer| {
            let result = writer.and_then(|writer| {
                let result = writer.in_savepoint(work);
                result.map_err(|error| error.located(&writer.path))
            });
            Box::new(move |fate| reply(result.and_then(|value| fate.map(|()| value))))
        });
        if let Some(jobs) = &self.jobs {
            drop(jobs.send(job));
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

pub(super) struct Writer {
    pub(super) conn: Connection,
    pub(super) names: Names,
    pub(super) shapes: Shapes,
    pub(super) head: Position,
    path: PathBuf,
    journal: Option<Journal>,
    seen_version: Option<i64>,
    /// Why the transaction under way is gone, all of it.
    lost: Option<StoreError>,
}

impl Writer {
    fn run(mut self, queue: &Receiver<Job>, head: &watch::Sender<Position>) {
        while let Ok(first) = queue.recv() {
            let mut waiting = vec![first];
            waiting.extend(queue.try_iter().take(MOST_TOGETHER - 1));
            let mut answers = Vec::with_capacity(waiting.len());
            let fate = self.commit_together(waiting, &mut answers).map_err(|error| error.located(&self.path));
            match fate {
                Ok(()) => drop(head.send_replace(self.head)),
                // What was remembered from the transaction never happened.
                Err(_) => self.seen_version = None,
            }
            for answer in answers {
                answer(fate.clone());
            }
        }
        if let Some(journal) = self.journal.take() {
            journal.end(&mut self.conn);
        }
    }

    fn commit_together(&mut self, jobs: Vec<Job>, answers: &mut Vec<Answer>) -> Result<(), StoreError> {
        let begun = self.begin();
        let mut fate = begun.map_err(|error| error.located(&self.path));
        for job in jobs {
            answers.push(job(match &fate {
                Ok(()) => Ok(&mut *self),
                Err(error) => Err(error.clone()),
            }));
            if let Some(lost) = self.lost.take() {
                fate = Err(lost);
            }
        }
        fate?;
        self.conn.execute_batch("COMMIT").inspect_err(|_| self.roll_back())?;
        Ok(())
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        self.conn.execute_batch("BEGIN IMMEDIATE")?;
        let version = self.conn.query_row("PRAGMA data_version", [], |row| row.get(0));
        let known = version.map_err(StoreError::from).and_then(|version| {
            // Another process wrote: what this one remembers may no longer be so.
            if self.seen_version.replace(version) != Some(version) {
                self.names = Names::default();
                self.head = stored_head(&self.conn)?;
            }
            Ok(())
        });
        known.inspect_err(|_| self.roll_back())
    }

    fn roll_back(&self) {
        if !self.conn.is_autocommit() {
            drop(self.conn.execute_batch("ROLLBACK"));
        }
    }

    fn in_savepoint<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let head = self.head;
        self.conn.execute_batch("SAVEPOINT job")?;
        let result = work(self).and_then(|value| {
            self.conn.execute_batch("RELEASE job")?;
            Ok(value)
        });
        if let Err(error) = &result {
            self.names = Names::default();
            self.head = head;
            // A failing disk may have ended the whole transaction, not only the savepoint.
            if self.conn.is_autocommit() || self.conn.execute_batch("ROLLBACK TO job; RELEASE job").is_err() {
                self.roll_back();
                self.lost = Some(error.clone().located(&self.path));
            }
        }
        result
    }
}

pub(super) fn stored_head(conn: &Connection) -> Result<Position, StoreError> {
    Ok(conn.query_row("SELECT head FROM log", [], |row| row.get(0))?)
}
