//! Incidents: looks of one person that are above the line, one after the other. An incident is a finding when
//! it was watched for a few minutes, or at once when it is far above the line of alerts.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::act::Act;
use super::budget::Lines;
use super::kind::Kind;
use super::lens::{DAY_MS, Lens};
use super::seen::Seen;
use super::signal::{Scene, Signals};
use super::usual::Usual;
use crate::finding::Evidence;
use crate::time::UtcMs;

/// How long something is watched before it is told of: most of what belongs together comes within minutes.
pub const WATCH_MS: i64 = 10 * 60_000;
/// So far above the line of alerts, there is nothing to wait for.
const CLEARLY: f64 = 2.0;
/// A pause that ends an incident, and the longest that one goes on.
const GAP_MS: i64 = 12 * 3_600_000;
const LONGEST_MS: i64 = 5 * DAY_MS;
/// For so long an alert that nobody has judged stands for more of the same.
const OPEN_MS: i64 = 30 * DAY_MS;
/// A level so much higher is another incident, although it reaches back into this one.
const WORSE: f64 = 1.0;
/// Events that prove an incident: more a person does not read.
pub(super) const MOST_EVENTS: usize = 100;
/// Evidence is not further apart than this.
const REACH_MS: i64 = 7 * DAY_MS;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Incident {
    pub(super) lens: Lens,
    /// The event with which it went above the line.
    #[serde(with = "super::saved::proof")]
    pub(super) opening: Evidence,
    pub(super) opened: UtcMs,
    pub(super) last: UtcMs,
    /// When it is told of.
    pub(super) raised: UtcMs,
    pub(super) is_watched: bool,
    pub(super) level: f64,
    pub(super) line: Lines,
    /// What was seen when the level was highest.
    pub(super) signals: Signals,
    /// What was usual by then.
    pub(super) usual: Usual,
    #[serde(skip)]
    pub(super) acts: Vec<Arc<Act>>,
    pub(super) kinds: Vec<Kind>,
    /// When more of it was seen lately, also what is too late to be evidence.
    pub(super) seen: Vec<UtcMs>,
    /// Somebody said what it was: more of it is another incident.
    pub(super) is_judged: bool,
    /// What proves it, in order of time.
    #[serde(with = "super::saved::evidence")]
    pub(super) evidence: Vec<Evidence>,
    /// Differs when anything differs that people are told.
    pub(super) stamp: u64,
}

/// A look that is above the line.
pub(super) struct Sight<'a> {
    pub(super) lens: Lens,
    pub(super) level: f64,
    pub(super) at: UtcMs,
    pub(super) acts: &'a VecDeque<Seen>,
    pub(super) signals: &'a Signals,
    pub(super) line: Lines,
    pub(super) scene: &'a Scene<'a>,
}

impl Incident {
    pub(super) fn see(incidents: &mut Vec<Self>, sight: &Sight<'_>) {
        let is_part = |incident: &&mut Self| incident.goes_on(sight.at) || incident.holds(sight);
        match incidents.iter_mut().rev().find(is_part) {
            Some(incident) => incident.grow(sight),
            None => incidents.extend(Self::open(sight)),
        }
    }

    fn open(sight: &Sight<'_>) -> Option<Self> {
        let mut incident = Self {
            opening: sight.acts.back()?.act.events.first()?.clone(),
            lens: sight.lens,
            opened: sight.at,
            last: sight.at,
            raised: sight.at.plus(WATCH_MS),
            is_watched: true,
            level: f64::MIN,
            line: sight.line,
            signals: *sight.signals,
            usual: Usual::default(),
            acts: Vec::new(),
            kinds: Vec::new(),
            seen: Vec::new(),
            is_judged: false,
            evidence: Vec::new(),
            stamp: 0,
        };
        incident.grow(sight);
        Some(incident)
    }

    fn goes_on(&self, at: UtcMs) -> bool {
        at.since(self.last) <= GAP_MS && at.since(self.opened) <= LONGEST_MS
    }

