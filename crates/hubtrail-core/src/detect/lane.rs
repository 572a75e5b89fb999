//! What one rule has seen for one group (a person, mostly), in order of time, and the episodes in it.
//!
//! Everything is a function of the set of events: one that arrives late goes to its place, what depends
//! on it is judged again, and the outcome is what it would have been had it come in time.

use std::ops::Range;
use std::sync::Arc;

use super::episode::{Episode, Gone, Pace};
use super::fold::{Acts, Mark};
use super::rule::What;
use super::tally::Tally;
use crate::event::Event;
use crate::finding::Evidence;
use crate::identity::EventId;
use crate::time::UtcMs;

/// An event's place in time; the id decides between events of one millisecond.
pub(super) type Moment = (UtcMs, EventId);

/// An event that matched, directly or through a correlation that it completed.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) at: Moment,
    pub(super) event: Arc<Event>,
    /// Which of the rule's inputs it came from, a bit for each.
    pub(super) inputs: u64,
    pub(super) value: Option<u64>,
    /// What proves it, where that is more than the event.
    pub(super) proof: Option<Arc<[Evidence]>>,
}

/// An item in its place.
struct Slot {
    item: Item,
    mark: Mark,
    /// The window that ends here is full.
    full: bool,
}

/// What a lane needs to know of its rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) what: What,
    pub(super) timespan_ms: i64,
    pub(super) inputs: usize,
    pub(super) pace: Pace,
}

#[derive(Default)]
pub(super) struct Lane {
    slots: Vec<Slot>,
    /// Some of it is proved by more than its own event, so that evidence does not come in order of time.
    is_built_on: bool,
    /// It is among the lanes that are to be told of.
    pub(super) is_changed: bool,
    pub(super) episodes: Vec<Episode>,
    pub(super) gone: Vec<Gone>,
}

impl Lane {
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Puts an item into its place; none when nothing is new about it.
    pub(super) fn insert(&mut self, item: Item, window: &Window) -> Option<Inserted> {
        self.is_built_on |= item.proof.is_some();
        let at = match self.place_of(item.at) {
            Ok(at) => {
                self.slots[at].item.merge(&item).then_some(())?;
                self.episodes.iter_mut().for_each(|episode| episode.tally = Tally::default());
                at
            }
            Err(at) => {
                let mark = Mark::of(&item.event);
                self.slots.insert(at, Slot { item, mark, full: false });
                at
            }
        };
        let when = self.slots[at].item.at.0;
        let mut full = 0..0;
        for later in at..self.slots.len() {
            if self.slots[later].item.at.0.since(when) > window.timespan_ms {
                break;
            }
            // A further event never empties a window.
            let is_full = self.slots[later].full || self.fills(later, window);
            self.slots[later].full = is_full;
            if is_full {
                full = if full.is_empty() { later..later + 1 } else { full.start..later + 1 };
            }
        }
        Some(Inserted { newest: at + 1 == self.slots.len(), full })
    }

    /// Mostly at the end.
    fn place_of(&self, at: Moment) -> Result<usize, usize> {
        match self.slots.last() {
            Some(last) if last.item.at >= at => self.slots.binary_search_by(|slot| slot.item.at.cmp(&at)),
            _ => Err(self.slots.len()),
        }
    }

    fn fills(&self, end: usize, window: &Window) -> bool {
        let last = self.slots[end].item.at.0;
        let first = (end + 1).checked_sub(window.what.fewest().max(1));
        if first.is_none_or(|first| last.since(self.slots[first].item.at.0) > window.timespan_ms) {
            return false;
        }
        let mut fill = Fill::new(window);
        for slot in self.slots[..=end].iter().rev() {
            if last.since(slot.item.at.0) > window.timespan_ms {
                return false;
            }
            if fill.add(slot) {
                return true;
            }
            if fill.is_hopeless() {
                return false;
            }
        }
        false
    }

    /// Moments at which windows are full, from `from` on.
    pub(super) fn hot(&self, from: usize) -> impl Iterator<Item = (usize, Moment)> {
        let slots = self.slots.iter().enumerate().skip(from);
        slots.filter(|(_, slot)| slot.full).map(|(at, slot)| (at, slot.item.at))
    }

    pub(super) fn item(&self, at: usize) -> &Item {
        &self.slots[at].item
    }

    /// The first item of the window that ends at `at`.
    pub(super) fn start_of(&self, at: usize, window: &Window) -> usize {
        let since = self.slots[at].item.at.0.minus(window.timespan_ms);
        let start = self.index_of((since, EventId([0; 16])));
        if window.what != What::InOrder {
            return start;
        }
        // What came before the first of the order proves nothing.
        let first = self.slots[start..=at].iter().position(|slot| slot.item.inputs & 1 != 0);
        start + first.unwrap_or(0)
    }

    fn index_of(&self, at: Moment) -> usize {
        self.slots.partition_point(|slot| slot.item.at < at)
    }

