//! The next entries for a sink: read in the order of the log, selected and encoded.

use hubtrail_core::encode::Encoding;

use super::encode::encode;
use crate::known::Known;
use crate::sink::{Configured, Item};
use crate::store::{LogEntry, Position, Store, StoreError, Stretch};

/// So many entries are looked at for one batch, however few of them the sink takes.
const MOST_LOOKED_AT: usize = 20_000;
const LEAST_READ: usize = 16;

/// Some entries, and where a reader stands that is done with them.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    pub items: Vec<Item>,
    pub upto: Position,
}

/// What reading needs, and what it has learnt.
pub(super) struct Reading {
    store: Store,
    sink: Configured,
    known: Known,
    /// Of an encoded entry, so that little more is read than goes into a batch.
    usual_bytes: usize,
}

impl Reading {
    pub(super) fn new(store: &Store, sink: &Configured) -> Self {
        Self { store: store.clone(), sink: sink.clone(), known: Known::default(), usual_bytes: 1_024 }
    }

    /// A full batch, or what there is. `upto` is `after` when there is nothing to look at.
    pub(super) fn batch_after(&mut self, after: Position) -> Result<Batch, StoreError> {
        let limits = self.sink.settings.batch;
        let mut batch = Batch { items: Vec::new(), upto: after };
        let (mut bytes, mut looked_at) = (0, 0);
        self.refresh()?;
        while looked_at < MOST_LOOKED_AT {
            let room = limits.bytes.saturating_sub(bytes) / self.usual_bytes + 1;
            let most = (limits.entries - batch.items.len()).min(room.max(LEAST_READ));
            let stretch = self.stretch(batch.upto, most)?;
            looked_at += stretch.entries.len();
            for entry in &stretch.entries {
                if let Some(item) = self.item(entry)? {
                    if !batch.items.is_empty() && bytes + item.body.len() > limits.bytes {
                        return Ok(self.learnt(batch, bytes));
                    }
                    bytes += item.body.len();
                    batch.items.push(item);
                }
                batch.upto = entry.position();
                if batch.items.len() == limits.entries {
                    return Ok(self.learnt(batch, bytes));
                }
            }
            batch.upto = stretch.up_to;
            if stretch.entries.len() < most {
                break;
            }
        }
        Ok(self.learnt(batch, bytes))
    }

    /// What the sink never takes is not read.
    fn stretch(&self, after: Position, most: usize) -> Result<Stretch<LogEntry>, StoreError> {
        let (store, select) = (&self.store, &self.sink.settings.select);
        match (select.events, select.findings) {
            (true, false) => Ok(store.events_after(after, most)?.map(LogEntry::Event)),
            (false, true) => Ok(store.findings_after(after, most)?.map(LogEntry::Finding)),
            _ => store.log_after(after, most),
        }
    }

    /// Anew for each batch: people leave, and connectors are given other names.
    pub(super) fn refresh(&mut self) -> Result<(), StoreError> {
        self.known = Known::of(&self.store)?;
        Ok(())
    }

    /// None: the sink does not take it.
    fn item(&mut self, entry: &LogEntry) -> Result<Option<Item>, StoreError> {
        let settings = &self.sink.settings;
        let time = super::encode::time(entry);
        let is_taken = super::encode::subject(entry).is_some_and(|subject| settings.select.takes(subject));
        if !is_taken || self.sink.is_before_its_start(entry.position(), time) {
            return Ok(None);
        }
        self.item_of(entry).map(Some)
    }

    /// Whether the sink would take it or not.
    pub(super) fn item_of(&mut self, entry: &LogEntry) -> Result<Item, StoreError> {
        let settings = &self.sink.settings;
        let encoding = Encoding { format: settings.format, original: settings.original };
        encode(&self.store, &mut self.known, encoding, entry)
    }

    fn learnt(&mut self, batch: Batch, bytes: usize) -> Batch {
        if !batch.items.is_empty() {
            self.usual_bytes = (bytes / batch.items.len()).max(1);
        }
        batch
    }
}
