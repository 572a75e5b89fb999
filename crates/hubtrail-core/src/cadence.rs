//! Which window is walked when. Tails follow the newest seconds; sweeps and deep sweeps re-read what
//! may have become visible late. All of it follows from the checkpoint.

use crate::checkpoint::{Checkpoint, WalkKind};
use crate::time::UtcMs;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// HubSpot says nothing about how late records may become visible. What is later than a sweep
/// waits for the deep sweep.
pub const SWEEP_OVERLAP_MS: i64 = 20 * MINUTE_MS;
pub const SWEEP_EVERY_MS: i64 = 5 * MINUTE_MS;
pub const DEEP_OVERLAP_MS: i64 = 26 * HOUR_MS;
pub const DEEP_EVERY_MS: i64 = 24 * HOUR_MS;

/// While events arrive the tail asks more often, down to this.
const FASTEST_TAIL_MS: i64 = 1_000;
const FASTER_BY: i64 = 4;

/// Where a walk of this kind begins; none when nothing was collected yet.
///
/// A sweep goes back behind the *start* of the last completed one, and behind the newest record
/// known, so that days of downtime leave no hole.
#[must_use]
pub fn window_start(checkpoint: &Checkpoint, kind: WalkKind) -> Option<UtcMs> {
    let since = checkpoint.since?;
    let swept = |kind: WalkKind, overlap_ms: i64| {
        let completed = checkpoint.completed.get(&kind).or(checkpoint.completed.get(&WalkKind::Backfill));
        completed.copied().unwrap_or(since).min(since).minus(overlap_ms)
    };
    Some(match kind {
        WalkKind::Sweep => swept(kind, SWEEP_OVERLAP_MS),
        WalkKind::Deep => swept(kind, DEEP_OVERLAP_MS),
        WalkKind::Tail | WalkKind::Backfill | WalkKind::Range => {
            since.minus(checkpoint.lateness.overlap_ms())
        }
    })
}

/// How long until a sweep or deep sweep is due; 0 when it is.
#[must_use]
pub fn due_in_ms(checkpoint: &Checkpoint, kind: WalkKind, now: UtcMs) -> i64 {
    let every_ms = match kind {
        WalkKind::Deep => DEEP_EVERY_MS,
        _ => SWEEP_EVERY_MS,
    };
    let last = checkpoint.completed.get(&kind).or(checkpoint.completed.get(&WalkKind::Backfill));
    last.map_or(0, |last| last.plus(every_ms).since(now).max(0))
}

/// The pause before the next tail: shorter while events arrive, longer when the day's calls run short.
#[must_use]
pub fn tail_pause_ms(poll_interval_ms: i64, brought: bool, left_today: u64, day_ends_in_ms: i64) -> i64 {
    let wished = if brought {
        (poll_interval_ms / FASTER_BY).max(FASTEST_TAIL_MS).min(poll_interval_ms)
    } else {
        poll_interval_ms
    };
    let affordable = i64::try_from(left_today).map_or(0, |left| day_ends_in_ms / left.max(1));
    wished.max(affordable)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UtcMs = UtcMs(1_800_000_000_000);

    #[test]
    fn nothing_is_due_to_be_read_again_before_anything_was_read() {
        assert_eq!(window_start(&Checkpoint::default(), WalkKind::Sweep), None);
    }

    #[test]
    fn a_sweep_after_days_of_downtime_begins_where_the_last_one_did() {
        let last = NOW.minus(5 * 24 * HOUR_MS);
        let mut checkpoint = Checkpoint { since: Some(NOW), ..Checkpoint::default() };
        checkpoint.completed.insert(WalkKind::Sweep, last);
        checkpoint.completed.insert(WalkKind::Deep, last);
        assert_eq!(window_start(&checkpoint, WalkKind::Sweep), Some(last.minus(SWEEP_OVERLAP_MS)));
        assert_eq!(window_start(&checkpoint, WalkKind::Deep), Some(last.minus(DEEP_OVERLAP_MS)));
        assert_eq!(window_start(&checkpoint, WalkKind::Tail), Some(NOW.minus(15_000)));
        assert_eq!(due_in_ms(&checkpoint, WalkKind::Deep, NOW), 0);
    }

    #[test]
    fn a_sweep_of_a_quiet_account_still_covers_its_newest_record() {
        let newest = NOW.minus(90 * 24 * HOUR_MS);
        let mut checkpoint = Checkpoint { since: Some(newest), ..Checkpoint::default() };
        checkpoint.completed.insert(WalkKind::Sweep, NOW.minus(MINUTE_MS));
        assert_eq!(window_start(&checkpoint, WalkKind::Sweep), Some(newest.minus(SWEEP_OVERLAP_MS)));
        assert_eq!(due_in_ms(&checkpoint, WalkKind::Sweep, NOW), 4 * MINUTE_MS);
    }

    #[test]
    fn the_tail_quickens_with_events_and_stretches_with_the_allowance() {
        assert_eq!(tail_pause_ms(10_000, false, 50_000, 24 * HOUR_MS), 10_000);
        assert_eq!(tail_pause_ms(10_000, true, 50_000, 24 * HOUR_MS), 2_500);
        assert_eq!(tail_pause_ms(1_000, true, 1_000_000, HOUR_MS), 1_000);
        assert_eq!(tail_pause_ms(10_000, false, 60, HOUR_MS), MINUTE_MS);
        assert_eq!(tail_pause_ms(10_000, false, 0, HOUR_MS), HOUR_MS);
    }
}
