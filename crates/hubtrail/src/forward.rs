//! Forwarding the log to one sink: read, encode, deliver, and only then move the position. In order, and at
//! least once: whatever ends in between, the same entries come again under the same ids.
//!
//! The sink says what went wrong; here is decided what follows: wait and deliver the same again for ever, look
//! for the entry that is meant, or stop until a person has changed something. Nothing here touches the
//! collection or another sink.

mod batch;
mod dead;
mod encode;
mod retry;
mod standing;
mod trial;

use std::ops::Range;
use std::path::Path;

use hubtrail_core::time::UtcMs;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::config::Network;
use crate::secret::{Keyring, SecretError};
use crate::sink::{self, Configured, Item, Opening, Refused, Sink, SinkError};
use crate::store::{NewDeadLetter, Position, Progress, Store, StoreError};

pub use batch::Batch;
use batch::Reading;
use retry::Patience;
pub use standing::{SinkState, SinkStatus, all, of};
pub use trial::{Trial, trial};

/// Commits of other processes are noticed within this.
const LOOK_EVERY_MS: u64 = 1_000;

/// Why a sink cannot be forwarded to.
#[derive(Debug, thiserror::Error)]
pub enum ForwardError {
    /// A person must change something.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A person must change something.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// Try again.
    #[error(transparent)]
    Log(#[from] StoreError),
    /// Nothing is to be done: it was removed, or begins anew with another reader.
    #[error("the sink is no longer there, or begins anew")]
    Superseded,
}

/// Everything that one sink is forwarded with.
pub struct Forwarder {
    store: Store,
    clock: Clock,
    sink: Configured,
    out: Box<dyn Sink>,
    patience: Patience,
}

impl Forwarder {
    /// # Errors
    /// When its settings or credentials cannot lead to any delivery.
    pub fn new(
        store: &Store,
        sink: Configured,
        keyring: &Keyring,
        network: &Network,
        clock: Clock,
    ) -> Result<Self, ForwardError> {
        let out = opened(store, &sink, keyring, network, clock)?;
        Ok(Self { store: store.clone(), clock, sink, out, patience: Patience::default() })
    }

    /// Works until the log cannot be used, or another reader has taken over.
    ///
    /// # Errors
    /// Always: it does not end by itself.
    pub async fn run(self) -> Result<(), ForwardError> {
        self.work(Idle::Wait).await
    }

    /// Delivers what is in the log, and ends. For those who must know when that is done.
    ///
    /// # Errors
    /// When the log cannot be used.
    pub async fn drain(self) -> Result<(), ForwardError> {
        self.work(Idle::End).await
    }

    async fn work(mut self, idle: Idle) -> Result<(), ForwardError> {
        let mut commits = self.store.subscribe();
        let mut at = self.position()?;
        let mut next = read(Reading::new(&self.store, &self.sink), at);
        loop {
            self.retry_dead_letters().await?;
            let (reading, batch) = finished(next).await?;
            if batch.upto == at {
                if idle == Idle::End {
                    return Ok(());
                }
                self.woken(&mut commits).await;
                next = read(reading, at);
                continue;
            }
            at = batch.upto;
            // What comes next is read and encoded while this is delivered.
            next = read(reading, at);
            self.deliver(&batch).await?;
        }
    }

    fn position(&self) -> Result<Position, ForwardError> {
        self.store.reader_position(&self.sink.reader)?.ok_or(ForwardError::Superseded)
    }

    /// Until something is committed; then a little longer, so that what comes together goes together.
    async fn woken(&self, commits: &mut watch::Receiver<Position>) {
        tokio::select! {
            _ = commits.changed() => {}
            () = self.clock.pause(LOOK_EVERY_MS) => {}
        }
        self.clock.pause(self.sink.settings.batch.wait_ms).await;
        commits.mark_unchanged();
    }

    /// Everything of a batch, some of it perhaps as dead letters.
    async fn deliver(&mut self, batch: &Batch) -> Result<(), ForwardError> {
        let items = &batch.items;
        if items.is_empty() {
            return self.done(Progress { upto: batch.upto, ..Progress::default() }).await;
        }
        // Before the position moves to the end of a part, all of the parts before it are done with.
        let mut parts: Vec<Range<usize>> = std::iter::once(0..items.len()).collect();
        let mut reached = Position::default();
        while let Some(part) = parts.pop() {
            let end = part.end;
            let upto = if end == items.len() { batch.upto } else { items[end - 1].position };
            match self.insist(&items[part.clone()]).await? {
                Outcome::Taken => {
                    self.done(taken(&items[part], upto)).await?;
                    reached = upto;
                }
                Outcome::Refused { refused, rest_stored: true } => {
                    let letters = letters(&items[part.clone()], &refused);
                    let rest = items[part]
                        .iter()
                        .filter(|item| letters.iter().all(|one| one.position != item.position));
                    let progress = Progress { refused: letters.clone(), ..taken(rest, upto) };
                    self.done(progress).await?;
                    reached = upto;
                }
                Outcome::Refused { refused, rest_stored: false } => {
                    let letters = letters(&items[part.clone()], &refused);
                    self.done(Progress { refused: letters, ..Progress::default() }).await?;
                    parts.extend(between(&part, &refused));
                }
                Outcome::Together => {
                    let middle = part.start + part.len() / 2;
                    parts.push(middle..part.end);
                    parts.push(part.start..middle);
                }
            }
        }
        if reached == batch.upto {
            return Ok(());
        }
        // The last of it was refused apart from the rest.
        self.done(Progress { upto: batch.upto, ..Progress::default() }).await
    }

