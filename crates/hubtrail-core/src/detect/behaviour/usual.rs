//! What was usual for somebody when something unusual was seen: the numbers that a finding tells. They are kept with
//! the incident, because a finding may be told again when the baselines have moved on.

use serde::{Deserialize, Serialize};

use super::incident::Sight;
use super::person::Person;
use crate::time::UtcMs;

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Usual {
    /// The place of the rarest act among those that were seen.
    pub(super) rarest: usize,
    /// None: they are new.
    pub(super) person: Option<Known>,
    /// Sessions with such an act, and all of them: of peers and of everybody.
    pub(super) peers: (f64, f64),
    pub(super) all: (f64, f64),
}

/// What is known of the person.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Known {
    pub(super) since: UtcMs,
    pub(super) sessions: f32,
    /// Sessions with an act like the rarest.
    pub(super) with: f32,
    /// The most acts at a time that the lens saw.
    pub(super) most: f32,
    /// From and to which hour nearly all of their work is.
    pub(super) hours: Option<(usize, usize)>,
}

impl Usual {
    pub(super) fn of(sight: &Sight<'_>) -> Self {
        let scene = sight.scene;
        let acts = sight.acts.iter().enumerate();
        let rarest = acts.max_by(|(_, a), (_, b)| a.rarity.total_cmp(&b.rarity));
        let Some((rarest, act)) = rarest else { return Self::default() };
        let [peers, all] = scene.account.counts(act.kind, scene.person.map_or(0, Person::role));
        let person = scene.person.map(|person| Known {
            since: person.first,
            sessions: person.sessions(scene.version),
            with: person.with(act.kind, scene.version),
            most: person.most(sight.lens, scene.version),
            hours: person.usual_hours(),
        });
        Self { rarest, person, peers, all }
    }
}
