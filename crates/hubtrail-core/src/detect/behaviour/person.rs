//! What is usual for one person, learned from their sessions.

use serde::{Deserialize, Serialize};

use super::kind::{Class, Kind};
use super::lens::Lens;
use super::session::Session;
use crate::time::UtcMs;

/// In so many days a session counts half.
const HALF_LIFE_DAYS: f32 = 180.0;
/// Below this, something was done so long ago or so seldom that it is as good as new.
const FORGOTTEN: f32 = 0.05;
/// How much work next to an hour makes that hour usual too: two hours before and after.
const NEIGHBOURS: [f32; 5] = [0.25, 0.6, 1.0, 0.6, 0.25];
/// Hours of work after which something is known of a person's hours.
const ENOUGH_HOURS: f32 = 3.0;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Person {
    /// The day up to which the counts have aged.
    day: i32,
    pub(super) first: UtcMs,
    pub(super) last: UtcMs,
    /// Sessions, and those of them with each kind of act.
    sessions: f32,
    kinds: Vec<(u32, f32)>,
    hours: [f32; 24],
    /// The most acts that each lens saw in a session.
    most: [f32; Lens::COUNT],
    roles: [f32; Class::COUNT],
}

impl Person {
    pub(super) fn new(session: &Session, day: i32) -> Self {
        Self {
            day,
            first: session.start,
            last: session.last,
            sessions: 0.0,
            kinds: Vec::new(),
            hours: [0.0; 24],
            most: [0.0; Lens::COUNT],
            roles: [0.0; Class::COUNT],
        }
    }

    pub(super) fn learn(&mut self, session: &Session, day: i32) {
        self.age(day);
        self.first = self.first.min(session.start);
        self.last = self.last.max(session.last);
        self.sessions += 1.0;
        for (kind, class) in &session.kinds {
            match self.kinds.binary_search_by_key(&kind.0, |(kind, _)| *kind) {
                Ok(at) => self.kinds[at].1 += 1.0,
                Err(at) => self.kinds.insert(at, (kind.0, 1.0)),
            }
            self.roles[*class as usize] += class.telling();
        }
        for (hour, count) in self.hours.iter_mut().enumerate() {
            *count += (session.hours >> hour & 1) as f32;
        }
        for (most, seen) in self.most.iter_mut().zip(session.seen) {
            *most = most.max(f32::from(seen));
        }
    }

    fn age(&mut self, day: i32) {
        let factor = self.factor(day);
        if factor < 1.0 {
            self.day = day;
            self.sessions *= factor;
            self.kinds.iter_mut().for_each(|(_, count)| *count *= factor);
            self.kinds.retain(|(_, count)| *count >= FORGOTTEN / 4.0);
            self.hours.iter_mut().for_each(|count| *count *= factor);
            self.most.iter_mut().for_each(|count| *count *= factor.sqrt());
        }
    }

    /// What is left of a count on a day.
    fn factor(&self, day: i32) -> f32 {
        if day > self.day { (-((day - self.day) as f32) / HALF_LIFE_DAYS).exp2() } else { 1.0 }
    }

    pub(super) fn sessions(&self, day: i32) -> f32 {
        self.sessions * self.factor(day)
    }

    pub(super) fn with(&self, kind: Kind, day: i32) -> f32 {
        let found = self.kinds.binary_search_by_key(&kind.0, |(kind, _)| *kind);
        found.map_or(0.0, |at| self.kinds[at].1 * self.factor(day))
    }

    /// Whether they have done such a thing in the time that is remembered.
    pub(super) fn knows(&self, kind: Kind, day: i32) -> bool {
        self.with(kind, day) >= FORGOTTEN
    }

    /// Whether they have done anything to such objects.
    pub(super) fn knows_type(&self, kind: Kind) -> bool {
        self.kinds.iter().any(|(known, _)| Kind(*known).object_type() == kind.object_type())
    }

    pub(super) fn most(&self, lens: Lens, day: i32) -> f32 {
        self.most[lens.index()] * self.factor(day).sqrt()
    }

    /// The class that most tells their job.
    pub(super) fn role(&self) -> usize {
        let mut best = 0;
        for (role, weight) in self.roles.iter().enumerate() {
            if *weight > self.roles[best] {
                best = role;
            }
        }
        best
    }

    /// How much rarer than by chance they work at this hour of the day, in bits; zero while unknown.
    pub(super) fn hour_rarity(&self, hour: usize, day: i32) -> f32 {
        let factor = self.factor(day);
        let all: f32 = self.hours.iter().sum::<f32>() * factor;
        if all < ENOUGH_HOURS {
            return 0.0;
        }
        let near = NEIGHBOURS.iter().enumerate();
        let near: f32 = near.map(|(step, weight)| self.hours[(hour + 22 + step) % 24] * weight).sum();
        let usual = near * factor / NEIGHBOURS.iter().sum::<f32>();
        -((usual + 2.0 / 24.0) / (all + 2.0) * 24.0).log2()
    }

    /// From and to which hour nearly all of their work is.
    pub(super) fn usual_hours(&self) -> Option<(usize, usize)> {
        let all: f32 = self.hours.iter().sum();
        let spans = (1..24).flat_map(|length| (0..24).map(move |from| (length, from)));
        let mut spans = spans.filter(|(length, from)| {
            (0..*length).map(|step| self.hours[(from + step) % 24]).sum::<f32>() >= 0.9 * all
        });
        if all < ENOUGH_HOURS {
            return None;
        }
        spans.next().map(|(length, from)| (from, (from + length) % 24))
    }
}
