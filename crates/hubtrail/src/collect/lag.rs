//! How late new records became visible: what a walk finds that an earlier one should have seen.

use hubtrail_core::checkpoint::{Checkpoint, WalkKind};
use hubtrail_core::lateness::Lateness;
use hubtrail_core::time::UtcMs;

/// Judges the new records of a page by the checkpoint as it was before the page.
pub(super) struct Lag {
    since: Option<UtcMs>,
    looked: Option<UtcMs>,
}

impl Lag {
    pub(super) fn new(kind: WalkKind, checkpoint: &Checkpoint) -> Self {
        match kind {
            // History and ranges say nothing about how soon records become visible.
            WalkKind::Backfill | WalkKind::Range => Self { since: None, looked: None },
            WalkKind::Tail | WalkKind::Sweep | WalkKind::Deep => {
                let looked = checkpoint.completed.get(&WalkKind::Tail).or(checkpoint.completed.get(&kind));
                Self { since: checkpoint.since, looked: looked.copied() }
            }
        }
    }

    pub(super) fn observe(&self, new: &[UtcMs], lateness: &mut Lateness) {
        let (Some(since), Some(looked)) = (self.since, self.looked) else { return };
        for &at in new {
            // Older than what was complete: it was missing when the account was last looked at.
            lateness.observe(if at < since { looked.since(at).max(0) } else { 0 });
        }
    }
}
