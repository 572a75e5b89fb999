//! Proof that a dense instant was read completely, although no page can hold it.
//!
//! A pass reads the instant in slices by a list of dimensions. It is sound if every slice got
//! through; it then has every record whose values in these dimensions are known. Two sound passes
//! by *disjoint* dimensions, of which the later brings nothing new, prove the instant: a record that
//! both missed would need values that nobody ever saw in both. A pass alone, or two passes that lean on the
//! same dimension, prove nothing: three hundred pages created in one millisecond have three hundred unknown ids.

use super::reading::Reading;
use super::slicing::{Pass, Slicing};
use crate::page::Dimension::{self, EventType, ObjectId, ObjectType, UserId};

/// From the cheapest to the dearest. The last one cannot be proved by any other; it brings what can be had.
const PASSES: [&[Dimension]; 12] = [
    &[EventType],
    &[ObjectType],
    &[EventType, ObjectType],
    &[UserId],
    &[ObjectId],
    &[UserId, ObjectId],
    &[EventType, UserId],
    &[ObjectType, UserId],
    &[EventType, ObjectType, UserId],
    &[EventType, ObjectId],
    &[ObjectType, ObjectId],
    &[EventType, ObjectType, UserId, ObjectId],
];

/// How often all passes are gone through while they keep bringing something new.
const ROUNDS: usize = 2;

pub(crate) struct Passes {
    next: usize,
    sound: Vec<&'static [Dimension]>,
    proved: bool,
    brought: bool,
}

impl Passes {
    pub(crate) const fn new() -> Self {
        Self { next: 0, sound: Vec::new(), proved: false, brought: false }
    }

    /// The next pass over the instant at which `stuck` is; none when it is proved, or cannot be.
    pub(crate) fn start(&mut self, stuck: &Reading) -> Option<Slicing> {
        if self.proved || self.next == PASSES.len() * ROUNDS {
            return None;
        }
        let dimensions = PASSES[self.next % PASSES.len()];
        let last = self.next % PASSES.len() == PASSES.len() - 1;
        self.next += 1;
        self.brought = false;
        Slicing::of(stuck, dimensions, if last { Pass::Collect } else { Pass::Prove })
    }

    pub(crate) fn over(&mut self, sound: bool) {
        if !sound {
            return;
        }
        let this = PASSES[(self.next - 1) % PASSES.len()];
        let disjoint = |other: &&[Dimension]| other.iter().all(|dimension| !this.contains(dimension));
        self.proved = !self.brought && self.sound.iter().any(disjoint);
        self.sound.push(this);
    }

    pub(crate) fn proved(&self) -> bool {
        self.proved
    }

    /// This pass brought a record that none before it had.
    pub(crate) fn brought_new(&mut self) {
        self.brought = true;
    }
}
