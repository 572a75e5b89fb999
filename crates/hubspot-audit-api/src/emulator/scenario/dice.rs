//! Chance, from a seed. Everything random in a scenario comes from here, so that a seed and the
//! arguments decide every record, with every version of every library.

/// SplitMix64: good enough for habits, small, and fit to be copied with the state of the account.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(mix(seed, 1))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        finish(self.0)
    }

    /// From 0 up to, but not including, 1.
    pub(super) fn unit(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "the upper bits are as many as a float holds")]
        let numerator = (self.next() >> 11) as f64;
        numerator / (1_u64 << 53) as f64
    }

    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// From `low` to `high`, both possible. A reversed range gives `low`.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        if low >= high {
            return low;
        }
        let span = high.abs_diff(low).saturating_add(1);
        low.saturating_add_unsigned(self.share(span))
    }

    /// Below `n`; 0 when `n` is 0.
    pub(super) fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.share(n as u64)).unwrap_or(0)
    }

    /// Below `n`: the random number's share of it.
    fn share(&mut self, n: u64) -> u64 {
        u64::try_from((u128::from(self.next()) * u128::from(n)) >> 64).unwrap_or(0)
    }

    pub(super) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// The index of one of the weights, each as likely as it is heavy.
    pub(super) fn weighted(&mut self, weights: impl Iterator<Item = f64> + Clone) -> usize {
        let mut left = self.unit() * weights.clone().sum::<f64>();
        let mut last = 0;
        for (index, weight) in weights.enumerate() {
            if weight > 0.0 {
                last = index;
                left -= weight;
                if left < 0.0 {
                    break;
                }
            }
        }
        last
    }

    /// A wait with this mean, as between independent events.
    pub(super) fn wait(&mut self, mean: f64) -> f64 {
        -(1.0 - self.unit()).ln() * mean
    }

    /// How many independent events fall into an interval in which `mean` are expected.
    pub(super) fn poisson(&mut self, mean: f64) -> usize {
        let mut events = 0;
        let mut spent = self.wait(1.0);
        while spent < mean {
            events += 1;
            spent += self.wait(1.0);
        }
        events
    }
}

/// A number that depends on its arguments only: for facts that need no order of drawing.
pub(super) fn mix(a: u64, b: u64) -> u64 {
    finish(a ^ b.wrapping_add(1).wrapping_mul(GOLDEN))
}

fn finish(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_stay_in_their_range_and_reach_its_ends() {
        let mut dice = Dice::new(5);
        let drawn: Vec<_> = (0..2_000).map(|_| dice.between(-2, 3)).collect();
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&-2), Some(&3)));
        assert_eq!((dice.between(4, 4), dice.between(9, 1), dice.below(0)), (4, 9, 0));
        assert!((0..2_000).all(|_| (0.0..1.0).contains(&dice.unit())));
    }

    #[test]
    fn poisson_and_waits_have_the_mean_that_was_asked_for() {
        let mut dice = Dice::new(6);
        let events: usize = (0..4_000).map(|_| dice.poisson(3.0)).sum();
        assert!((11_400..12_600).contains(&events), "{events}");
        let waited: f64 = (0..4_000).map(|_| dice.wait(2.0)).sum();
        assert!((7_400.0..8_600.0).contains(&waited), "{waited}");
    }

    #[test]
    fn what_weighs_nothing_is_never_chosen() {
        let mut dice = Dice::new(7);
        assert!((0..500).all(|_| dice.weighted([0.0, 1.0, 0.0, 2.0, 0.0].into_iter()) % 2 == 1));
    }
}
