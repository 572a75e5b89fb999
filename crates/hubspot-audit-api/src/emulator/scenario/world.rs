//! The account as it runs: people sit down to work, their acts change objects, and each act that
//! was possible leaves a record. Time comes from the agenda alone.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::agenda::{Act, Agenda, Coming, Detail};
use super::dice::Dice;
use super::habits::WorldClock;
use super::meta::meta;
use super::names::content::{self, Season};
use super::objects::{Catalogue, Kind, ObjectIndex, State, Verb};
use super::people::{Member, roster};
use super::preset::Pace;
use super::standing::furnish;
use super::tempo::{Ordinary, Tempo};
use crate::record::Record;

pub(super) const SECOND_MS: i64 = 1_000;
pub(super) const MINUTE_MS: i64 = 60_000;
pub(super) const HOUR_MS: i64 = 3_600_000;
pub(super) const DAY_MS: i64 = 86_400_000;

/// How many things a person remembers having worked on.
const REMEMBERED: usize = 10;

#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) dice: Dice,
    pub(super) clock: WorldClock,
    pub(super) members: Vec<Member>,
    pub(super) catalogue: Catalogue,
    pub(super) agenda: Agenda,
    pub(super) pace: Pace,
    pub(super) tempo: Tempo,
    /// Up to here it is decided who sits down to work.
    pub(super) decided_to: i64,
    /// The latest act of the piece of work that is being planned.
    pub(super) planned_to: i64,
}

impl World {
    pub(super) fn new(seed: u64, pace: Pace, start_ms: i64, end_ms: i64) -> Self {
        let mut dice = Dice::new(seed);
        let members = roster(&mut dice, pace.people, start_ms, end_ms);
        let clock = WorldClock::new();
        let mut catalogue = Catalogue::new(60_000_000_000 + seed % 90_000_000_000);
        furnish(&mut catalogue, &mut dice, season(start_ms), pace);
        let tempo = Tempo::Ordinary(Ordinary::new(pace.per_day, &members, &clock, start_ms));
        let mut world = Self {
            dice,
            clock,
            members,
            catalogue,
            agenda: Agenda::default(),
            pace,
            tempo,
            decided_to: start_ms - start_ms.rem_euclid(HOUR_MS),
            planned_to: start_ms,
        };
        world.agenda.plan(start_ms - start_ms.rem_euclid(world.sync_period()), Coming::Sync);
        let campaign = world.dice.between(0, world.pace.campaign_days * DAY_MS);
        world.agenda.plan(start_ms + campaign, Coming::Campaign);
        let migration = world.dice.between(0, world.pace.migration_days * DAY_MS);
        world.agenda.plan(start_ms + migration, Coming::Migration);
        world.agenda.plan(start_ms, Coming::Upkeep);
        world
    }

    /// When something comes next. It may leave no record.
    pub(super) fn next_at(&mut self) -> i64 {
        loop {
            match self.agenda.next_at() {
                Some(at) if at < self.decided_to => return at,
                _ => self.decide(),
            }
        }
    }

    /// Lets the next thing happen.
    pub(super) fn step(&mut self) -> Option<Record> {
        let _ = self.next_at();
        let (at, coming) = self.agenda.pop()?;
        let record = match coming {
            Coming::Act(act) => self.perform(&act, at),
            Coming::Ready(record) => Some(*record),
            Coming::Begin(by) => {
                self.begin(by, at);
                None
            }
            Coming::Sync => {
                self.sync(at);
                None
            }
            Coming::Campaign => {
                self.campaign(at);
                None
            }
            Coming::Migration => {
                self.migration(at);
                None
            }
            Coming::Upkeep => {
                self.upkeep(at);
                None
            }
        };
        if record.is_some() {
            self.tempo.recorded();
        }
        record
    }

    fn perform(&mut self, act: &Act, at: i64) -> Option<Record> {
        let member = &mut self.members[act.by];
        if !member.person.is_member(at) || !self.catalogue.apply(act.object, act.verb) {
            return None;
        }
        if !member.recent.contains(&act.object) {
            if member.recent.len() >= REMEMBERED {
                member.recent.remove(0);
            }
            member.recent.push(act.object);
        }
        let object = self.catalogue.object(act.object);
        Some(Record {
            object_id: object.id.to_string(),
            object_name: object.name.clone(),
            object_type: object.kind.as_str().to_owned(),
            event: act.verb.as_str().to_owned(),
            user_id: member.person.id.clone(),
            full_name: member.full_name.clone(),
            timestamp_ms: at,
            meta: meta(object, act.verb, &act.detail),
        })
    }

    pub(super) fn act(&mut self, at: i64, by: usize, object: ObjectIndex, verb: Verb, detail: Detail) {
        let detail = match (self.catalogue.object(object).kind, verb, detail) {
            (Kind::HubdbTable, Verb::Updated, Detail::Plain) => self.some_rows(4),
            (_, _, detail) => detail,
        };
        self.planned_to = self.planned_to.max(at);
        self.agenda.plan(at, Coming::Act(Act { by, object, verb, detail }));
    }

    /// An edit made public. HubSpot writes the publishing about a second after the change.
    pub(super) fn publish(&mut self, at: i64, by: usize, object: ObjectIndex) -> i64 {
        self.act(at, by, object, Verb::Updated, Detail::Plain);
        let published = at + self.about_a_second();
        self.act(published, by, object, Verb::Published, Detail::Plain);
        published
    }

    pub(super) fn about_a_second(&mut self) -> i64 {
        self.dice.between(820, 1_380)
    }

    /// Something new of this kind, that `CREATED` will make visible.
    pub(super) fn invent(&mut self, kind: Kind, at: i64) -> ObjectIndex {
        let (name, place) = content::fresh(&mut self.dice, &mut self.catalogue.taken, kind, season(at));
        self.name_new(kind, name, place)
    }

    pub(super) fn name_new(&mut self, kind: Kind, name: String, place: String) -> ObjectIndex {
        let name = if self.pace.is_agency { content::for_client(&mut self.dice, kind, name) } else { name };
        self.catalogue.add(&mut self.dice, kind, name, place, State::Planned)
    }

    /// What the person would turn to: mostly what they worked on before.
    pub(super) fn familiar(&mut self, by: usize, kind: Kind) -> Option<ObjectIndex> {
        let known: Vec<_> = self.members[by]
            .recent
            .iter()
            .copied()
            .filter(|index| {
                let object = self.catalogue.object(*index);
                object.kind == kind && object.state.is_editable()
            })
            .collect();
        if !known.is_empty() && self.dice.chance(0.45) {
            return Some(known[self.dice.below(known.len())]);
        }
        self.catalogue.pick(&mut self.dice, kind, |object| object.state.is_editable())
    }

    /// The next moment, from `at` on, at which this person is usually at work.
    pub(super) fn next_workday(&mut self, by: usize, at: i64) -> i64 {
        let habit = &self.members[by].habit;
        let mut moment = at;
        for _ in 0..21 * 24 {
            if habit.presence(self.clock.day(habit.zone, moment)) >= 0.9 {
                break;
            }
            moment += HOUR_MS;
        }
        moment + self.dice.between(0, 20 * MINUTE_MS)
    }
}

pub(super) fn season(at_ms: i64) -> Season {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    let date = TimeZone::UTC.to_datetime(at).date();
    Season { year: date.year(), month: date.month(), day: date.day() }
}
