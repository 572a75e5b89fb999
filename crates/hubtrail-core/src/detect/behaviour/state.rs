//! What one person did lately: their session, what each lens sees, and the incidents in it. It is a function
//! of the person's events in order of time, and of baselines that were closed before them.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::act::{Act, Object, object_of};
use super::baseline::{Baseline, who};
use super::incident::{Incident, MOST_EVENTS, Sight};
use super::kind::{Deed, Kind};
use super::lens::{DAY_MS, Lens};
use super::seen::Seen;
use super::session::Session;
use super::signal::{Scene, Signal, Signals, signals};
use super::weight;
use crate::detect::fold::ACT_MS;
use crate::event::Event;
use crate::finding::Evidence;
use crate::identity::EventId;
use crate::time::UtcMs;

/// How long it is remembered that somebody touched or made an object.
const RECENT_MS: i64 = 4 * DAY_MS;
const MOST_RECENT: usize = 2_000;
/// A lens looks at hours only where they are this unusual.
const ODD_HOUR: f32 = 0.7;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) session: Option<Session>,
    /// Sessions that are over and not learned yet.
    pub(super) over: Vec<Session>,
    #[serde(skip)]
    pub(super) lenses: [VecDeque<Seen>; Lens::COUNT],
    pub(super) recent: HashMap<Object, Recent>,
    /// Acts that another event may still belong to.
    #[serde(skip)]
    pub(super) open: Vec<(Arc<Act>, u32)>,
    #[serde(skip)]
    pub(super) incidents: Vec<Incident>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Recent {
    at: UtcMs,
    made: Option<UtcMs>,
}

/// What a lens saw at an act, for those who set the weights.
#[derive(Clone, Debug)]
pub struct Row {
    pub lens: Lens,
    pub at: UtcMs,
    pub signals: Signals,
    pub level: f64,
    pub evidence: Vec<EventId>,
}

impl State {
    pub(super) fn is_idle(&self, before: UtcMs) -> bool {
        self.session.is_none()
            && self.over.is_empty()
            && self.incidents.is_empty()
            && self.lenses.iter().all(|acts| acts.back().is_none_or(|last| last.at < before))
            && self.recent.values().all(|recent| recent.at < before)
    }

    /// Whether a session is over that is not learned yet.
    pub(super) fn has_over(&self, end: UtcMs) -> bool {
        !self.over.is_empty() || self.session.as_ref().is_some_and(|session| session.last < end)
    }

    /// Takes the next event in order of time.
    pub(super) fn take(
        &mut self,
        event: &Arc<Event>,
        id: EventId,
        baseline: &Baseline,
        version: i32,
        rows: Option<&mut Vec<Row>>,
    ) {
        let at = event.timestamp;
        self.begin(at);
        self.incidents.iter_mut().for_each(|incident| incident.pass(at));
        self.open.retain(|(act, _)| act.since(at).abs() <= ACT_MS);
        let act = match self.merged(event, id) {
            Some(act) => act,
            None => Arc::new(self.read(event, id, baseline, version)),
        };
        if let Some(session) = &mut self.session {
            session.know(&act);
        }
        self.remember(&act);
        self.look(&act, baseline, version, rows);
    }

    /// Begins a session where there is none that goes on.
    fn begin(&mut self, at: UtcMs) {
        if self.session.as_ref().is_some_and(|session| session.goes_on(at)) {
            return;
        }
        self.over.extend(self.session.replace(Session::starting(at)));
    }

    /// The act that an event belongs to together with those before it, or none when it begins one.
    fn merged(&mut self, event: &Arc<Event>, id: EventId) -> Option<Arc<Act>> {
        let (object, bit) = (object_of(event), crate::detect::fold::kind(&event.event));
        let at = self.open.iter().position(|(act, bits)| act.object == object && bits & bit == 0)?;
        let (before, bits) = self.open.swap_remove(at);
        let mut act = Act::clone(&before);
        act.events.push(Evidence { id, event: Arc::clone(event) });
        let deed = Deed::of(&event.event);
        if deed > act.deed {
            act.deed = deed;
            act.kind = Kind::of(&event.object_type, deed);
        }
        let act = Arc::new(act);
        self.open.push((Arc::clone(&act), bits | bit));
        for acts in &mut self.lenses {
            if let Some(place) = acts.iter().rposition(|seen| Arc::ptr_eq(&seen.act, &before)) {
                acts.remove(place);
            }
        }
        Some(act)
    }

