//! Trying rules out on the past: what they would have raised, had they been on. Nothing is written.

use std::collections::HashMap;
use std::sync::Arc;

use hubtrail_core::detect::{Behaviour, Change, Detector, LATENESS_MS, RuleSet};
use hubtrail_core::finding::{Finding, FindingId};
use hubtrail_core::time::UtcMs;

use super::usual;
use crate::connector::ConnectorId;
use crate::store::{Replay, Store, StoreError};

/// Entries that are in memory at a time.
const BATCH: usize = 5_000;

/// What of the past is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    pub connector: ConnectorId,
    pub from: UtcMs,
    pub to: UtcMs,
    /// Alerts in 30 days that the account may raise.
    pub budget: f64,
}

/// What the rules would have raised in one account.
#[derive(Clone, Debug, Default)]
pub struct Tried {
    /// In the order in which they would have been raised, as they would be in the end.
    pub findings: Vec<Finding>,
    /// Entries between the two times.
    pub entries: u64,
    /// Up to where it was looked, when it was stopped before the end.
    pub stopped_at: Option<UtcMs>,
}

impl Trial {
    /// Runs until the end, or until `enough` says so.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn run(
        &self,
        store: &Store,
        rules: Arc<RuleSet>,
        enough: impl Fn() -> bool,
    ) -> Result<Tried, StoreError> {
        let mut detector = Detector::new(Arc::clone(&rules), LATENESS_MS);
        let asks_behaviour = rules.asks_behaviour();
        // What came before may be the beginning of something; what is usual is learned from all of it.
        let mut since = detector.horizon_at(self.from);
        if asks_behaviour {
            detector = detector.with_behaviour(Behaviour::new(usual::settings(self.budget)));
            since = UtcMs(i64::MIN);
        }
        let mut replay = Replay::new(self.connector, since, store.head()?);
        replay.before = self.to;
        let mut tried = Tried::default();
        let mut findings: HashMap<FindingId, Finding> = HashMap::new();
        loop {
            let read = store
                .replay(&replay, BATCH, |object, event| asks_behaviour || rules.looks_at(object, event))?;
            for (event, id) in &read.events {
                detector.advance(event.timestamp);
                detector.observe(event, *id);
            }
            note(&mut findings, detector.changes());
            tried.entries += read.passed as u64;
            match read.last {
                Some(last) if read.more => replay.from = last,
                _ => break,
            }
            if enough() {
                tried.stopped_at = Some(replay.from.timestamp);
                break;
            }
        }
        tried.findings = findings
            .into_values()
            .filter(|finding| finding.time >= self.from && !finding.is_behaviour())
            .collect();
        tried.findings.sort_by_key(|finding| (finding.time, finding.id));
        Ok(tried)
    }
}

fn note(findings: &mut HashMap<FindingId, Finding>, changes: Vec<Change>) {
    for change in changes {
        match change {
            Change::Raised(finding) | Change::Grown(finding) => {
                findings.insert(finding.id, finding);
            }
            Change::Absorbed { id, .. } | Change::Withdrawn(id) => {
                findings.remove(&id);
            }
        }
    }
}
