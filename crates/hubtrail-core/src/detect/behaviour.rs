//! Behaviour: what is normal for each person, their peers and the account, and what is not.
//!
//! Baselines are learned from days that are closed. What a person does is looked at through a few lenses; each
//! adds up signals to a level, and the account's own history says how high a level must be to be told of.

mod account;
mod act;
mod baseline;
mod budget;
mod field;
mod incident;
mod kind;
mod lens;
mod person;
mod ruled;
mod said;
mod saved;
mod seen;
mod session;
mod signal;
mod state;
mod track;
mod usual;
mod verdict;
mod weight;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use self::act::object_of;
use self::baseline::{Baseline, Who, who};
use self::incident::Incident;
use self::kind::{Deed, Kind};
use self::lens::{DAY_MS, SESSION_GAP_MS};
use self::ruled::Ruled;
use self::session::Session;
use self::track::{Pending, Told, Track};
use self::verdict::Held;
use super::detector::Change;
use crate::event::Event;
use crate::finding::{Finding, FindingId, Severity};
use crate::identity::EventId;
use crate::time::UtcMs;

pub(super) use self::field::{Fields, Measure};
pub use self::incident::WATCH_MS;
pub use self::lens::Lens;
pub use self::ruled::Alert;
pub use self::saved::NotLearned;
pub use self::signal::{Signal, Signals};
pub use self::state::Row;
pub use self::verdict::Verdict;

/// So many days without anything are passed at once.
const LONG_QUIET_DAYS: i32 = 800;

/// Alerts in 30 days that an account may raise unless its people say otherwise.
pub const BUDGET: f64 = 5.0;

#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub lateness_ms: i64,
    /// Alerts in 30 days.
    pub budget: f64,
}

/// How far the learning is, and what is to be expected.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// Since when there is history; none before the first closed day.
    pub since: Option<UtcMs>,
    pub days: i32,
    pub acts: u64,
    pub people: usize,
    pub is_ready: bool,
    pub budget: f64,
    /// Alerts in 30 days, had today's lines been in force all the time that is remembered.
    pub expected: f64,
}

/// What is known of how usual an event is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) fields: Option<Fields>,
    /// What was known then is not known any more.
    pub(super) is_forgotten: bool,
}

pub struct Behaviour {
    settings: Settings,
    baseline: Baseline,
    tracks: HashMap<Who, Track>,
    changed: BTreeSet<Who>,
    held: Held,
    ruled: Ruled,
    /// What was usual about events that rules asked about and that they may be asked about again.
    asked: BTreeMap<(UtcMs, [u8; 16]), Fields>,
    now: UtcMs,
    /// The time by which people are told of what was watched.
    passed: UtcMs,
    changes: Vec<Change>,
    rows: Option<Vec<Row>>,
}

