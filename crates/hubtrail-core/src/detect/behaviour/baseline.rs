//! Baselines as of the last closed day.
//!
//! A day is closed when nothing of it can arrive any more. An event is read against the days that were
//! closed *when it happened*, never against later ones, so that it reads the same in whatever order
//! events come. Late events may need a version one or two days old: what a close changed is kept that long.

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::account::Account;
use super::act::Object;
use super::kind::Kind;
use super::lens::{DAY_MS, SESSION_GAP_MS};
use super::person::Person;
use super::session::{Session, hour_of};
use crate::detect::fold::digest;
use crate::time::UtcMs;

/// Versions before the newest that an event in time may need.
const VERSIONS: usize = 2;
/// Rarities are told up to here; beyond it there is no telling.
const MOST_BITS: f32 = 12.0;
/// Objects whose editors are remembered, and how long they stay when nobody touches them.
const MOST_OBJECTS: usize = 400_000;
const OBJECT_DAYS: i32 = 400;
const EDITORS: usize = 4;

/// A person, by a digest of their user id.
pub(super) type Who = u64;

pub(super) fn who(user_id: &str) -> Who {
    digest(&[user_id])
}

/// Everything learned up to the end of a day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Baseline {
    /// Days before this one are closed and learned.
    pub(super) version: i32,
    people: HashMap<Who, Person>,
    pub(super) account: Account,
    objects: HashMap<Object, Editors>,
    before: VecDeque<Before>,
}

/// Who touched an object last, the newest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Editors {
    people: [u32; EDITORS],
    day: i32,
}

/// What a close changed, as it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Before {
    version: i32,
    account: Account,
    people: HashMap<Who, Option<Person>>,
    objects: HashMap<Object, Option<Editors>>,
}

/// How usual an act is for who did it, at the time at which they did it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Reading {
    /// How rare it is that a session of this person has such an act, with their peers as a prior.
    pub(super) rarity: f32,
    /// How rare it is in sessions of their peers.
    pub(super) peer_rarity: f32,
    /// They have never done such a thing, as far as is remembered.
    pub(super) is_novel: bool,
    pub(super) is_novel_type: bool,
    pub(super) hour_rarity: f32,
    /// None of the last who touched the object is this person.
    pub(super) is_strange: bool,
    pub(super) is_of_others: bool,
    pub(super) dormant_days: Option<f32>,
    pub(super) known_days: Option<f32>,
}

impl Baseline {
    /// Days before it are closed for an event of that time.
    pub(super) fn version_at(at: UtcMs, lateness_ms: i64) -> i32 {
        i32::try_from((at.0 - lateness_ms - SESSION_GAP_MS).div_euclid(DAY_MS)).unwrap_or(i32::MAX)
    }

    fn changed(&self, version: i32) -> impl Iterator<Item = &Before> {
        self.before.iter().filter(move |before| before.version >= version)
    }

    pub(super) fn person(&self, who: Who, version: i32) -> Option<&Person> {
        match self.changed(version).find_map(|before| before.people.get(&who)) {
            Some(before) => before.as_ref(),
            None => self.people.get(&who),
        }
    }

    pub(super) fn account(&self, version: i32) -> &Account {
        self.changed(version).next().map_or(&self.account, |before| &before.account)
    }

    /// Whether it is still known what this version was.
    pub(super) fn remembers(&self, version: i32) -> bool {
        version >= self.version - VERSIONS as i32
    }

    /// Whether there is enough history to judge what happens in the days of a version.
    pub(super) fn is_ready(&self, version: i32) -> bool {
        self.account(version).is_ready(version)
    }

    fn editors(&self, object: Object, version: i32) -> Option<Editors> {
        match self.changed(version).find_map(|before| before.objects.get(&object)) {
            Some(before) => *before,
            None => self.objects.get(&object).copied(),
        }
    }

    pub(super) fn people(&self) -> usize {
        self.people.len()
    }

