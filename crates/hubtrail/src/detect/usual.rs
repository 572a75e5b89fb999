//! What is usual in an account: where it is learned from, what people said of it, and when it is written down.

use hubtrail_core::detect::{Behaviour, Detector, LATENESS_MS, Settings, Standing, Verdict};
use hubtrail_core::time::UtcMs;

use crate::connector::ConnectorId;
use crate::judgement;
use crate::store::{FindingSearch, Judgement, Store, StoreError};

/// While a history is read, what was learned is written down this often; otherwise with every day that is over.
const SAVE_EVERY_MS: i64 = 30_000;
/// Findings of the days that are not settled.
const MOST_TOLD: usize = 10_000;

/// Alerts in 30 days that an account may raise, and how late events may come.
pub(super) fn settings(budget: f64) -> Settings {
    Settings { lateness_ms: LATENESS_MS, budget }
}

/// What was learned of an account up to its last closed day; none: nothing was, or not in this form.
pub(super) fn learned(
    store: &Store,
    connector: ConnectorId,
    budget: f64,
) -> Result<Option<Behaviour>, StoreError> {
    let Some(saved) = store.snapshot(connector)? else { return Ok(None) };
    match Behaviour::restore(settings(budget), &saved) {
        Ok(behaviour) => Ok(Some(behaviour)),
        Err(error) => {
            tracing::warn!(connector = connector.0, "{error}");
            Ok(None)
        }
    }
}

/// Tells a detector everything that people said of the account's findings.
pub(super) fn judge_all(
    detector: &mut Detector,
    store: &Store,
    connector: ConnectorId,
) -> Result<(), StoreError> {
    store.judgements_of(connector)?.iter().for_each(|judgement| judge(detector, judgement));
    Ok(())
}

pub(super) fn judge(detector: &mut Detector, judgement: &Judgement) {
    let verdict = judgement.verdict.map(|verdict| match verdict {
        judgement::Verdict::Malicious => Verdict::Malicious,
        // Nobody meant harm, whether it was meant to happen or was nothing at all.
        judgement::Verdict::Expected | judgement::Verdict::False => Verdict::Expected,
    });
    detector.judge(judgement.finding, verdict, judgement.at);
}

/// Tells a detector which findings people know of already.
pub(super) fn know_told(
    detector: &mut Detector,
    store: &Store,
    connector: ConnectorId,
) -> Result<(), StoreError> {
    let Some(since) = detector.behaviour().map(Behaviour::horizon) else { return Ok(()) };
    let search = FindingSearch {
        connectors: Some(vec![connector]),
        after: Some(since),
        limit: MOST_TOLD,
        ..FindingSearch::default()
    };
    let kept = store.findings(&search)?;
    kept.iter().filter(|kept| !kept.withdrawn).for_each(|kept| detector.was_told(&kept.finding));
    Ok(())
}

/// When what was learned was last written down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    /// The day up to which it was learned.
    horizon: UtcMs,
    at: UtcMs,
}

/// What is to be written down of what was learned.
pub(super) struct Fresh {
    /// None before a day was closed.
    pub(super) snapshot: Option<Vec<u8>>,
    pub(super) learned: Standing,
}

impl Written {
    pub(super) fn of(detector: &Detector, at: UtcMs) -> Self {
        let horizon = detector.behaviour().map_or(UtcMs(i64::MIN), Behaviour::horizon);
        Self { horizon, at }
    }

    /// Whatever has changed since, unless there is much to come and it was written a moment ago.
    pub(super) fn renew(&mut self, detector: &Detector, is_caught_up: bool, now: UtcMs) -> Option<Fresh> {
        let behaviour = detector.behaviour()?;
        let is_due = is_caught_up || now.since(self.at).abs() >= SAVE_EVERY_MS;
        if behaviour.horizon() == self.horizon || !is_due {
            return None;
        }
        *self = Self::of(detector, now);
        let learned = behaviour.standing();
        let saved = learned.since.is_some().then(|| behaviour.save()).transpose();
        match saved {
            Ok(snapshot) => Some(Fresh { snapshot, learned }),
            Err(error) => {
                tracing::error!("{error}");
                None
            }
        }
    }

    /// What is written down next is new, whatever was written before.
    pub(super) fn forget(&mut self) {
        self.horizon = UtcMs(i64::MIN);
    }
}
