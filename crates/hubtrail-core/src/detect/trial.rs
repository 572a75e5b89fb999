//! Trying a rule on the examples that it brings along, delivered in order and in other orders.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::detector::{Change, Detector};
use super::example::Example;
use super::rule::Rule;
use super::set::RuleSet;
use crate::event::Event;
use crate::finding::FindingId;
use crate::identity::{AccountKey, EventId, identify_events};
use crate::stream::Stream;

/// Examples may span longer than the lateness that is allowed in earnest.
const LATENESS_MS: i64 = 366 * 86_400_000;

/// An example that did not raise what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    delivery: &'static str,
    expected: usize,
    raised: usize,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { delivery, expected, raised } = self;
        write!(f, "delivered {delivery}, it raised {raised} findings and not {expected}")
    }
}

impl RuleSet {
    /// Runs an example of a rule of this set, as if that rule were the only one that is switched on.
    ///
    /// # Errors
    /// When it raises another number of findings than the example says.
    pub fn try_example(&self, rule: &Rule, example: &Example) -> Result<(), Failed> {
        let set = Arc::new(self.only(&rule.id));
        let ids = identify_events(&AccountKey(String::new()), Stream::Content, &example.events);
        let mut events: Vec<_> = example.events.iter().zip(ids).collect();
        events.sort_by_key(|(event, id)| (event.timestamp, *id));
        let newest_first: Vec<_> = events.iter().rev().copied().collect();
        let (late, early): (Vec<_>, Vec<_>) = events.iter().enumerate().partition(|(at, _)| at % 3 == 1);
        let shuffled: Vec<_> = early.into_iter().chain(late).map(|(_, event)| *event).collect();
        let twice = [events.clone(), events.clone()].concat();
        for (delivery, events) in [
            ("in order", &events),
            ("newest first", &newest_first),
            ("shuffled", &shuffled),
            ("twice", &twice),
        ] {
            let raised = raised(&set, events);
            if raised != example.raises {
                return Err(Failed { delivery, expected: example.raises, raised });
            }
        }
        Ok(())
    }
}

fn raised(set: &Arc<RuleSet>, events: &[(&Event, EventId)]) -> usize {
    let mut detector = Detector::new(Arc::clone(set), LATENESS_MS);
    let mut findings: BTreeSet<FindingId> = BTreeSet::new();
    for (event, id) in events {
        detector.advance(event.timestamp);
        detector.observe(event, *id);
        for change in detector.changes() {
            match change {
                Change::Raised(finding) | Change::Grown(finding) => findings.insert(finding.id),
                Change::Absorbed { id, .. } | Change::Withdrawn(id) => findings.remove(&id),
            };
        }
    }
    findings.len()
}
