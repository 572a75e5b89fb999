//! What will happen and when: the queue from which records come out in the order of time.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::objects::{ObjectIndex, Verb};
use crate::record::Record;

/// One thing that a person does to one object.
#[derive(Clone, Debug)]
pub(super) struct Act {
    pub(super) by: usize,
    pub(super) object: ObjectIndex,
    pub(super) verb: Verb,
    pub(super) detail: Detail,
}

/// What `meta` says beyond what the object itself tells.
#[derive(Clone, Debug)]
pub(super) enum Detail {
    Plain,
    Rows { updated: u32, deleted: u32 },
    Changed(Vec<&'static str>),
}

#[derive(Clone, Debug)]
pub(super) enum Coming {
    Act(Act),
    /// The person sits down to a piece of work.
    Begin(usize),
    Sync,
    Campaign,
    Migration,
    Upkeep,
    /// Written elsewhere; comes out as it is.
    Ready(Box<Record>),
}

#[derive(Clone, Debug)]
struct Due {
    at: i64,
    /// Equal times keep the order in which they were planned.
    turn: u64,
    coming: Coming,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    /// The earliest is the greatest, as the heap gives the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.turn).cmp(&(self.at, self.turn))
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Agenda {
    due: BinaryHeap<Due>,
    turn: u64,
}

impl Agenda {
    pub(super) fn plan(&mut self, at: i64, coming: Coming) {
        self.turn += 1;
        self.due.push(Due { at, turn: self.turn, coming });
    }

    pub(super) fn next_at(&self) -> Option<i64> {
        self.due.peek().map(|due| due.at)
    }

    pub(super) fn pop(&mut self) -> Option<(i64, Coming)> {
        self.due.pop().map(|due| (due.at, due.coming))
    }
}
