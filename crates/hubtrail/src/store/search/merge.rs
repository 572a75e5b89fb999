//! Many lanes as one: always the next in time and position, each entry once.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use hubtrail_core::page::Order;
use rusqlite::Connection;

use super::Cursor;
use super::kinds::Kinds;
use super::lane::{Candidate, Lane};
use crate::store::{Entry, StoreError, entry};

/// What every entry must meet; none means anything goes. The numbers are those of the names tables.
#[derive(Default)]
pub(super) struct Conditions {
    /// Only entries that could be read.
    pub(super) parsed: bool,
    pub(super) kinds: Option<Kinds>,
    pub(super) persons: Option<HashSet<i64>>,
    pub(super) objects: Option<HashSet<i64>>,
    /// The text stands in the name of one of these.
    pub(super) named: Option<Named>,
}

#[derive(Default)]
pub(super) struct Named {
    pub(super) persons: HashSet<i64>,
    pub(super) objects: HashSet<i64>,
}

impl Conditions {
    /// They can be told from the rollup.
    pub(super) fn only_kinds(&self) -> bool {
        self.persons.is_none() && self.objects.is_none() && self.named.is_none()
    }

    /// None stands for a record that could not be read.
    pub(super) fn allow_kind(&self, kind: Option<i64>) -> bool {
        match (&self.kinds, kind) {
            (Some(kinds), kind) => kind.is_some_and(|kind| kinds.contains(kind)),
            (None, kind) => !self.parsed || kind.is_some(),
        }
    }

    fn allow(&self, candidate: &Candidate) -> bool {
        let wanted_kind = match &self.kinds {
            Some(kinds) => candidate.kind.is_some_and(|kind| kinds.contains(kind)),
            None => true,
        };
        let within = |set: &Option<HashSet<i64>>, id: Option<i64>| match set {
            Some(set) => id.is_some_and(|id| set.contains(&id)),
            None => true,
        };
        let named = self.named.as_ref().is_none_or(|named| {
            candidate.person.is_some_and(|person| named.persons.contains(&person))
                || candidate.object.is_some_and(|object| named.objects.contains(&object))
        });
        named
            && (!self.parsed || candidate.kind.is_some())
            && wanted_kind
            && within(&self.persons, candidate.person)
            && within(&self.objects, candidate.object)
    }
}

pub(super) struct Merge {
    order: Order,
    lanes: Vec<Lane>,
    conditions: Conditions,
    /// The next of each lane, as a number that is smaller the earlier it is due.
    due: BinaryHeap<Reverse<(i64, i64, usize)>>,
    started: bool,
    last: Option<Cursor>,
}

impl Merge {
    pub(super) fn new(order: Order, lanes: Vec<Lane>, conditions: Conditions) -> Self {
        Self { order, lanes, conditions, due: BinaryHeap::new(), started: false, last: None }
    }

    pub(super) fn only_parsed(&mut self) {
        self.conditions.parsed = true;
    }

    pub(super) fn next_entries(&mut self, conn: &Connection, most: usize) -> Result<Vec<Entry>, StoreError> {
        let mut entries = Vec::new();
        while entries.len() < most {
            let Some(cursor) = self.next(conn)? else { break };
            // It may have been removed since the lane saw it.
            entries.extend(entry::at(conn, cursor.position)?);
        }
        Ok(entries)
    }

    pub(super) fn next(&mut self, conn: &Connection) -> Result<Option<Cursor>, StoreError> {
        Ok(self.next_candidate(conn)?.map(|next| next.cursor))
    }

    pub(super) fn next_candidate(&mut self, conn: &Connection) -> Result<Option<Candidate>, StoreError> {
        if !self.started {
            self.started = true;
            for lane in 0..self.lanes.len() {
                self.queue(conn, lane)?;
            }
        }
        while let Some(Reverse((_, _, lane))) = self.due.pop() {
            let next = self.lanes[lane].peek(conn, |candidate| self.conditions.allow(candidate))?;
            self.lanes[lane].take();
            self.queue(conn, lane)?;
            // An entry whose person and whose object are both searched for stands in two lanes.
            if let Some(next) = next.filter(|next| Some(next.cursor) != self.last) {
                self.last = Some(next.cursor);
                return Ok(Some(next));
            }
        }
        Ok(None)
    }

    fn queue(&mut self, conn: &Connection, lane: usize) -> Result<(), StoreError> {
        let next = self.lanes[lane].peek(conn, |candidate| self.conditions.allow(candidate))?;
        if let Some(Candidate { cursor, .. }) = next {
            let (timestamp, position) = (cursor.timestamp.0, cursor.position.0);
            self.due.push(Reverse(match self.order {
                Order::OldestFirst => (timestamp, position, lane),
                Order::NewestFirst => (!timestamp, !position, lane),
            }));
        }
        Ok(())
    }
}
