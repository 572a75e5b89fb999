//! The durable resume point of a stream, and the only ways in which it may move.
//!
//! It is stored in the transaction that stores the page it speaks of. No cursor is in it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::lateness::Lateness;
use crate::time::UtcMs;

/// Why a window is walked; each kind has its own cadence and its own resume point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WalkKind {
    /// The newest seconds.
    Tail,
    /// The last 20 minutes, for records that become visible late.
    Sweep,
    /// The last 26 hours.
    Deep,
    /// The history from before the connector was created.
    Backfill,
    /// A range that a person asked for.
    Range,
}

impl WalkKind {
    pub const ALL: [Self; 5] = [Self::Tail, Self::Sweep, Self::Deep, Self::Backfill, Self::Range];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tail => "tail",
            Self::Sweep => "sweep",
            Self::Deep => "deep",
            Self::Backfill => "backfill",
            Self::Range => "range",
        }
    }
}

/// How far one walk has come. It resumes at `newest − 1 ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalkPoint {
    /// None: from the oldest record HubSpot has.
    pub from: Option<UtcMs>,
    /// None: to the end of what is visible.
    pub to: Option<UtcMs>,
    /// Everything up to here, and of this millisecond perhaps not all, is in the log.
    pub newest: Option<UtcMs>,
    /// HubSpot's clock when the walk began.
    pub began: UtcMs,
}

impl WalkPoint {
    #[must_use]
    pub const fn new(from: Option<UtcMs>, to: Option<UtcMs>, began: UtcMs) -> Self {
        Self { from, to, newest: None, began }
    }

    /// Whether a walk of this window reads the other one too, so that it can be resumed in its place.
    fn covers(&self, from: Option<UtcMs>, to: Option<UtcMs>) -> bool {
        self.from <= from && (self.to.is_none() || to.is_some() && to <= self.to)
    }

    /// Whether the window leaves no hole between what is known up to `since` and its own start.
    fn joins(&self, since: UtcMs) -> bool {
        self.from.is_none_or(|from| from <= since)
    }
}

/// What a page, or the end of a walk, does to the checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The walk began, or a page of it is in the log.
    Progress { kind: WalkKind, point: WalkPoint },
    /// The walk has read its window to the end.
    Ended { kind: WalkKind, point: WalkPoint },
    /// Tailing starts here; what is older is the backfill's.
    TailFrom { since: UtcMs },
    /// HubSpot left out records that we hold, the oldest of them at this time.
    Disputed { held: UtcMs },
    /// HubSpot no longer serves records that we hold, the oldest of them at this time.
    Withdrawn(Withdrawn),
    /// How late the new records of a page were.
    Late { observed: Lateness },
}

/// The oldest entry of ours that HubSpot left out twice, and when that was last seen, by our clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawn {
    pub held: UtcMs,
    pub seen_at: UtcMs,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Checkpoint {
    /// Everything that was visible up to here, when the last walk ended, is in the log.
    pub since: Option<UtcMs>,
    /// Walks under way.
    pub walks: BTreeMap<WalkKind, WalkPoint>,
    /// When the last completed walk of each kind began, by HubSpot's clock, or where its window ended if
    /// that is earlier: what is newer, it did not read.
    pub completed: BTreeMap<WalkKind, UtcMs>,
    /// Held entries that HubSpot left out of a page, by time; the second time it is believed.
    pub disputed: BTreeSet<UtcMs>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawn>,
    pub lateness: Lateness,
}

/// Disputes are rare; more than this many means that HubSpot's answers make no sense.
const MAX_DISPUTED: usize = 64;