    /// The first item after a moment.
    pub(super) fn after(&self, at: Moment) -> usize {
        self.slots.partition_point(|slot| slot.item.at <= at)
    }

    /// What proves the full window that ends at `at`.
    pub(super) fn proof(&self, at: usize, window: &Window) -> Vec<Evidence> {
        let mut proof = Vec::new();
        self.slots[self.start_of(at, window)..=at].iter().for_each(|slot| slot.item.prove(&mut proof));
        in_order(&mut proof);
        proof
    }

    /// Takes into an episode's tally what has come since: everything in its full windows is evidence.
    pub(super) fn tally(&self, tally: &mut Tally, raised: Moment, last: Moment, window: &Window) {
        if self.is_built_on {
            *tally = Tally::default();
        }
        let mut covered = tally.up_to.map_or(0, |moment| self.after(moment));
        let mut proof = Vec::new();
        for (at, moment) in self.hot(covered.max(self.index_of(raised))) {
            if moment > last {
                break;
            }
            for slot in &self.slots[self.start_of(at, window).max(covered)..=at] {
                slot.item.prove(&mut proof);
                tally.inputs |= slot.item.inputs;
            }
            covered = at + 1;
            tally.up_to = Some(moment);
        }
        if self.is_built_on {
            in_order(&mut proof);
        }
        proof.into_iter().for_each(|proof| tally.add(proof, raised.0));
    }

    /// Forgets what is older than `oldest`, and what is older than `recent` and in no full window.
    pub(super) fn forget(&mut self, window: &Window, oldest: UtcMs, recent: UtcMs) {
        if self.slots.first().is_none_or(|first| first.item.at.0 >= recent) {
            return;
        }
        let mut wanted: Vec<_> = self.slots.iter().map(|slot| slot.item.at.0 >= recent).collect();
        let mut covered = self.slots.len();
        for at in (0..self.slots.len()).rev().filter(|at| self.slots[*at].full) {
            let start = self.start_of(at, window);
            // Windows start in the order in which they end: what is right of `covered` was marked before.
            wanted[start..covered.min(at + 1).max(start)].fill(true);
            covered = start;
        }
        let mut wanted = wanted.into_iter();
        self.slots.retain(|slot| wanted.next().unwrap_or(true) && slot.item.at.0 >= oldest);
    }
}

/// What an insertion did.
pub(super) struct Inserted {
    /// The item is the newest one.
    pub(super) newest: bool,
    /// Among which slots the full windows end that the item is in: the first and the last of them is one.
    pub(super) full: Range<usize>,
}

fn in_order(proof: &mut Vec<Evidence>) {
    proof.sort_by_key(|proof| (proof.event.timestamp, proof.id));
    proof.dedup_by_key(|proof| proof.id);
}

impl Item {
    fn prove(&self, proof: &mut Vec<Evidence>) {
        match &self.proof {
            Some(more) => proof.extend(more.iter().cloned()),
            None => proof.push(Evidence { id: self.at.1, event: Arc::clone(&self.event) }),
        }
    }

    /// Takes over what another item of the same event knows. Whether that is anything new.
    fn merge(&mut self, other: &Self) -> bool {
        let inputs = self.inputs | other.inputs;
        let mut proof = Vec::new();
        self.prove(&mut proof);
        let known = proof.len();
        other.prove(&mut proof);
        in_order(&mut proof);
        let changed = inputs != self.inputs || proof.len() != known;
        self.inputs = inputs;
        if proof.len() > 1 {
            self.proof = Some(proof.into());
        }
        changed
    }
}

/// Fills a window backwards, an item at a time.
struct Fill<'a> {
    window: &'a Window,
    acts: Acts,
    values: Vec<u64>,
    inputs: u64,
    /// Inputs that are still to come, when their order counts.
    left: usize,
}

impl<'a> Fill<'a> {
    fn new(window: &'a Window) -> Self {
        Self { window, acts: Acts::default(), values: Vec::new(), inputs: 0, left: window.inputs }
    }

    /// The newest item must be the last of the order.
    fn is_hopeless(&self) -> bool {
        self.window.what == What::InOrder && self.left == self.window.inputs
    }

    /// Whether the window is full now.
    fn add(&mut self, slot: &Slot) -> bool {
        self.inputs |= slot.item.inputs;
        match self.window.what {
            What::Count(1) => true,
            What::Count(threshold) => {
                self.acts.add(slot.item.at.0, slot.mark);
                self.acts.count >= threshold
            }
            What::Values(threshold) => {
                if let Some(value) = slot.item.value
                    && !self.values.contains(&value)
                {
                    self.values.push(value);
                }
                self.values.len() >= threshold
            }
            What::Rules(threshold) => self.inputs.count_ones() as usize >= threshold,
            What::Together => self.inputs.count_ones() as usize >= self.window.inputs,
            What::InOrder => {
                if self.left > 0 && slot.item.inputs & (1 << (self.left - 1)) != 0 {
                    self.left -= 1;
                }
                self.left == 0
            }
        }
    }
}
