//! The log against the account, record by record and byte by byte.

use std::collections::HashMap;
use std::ops::ControlFlow;

use hubtrail_core::event::Event;
use hubtrail_core::time::UtcMs;

use super::Scene;
use crate::store::{Search, StoreError};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Proof {
    pub(super) collected: usize,
    /// How many the account has.
    pub(super) truth: usize,
    pub(super) missing: usize,
    /// In the log more often than in the account.
    pub(super) doubled: usize,
}

impl Proof {
    /// Of everything that can be seen now, or of what is older than `before`.
    pub(super) fn of(scene: &Scene<'_>, before: Option<UtcMs>) -> Result<Self, StoreError> {
        let search = Search { connectors: Some(vec![scene.connector]), before, ..Search::default() };
        let mut collected = Vec::new();
        scene.store.search_each(&search, |entry| {
            collected.push(entry.raw.clone());
            ControlFlow::Continue(())
        })?;
        let wanted = |record: &String| {
            before.is_none_or(|before| Event::read(record).is_ok_and(|event| event.timestamp < before))
        };
        let truth: Vec<_> = scene.account.truth().into_iter().filter(wanted).collect();
        Ok(Self::between(&truth, &collected))
    }

    fn between(truth: &[String], collected: &[String]) -> Self {
        let mut surplus: HashMap<&str, i64> = HashMap::new();
        truth.iter().for_each(|record| *surplus.entry(record).or_default() -= 1);
        collected.iter().for_each(|record| *surplus.entry(record).or_default() += 1);
        let sum = |counts: &mut dyn Iterator<Item = i64>| counts.sum::<i64>() as usize;
        Self {
            collected: collected.len(),
            truth: truth.len(),
            missing: sum(&mut surplus.values().filter(|count| **count < 0).map(|count| -count)),
            doubled: sum(&mut surplus.values().filter(|count| **count > 0).copied()),
        }
    }

    pub(super) const fn holds(&self) -> bool {
        self.missing == 0 && self.doubled == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins_count_and_nothing_makes_up_for_what_is_missing() {
        let records = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        for (truth, collected, missing, doubled) in [
            ("a b b c", "c b a b", 0, 0),
            ("a b b c", "a b c", 1, 0),
            ("a b", "a a", 1, 1),
            ("", "x x", 0, 2),
        ] {
            let (truth, collected) = (records(truth), records(collected));
            let proof = Proof::between(&truth, &collected);
            assert_eq!((proof.missing, proof.doubled), (missing, doubled), "{truth:?} {collected:?}");
            assert_eq!(proof.holds(), missing + doubled == 0);
        }
    }
}