    pub(super) fn read(&self, who: Who, kind: Kind, object: Object, at: UtcMs, version: i32) -> Reading {
        let (account, person) = (self.account(version), self.person(who, version));
        let (_, peers) = account.shares(kind, person.map_or(0, Person::role));
        let (with, sessions) =
            person.map_or((0.0, 0.0), |person| (person.with(kind, version), person.sessions(version)));
        let editors = self.editors(object, version);
        let days = |since: UtcMs| at.since(since) as f32 / DAY_MS as f32;
        Reading {
            rarity: bits((with + 2.0 * peers) / (sessions + 2.0)),
            peer_rarity: bits(peers),
            is_novel: person.is_none_or(|person| !person.knows(kind, version)),
            is_novel_type: person.is_none_or(|person| !person.knows_type(kind)),
            hour_rarity: person.map_or(0.0, |person| person.hour_rarity(hour_of(at), version)),
            is_strange: editors.is_none_or(|editors| !editors.people.contains(&short(who))),
            is_of_others: editors.is_some_and(|editors| editors.people[0] != short(who)),
            dormant_days: person.map(|person| days(person.last)),
            known_days: person.map(|person| days(person.first)),
        }
    }

    /// Keeps what is known by now for late events, before a day is closed.
    pub(super) fn keep(&mut self) {
        let (version, account) = (self.version, self.account.clone());
        self.before.push_back(Before { version, account, ..Before::default() });
    }

    /// Learns a day's sessions, in an order that does not depend on how they came. What was known is to be kept first.
    pub(super) fn close(&mut self, day: i32, mut sessions: Vec<(Who, Session)>, budget: f64) {
        let mut before = self.before.pop_back().unwrap_or_default();
        sessions.sort_by_key(|(who, session)| (session.last, session.start, *who));
        self.account.age(day);
        let mut touches: Vec<_> = Vec::new();
        for (who, session) in &sessions {
            before.people.entry(*who).or_insert_with(|| self.people.get(who).cloned());
            let person = self.people.entry(*who).or_insert_with(|| Person::new(session, day));
            self.account.learn(session, person.role(), day);
            person.learn(session, day);
            touches.extend(session.objects.iter().map(|touch| (touch.at, *who, *touch)));
        }
        touches.sort_by_key(|(at, who, touch)| (*at, *who, touch.object));
        for (_, who, touch) in touches {
            before.objects.entry(touch.object).or_insert_with(|| self.objects.get(&touch.object).copied());
            if touch.is_gone {
                self.objects.remove(&touch.object);
            } else {
                self.objects.entry(touch.object).or_default().put(short(who), day);
            }
        }
        self.forget(day, &mut before);
        self.account.settle(day, budget);
        self.version = day + 1;
        self.before.push_back(before);
        if self.before.len() > VERSIONS {
            self.before.pop_front();
        }
    }

    /// What nobody touched for long is forgotten, sooner where there is too much of it.
    fn forget(&mut self, day: i32, before: &mut Before) {
        let mut days = OBJECT_DAYS;
        while self.objects.len() > MOST_OBJECTS || (days == OBJECT_DAYS && day % 30 == 0) {
            let gone = self.objects.extract_if(|_, editors| day - editors.day > days);
            for (object, editors) in gone {
                before.objects.entry(object).or_insert(Some(editors));
            }
            days = days * 3 / 4;
        }
    }
}

impl Editors {
    fn put(&mut self, who: u32, day: i32) {
        let at = self.people.iter().position(|known| *known == who).unwrap_or(EDITORS - 1);
        self.people[..=at].rotate_right(1);
        self.people[0] = who;
        self.day = day;
    }
}

fn short(who: Who) -> u32 {
    (who ^ who >> 32) as u32 | 1
}

fn bits(share: f32) -> f32 {
    (-share.log2()).clamp(0.0, MOST_BITS)
}
