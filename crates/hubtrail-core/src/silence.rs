//! Whether nothing having happened for a while is unusual for the account, at this time of its week.
//!
//! An account that is quiet at night is not broken. Nothing is said that the past weeks do not carry:
//! only where none of them passed without events, and by a model that allows for busy and idle weeks.

/// Fewer weeks than this say nothing about a week.
const LEAST_WEEKS: usize = 4;
/// So unlikely must a silence be.
const UNLIKELY: f64 = 0.001;

/// A silence that the weeks before did not have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unusual {
    /// Events that the same part of the week had on average.
    pub expected: f64,
    /// How likely it was to see none.
    pub chance: f64,
}

/// Judges a silence by the events that the same part of the week had in each of the weeks before.
///
/// Their counts are taken as a Poisson distribution whose rate varies from week to week, as much as it
/// did (a negative binomial distribution): people work in bursts, and a holiday is no breakdown.
#[must_use]
pub fn unusual(weeks: &[f64]) -> Option<Unusual> {
    if weeks.len() < LEAST_WEEKS || weeks.iter().any(|&events| events <= 0.0) {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a handful of weeks")]
    let count = weeks.len() as f64;
    let expected = weeks.iter().sum::<f64>() / count;
    let variance = weeks.iter().map(|events| (events - expected).powi(2)).sum::<f64>() / (count - 1.0);
    let chance = if variance > expected {
        let shape = expected * expected / (variance - expected);
        (shape / (shape + expected)).powf(shape)
    } else {
        (-expected).exp()
    };
    (chance < UNLIKELY).then_some(Unusual { expected, chance })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_is_unusual_only_where_every_week_had_events_and_many() {
        for (weeks, says) in [
            (vec![], false),
            (vec![50.0; 3], false),
            (vec![50.0; 4], true),
            (vec![50.0, 60.0, 40.0, 55.0, 0.0], false),
            // e^-6.9 is just above one in a thousand, e^-7 below.
            (vec![6.9; 8], false),
            (vec![7.0; 8], true),
            (vec![0.0; 8], false),
        ] {
            assert_eq!(unusual(&weeks).is_some(), says, "{weeks:?}");
        }
    }

    #[test]
    fn where_weeks_differ_much_a_silence_says_less() {
        let steady = unusual(&[20.0, 22.0, 19.0, 21.0, 20.0, 18.0]).unwrap();
        assert!(steady.chance < 1e-8 && (steady.expected - 20.0).abs() < 0.1, "{steady:?}");
        assert_eq!(unusual(&[1.0, 60.0, 2.0, 55.0, 1.0, 1.0]), None, "the same number of events in all");
    }
}
