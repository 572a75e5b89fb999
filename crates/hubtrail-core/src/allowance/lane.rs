//! A sliding window over the calls that were booked: exact, where a refilling bucket would let
//! twice its size through around the moment it was full.

use std::collections::VecDeque;

use crate::time::UtcMs;

/// More than this many calls of one interval need not be remembered: no account has such a limit.
const MOST: u64 = 10_000;

#[derive(Clone, Debug, Default)]
pub(super) struct Lane {
    /// When calls were booked for, oldest first.
    booked: VecDeque<UtcMs>,
}

impl Lane {
    /// Books the earliest call from `start` on that leaves at most `burst` of them in any interval.
    pub(super) fn book(&mut self, start: UtcMs, burst: u64, interval_ms: u64) -> UtcMs {
        let burst = usize::try_from(burst.clamp(1, MOST)).unwrap_or(1);
        let mut slot = self.booked.back().map_or(start, |&last| last.max(start));
        if let Some(&oldest) = self.booked.len().checked_sub(burst).and_then(|index| self.booked.get(index)) {
            slot = slot.max(oldest.plus(super::signed(interval_ms)));
        }
        self.booked.push_back(slot);
        while self.booked.len() > usize::try_from(MOST).unwrap_or(usize::MAX) {
            self.booked.pop_front();
        }
        self.forget(slot, interval_ms);
        slot
    }

    fn forget(&mut self, slot: UtcMs, interval_ms: u64) {
        while self.booked.front().is_some_and(|first| slot.since(*first) > super::signed(interval_ms)) {
            self.booked.pop_front();
        }
    }
}
