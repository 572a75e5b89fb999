//! The account after its history: the same people and habits, at the rate that is wished for.

use super::agenda::Coming;
use super::attack::Attack;
use super::people::Person;
use super::tempo::{Tempo, Wished};
use super::world::World;
use crate::record::Record;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LiveConfig {
    /// Mean events per minute, over the week or, if always awake, at any time.
    pub per_minute: f64,
    /// Ignore night, weekends and leave, so that a demo is always lively.
    pub always_awake: bool,
}

/// An endless stream of records, ascending by time; each is due at its own `timestamp_ms`.
#[derive(Clone, Debug)]
pub struct Live {
    world: World,
    next: Option<Record>,
}

impl Live {
    pub(super) fn new(mut world: World, config: LiveConfig, start_ms: i64) -> Self {
        world.tempo = Tempo::Wished(Wished::new(config.per_minute, config.always_awake, &world, start_ms));
        world.decided_to = start_ms;
        Self { world, next: None }
    }

    /// When the next record is due, in UTC ms.
    pub fn next_due(&mut self) -> i64 {
        loop {
            if let Some(next) = &self.next {
                return next.timestamp_ms;
            }
            self.next = self.world.step();
        }
    }

    /// Everything due up to and including `now_ms`.
    pub fn due(&mut self, now_ms: i64) -> Vec<Record> {
        let mut due = Vec::new();
        // A step that leaves no record may lie before `now_ms` and the next record long after it.
        while self.next.as_ref().map_or_else(|| self.world.next_at(), |next| next.timestamp_ms) <= now_ms {
            due.extend(self.next.take().or_else(|| self.world.step()));
        }
        due
    }

    /// Adds records that come out among the others when their time is there.
    pub fn schedule(&mut self, records: Vec<Record>) {
        for record in records.into_iter().chain(self.next.take()) {
            self.world.agenda.plan(record.timestamp_ms, Coming::Ready(Box::new(record)));
        }
    }

    /// The records that this attack would leave, beginning at `start_ms`; `schedule` lets it happen.
    #[must_use]
    pub fn attack(&self, attack: Attack, by: &Person, start_ms: i64) -> Vec<Record> {
        attack.records(&self.world.catalogue, by, start_ms)
    }
}

impl Iterator for Live {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        self.next_due();
        self.next.take()
    }
}
