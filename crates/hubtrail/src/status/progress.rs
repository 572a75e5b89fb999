//! How far the history is collected, how fast, and when it will be all there.

use std::fmt;

use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::time::{UtcMs, rfc3339, spoken};
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::{Pace, Store, StoreError, StreamFacts};

/// The speed is that of the last minutes; what came before them says nothing of it.
const RECENT_MS: i64 = 120_000;

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Progress {
    /// Of the time that the history spans; missing until its beginning is known.
    pub percent: Option<u8>,
    /// Where the history begins.
    #[serde(with = "rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<UtcMs>,
    #[serde(with = "rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub to: UtcMs,
    /// Up to where it is in the log.
    #[serde(with = "rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<UtcMs>,
    pub events_per_s: Option<f64>,
    /// How long it will take, at the speed of the last minutes.
    pub eta_ms: Option<i64>,
}

/// None when no history is to come.
pub(super) fn of(store: &Store, facts: &StreamFacts) -> Result<Option<Progress>, StoreError> {
    let walks = &facts.checkpoint.walks;
    let point = match (walks.get(&WalkKind::Backfill), walks.get(&WalkKind::Range)) {
        (Some(history), _) => history,
        // A range that was interrupted and that nobody waits for does not go on.
        (None, Some(range)) if !store.open_backfills(facts.connector)?.is_empty() => range,
        _ => return Ok(None),
    };
    let to = point.to.unwrap_or(point.began);
    let recent = facts.appended_at.unwrap_or(point.began).minus(RECENT_MS);
    let pace = store.pace(facts.connector, facts.stream, to, recent)?;
    Ok(Some(Progress::new(point.from.or(facts.oldest), to, point.newest, pace)))
}

impl Progress {
    fn new(from: Option<UtcMs>, to: UtcMs, at: Option<UtcMs>, pace: Option<Pace>) -> Self {
        let percent = from.zip(at).map(|(from, at)| {
            let (done, all) = (at.since(from).max(0), to.since(from).max(1));
            // All of it is only there when the walk has ended.
            u8::try_from((i128::from(done) * 100 / i128::from(all)).min(99)).unwrap_or(99)
        });
        let pace = pace.filter(|pace| pace.took_ms > 0);
        #[expect(clippy::cast_precision_loss, reason = "a speed that is shown to people")]
        let events_per_s =
            pace.map(|pace| (pace.entries as f64 * 10_000.0 / pace.took_ms as f64).round() / 10.0);
        let eta_ms = at.zip(pace.filter(|pace| pace.spanned_ms > 0)).map(|(at, pace)| {
            let left = i128::from(to.since(at).max(0));
            let eta = left * i128::from(pace.took_ms) / i128::from(pace.spanned_ms);
            i64::try_from(eta).unwrap_or(i64::MAX)
        });
        Self { percent, from, to, at, events_per_s, eta_ms }
    }
}

/// What is added to a sentence about the history.
impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(at) = self.at {
            write!(f, ", by now to {at}")?;
        }
        match (self.events_per_s, self.eta_ms) {
            (Some(rate), Some(eta_ms)) => {
                write!(f, " ({rate} events a second, about {} to go)", spoken(eta_ms))
            }
            (Some(rate), None) => write!(f, " ({rate} events a second)"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_and_the_rest_follow_from_the_time_that_is_covered() {
        let (from, to) = (Some(UtcMs(0)), UtcMs(100_000));
        let pace = Pace { entries: 500, took_ms: 2_000, spanned_ms: 20_000 };
        let progress = Progress::new(from, to, Some(UtcMs(43_900)), Some(pace));
        assert_eq!((progress.percent, progress.events_per_s), (Some(43), Some(250.0)));
        assert_eq!(progress.eta_ms, Some(5_610));
        assert_eq!(Progress::new(from, to, Some(to), None).percent, Some(99), "it has not ended");
        assert_eq!(Progress::new(None, to, Some(UtcMs(9)), None).percent, None);
        let standing = Pace { spanned_ms: 0, ..pace };
        assert_eq!(Progress::new(from, to, Some(UtcMs(9)), Some(standing)).eta_ms, None);
    }
}