impl Checkpoint {
    /// The only way a checkpoint changes. `since` never moves back.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Progress { kind, point } => {
                self.walks.insert(*kind, *point);
            }
            Change::Ended { kind, point } => self.end(*kind, *point),
            Change::TailFrom { since } => self.advance(*since),
            Change::Disputed { held } => {
                if self.disputed.len() >= MAX_DISPUTED {
                    self.disputed.pop_first();
                }
                self.disputed.insert(*held);
            }
            Change::Withdrawn(seen) => {
                let oldest = self.withdrawn.map_or(seen.held, |known| known.held.min(seen.held));
                self.withdrawn = Some(Withdrawn { held: oldest, seen_at: seen.seen_at });
            }
            Change::Late { observed } => self.lateness.merge(observed),
        }
    }

    fn end(&mut self, kind: WalkKind, point: WalkPoint) {
        self.walks.remove(&kind);
        let read_to = point.to.map_or(point.began, |to| to.min(point.began));
        let completed = self.completed.entry(kind).or_insert(read_to);
        *completed = read_to.max(*completed);
        let joins = match self.since {
            Some(since) => point.joins(since),
            None => kind != WalkKind::Range,
        };
        if let (true, Some(newest)) = (joins, point.newest) {
            self.advance(newest.min(point.began));
        }
    }

    fn advance(&mut self, to: UtcMs) {
        self.since = self.since.max(Some(to));
    }

    /// A walk that was interrupted and covers this window, if there is one.
    #[must_use]
    pub fn interrupted(&self, kind: WalkKind, from: Option<UtcMs>, to: Option<UtcMs>) -> Option<WalkPoint> {
        self.walks.get(&kind).filter(|point| point.covers(from, to)).copied()
    }

    /// As [`Checkpoint::interrupted`], wherever its window ends: for walks of which the next one begins
    /// where this one began.
    #[must_use]
    pub fn unfinished(&self, kind: WalkKind, from: Option<UtcMs>) -> Option<WalkPoint> {
        self.walks.get(&kind).filter(|point| point.from <= from).copied()
    }

    /// Up to where the newest part of the account was read to its end. It is later than `since` where
    /// nothing happened after that; the history may still be under way.
    #[must_use]
    pub fn read_to(&self) -> Option<UtcMs> {
        let completed = self.completed.iter().filter(|(kind, _)| **kind != WalkKind::Range);
        self.since.max(completed.map(|(_, read_to)| *read_to).max())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entry_that_was_withdrawn_is_remembered_with_the_last_time_it_was_seen() {
        let mut checkpoint = Checkpoint::default();
        for (held, seen_at) in [(70, 1_000), (90, 2_000)] {
            checkpoint.apply(&Change::Withdrawn(Withdrawn { held: UtcMs(held), seen_at: UtcMs(seen_at) }));
        }
        assert_eq!(checkpoint.withdrawn, Some(Withdrawn { held: UtcMs(70), seen_at: UtcMs(2_000) }));
        let text = serde_json::to_string(&Checkpoint::default()).unwrap();
        assert_eq!(serde_json::from_str::<Checkpoint>(&text).unwrap(), Checkpoint::default());
    }

    fn ended(kind: WalkKind, from: Option<i64>, newest: Option<i64>, began: i64) -> Change {
        let point =
            WalkPoint { newest: newest.map(UtcMs), ..WalkPoint::new(from.map(UtcMs), None, UtcMs(began)) };
        Change::Ended { kind, point }
    }

    #[test]
    fn since_becomes_the_newest_record_but_never_passes_the_clock_of_the_walk() {
        let mut checkpoint = Checkpoint::default();
        checkpoint.apply(&ended(WalkKind::Tail, Some(0), Some(50), 100));
        assert_eq!(checkpoint.since, Some(UtcMs(50)));
        checkpoint.apply(&ended(WalkKind::Tail, Some(40), Some(900), 120));
        assert_eq!(checkpoint.since, Some(UtcMs(120)), "a record from the future moves nothing");
        assert_eq!(checkpoint.completed[&WalkKind::Tail], UtcMs(120), "when it began, not what it found");
    }

    #[test]
    fn since_never_moves_back_and_an_empty_walk_does_not_move_it() {
        let mut checkpoint = Checkpoint { since: Some(UtcMs(80)), ..Checkpoint::default() };
        checkpoint.apply(&ended(WalkKind::Sweep, Some(0), Some(70), 200));
        checkpoint.apply(&ended(WalkKind::Tail, Some(60), None, 300));
        checkpoint.apply(&Change::TailFrom { since: UtcMs(10) });
        assert_eq!(checkpoint.since, Some(UtcMs(80)));
        assert_eq!(checkpoint.completed[&WalkKind::Tail], UtcMs(300));
    }

    #[test]
    fn a_window_that_starts_after_since_leaves_a_hole_and_moves_nothing() {
        let mut checkpoint = Checkpoint { since: Some(UtcMs(80)), ..Checkpoint::default() };
        checkpoint.apply(&ended(WalkKind::Range, Some(90), Some(95), 200));
        assert_eq!(checkpoint.since, Some(UtcMs(80)));
        let mut fresh = Checkpoint::default();
        fresh.apply(&ended(WalkKind::Range, Some(90), Some(95), 200));
        assert_eq!(fresh.since, None);
    }

    #[test]
    fn walks_do_not_disturb_each_other() {
        let mut checkpoint = Checkpoint::default();
        let point = WalkPoint::new(None, Some(UtcMs(9)), UtcMs(9));
        checkpoint.apply(&Change::Progress { kind: WalkKind::Backfill, point });
        checkpoint.apply(&ended(WalkKind::Tail, Some(5), Some(6), 9));
        assert_eq!(checkpoint.interrupted(WalkKind::Backfill, None, Some(UtcMs(9))), Some(point));
        assert_eq!(checkpoint.interrupted(WalkKind::Backfill, None, None), None);
    }

    #[test]
    fn a_window_that_ended_before_the_walk_began_counts_only_to_its_end() {
        let mut checkpoint = Checkpoint::default();
        let point = WalkPoint::new(Some(UtcMs(0)), Some(UtcMs(60)), UtcMs(100));
        checkpoint.apply(&Change::Ended { kind: WalkKind::Sweep, point });
        assert_eq!(checkpoint.completed[&WalkKind::Sweep], UtcMs(60));
    }

    #[test]
    fn a_sweep_goes_on_to_its_own_end_if_it_began_early_enough() {
        let mut checkpoint = Checkpoint::default();
        let point = WalkPoint::new(Some(UtcMs(10)), Some(UtcMs(60)), UtcMs(60));
        checkpoint.apply(&Change::Progress { kind: WalkKind::Sweep, point });
        assert_eq!(checkpoint.interrupted(WalkKind::Sweep, Some(UtcMs(10)), Some(UtcMs(90))), None);
        assert_eq!(checkpoint.unfinished(WalkKind::Sweep, Some(UtcMs(10))), Some(point));
        assert_eq!(checkpoint.unfinished(WalkKind::Sweep, Some(UtcMs(9))), None);
    }

    #[test]
    fn a_quiet_account_was_read_further_than_its_newest_record() {
        let mut checkpoint = Checkpoint::default();
        assert_eq!(checkpoint.read_to(), None);
        checkpoint.apply(&ended(WalkKind::Tail, Some(0), Some(50), 100));
        checkpoint.apply(&ended(WalkKind::Range, Some(90), None, 300));
        assert_eq!((checkpoint.since, checkpoint.read_to()), (Some(UtcMs(50)), Some(UtcMs(100))));
    }

    #[test]
    fn it_survives_being_stored() {
        let mut checkpoint = Checkpoint::default();
        checkpoint.apply(&ended(WalkKind::Deep, None, Some(6), 9));
        checkpoint.apply(&Change::Disputed { held: UtcMs(3) });
        let stored = serde_json::to_string(&checkpoint).unwrap();
        assert_eq!(serde_json::from_str::<Checkpoint>(&stored).unwrap(), checkpoint);
        assert_eq!(serde_json::from_str::<Checkpoint>("{}").unwrap(), Checkpoint::default());
    }
}