impl Behaviour {
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            baseline: Baseline::default(),
            tracks: HashMap::new(),
            changed: BTreeSet::new(),
            held: Held::default(),
            ruled: Ruled::default(),
            asked: BTreeMap::new(),
            now: UtcMs(i64::MIN),
            passed: UtcMs(i64::MIN),
            changes: Vec::new(),
            rows: None,
        }
    }

    /// Keeps what each lens sees, for those who set the weights.
    pub fn keep_rows(&mut self) {
        self.rows = Some(Vec::new());
    }

    pub fn rows(&mut self) -> Vec<Row> {
        self.rows.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Tells the time up to which events were collected, and closes the days that are over.
    pub fn advance(&mut self, now: UtcMs) {
        if now <= self.now {
            return;
        }
        let is_first = self.now.0 == i64::MIN;
        self.now = now;
        let closed = Baseline::version_at(now, self.settings.lateness_ms);
        if is_first {
            self.baseline.version = closed;
        }
        while self.baseline.version < closed {
            let day = self.baseline.version;
            if self.tracks.is_empty() && day + LONG_QUIET_DAYS < closed {
                // Nothing happened: only time passes.
                self.baseline.keep();
                self.baseline.close(closed - 2, Vec::new(), self.settings.budget);
                continue;
            }
            self.close(day);
        }
    }

    /// Whether to advance to this time closes a day.
    pub(super) fn is_day_over(&self, now: UtcMs) -> bool {
        now > self.now && self.baseline.version < Baseline::version_at(now, self.settings.lateness_ms)
    }

    /// From when on events must be observed again to go on from what was saved.
    #[must_use]
    pub fn horizon(&self) -> UtcMs {
        UtcMs(i64::from(self.baseline.version) * DAY_MS + SESSION_GAP_MS)
    }

    /// Looks at an event. One that was looked at before changes nothing.
    pub fn observe(&mut self, event: &Arc<Event>, id: EventId) {
        // What is too late is history, and what is dated later than anything that was collected may be wrong.
        if event.timestamp < self.now.minus(self.settings.lateness_ms) || event.timestamp > self.now {
            return;
        }
        let who = who(&event.user_id);
        let track = self.tracks.entry(who).or_default();
        let pending = Pending { event: Arc::clone(event), id };
        if track.take(pending, &self.baseline, self.settings.lateness_ms, self.rows.as_mut()) {
            self.changed.insert(who);
        }
    }

    /// A finding of a time that is not settled was told of before a restart. To be called when the events since
    /// [`Behaviour::horizon`] were observed again, because only whoever kept it knows of it.
    pub(super) fn was_told(&mut self, finding: FindingId, raised: UtcMs, actor: &str) {
        let who = who(actor);
        if raised < self.horizon() {
            return;
        }
        let track = self.tracks.entry(who).or_default();
        if !track.told.iter().any(|told| told.id == finding) {
            track.told.push(Told { id: finding, raised, last: raised, stamp: 0 });
            self.changed.insert(who);
        }
    }

    /// What has changed since the last call.
    pub fn changes(&mut self) -> Vec<Change> {
        self.tell();
        std::mem::take(&mut self.changes)
    }

    #[must_use]
    pub fn standing(&self) -> Standing {
        let account = &self.baseline.account;
        let days = account.first_day.map_or(0, |first| self.baseline.version - first);
        Standing {
            since: account.first_day.map(|day| UtcMs(i64::from(day) * DAY_MS)),
            days,
            acts: account.acts,
            people: self.baseline.people(),
            is_ready: self.baseline.is_ready(self.baseline.version),
            budget: self.settings.budget,
            expected: account.levels.line.expected,
        }
    }

    /// Gives the findings of rules scores that can be compared with those of behaviour.
    pub(super) fn weigh(&mut self, change: &mut Change) {
        match change {
            Change::Raised(finding) | Change::Grown(finding) => {
                let version = Baseline::version_at(finding.time, self.settings.lateness_ms);
                self.ruled.weigh(finding, &self.baseline, version);
            }
            Change::Absorbed { id, .. } | Change::Withdrawn(id) => self.ruled.forget(*id),
        }
    }

    /// What a person says of a finding, or that it is open again. `at` is the time of the entry in the log.
    pub fn judge(&mut self, finding: FindingId, verdict: Option<Verdict>, at: UtcMs) {
        self.held.judge(finding, verdict, at);
    }

    /// What rules may ask about an event; nothing while there is too little history.
    pub(super) fn usual(&self, event: &Event, id: EventId) -> Asked {
        let version = Baseline::version_at(event.timestamp, self.settings.lateness_ms);
        if !self.baseline.remembers(version) {
            return Asked { fields: self.asked.get(&(event.timestamp, id.0)).copied(), is_forgotten: true };
        }
        let is_ready = self.baseline.is_ready(version);
        let fields = is_ready.then(|| {
            let (kind, object) = (Kind::of(&event.object_type, Deed::of(&event.event)), object_of(event));
            Fields(self.baseline.read(who(&event.user_id), kind, object, event.timestamp, version))
        });
        Asked { fields, is_forgotten: false }
    }

    /// A rule asked about the event, and it matched: after a restart the same must be said of it.
    pub(super) fn keep_asked(&mut self, at: UtcMs, id: EventId, fields: Fields) {
        self.asked.insert((at, id.0), fields);
    }

    pub(super) fn forget_asked(&mut self, before: UtcMs) {
        self.asked = self.asked.split_off(&(before, [0; 16]));
    }

    /// Whether something is watched that is not told of yet.
    pub(super) fn is_waiting(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Roughly how many things are held in memory.
    pub(super) fn items(&self) -> usize {
        self.baseline.people() + 8 * self.tracks.len()
    }

    /// Time that passes without events.
    pub(super) fn pass(&mut self, now: UtcMs) {
        self.passed = self.passed.max(now);
    }

    fn close(&mut self, day: i32) {
        self.tell();
        let end = UtcMs(i64::from(day + 1) * DAY_MS);
        let boundary = end.plus(SESSION_GAP_MS);
        let lateness_ms = self.settings.lateness_ms;
        self.baseline.keep();
        // Before there is enough history, there is nothing else to learn from.
        let is_ready = self.baseline.is_ready(day);
        let alerts = self.ruled.alerts();
        let mut learned: Vec<(Who, Session)> = Vec::new();
        let mut held: Vec<(FindingId, Who, Session)> = Vec::new();
        for (who, track) in &mut self.tracks {
            self.baseline.account.acts += track.settle(boundary, &self.baseline, lateness_ms);
            let is_new = |incident: &Incident| !incident.is_judged && self.held.is_judged(said::id(incident));
            let is_changed = track.settled().incidents.iter().any(is_new);
            if !is_changed && !track.settled().has_over(end) {
                track.refresh(&self.baseline, lateness_ms);
                continue;
            }
            let state = track.change();
            for incident in &mut state.incidents {
                incident.is_judged = incident.is_judged || is_new(incident);
            }
            let mut over = std::mem::take(&mut state.over);
            over.extend(state.session.take_if(|session| session.last < end));
            for session in over {
                self.baseline.account.note(day, *who, &session);
                let is_part = |incident: &&Incident| incident.touches(session.start, session.last);
                let incident = state.incidents.iter().filter(|incident| incident.is_alert()).find(is_part);
                let ruled = || alerts.of(*who, session.start, session.last).filter(|_| is_ready);
                match incident.map(said::id).or_else(ruled) {
                    Some(finding) => held.push((finding, *who, session)),
                    None => learned.push((*who, session)),
                }
            }
            track.refresh(&self.baseline, lateness_ms);
            if is_changed {
                self.changed.insert(*who);
            }
        }
        held.sort_by_key(|(finding, _, session)| (*finding, session.start));
        held.into_iter().for_each(|(finding, who, session)| self.held.hold(finding, who, session));
        learned.extend(self.held.released(end, &mut self.baseline.account));
        self.ruled.close(day, &mut self.baseline.account);
        self.baseline.close(day, learned, self.settings.budget);
        for track in self.tracks.values_mut() {
            let before = boundary.minus(2 * DAY_MS);
            let known: Vec<_> = track.live.incidents.iter().map(said::id).collect();
            track.told.retain(|told| told.last >= before || known.contains(&told.id));
        }
        self.tracks.retain(|_, track| !track.is_idle(boundary.minus(4 * DAY_MS)));
    }

    /// Writes the changed incidents down as findings.
    fn tell(&mut self) {
        let mut waiting = BTreeSet::new();
        let boundary = self.horizon();
        for who in std::mem::take(&mut self.changed) {
            let Some(track) = self.tracks.get_mut(&who) else { continue };
            track.refresh(&self.baseline, self.settings.lateness_ms);
            let before = std::mem::take(&mut track.told);
            let mut told = Vec::with_capacity(before.len());
            for incident in &track.live.incidents {
                let known = told_of(incident);
                let told_before = before.iter().find(|before| before.id == known.id);
                if incident.raised > self.now.max(self.passed) {
                    waiting.insert(who);
                    told.extend(told_before);
                    continue;
                }
                told.push(known);
                self.changes.push(match told_before {
                    Some(before) if *before == known => continue,
                    Some(_) => Change::Grown(said::finding(incident)),
                    None => Change::Raised(said::finding(incident)),
                });
            }
            let gone = before.into_iter().filter(|gone| !told.iter().any(|now| now.id == gone.id));
            let (over, gone): (Vec<_>, Vec<_>) = gone.partition(|gone| gone.raised < boundary);
            told.extend(over);
            for gone in gone {
                let by = told.iter().find(|now| now.raised.since(gone.raised).abs() <= DAY_MS);
                self.changes.push(match by {
                    Some(by) => Change::Absorbed { id: gone.id, by: by.id },
                    None => Change::Withdrawn(gone.id),
                });
            }
            track.told = told;
        }
        self.changed = waiting;
    }
}

fn told_of(incident: &Incident) -> Told {
    Told {
        id: said::id(incident),
        raised: incident.raised,
        last: incident.evidence.last().map_or(incident.raised, |proof| proof.event.timestamp),
        stamp: incident.stamp,
    }
}

impl Finding {
    /// Whether people are told of it, and by what.
    #[must_use]
    pub fn alert(&self) -> Alert {
        if self.watch || self.severity == Severity::Critical {
            Alert::OutsideBudget
        } else if self.quiet {
            Alert::No
        } else {
            Alert::WithinBudget
        }
    }

    /// Whether it was raised by what is usual rather than by a rule.
    #[must_use]
    pub fn is_behaviour(&self) -> bool {
        self.rule.starts_with("behaviour.")
    }
}
