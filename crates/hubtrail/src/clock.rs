//! The one clock, injected at the binary's edge. It may run faster than the wall clock, so that a day
//! of collecting can be watched in minutes; pauses shrink with it.

use std::time::{Duration, Instant};

use hubtrail_core::time::UtcMs;
use jiff::Timestamp;

#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Instant,
    started_at: UtcMs,
    speed: u32,
}

impl Clock {
    /// The wall clock.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else is given")]
    pub fn system() -> Self {
        Self { started: Instant::now(), started_at: Timestamp::now().into(), speed: 1 }
    }

    /// A clock that runs `speed` times as fast from now on.
    #[must_use]
    pub fn at_speed(speed: u32) -> Self {
        Self { speed: speed.max(1), ..Self::system() }
    }

    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else is given")]
    pub fn now(&self) -> UtcMs {
        if self.speed == 1 {
            return Timestamp::now().into();
        }
        let passed = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.started_at.plus(passed.saturating_mul(i64::from(self.speed)))
    }

    /// Sleeps until so many milliseconds of this clock have passed.
    pub async fn pause(&self, ms: u64) {
        tokio::time::sleep(Duration::from_millis(ms) / self.speed).await;
    }
}
