//! How long to wait before asking again: exponential, bounded, and jittered, so that many accounts
//! that failed together do not come back together. Randomness is an argument.

/// Delays that double from `first` up to `most`, each shortened by up to half at random.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    first_ms: u64,
    most_ms: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a backoff from {first_ms} ms to {most_ms} ms: the first delay must be at least 1 ms, the last no shorter"
)]
pub struct BadBackoff {
    first_ms: u64,
    most_ms: u64,
}

impl Backoff {
    /// # Errors
    /// When the first delay is zero or the last is shorter than the first.
    pub const fn new(first_ms: u64, most_ms: u64) -> Result<Self, BadBackoff> {
        if first_ms == 0 || most_ms < first_ms {
            return Err(BadBackoff { first_ms, most_ms });
        }
        Ok(Self { first_ms, most_ms })
    }

    /// The delay after failure number `attempt`, the first being 0. `random` is a fraction of 1;
    /// what lies outside counts as the nearest end.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a jitter need not be exact, and the fraction is clamped"
    )]
    pub fn delay_ms(self, attempt: u32, random: f64) -> u64 {
        let doubled =
            1_u64.checked_shl(attempt).map_or(u64::MAX, |factor| self.first_ms.saturating_mul(factor));
        let full = doubled.min(self.most_ms);
        let fraction = if random.is_nan() { 0.0 } else { random.clamp(0.0, 1.0) };
        let half = full / 2;
        full - half + ((half as f64 * fraction) as u64).min(half)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_backoff_is_refused() {
        assert!(Backoff::new(0, 10).is_err());
        assert!(Backoff::new(10, 9).unwrap_err().to_string().contains("10 ms to 9 ms"));
    }

    #[test]
    fn it_doubles_up_to_the_most() {
        let backoff = Backoff::new(1_000, 60_000).unwrap();
        let delays: Vec<u64> = (0..8).map(|attempt| backoff.delay_ms(attempt, 1.0)).collect();
        assert_eq!(delays, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
        assert_eq!(backoff.delay_ms(3, 0.0), 4_000);
    }

    proptest! {
        #[test]
        fn a_delay_is_never_zero_never_too_long_and_never_shorter_later(
            first in 1_u64..100_000, more in 0_u64..10_000_000, attempt in 0_u32..200, random in any::<f64>(),
        ) {
            let backoff = Backoff::new(first, first + more).unwrap();
            let delay = backoff.delay_ms(attempt, random);
            prop_assert!((1..=first + more).contains(&delay));
            prop_assert!(backoff.delay_ms(attempt + 1, random) >= delay);
        }
    }
}
