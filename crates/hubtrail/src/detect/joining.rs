//! History that came in later than the rules wait for, looked at in order of time, behind the walk that collects
//! it; when it has caught up with the present, it takes the place of the windows that ran meanwhile.

use std::collections::HashMap;
use std::sync::Arc;

use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::detect::{Behaviour, Change, Detector, LATENESS_MS, RuleSet};
use hubtrail_core::event::Event;
use hubtrail_core::finding::{Finding, FindingId};
use hubtrail_core::identity::EventId;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;

use super::usual;
use crate::connector::ConnectorId;
use crate::store::{FindingSearch, Judgement, KeptFinding, Position, Replay, Store, StoreError};

/// Entries of one step: it must not keep what happens now waiting.
const STEP: usize = 2_000;
/// Findings that are compared with what was found without the history.
const MOST_COMPARED: usize = 10_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joined {
    /// There is more.
    Some,
    /// There is more, and it has not been collected yet.
    Waits,
    All,
}

pub(super) struct Joining {
    replay: Replay,
    detector: Detector,
    /// What is earlier was told of before, and is only looked at for what it leads to.
    from: UtcMs,
    is_told: bool,
    /// The newest time that it has looked at.
    now: UtcMs,
    told: HashMap<FindingId, Told>,
    /// How far the walk was at the step before. Of what it says now, the log may not have been read yet.
    collected: Option<Collected>,
}

/// Up to where history has been collected, while a walk over it is under way; none: there is none.
type Collected = Option<UtcMs>;

/// When a finding was.
struct Told {
    rule: String,
    actor: String,
    first_seen: UtcMs,
    last_seen: UtcMs,
}

impl Joining {
    /// Behaviour is learned anew from the beginning, unless all that came in is later than what was learned.
    pub(super) fn new(
        store: &Store,
        id: ConnectorId,
        rules: Arc<RuleSet>,
        budget: f64,
        from: UtcMs,
        up_to: Position,
    ) -> Result<Self, StoreError> {
        let learned = usual::learned(store, id, budget)?.filter(|learned| learned.horizon() <= from);
        let detector = Detector::new(Arc::clone(&rules), LATENESS_MS);
        let since = match &learned {
            Some(learned) => detector.horizon_at(from).min(learned.horizon()),
            None => UtcMs(i64::MIN),
        };
        let behaviour = learned.unwrap_or_else(|| Behaviour::new(usual::settings(budget)));
        let mut detector = detector.with_behaviour(behaviour);
        usual::judge_all(&mut detector, store, id)?;
        let replay = Replay::new(id, since, up_to);
        let (is_told, now, told) = (false, UtcMs(i64::MIN), HashMap::new());
        Ok(Self { replay, detector, from, is_told, now, told, collected: None })
    }

    pub(super) fn judge(&mut self, judgement: &Judgement) {
        usual::judge(&mut self.detector, judgement);
    }

    /// An event that has just come in. False: it is from a time that was passed too long ago.
    pub(super) fn meets(&mut self, event: &Event, id: EventId) -> bool {
        if event.timestamp >= self.replay.from.timestamp {
            return true;
        }
        let is_late = event.timestamp < self.now.minus(LATENESS_MS);
        if !is_late {
            // The replay passed it unread: it is newer than what was looked at.
            self.now = self.now.max(event.timestamp);
            self.detector.advance(self.now);
            self.detector.observe(event, id);
        }
        !is_late
    }

    pub(super) fn reached(&self) -> UtcMs {
        self.replay.from.timestamp
    }

    pub(super) fn items(&self) -> usize {
        self.detector.items()
    }

    pub(super) fn into_running(self) -> Detector {
        self.detector
    }

    pub(super) fn go_on(
        &mut self,
        store: &Store,
        now: UtcMs,
        up_to: Position,
    ) -> Result<(Vec<Change>, Joined), StoreError> {
        let reached = collected_up_to(store, self.replay.connector)?;
        let Some(collected) = self.collected.replace(reached) else {
            return Ok((Vec::new(), Joined::Some));
        };
        self.replay.up_to = up_to;
        self.replay.before = collected.unwrap_or(UtcMs(i64::MAX));
        let read = store.replay(&self.replay, STEP, |_, _| true)?;
        for (event, id) in &read.events {
            if !self.is_told && event.timestamp >= self.from {
                drop(self.detector.changes());
                self.is_told = true;
            }
            self.now = self.now.max(event.timestamp.min(now));
            self.detector.advance(self.now);
            self.detector.observe(event, *id);
        }
        self.replay.from = read.last.unwrap_or(self.replay.from);
        let joined = match (read.more, collected) {
            (true, _) => Joined::Some,
            _ if reached != collected => Joined::Some,
            (false, Some(_)) => Joined::Waits,
            (false, None) => Joined::All,
        };
        if joined == Joined::All {
            self.detector.advance(now);
        }
        let changes = self.detector.changes();
        if !self.is_told {
            return Ok((Vec::new(), joined));
        }
        changes.iter().for_each(|change| self.note(change));
        Ok((changes, joined))
    }

    fn note(&mut self, change: &Change) {
        match change {
            Change::Raised(finding) | Change::Grown(finding) => {
                self.told.insert(finding.id, Told::of(finding));
            }
            Change::Absorbed { id, .. } | Change::Withdrawn(id) => {
                self.told.remove(id);
            }
        }
    }

    /// What was found without the history, and turns out to be part of what was found with it, or nothing unusual.
    pub(super) fn absorbed(&self, store: &Store) -> Result<Vec<Change>, StoreError> {
        let search = FindingSearch {
            connectors: Some(vec![self.replay.connector]),
            after: Some(self.from),
            limit: MOST_COMPARED,
            ..FindingSearch::default()
        };
        let kept = store.findings(&search)?;
        let unknown = kept.iter().filter(|kept| !self.told.contains_key(&kept.finding.id));
        Ok(unknown
            .filter_map(|kept| {
                let id = kept.finding.id;
                match self.whole(kept) {
                    Some(by) => Some(Change::Absorbed { id, by }),
                    None => kept.finding.is_behaviour().then_some(Change::Withdrawn(id)),
                }
            })
            .collect())
    }

    fn whole(&self, part: &KeptFinding) -> Option<FindingId> {
        let finding = &part.finding;
        let holds = |told: &Told| {
            told.rule == finding.rule
                && told.actor == finding.actor.id
                && told.first_seen <= finding.first_seen
                && finding.last_seen <= told.last_seen
        };
        self.told.iter().find(|(_, told)| holds(told)).map(|(id, _)| *id)
    }
}

impl Told {
    fn of(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.clone(),
            actor: finding.actor.id.clone(),
            first_seen: finding.first_seen,
            last_seen: finding.last_seen,
        }
    }
}

fn collected_up_to(store: &Store, connector: ConnectorId) -> Result<Collected, StoreError> {
    let checkpoint = store.checkpoint(connector, Stream::Content)?;
    let walks = [WalkKind::Backfill, WalkKind::Range].map(|kind| checkpoint.walks.get(&kind).copied());
    let reached = walks.into_iter().flatten().map(|point| point.newest.or(point.from));
    Ok(reached.map(|reached| reached.unwrap_or(UtcMs(i64::MIN))).min())
}
