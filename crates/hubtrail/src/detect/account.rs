//! One account: the windows of the rules as they run, and history that they have not seen yet.

use std::sync::Arc;

use hubtrail_core::detect::{Change, Detector, LATENESS_MS, Overlooked, RuleSet};
use hubtrail_core::time::UtcMs;

use super::joining::{Joined, Joining};
use super::reread;
use crate::connector::ConnectorId;
use crate::store::{Entry, Looked, Position, Store, StoreError};

pub(super) struct Account {
    pub(super) id: ConnectorId,
    rules: Arc<RuleSet>,
    running: Detector,
    /// The newest time of an event, of those not dated in the future: how fresh the collection is.
    now: Option<UtcMs>,
    /// From when on there is history that the running windows have not seen.
    unjoined: Option<UtcMs>,
    joining: Option<Joining>,
    told_overlooked: Overlooked,
    /// When it was last looked at, in looks: what was not needed for longest is forgotten first.
    pub(super) used: u64,
}

impl Account {
    /// As it was when the log was read up to this position.
    pub(super) fn open(
        store: &Store,
        id: ConnectorId,
        rules: Arc<RuleSet>,
        up_to: Position,
    ) -> Result<Self, StoreError> {
        let known = store.detection(id)?;
        let running = reread::detector(store, id, &rules, known.now, up_to)?;
        let told_overlooked = running.overlooked();
        let (now, unjoined) = (known.now, known.unjoined);
        Ok(Self { id, rules, running, now, unjoined, joining: None, told_overlooked, used: 0 })
    }

    pub(super) fn observe(&mut self, entry: &Entry) {
        if !entry.future {
            self.now = self.now.max(Some(entry.timestamp));
        }
        let Ok(event) = &entry.event else { return };
        let settled = self.now.map(|now| now.minus(LATENESS_MS));
        if settled.is_some_and(|settled| entry.timestamp < settled) {
            self.history(entry.timestamp);
        } else {
            self.now.into_iter().for_each(|now| self.running.advance(now));
            self.running.observe(event, entry.event_id);
        }
        if let Some(joining) = &mut self.joining
            && !joining.meets(event, entry.event_id)
        {
            // It has passed this time too long ago: it begins again from there.
            self.joining = None;
            self.history(entry.timestamp);
        }
    }

    fn history(&mut self, from: UtcMs) {
        self.unjoined = Some(self.unjoined.map_or(from, |known| known.min(from)));
    }

    /// Whether there is history that is to be looked at in order of time.
    pub(super) fn is_unjoined(&self) -> bool {
        self.unjoined.is_some()
    }

    /// Looks at some of the history that has come in, and tells what is in it. Whether there was any.
    pub(super) fn join(&mut self, store: &Store, up_to: Position) -> Result<(Vec<Change>, bool), StoreError> {
        let (Some(from), Some(now)) = (self.unjoined, self.now) else { return Ok((Vec::new(), false)) };
        let joining = match &mut self.joining {
            Some(joining) => joining,
            None => self.joining.insert(Joining::new(self.id, Arc::clone(&self.rules), from, up_to)),
        };
        let before = joining.reached();
        let (mut changes, joined) = joining.go_on(store, now, up_to)?;
        self.unjoined = Some(joining.reached().max(from));
        let has_moved = joined == Joined::Some || joining.reached() > before;
        if joined != Joined::All {
            return Ok((changes, has_moved));
        }
        if let Some(joining) = self.joining.take() {
            changes.extend(joining.absorbed(store)?);
            // It has seen everything that the other one has, in order.
            self.running = joining.into_running();
            self.told_overlooked = self.running.overlooked();
        }
        self.unjoined = None;
        Ok((changes, true))
    }

    pub(super) fn changes(&mut self) -> Vec<Change> {
        self.running.changes()
    }

    /// What is remembered beside the windows.
    pub(super) fn looked(&mut self) -> Looked {
        let (before, now) = (self.told_overlooked, self.running.overlooked());
        self.told_overlooked = now;
        let overlooked = Overlooked { late: now.late - before.late, crowded: now.crowded - before.crowded };
        Looked { now: self.now, unjoined: self.unjoined, overlooked, snapshot: None }
    }

    /// What it holds in memory.
    pub(super) fn items(&self) -> usize {
        self.running.items() + self.joining.as_ref().map_or(0, Joining::items)
    }
}