    /// A new act, as usual or not as it is for this person.
    fn read(&mut self, event: &Arc<Event>, id: EventId, baseline: &Baseline, version: i32) -> Act {
        let who = who(&event.user_id);
        let kind = Kind::of(&event.object_type, Deed::of(&event.event));
        let mut reading = baseline.read(who, kind, object_of(event), event.timestamp, version);
        let recent = self.recent.get(&object_of(event));
        let recent = recent.filter(|recent| event.timestamp.since(recent.at) <= RECENT_MS);
        if recent.is_some() {
            (reading.is_strange, reading.is_of_others) = (false, false);
        }
        let mut act = Act::of(Arc::clone(event), id, reading);
        let made = recent.and_then(|recent| recent.made);
        act.is_undone = act.deed == Deed::Deleted && made.is_some_and(|made| act.at.since(made) <= RECENT_MS);
        if let Some(session) = &mut self.session {
            session.add(&act);
        }
        act
    }

    fn remember(&mut self, act: &Arc<Act>) {
        if act.events.len() == 1 {
            let bit = crate::detect::fold::kind(&act.event().event);
            self.open.push((Arc::clone(act), bit));
        }
        let made = (act.deed == Deed::Created).then_some(act.at);
        let recent = self.recent.entry(act.object).or_insert(Recent { at: act.at, made });
        (recent.at, recent.made) = (act.at, made.or(recent.made));
        if self.recent.len() > MOST_RECENT {
            self.recent.retain(|_, recent| act.since(recent.at) <= RECENT_MS);
        }
        if self.recent.len() > MOST_RECENT {
            let mut times: Vec<_> = self.recent.values().map(|recent| recent.at).collect();
            let (_, middle, _) = times.select_nth_unstable(MOST_RECENT / 2);
            let middle = *middle;
            self.recent.retain(|_, recent| recent.at >= middle);
        }
    }

    /// Looks at an act through every lens that sees it.
    fn look(&mut self, act: &Arc<Act>, baseline: &Baseline, version: i32, mut rows: Option<&mut Vec<Row>>) {
        let Some(session) = &mut self.session else { return };
        let account = baseline.account(version);
        let scene = Scene {
            person: baseline.person(who(&act.event().user_id), version),
            account,
            version,
            session_start: session.start,
            session_acts: session.acts,
        };
        let is_ready = account.is_ready(version);
        for lens in Lens::ALL.into_iter().filter(|lens| lens.sees(act)) {
            let acts = &mut self.lenses[lens.index()];
            if acts.back().is_some_and(|last| act.since(last.at) > lens.link_ms()) {
                acts.clear();
            }
            while acts.len() >= MOST_EVENTS
                || acts.front().is_some_and(|first| act.since(first.at) > lens.window_ms())
            {
                acts.pop_front();
            }
            acts.push_back(Seen::of(act));
            let signals = signals(lens, acts, &scene);
            if lens == Lens::Hours && signals[Signal::Hour as usize] < ODD_HOUR {
                continue;
            }
            let raw = weight::level(lens, &signals);
            let level = account.calibrated(lens, raw);
            session.peak = session.peak.max(level);
            session.lens_peaks[lens.index()] = session.lens_peaks[lens.index()].max(raw);
            if let Some(rows) = rows.as_deref_mut() {
                let evidence = acts.iter().flat_map(|seen| &seen.act.events).map(|proof| proof.id).collect();
                rows.push(Row { lens, at: act.at, signals, level, evidence });
            }
            let line = account.levels.line;
            if level >= line.finding && is_ready {
                let sight = Sight { lens, level, at: act.at, acts, signals: &signals, line, scene: &scene };
                Incident::see(&mut self.incidents, &sight);
            }
        }
    }

    /// Gives up what no later event can need.
    pub(super) fn forget(&mut self, before: UtcMs) {
        let recent = before.minus(RECENT_MS);
        self.recent.retain(|_, known| known.at >= recent);
        for (lens, acts) in Lens::ALL.into_iter().zip(&mut self.lenses) {
            if acts.back().is_some_and(|last| last.at < before.minus(lens.link_ms())) {
                acts.clear();
            }
        }
        self.open.retain(|(act, _)| act.since(before).abs() <= ACT_MS);
        self.incidents.retain(|incident| !incident.is_over(before));
        // Sessions of the day that is being closed are compared with it yet.
        self.incidents.iter_mut().for_each(|incident| incident.forget(before.minus(2 * DAY_MS)));
    }
}
