//! Where a kill fell, as a copy of what it left tells: the log itself stays as the dead process left
//! it, with its journal, for the next one to recover.

use std::fmt;
use std::path::Path;

use hubtrail::store::{Depth, Position, Search, Store};
use hubtrail_core::checkpoint::{Checkpoint, WalkKind};
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;

use super::account::Account;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    BeforeTheFirst,
    /// Between the first and the last commit of a walk.
    Within,
    AfterTheLast,
}

pub(super) struct Landing {
    pub(super) walk: WalkKind,
    pub(super) place: Place,
    /// Pages of the walk that were in the log, and how many it has.
    committed: usize,
    of: usize,
    /// The position of the log before this process and after it.
    from: Position,
    to: Position,
}

impl fmt::Display for Landing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { walk, place, committed, of, from, to } = self;
        let place = match place {
            Place::BeforeTheFirst => "first",
            Place::Within => "mid",
            Place::AfterTheLast => "last",
        };
        write!(
            f,
            "{place}: {committed} of {of} pages of the {} committed, log at {}, was {}",
            walk.as_str(),
            to.0,
            from.0
        )
    }
}

/// What is in the log while nobody works on it.
#[derive(Clone)]
pub(super) struct Left {
    pub(super) head: Position,
    pub(super) checkpoint: Checkpoint,
}

impl Left {
    /// Reads a copy, and holds it against the account: sound, and nothing in it that never was.
    pub(super) fn of(data_dir: &Path, account: &Account) -> Self {
        let copy = tempfile::tempdir().unwrap();
        for name in ["hubtrail.db", "hubtrail.db-wal"] {
            if data_dir.join(name).exists() {
                std::fs::copy(data_dir.join(name), copy.path().join(name)).unwrap();
            }
        }
        let store = Store::open(copy.path()).unwrap();
        let report = store.check(Depth::Full).unwrap();
        assert!(report.problems.is_empty(), "the log is not sound: {:?}", report.problems);
        let mut truth = account.emulator.truth();
        truth.sort_unstable();
        let mut held: Vec<String> =
            store.search(&Search::default()).unwrap().into_iter().map(|entry| entry.raw).collect();
        held.sort_unstable();
        let mut there = truth.into_iter();
        for record in held {
            assert!(there.any(|shown| shown == record), "the account never had {record}");
        }
        let connector = store.connector("acme").unwrap();
        let checkpoint = store.checkpoint(connector.id, Stream::Content).unwrap();
        Self { head: report.head, checkpoint }
    }

    pub(super) fn has_history(&self) -> bool {
        self.checkpoint.completed.contains_key(&WalkKind::Backfill)
    }
}

impl Landing {
    /// `kinds`: the walks that were to be hit, the likeliest first.
    pub(super) fn between(before: &Left, after: &Left, kinds: &[WalkKind], account: &Account) -> Self {
        let (from, to) = (before.head, after.head);
        let times = account.times();
        let pages = |from: Option<UtcMs>, to: Option<UtcMs>| {
            account.pages_of(&times, from.unwrap_or(UtcMs(i64::MIN)), to.unwrap_or(UtcMs(i64::MAX)))
        };
        let under_way = kinds.iter().find_map(|kind| {
            let point = after.checkpoint.walks.get(kind)?;
            point.newest.is_some().then_some((*kind, point))
        });
        if let Some((walk, point)) = under_way {
            let (committed, of) = (pages(point.from, point.newest), pages(point.from, point.to));
            return Self { walk, place: Place::Within, committed, of, from, to };
        }
        let completed =
            |kind: &&WalkKind| after.checkpoint.completed.get(kind) != before.checkpoint.completed.get(kind);
        let of = pages(None, None);
        match kinds.iter().find(completed) {
            Some(&walk) => Self { walk, place: Place::AfterTheLast, committed: of, of, from, to },
            None => Self { walk: kinds[0], place: Place::BeforeTheFirst, committed: 0, of, from, to },
        }
    }
}
