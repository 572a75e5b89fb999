//! The emulator's clock: the machine's, a faster one from a chosen start, or one that a test moves.
//!
//! The only place in this crate that reads the machine's clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

/// Shared between threads by reference.
#[derive(Debug)]
pub struct Clock(Mode);

#[derive(Debug)]
enum Mode {
    Wall,
    Fast { start_ms: i64, speed: f64, began: Instant },
    Manual(watch::Sender<i64>),
}

#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("a clock cannot run at speed {0} (use a number above 0, such as 60 for an hour a minute)")]
pub struct BadSpeed(f64);

/// A sleep is cut into pieces of at most this length, so that a machine that was suspended or
/// whose time was set is noticed.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

impl Clock {
    #[must_use]
    pub const fn wall() -> Self {
        Self(Mode::Wall)
    }

    /// Starts at `start_ms` (UTC) and runs `speed` times as fast as real time.
    ///
    /// # Errors
    /// When the speed is not a number above 0.
    pub fn starting_at(start_ms: i64, speed: f64) -> Result<Self, BadSpeed> {
        if !speed.is_finite() || speed <= 0.0 {
            return Err(BadSpeed(speed));
        }
        Ok(Self(Mode::Fast { start_ms, speed, began: Instant::now() }))
    }

    /// Stands still until it is moved.
    #[must_use]
    pub fn manual(start_ms: i64) -> Self {
        Self(Mode::Manual(watch::Sender::new(start_ms)))
    }

    /// UTC ms.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        match &self.0 {
            Mode::Wall => wall_ms(),
            Mode::Fast { start_ms, speed, began } => {
                #[expect(clippy::cast_possible_truncation, reason = "saturates after centuries")]
                let passed = (began.elapsed().as_secs_f64() * 1000.0 * speed) as i64;
                start_ms.saturating_add(passed)
            }
            Mode::Manual(now) => *now.borrow(),
        }
    }

    /// Moves a manual clock forward; other clocks run by themselves and ignore it.
    pub fn advance(&self, by: Duration) {
        if let Mode::Manual(now) = &self.0 {
            let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
            now.send_modify(|now| *now = now.saturating_add(by));
        }
    }

    /// Returns once the clock shows `due_ms` or later.
    pub async fn reach(&self, due_ms: i64) {
        match &self.0 {
            Mode::Manual(now) => {
                // The sender is ours, so that waiting cannot end in an error.
                let _ = now.subscribe().wait_for(|now| *now >= due_ms).await;
            }
            Mode::Wall => self.sleep_until(due_ms, 1.0).await,
            Mode::Fast { speed, .. } => self.sleep_until(due_ms, *speed).await,
        }
    }

    async fn sleep_until(&self, due_ms: i64, speed: f64) {
        loop {
            let left_ms = due_ms.saturating_sub(self.now_ms());
            if left_ms <= 0 {
                return;
            }
            #[expect(clippy::cast_precision_loss, reason = "a sleep")]
            let seconds = left_ms as f64 / 1000.0 / speed;
            let sleep = Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST_SLEEP);
            tokio::time::sleep(sleep.clamp(Duration::from_millis(1), LONGEST_SLEEP)).await;
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock that everything else is given")]
fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn who_waits_on_a_manual_clock_goes_on_when_it_is_moved_far_enough() {
        let clock = Arc::new(Clock::manual(1_000));
        let waiter = tokio::spawn({
            let clock = Arc::clone(&clock);
            async move {
                clock.reach(3_000).await;
                clock.now_ms()
            }
        });
        clock.advance(Duration::from_millis(1_500));
        tokio::task::yield_now().await;
        assert!(!waiter.is_finished());
        clock.advance(Duration::from_millis(500));
        assert_eq!(waiter.await.unwrap(), 3_000);
    }

    #[tokio::test]
    async fn a_fast_clock_starts_where_it_is_told_and_only_goes_forward() {
        let clock = Clock::starting_at(1_700_000_000_000, 1e6).unwrap();
        let first = clock.now_ms();
        assert!(first >= 1_700_000_000_000);
        clock.advance(Duration::from_secs(1_000_000_000));
        clock.reach(first + 10_000).await;
        assert!(clock.now_ms() >= first + 10_000);
    }

    #[test]
    fn a_speed_that_is_none_is_refused_with_the_way_out() {
        for speed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Clock::starting_at(0, speed).unwrap_err().to_string().contains("above 0"));
        }
    }

    #[test]
    fn the_wall_clock_shows_this_century() {
        assert!(Clock::wall().now_ms() > 1_700_000_000_000);
    }
}
