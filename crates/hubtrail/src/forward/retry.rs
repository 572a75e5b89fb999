//! How long to wait after what went wrong. A receiver that says how long is believed; nobody is asked all the
//! time; and what only a person can mend is tried again seldom, so that a mended receiver is noticed.

use hubtrail_core::backoff::Backoff;
use hubtrail_core::time::UtcMs;

use crate::sink::SinkError;
use crate::store::Obstacle;

const FAILED: Backoff = match Backoff::new(1_000, 60_000) {
    Ok(backoff) => backoff,
    Err(_) => panic!("checked when compiling"),
};
pub(super) const STOPPED_MS: u64 = 600_000;

#[derive(Debug, Default)]
pub(super) struct Patience {
    attempt: u32,
    last: Option<String>,
}

/// What is waited for, and how long.
pub(super) struct Wait {
    pub(super) ms: u64,
    pub(super) obstacle: Obstacle,
    /// It is another one than before.
    pub(super) is_new: bool,
}

impl Patience {
    pub(super) fn rewarded(&mut self) {
        *self = Self::default();
    }

    /// `random` is a fraction of 1.
    pub(super) fn tried(&mut self, error: &SinkError, now: UtcMs, random: f64) -> Wait {
        let delay = FAILED.delay_ms(self.attempt, random);
        let (ms, fix) = match error {
            SinkError::Misconfigured { fix, .. } => (STOPPED_MS, Some(fix.clone())),
            SinkError::Retry { after: Some(after), .. } => {
                let told = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
                (told.max(delay), None)
            }
            SinkError::Retry { after: None, .. } | SinkError::Entries { .. } | SinkError::Together(_) => {
                (delay, None)
            }
        };
        self.attempt = self.attempt.saturating_add(1);
        let reason = error.to_string();
        let is_new = self.last.as_ref() != Some(&reason);
        self.last = Some(reason.clone());
        let retry_at = now.plus(i64::try_from(ms).unwrap_or(i64::MAX));
        let obstacle = Obstacle { reason, stopped: fix.is_some(), fix, at: now, retry_at };
        Wait { ms, obstacle, is_new }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: UtcMs = UtcMs(1_710_081_138_123);

    #[test]
    fn it_waits_longer_each_time_and_as_long_as_it_is_told() {
        let mut patience = Patience::default();
        let busy = SinkError::retry("busy");
        let waits: Vec<u64> = (0..8).map(|_| patience.tried(&busy, NOW, 1.0).ms).collect();
        assert_eq!(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
        patience.rewarded();
        let told = SinkError::Retry { reason: "busy".to_owned(), after: Some(Duration::from_secs(90)) };
        let wait = patience.tried(&told, NOW, 0.5);
        assert_eq!((wait.ms, wait.obstacle.retry_at), (90_000, NOW.plus(90_000)));
        let soon = SinkError::Retry { reason: "busy".to_owned(), after: Some(Duration::ZERO) };
        assert!(patience.tried(&soon, NOW, 0.0).ms >= 1_000, "nobody is asked all the time");
    }

    #[test]
    fn what_a_person_must_mend_stops_and_each_trouble_is_told_once() {
        let mut patience = Patience::default();
        let wrong = SinkError::misconfigured("no", "change it");
        let wait = patience.tried(&wrong, NOW, 0.5);
        assert!(wait.is_new && wait.obstacle.stopped && wait.ms == STOPPED_MS);
        assert!(!patience.tried(&wrong, NOW, 0.5).is_new);
        assert!(patience.tried(&SinkError::retry("busy"), NOW, 0.5).is_new);
    }
}
