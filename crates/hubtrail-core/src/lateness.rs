//! How late records become visible, and how far a tail must therefore re-read.

use serde::{Deserialize, Serialize};

/// Upper ends of the buckets, in milliseconds. The last bucket is open.
const BUCKETS_MS: [i64; 11] = [0, 250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000, 1_200_000];
const DEFAULT_OVERLAP_MS: i64 = 15_000;
const LEAST_OVERLAP_MS: i64 = 2_000;
/// What is later than this is for the sweeps.
const MOST_OVERLAP_MS: i64 = 60_000;
/// Fewer records than this say nothing about a p99.9.
const ENOUGH: u64 = 1_000;
/// Old observations fade by halving, so that the overlap follows what HubSpot does now.
const FADE_AT: u64 = 1_000_000;

/// A histogram of delays between the moment an event should have been visible and the moment it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lateness {
    counts: [u64; 12],
}

impl Lateness {
    pub fn observe(&mut self, late_ms: i64) {
        let bucket = BUCKETS_MS.iter().position(|&end| late_ms <= end).unwrap_or(BUCKETS_MS.len());
        self.counts[bucket] += 1;
    }

    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count = count.saturating_add(more);
        }
        if self.observed() > FADE_AT {
            self.counts.iter_mut().for_each(|count| *count /= 2);
        }
    }

    #[must_use]
    pub fn observed(&self) -> u64 {
        self.counts.iter().sum()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.observed() == 0
    }

    /// The delay that 99.9 % of records stayed within, rounded up to the end of its bucket.
    #[must_use]
    pub fn p999_ms(&self) -> i64 {
        self.within_ms(999)
    }

    /// The delay that so many of a thousand records stayed within, rounded up to the end of its bucket:
    /// `i64::MAX` for the last one, which is open.
    #[must_use]
    pub fn within_ms(&self, per_mille: u64) -> i64 {
        let tolerated = self.observed().saturating_mul(1_000 - per_mille.min(1_000)) / 1_000;
        let mut later = 0;
        for (bucket, count) in self.counts.iter().enumerate().rev() {
            later += count;
            if later > tolerated {
                return BUCKETS_MS.get(bucket).copied().unwrap_or(i64::MAX);
            }
        }
        0
    }

    /// How far the tail re-reads: twice the p99.9, within bounds, once enough has been seen.
    #[must_use]
    pub fn overlap_ms(&self) -> i64 {
        if self.observed() < ENOUGH {
            return DEFAULT_OVERLAP_MS;
        }
        self.p999_ms().saturating_mul(2).clamp(LEAST_OVERLAP_MS, MOST_OVERLAP_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_overlap_follows_what_was_observed_within_its_bounds() {
        let mut lateness = Lateness::default();
        assert_eq!(lateness.overlap_ms(), DEFAULT_OVERLAP_MS);
        (0..10_000).for_each(|_| lateness.observe(0));
        assert_eq!(lateness.overlap_ms(), LEAST_OVERLAP_MS);
        (0..100).for_each(|_| lateness.observe(7_000));
        assert_eq!((lateness.p999_ms(), lateness.overlap_ms()), (8_000, 16_000));
        assert_eq!(
            (lateness.within_ms(500), lateness.within_ms(995), lateness.within_ms(1_000)),
            (0, 8_000, 8_000)
        );
        (0..100).for_each(|_| lateness.observe(5_000_000));
        assert_eq!(lateness.overlap_ms(), MOST_OVERLAP_MS);
    }

    #[test]
    fn old_observations_fade() {
        let mut lateness = Lateness::default();
        let mut burst = Lateness::default();
        (0..1_000).for_each(|_| burst.observe(50_000));
        (0..2_000).for_each(|_| lateness.merge(&burst));
        assert!(lateness.observed() <= FADE_AT);
    }
}
