//! A person's events as they come, in any order: what is settled is folded into a state, what is not is kept
//! and folded again when something late comes before it.

use std::sync::Arc;

use super::baseline::Baseline;
use super::state::{Row, State};
use crate::event::Event;
use crate::finding::FindingId;
use crate::identity::EventId;
use crate::time::UtcMs;

#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) event: Arc<Event>,
    pub(super) id: EventId,
}

/// What of a finding was told last.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Told {
    pub(super) id: FindingId,
    pub(super) raised: UtcMs,
    pub(super) last: UtcMs,
    pub(super) stamp: u64,
}

#[derive(Debug, Default)]
pub(super) struct Track {
    settled: State,
    pub(super) live: State,
    pending: Vec<Pending>,
    /// Something came late: the live state is to be made anew.
    is_stale: bool,
    pub(super) told: Vec<Told>,
}

impl Pending {
    fn key(&self) -> (UtcMs, EventId) {
        (self.event.timestamp, self.id)
    }
}

impl Track {
    /// Whether the event is new.
    pub(super) fn take(
        &mut self,
        pending: Pending,
        baseline: &Baseline,
        lateness_ms: i64,
        rows: Option<&mut Vec<Row>>,
    ) -> bool {
        let key = pending.key();
        if self.pending.last().is_none_or(|last| last.key() < key) {
            if !self.is_stale {
                let version = Baseline::version_at(key.0, lateness_ms);
                self.live.take(&pending.event, pending.id, baseline, version, rows);
            }
            self.pending.push(pending);
            return true;
        }
        let Err(at) = self.pending.binary_search_by_key(&key, Pending::key) else { return false };
        self.pending.insert(at, pending);
        self.is_stale = true;
        true
    }

    /// Brings the live state up to date.
    pub(super) fn refresh(&mut self, baseline: &Baseline, lateness_ms: i64) {
        if !std::mem::take(&mut self.is_stale) {
            return;
        }
        self.live = self.settled.clone();
        fold(&mut self.live, &self.pending, baseline, lateness_ms);
    }

    /// Nothing before `boundary` can come any more. How many events are settled by it. The live state is to be
    /// refreshed afterwards.
    pub(super) fn settle(&mut self, boundary: UtcMs, baseline: &Baseline, lateness_ms: i64) -> u64 {
        let count = self.pending.partition_point(|pending| pending.event.timestamp < boundary);
        let is_all = count == self.pending.len();
        if is_all && count == 0 && !self.is_stale {
            self.settled.forget(boundary);
            self.live.forget(boundary);
            return 0;
        }
        let rest = self.pending.split_off(count);
        if is_all {
            self.refresh(baseline, lateness_ms);
            self.settled = std::mem::take(&mut self.live);
        } else {
            fold(&mut self.settled, &self.pending, baseline, lateness_ms);
        }
        self.pending = rest;
        self.settled.forget(boundary);
        // What is forgotten of the settled state must be gone from the live one too.
        self.is_stale = true;
        count as u64
    }

    pub(super) fn settled_at(state: State) -> Self {
        Self { live: state.clone(), settled: state, ..Self::default() }
    }

    pub(super) fn settled(&self) -> &State {
        &self.settled
    }

    /// Changes the settled state: the live one is to be made anew after it.
    pub(super) fn change(&mut self) -> &mut State {
        self.is_stale = true;
        &mut self.settled
    }

    pub(super) fn is_idle(&self, before: UtcMs) -> bool {
        self.pending.is_empty() && self.told.is_empty() && self.settled.is_idle(before)
    }
}

fn fold(state: &mut State, pending: &[Pending], baseline: &Baseline, lateness_ms: i64) {
    for Pending { event, id } in pending {
        let version = Baseline::version_at(event.timestamp, lateness_ms);
        state.take(event, *id, baseline, version, None);
    }
}
