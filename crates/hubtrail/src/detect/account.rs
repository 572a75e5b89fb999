//! One account: the windows of the rules as they run, and history that they have not seen yet.

use std::sync::Arc;

use hubtrail_core::detect::{Behaviour, Change, Detector, LATENESS_MS, Overlooked, RuleSet};
use hubtrail_core::time::UtcMs;

use super::joining::{Joined, Joining};
use super::usual::Written;
use super::{reread, usual};
use crate::connector::ConnectorId;
use crate::store::{Entry, Judgement, Looked, Position, Store, StoreError};

pub(super) struct Account {
    pub(super) id: ConnectorId,
    rules: Arc<RuleSet>,
    /// Alerts in 30 days.
    budget: f64,
    running: Detector,
    /// The newest time of an event, of those not dated in the future: how fresh the collection is.
    now: Option<UtcMs>,
    /// From when on there is history that the running windows have not seen.
    unjoined: Option<UtcMs>,
    joining: Option<Joining>,
    told_overlooked: Overlooked,
    written: Written,
    /// When it was last looked at, in looks: what was not needed for longest is forgotten first.
    pub(super) used: u64,
}

impl Account {
    /// As it was when the log was read up to this position.
    pub(super) fn open(
        store: &Store,
        id: ConnectorId,
        rules: Arc<RuleSet>,
        budget: f64,
        up_to: Position,
    ) -> Result<Self, StoreError> {
        let known = store.detection(id)?;
        let (now, mut unjoined) = (known.now, known.unjoined);
        let behaviour = match usual::learned(store, id, budget)? {
            Some(learned) => Some(learned),
            None if now.is_none() => Some(Behaviour::new(usual::settings(budget))),
            // Nothing was learned yet of what was collected: that is done from the log, and told of from now on.
            None => {
                unjoined = unjoined.or(now);
                None
            }
        };
        let running = reread::detector(store, id, &rules, behaviour, now, up_to)?;
        let told_overlooked = running.overlooked();
        let written = Written::of(&running, UtcMs(i64::MIN));
        Ok(Self {
            id,
            rules,
            budget,
            running,
            now,
            unjoined,
            joining: None,
            told_overlooked,
            written,
            used: 0,
        })
    }

    /// What somebody said of a finding.
    pub(super) fn judge(&mut self, judgement: &Judgement) {
        usual::judge(&mut self.running, judgement);
        if let Some(joining) = &mut self.joining {
            joining.judge(judgement);
        }
    }

    /// Time passes without events. Whether something may have become worth telling.
    pub(super) fn pass(&mut self, now: UtcMs) -> bool {
        let is_waiting = self.running.is_waiting();
        if is_waiting {
            self.running.pass(now);
        }
        is_waiting
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
            None => {
                let joining =
                    Joining::new(store, self.id, Arc::clone(&self.rules), self.budget, from, up_to)?;
                self.joining.insert(joining)
            }
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
            self.written.forget();
        }
        self.unjoined = None;
        Ok((changes, true))
    }

    pub(super) fn changes(&mut self) -> Vec<Change> {
        self.running.changes()
    }

    /// What is remembered beside the windows.
    pub(super) fn looked(&mut self, is_caught_up: bool, at: UtcMs) -> Looked {
        let (before, now) = (self.told_overlooked, self.running.overlooked());
        self.told_overlooked = now;
        let overlooked = Overlooked { late: now.late - before.late, crowded: now.crowded - before.crowded };
        let fresh = self.written.renew(&self.running, is_caught_up && self.unjoined.is_none(), at);
        let learned = fresh.as_ref().map(|fresh| fresh.learned);
        let snapshot = fresh.and_then(|fresh| fresh.snapshot);
        Looked { now: self.now, unjoined: self.unjoined, overlooked, snapshot, learned }
    }

    /// What it holds in memory.
    pub(super) fn items(&self) -> usize {
        self.running.items() + self.joining.as_ref().map_or(0, Joining::items)
    }
}
