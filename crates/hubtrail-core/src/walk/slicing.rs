//! A dense instant read by the values of one dimension: filters carry sets of values, halved until
//! a slice gets through; a single value that does not is sliced by the next dimension of the pass.

use std::collections::BTreeSet;

use super::place::Place;
use super::reading::Reading;
use super::values::Values;
use crate::event::Event;
use crate::identity::EventId;
use crate::page::{Dimension, Filter};
use crate::time::UtcMs;

/// Keeps the request line well below what servers refuse (414).
const VALUES_PER_REQUEST: usize = 100;
/// More values than this cannot be asked for one by one in reasonable time.
const MOST_VALUES: usize = 20_000;

/// What a pass is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pass {
    /// Stops at the first slice that does not get through.
    Prove,
    /// Goes on and brings what can be had.
    Collect,
}

pub(crate) enum Want {
    Values(Dimension),
    Read(Box<Reading>),
    Finished { sound: bool },
}

pub(crate) struct Slicing {
    dimension: Dimension,
    rest: &'static [Dimension],
    pass: Pass,
    place: Place,
    filter: Filter,
    dense: UtcMs,
    /// Records that are known to be in the instant; a slice that lacks its own was not understood.
    sample: Vec<(EventId, Event)>,
    queue: Vec<Vec<String>>,
    asked: BTreeSet<String>,
    sound: bool,
}

impl Slicing {
    /// None when no dimension is left.
    pub(crate) fn of(stuck: &Reading, dimensions: &'static [Dimension], pass: Pass) -> Option<Self> {
        let (&dimension, rest) = dimensions.split_first()?;
        Some(Self {
            dimension,
            rest,
            pass,
            place: stuck.place().clone(),
            filter: stuck.filter().clone(),
            dense: stuck.newest().unwrap_or_default(),
            sample: stuck.sample().to_vec(),
            queue: Vec::new(),
            asked: BTreeSet::new(),
            sound: true,
        })
    }

    /// The slices of one value that did not get through.
    pub(crate) fn nested(&self, stuck: &Reading) -> Option<Self> {
        Self::of(stuck, self.rest, self.pass)
    }

    /// The next slice to read, or that there is none.
    pub(crate) fn want(&mut self, values: &Values) -> Want {
        loop {
            if !self.sound && self.pass == Pass::Prove {
                return Want::Finished { sound: false };
            }
            if let Some(values) = self.queue.pop() {
                let thorough = values.len() == 1;
                let filter = self.filter.with(self.dimension, values);
                let slice = Reading::slice(filter, self.place.clone(), self.dense, thorough);
                return Want::Read(Box::new(slice));
            }
            let Some(known) = values.of(self.dimension) else {
                return Want::Values(self.dimension);
            };
            let new: Vec<String> = known.difference(&self.asked).cloned().collect();
            if new.is_empty() || self.asked.len() + new.len() > MOST_VALUES {
                let sound = self.sound && new.is_empty() && !self.asked.is_empty();
                return Want::Finished { sound };
            }
            self.queue.extend(new.chunks(VALUES_PER_REQUEST).map(<[String]>::to_vec));
            self.asked.extend(new);
        }
    }

    /// A slice was read to its end.
    pub(crate) fn read(&mut self, slice: &Reading) {
        if !slice.brought(&self.sample) && !self.split(slice) {
            self.incomplete();
        }
    }

    /// Reads a slice that did not get through as two halves. False for a single value.
    pub(crate) fn split(&mut self, slice: &Reading) -> bool {
        let values = slice.filter().values(self.dimension);
        if values.len() < 2 {
            return false;
        }
        let (left, right) = values.split_at(values.len() / 2);
        self.queue.extend([left.to_vec(), right.to_vec()]);
        true
    }

    /// A slice could not be read; this pass proves nothing.
    pub(crate) fn incomplete(&mut self) {
        self.sound = false;
    }
}