    /// Whether what is seen, days later, is more of what this one has: through the same lens, no worse, and reaching
    /// back into it; or, while it is an alert that nobody has judged, of the same kinds.
    fn holds(&self, sight: &Sight<'_>) -> bool {
        let is_worse =
            sight.level >= self.level + WORSE || (sight.level >= sight.line.alert && !self.is_alert());
        if sight.lens != self.lens || is_worse {
            return false;
        }
        let age = sight.at.since(self.opened);
        let reaches_back = sight.acts.front().is_some_and(|first| first.at <= self.last);
        let is_same = || sight.acts.iter().all(|seen| self.kinds.contains(&seen.kind));
        (reaches_back && age <= LONGEST_MS) || (self.is_unjudged_alert() && age <= OPEN_MS && is_same())
    }

    fn is_unjudged_alert(&self) -> bool {
        self.is_alert() && !self.is_judged
    }

    fn grow(&mut self, sight: &Sight<'_>) {
        self.last = sight.at;
        self.seen.push(sight.at);
        if self.is_watched && sight.level > self.level {
            (self.lens, self.level, self.line) = (sight.lens, sight.level, sight.line);
            self.signals = *sight.signals;
            self.usual = Usual::of(sight);
            self.acts = sight.acts.iter().map(|seen| Arc::clone(&seen.act)).collect();
            self.evidence = evidence(sight.acts);
            self.kinds = sight.acts.iter().map(|seen| seen.kind).collect();
            self.kinds.sort_unstable();
            self.kinds.dedup();
            if self.level >= self.line.alert + CLEARLY {
                self.raised = sight.at;
                self.is_watched = false;
            }
        } else if sight.lens == self.lens {
            self.add(sight.acts);
        } else {
            return;
        }
        self.stamp = self.stamped();
    }

    fn stamped(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.lens, self.raised.0, self.level.to_bits(), self.line.alert.to_bits()).hash(&mut hasher);
        self.signals.iter().for_each(|signal| signal.to_bits().hash(&mut hasher));
        self.acts.iter().for_each(|act| (act.at.0, act.object, act.kind, act.deed).hash(&mut hasher));
        self.evidence.iter().for_each(|proof| proof.id.0.hash(&mut hasher));
        hasher.finish()
    }

    /// More of the same.
    fn add(&mut self, acts: &VecDeque<Seen>) {
        let Some(first) = self.evidence.first().map(|proof| proof.event.timestamp) else { return };
        for proof in acts.iter().flat_map(|seen| &seen.act.events) {
            let key = |proof: &Evidence| (proof.event.timestamp, proof.id);
            let place = self.evidence.binary_search_by_key(&key(proof), key);
            let is_near = proof.event.timestamp.since(first) <= REACH_MS && proof.event.timestamp >= first;
            if let Err(place) = place
                && is_near
                && self.evidence.len() < MOST_EVENTS
            {
                self.evidence.insert(place, proof.clone());
            }
        }
    }

    /// Time passes: what was watched long enough is told of.
    pub(super) fn pass(&mut self, at: UtcMs) {
        if at > self.raised {
            self.is_watched = false;
        }
    }

    pub(super) fn is_alert(&self) -> bool {
        self.level >= self.line.alert
    }

    pub(super) fn is_over(&self, at: UtcMs) -> bool {
        let memory_ms = if self.is_unjudged_alert() { OPEN_MS } else { LONGEST_MS };
        !self.goes_on(at) && at.since(self.opened) > memory_ms
    }

    pub(super) fn touches(&self, from: UtcMs, to: UtcMs) -> bool {
        let mut times =
            self.evidence.iter().map(|proof| proof.event.timestamp).chain(self.seen.iter().copied());
        times.any(|at| (from..=to).contains(&at))
    }

    /// Gives up what was seen in days that are learned.
    pub(super) fn forget(&mut self, before: UtcMs) {
        self.seen.retain(|at| *at >= before);
    }
}

fn evidence(acts: &VecDeque<Seen>) -> Vec<Evidence> {
    let mut evidence: Vec<_> = acts.iter().flat_map(|seen| seen.act.events.iter().cloned()).collect();
    evidence.sort_by_key(|proof| (proof.event.timestamp, proof.id));
    // Acts are at most as many as a finding lists; their events can be more, and the newest tell most.
    let extra = evidence.len().saturating_sub(MOST_EVENTS);
    evidence.drain(..extra);
    evidence
}
