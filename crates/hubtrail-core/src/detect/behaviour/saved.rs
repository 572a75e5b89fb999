//! What was learned, as of the last closed day, in a form that can be kept: with it and the events since, a restart
//! goes on as if nothing had been.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::act::Act;
use super::baseline::{Baseline, Who};
use super::field::Fields;
use super::incident::Incident;
use super::ruled::Ruled;
use super::seen::Seen;
use super::state::State;
use super::track::Track;
use super::verdict::SavedHeld;
use super::{Behaviour, Settings};
use crate::finding::Evidence;
use crate::time::UtcMs;

/// Changes when an older form cannot be read; what was learned is then learned again from the log.
const FORM: u32 = 3;

#[derive(Debug, thiserror::Error)]
pub enum NotLearned {
    #[error("read what was learned of behaviour: it is damaged; learn it again from the log")]
    Damaged(#[from] postcard::Error),
    #[error(
        "what was learned of behaviour has form {0}, and this version reads {FORM}; learn it again from the log"
    )]
    OtherForm(u32),
}

#[derive(Serialize, Deserialize)]
struct Saved {
    baseline: Baseline,
    people: Vec<(Who, SavedState)>,
    held: SavedHeld,
    ruled: Ruled,
    asked: BTreeMap<(UtcMs, [u8; 16]), Fields>,
}

/// Acts are shared between lenses and incidents; here they are named by their place in a list.
#[derive(Serialize, Deserialize)]
pub(super) struct SavedState {
    acts: Vec<Act>,
    lenses: Vec<Vec<usize>>,
    incidents: Vec<(SavedIncident, Vec<usize>)>,
    open: Vec<(usize, u32)>,
    rest: State,
}

#[derive(Serialize, Deserialize)]
struct SavedIncident(Incident);

impl Behaviour {
    /// What was learned up to the last closed day.
    ///
    /// # Errors
    /// When it cannot be written down, which would be a mistake of ours.
    pub fn save(&self) -> Result<Vec<u8>, NotLearned> {
        let mut people: Vec<_> =
            self.tracks.iter().map(|(who, track)| (*who, SavedState::of(track.settled()))).collect();
        people.sort_by_key(|(who, _)| *who);
        let saved = Saved {
            baseline: self.baseline.clone(),
            people,
            held: self.held.saved(),
            ruled: self.ruled.clone(),
            asked: self.asked.clone(),
        };
        Ok(postcard::to_allocvec(&(FORM, saved))?)
    }

    /// Goes on from what was saved. The events since [`Behaviour::horizon`] are to be observed again.
    ///
    /// # Errors
    /// When it is damaged or of another form: behaviour must be learned from the log again.
    pub fn restore(settings: Settings, saved: &[u8]) -> Result<Self, NotLearned> {
        let (form, saved) = postcard::take_from_bytes::<u32>(saved)?;
        if form != FORM {
            return Err(NotLearned::OtherForm(form));
        }
        let saved: Saved = postcard::from_bytes(saved)?;
        let mut behaviour = Self::new(settings);
        behaviour.baseline = saved.baseline;
        behaviour.now = behaviour.horizon().plus(settings.lateness_ms);
        behaviour.held = saved.held.held();
        behaviour.ruled = saved.ruled;
        behaviour.asked = saved.asked;
        let people = saved.people.into_iter();
        behaviour.tracks =
            people.map(|(who, saved)| (who, Track::settled_at(saved.state()))).collect::<HashMap<_, _>>();
        behaviour.changed = behaviour.tracks.keys().copied().collect();
        Ok(behaviour)
    }
}

impl SavedState {
    fn of(state: &State) -> Self {
        let mut acts: Vec<Arc<Act>> = Vec::new();
        let mut place = |act: &Arc<Act>| {
            acts.iter().rposition(|known| Arc::ptr_eq(known, act)).unwrap_or_else(|| {
                acts.push(Arc::clone(act));
                acts.len() - 1
            })
        };
        let lenses =
            state.lenses.iter().map(|acts| acts.iter().map(|seen| place(&seen.act)).collect()).collect();
        let incidents = state.incidents.iter().map(|incident| {
            let places = incident.acts.iter().map(&mut place).collect();
            (SavedIncident(Incident { acts: Vec::new(), ..incident.clone() }), places)
        });
        let incidents = incidents.collect();
        let open = state.open.iter().map(|(act, bits)| (place(act), *bits)).collect();
        let rest = State {
            session: state.session.clone(),
            over: state.over.clone(),
            recent: state.recent.clone(),
            ..State::default()
        };
        Self { acts: acts.iter().map(|act| Act::clone(act)).collect(), lenses, incidents, open, rest }
    }

    fn state(self) -> State {
        let acts: Vec<_> = self.acts.into_iter().map(Arc::new).collect();
        let named = |places: Vec<usize>| {
            places.into_iter().filter_map(|at| acts.get(at).cloned()).collect::<Vec<_>>()
        };
        let mut state = self.rest;
        for (lens, places) in state.lenses.iter_mut().zip(self.lenses) {
            *lens = named(places).iter().map(Seen::of).collect();
        }
        let incidents = self.incidents.into_iter();
        let open = self.open.into_iter();
        state.open = open.filter_map(|(at, bits)| Some((Arc::clone(acts.get(at)?), bits))).collect();
        state.incidents = incidents
            .map(|(SavedIncident(incident), places)| Incident { acts: named(places), ..incident })
            .collect();
        state
    }
}

/// One piece of evidence as a digest and the event.
pub(super) mod proof {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Evidence;
    use crate::event::Event;
    use crate::identity::EventId;

    pub(in super::super) fn serialize<S: Serializer>(proof: &Evidence, to: S) -> Result<S::Ok, S::Error> {
        (proof.id.0, &*proof.event).serialize(to)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Evidence, D::Error> {
        let (id, event) = <([u8; 16], Event)>::deserialize(from)?;
        Ok(Evidence { id: EventId(id), event: Arc::new(event) })
    }
}

/// Evidence as digests and events.
pub(super) mod evidence {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Evidence;
    use crate::event::Event;
    use crate::identity::EventId;

    pub(in super::super) fn serialize<S: Serializer>(all: &[Evidence], to: S) -> Result<S::Ok, S::Error> {
        let all: Vec<_> = all.iter().map(|proof| (proof.id.0, &*proof.event)).collect();
        all.serialize(to)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<Evidence>, D::Error> {
        let all = Vec::<([u8; 16], Event)>::deserialize(from)?;
        Ok(all.into_iter().map(|(id, event)| Evidence { id: EventId(id), event: Arc::new(event) }).collect())
    }
}