    /// Delivers the same until the receiver has decided.
    async fn insist(&mut self, items: &[Item]) -> Result<Outcome, ForwardError> {
        loop {
            let error = match self.out.deliver(items).await {
                Ok(_) => {
                    self.patience.rewarded();
                    return Ok(Outcome::Taken);
                }
                Err(error) => error,
            };
            match error {
                SinkError::Entries { refused, rest_stored } if !refused.is_empty() => {
                    self.patience.rewarded();
                    return Ok(Outcome::Refused { refused, rest_stored });
                }
                SinkError::Together(reason) if items.len() == 1 => {
                    self.patience.rewarded();
                    let refused = vec![Refused { index: 0, reason }];
                    return Ok(Outcome::Refused { refused, rest_stored: true });
                }
                SinkError::Together(_) => return Ok(Outcome::Together),
                error => self.wait_out(&error).await?,
            }
        }
    }

    /// Shows what stands in the way, once for each kind of it, and waits.
    async fn wait_out(&mut self, error: &SinkError) -> Result<(), ForwardError> {
        let now = self.clock.now();
        let wait = self.patience.tried(error, now, rand::random());
        if wait.is_new {
            let sink = self.sink.name();
            match &wait.obstacle.fix {
                Some(fix) => tracing::error!(sink, fix, "forwarding stopped: {}", wait.obstacle.reason),
                None => tracing::warn!(sink, "forwarding waits: {}", wait.obstacle.reason),
            }
        }
        self.store.obstructed(self.sink.id, wait.obstacle).await?;
        self.clock.pause(wait.ms).await;
        Ok(())
    }

    async fn done(&self, progress: Progress) -> Result<(), ForwardError> {
        let (sink, reader) = (self.sink.id, self.sink.reader.clone());
        Ok(self.store.delivered(sink, reader, progress, self.clock.now()).await?)
    }
}

/// What to do when there is nothing to deliver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Idle {
    Wait,
    End,
}

enum Outcome {
    Taken,
    Refused { refused: Vec<Refused>, rest_stored: bool },
    Together,
}

fn opened(
    store: &Store,
    sink: &Configured,
    keyring: &Keyring,
    network: &Network,
    clock: Clock,
) -> Result<Box<dyn Sink>, ForwardError> {
    let data_dir = store.path().parent().unwrap_or(Path::new("."));
    let credentials = sink.credentials(keyring)?;
    let settings = &sink.settings;
    Ok(sink::open(&Opening { settings, credentials, network, data_dir, clock })?)
}

type Read = JoinHandle<(Reading, Result<Batch, StoreError>)>;

fn read(mut reading: Reading, after: Position) -> Read {
    tokio::task::spawn_blocking(move || {
        let batch = reading.batch_after(after);
        (reading, batch)
    })
}

async fn finished(reading: Read) -> Result<(Reading, Batch), ForwardError> {
    // A panic while encoding is met by whoever keeps the worker, as any other is.
    let (reading, batch) = reading.await.map_err(|_| StoreError::Stopped)?;
    Ok((reading, batch?))
}

fn taken<'a>(items: impl IntoIterator<Item = &'a Item>, upto: Position) -> Progress {
    let mut progress = Progress { upto, ..Progress::default() };
    for item in items {
        progress.entries += 1;
        progress.bytes += i64::try_from(item.body.len()).unwrap_or(i64::MAX);
    }
    progress
}

fn letters(items: &[Item], refused: &[Refused]) -> Vec<NewDeadLetter> {
    let letter = |refused: &Refused| {
        let item = items.get(refused.index)?;
        let (event_id, reason) = (item.id.clone(), refused.reason.clone());
        Some(NewDeadLetter { position: item.position, event_id, reason })
    };
    refused.iter().filter_map(letter).collect()
}

/// What is left of a part without the refused ones, the first of it last.
fn between(part: &Range<usize>, refused: &[Refused]) -> Vec<Range<usize>> {
    let mut at: Vec<usize> = refused.iter().map(|refused| part.start + refused.index).collect();
    at.sort_unstable();
    let mut parts = Vec::new();
    let mut start = part.start;
    for index in at.into_iter().chain([part.end]) {
        if start < index {
            parts.push(start..index);
        }
        start = index + 1;
    }
    parts.reverse();
    parts
}

/// When a sink that waits for a person is tried again all the same.
pub(crate) fn until_tried_again(now: UtcMs) -> UtcMs {
    now.plus(i64::try_from(retry::STOPPED_MS).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_without_the_refused_is_in_order() {
        let refused = |indexes: &[usize]| -> Vec<Refused> {
            indexes.iter().map(|&index| Refused { index, reason: String::new() }).collect()
        };
        assert_eq!(between(&(10..15), &refused(&[2])), vec![13..15, 10..12]);
        assert_eq!(between(&(10..15), &refused(&[4, 0])), vec![11..14]);
        assert_eq!(between(&(0..2), &refused(&[0, 1])), Vec::<Range<usize>>::new());
    }
}
