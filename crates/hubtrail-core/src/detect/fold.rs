//! What counts once: several events of one act, such as the update and the publish of one click.
//!
//! An act is up to two seconds of different events on one object by one person. The fewest acts that
//! events can be divided into are counted, so that a further event never makes the number smaller: this
//! is what keeps findings the same in whatever order events arrive.

use std::collections::HashMap;

use crate::event::Event;
use crate::time::UtcMs;

pub(super) const ACT_MS: i64 = 2_000;

/// What tells acts apart: the person with the object, and the kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    object: u64,
    kind: u32,
}

impl Mark {
    pub(super) fn of(event: &Event) -> Self {
        let object = digest(&[&event.user_id, &event.object_type, &event.object_id]);
        Self { object, kind: kind(&event.event) }
    }
}

/// A bit for each documented kind; all others share one, so that two unknown ones are two acts.
pub(super) fn kind(event_type: &str) -> u32 {
    let known = ["CREATED", "UPDATED", "PUBLISHED", "UNPUBLISHED", "DELETED", "RESTORE"];
    let at = known.iter().position(|kind| kind.eq_ignore_ascii_case(event_type)).unwrap_or(known.len());
    1 << at
}

/// FNV-1a: the same in every run, and good enough for what a person does in a window.
pub(super) fn digest(texts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    for text in texts {
        for byte in text.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}

/// Counts acts; to be fed in order of time, either way.
#[derive(Default)]
pub(super) struct Acts {
    open: HashMap<u64, (UtcMs, u32)>,
    pub(super) count: usize,
}

impl Acts {
    /// Whether the event begins another act.
    pub(super) fn add(&mut self, at: UtcMs, mark: Mark) -> bool {
        let open = self.open.get_mut(&mark.object);
        if let Some((since, kinds)) = open
            && at.since(*since).abs() <= ACT_MS
            && *kinds & mark.kind == 0
        {
            *kinds |= mark.kind;
            return false;
        }
        self.open.insert(mark.object, (at, mark.kind));
        self.count += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn count(events: &[(i64, u32)]) -> usize {
        let mut acts = Acts::default();
        events.iter().for_each(|(at, kind)| {
            acts.add(UtcMs(*at), Mark { object: 1, kind: 1 << kind });
        });
        acts.count
    }

    #[test]
    fn an_update_and_its_publish_are_one_act() {
        assert_eq!(count(&[(0, 1), (1_100, 2)]), 1);
        assert_eq!(count(&[(0, 1), (2_001, 2)]), 2);
        assert_eq!(count(&[(0, 4), (500, 4)]), 2, "two deletions are two");
        assert_eq!(count(&[(0, 0), (400, 1), (1_500, 2)]), 1);
    }

    proptest! {
        #[test]
        fn counting_from_either_end_agrees_and_more_events_are_never_fewer_acts(
            mut events in prop::collection::vec((0i64..12_000, 0u32..4), 1..24),
            left_out in any::<prop::sample::Index>(),
        ) {
            events.sort_unstable();
            let all = count(&events);
            prop_assert_eq!(all, count(&events.iter().rev().copied().collect::<Vec<_>>()));
            events.remove(left_out.index(events.len()));
            prop_assert!(count(&events) <= all);
        }
    }
}
