//! Incidents: looks of one person that are above the line, one after the other. An incident is a finding when
//! it was watched for a few minutes, or at once when it is far above the line of alerts.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::act::Act;
use super::budget::Lines;
use super::lens::{DAY_MS, Lens};
use super::signal::Signals;
use crate::finding::{Evidence, Finding};
use crate::time::UtcMs;

/// How long something is watched before it is told of: most of what belongs together comes within minutes.
pub const WATCH_MS: i64 = 10 * 60_000;
/// So far above the line of alerts, there is nothing to wait for.
const CLEARLY: f64 = 2.0;
/// A pause that ends an incident, and the longest that one goes on.
const GAP_MS: i64 = 12 * 3_600_000;
const LONGEST_MS: i64 = 5 * DAY_MS;
/// Evidence is not further apart than this.
const REACH_MS: i64 = 7 * DAY_MS;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Incident {
    pub(super) lens: Lens,
    pub(super) opened: UtcMs,
    pub(super) last: UtcMs,
    /// When it is told of.
    pub(super) raised: UtcMs,
    pub(super) is_watched: bool,
    pub(super) level: f64,
    pub(super) line: Lines,
    /// What was seen when the level was highest.
    pub(super) signals: Signals,
    #[serde(skip)]
    pub(super) acts: Vec<Arc<Act>>,
    /// What proves it, in order of time.
    #[serde(with = "super::saved::evidence")]
    pub(super) evidence: Vec<Evidence>,
}

/// A look that is above the line.
pub(super) struct Sight<'a> {
    pub(super) lens: Lens,
    pub(super) level: f64,
    pub(super) at: UtcMs,
    pub(super) acts: &'a VecDeque<Arc<Act>>,
    pub(super) signals: &'a Signals,
    pub(super) line: Lines,
}

impl Incident {
    pub(super) fn see(incidents: &mut Vec<Self>, sight: &Sight<'_>) {
        match incidents.last_mut().filter(|incident| incident.goes_on(sight.at)) {
            Some(incident) => incident.grow(sight),
            None => incidents.push(Self::open(sight)),
        }
    }

    fn open(sight: &Sight<'_>) -> Self {
        let mut incident = Self {
            lens: sight.lens,
            opened: sight.at,
            last: sight.at,
            raised: sight.at.plus(WATCH_MS),
            is_watched: true,
            level: f64::MIN,
            line: sight.line,
            signals: *sight.signals,
            acts: Vec::new(),
            evidence: Vec::new(),
        };
        incident.grow(sight);
        incident
    }

    fn goes_on(&self, at: UtcMs) -> bool {
        at.since(self.last) <= GAP_MS && at.since(self.opened) <= LONGEST_MS
    }

    fn grow(&mut self, sight: &Sight<'_>) {
        self.last = sight.at;
        if self.is_watched && sight.level > self.level {
            (self.lens, self.level, self.line) = (sight.lens, sight.level, sight.line);
            self.signals = *sight.signals;
            self.acts = sight.acts.iter().cloned().collect();
            self.evidence = evidence(sight.acts);
            if self.level >= self.line.alert + CLEARLY {
                self.raised = sight.at;
                self.is_watched = false;
            }
        } else if sight.lens == self.lens {
            self.add(sight.acts);
        }
    }

    /// More of the same.
    fn add(&mut self, acts: &VecDeque<Arc<Act>>) {
        let Some(first) = self.evidence.first().map(|proof| proof.event.timestamp) else { return };
        for proof in acts.iter().flat_map(|act| &act.events) {
            let key = |proof: &Evidence| (proof.event.timestamp, proof.id);
            let place = self.evidence.binary_search_by_key(&key(proof), key);
            let is_near = proof.event.timestamp.since(first) <= REACH_MS && proof.event.timestamp >= first;
            if let Err(place) = place
                && is_near
                && self.evidence.len() < Finding::MOST_EVIDENCE
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
        !self.goes_on(at)
    }

    pub(super) fn touches(&self, from: UtcMs, to: UtcMs) -> bool {
        self.evidence.iter().any(|proof| (from..=to).contains(&proof.event.timestamp))
    }
}

fn evidence(acts: &VecDeque<Arc<Act>>) -> Vec<Evidence> {
    let mut evidence: Vec<_> = acts.iter().flat_map(|act| act.events.iter().cloned()).collect();
    evidence.sort_by_key(|proof| (proof.event.timestamp, proof.id));
    // Acts are at most as many as a finding lists; their events can be more, and the newest tell most.
    let extra = evidence.len().saturating_sub(Finding::MOST_EVIDENCE);
    evidence.drain(..extra);
    evidence
}
