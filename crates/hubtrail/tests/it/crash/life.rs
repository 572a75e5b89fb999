//! The life of one log: its history, what is read again, a range and the tail, each killed some times
//! and then resumed to the end.

use std::process::Stdio;

use hubtrail_core::checkpoint::WalkKind;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::account::Account;
use super::landing::{Landing, Left};
use super::strike::{Step, Strike};
use crate::binary::{Hubtrail, Running};

/// What the process does when it is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Errand {
    History,
    HistoryAndTail,
    Again,
    Range,
    Tail,
}

/// Each errand of a life, and how often it is killed before it may end.
const ERRANDS: [(Errand, usize); 4] =
    [(Errand::History, 5), (Errand::Again, 2), (Errand::Range, 1), (Errand::Tail, 2)];
pub(super) const KILLS_OF_A_LIFE: usize = 10;
const TRIES: usize = 10;

impl Errand {
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::History | Self::Again => &["collect", "acme", "--once"],
            Self::Range => &["collect", "acme", "--once", "--since", "2020-01-01"],
            Self::HistoryAndTail | Self::Tail => &["collect", "acme"],
        }
    }

    /// What the same process does once the history is in the log.
    fn now(self, left: &Left) -> Self {
        match self {
            Self::History if left.has_history() => Self::Again,
            Self::HistoryAndTail if left.has_history() => Self::Tail,
            other => other,
        }
    }

    fn walks(self) -> &'static [WalkKind] {
        match self {
            Self::History | Self::HistoryAndTail => &[WalkKind::Backfill],
            Self::Again => &[WalkKind::Sweep, WalkKind::Deep],
            Self::Range => &[WalkKind::Range],
            Self::Tail => &[WalkKind::Tail],
        }
    }
}

pub(super) struct Life {
    seed: u64,
    rng: StdRng,
    account: Account,
    hubtrail: Hubtrail,
    killed: Vec<(String, Landing)>,
}

impl Life {
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let account = Account::new(&mut rng, if seed.is_multiple_of(2) { 2_600 } else { 1_200 });
        let hubtrail = Hubtrail::new();
        let added = account.add(&hubtrail).output().unwrap();
        assert!(added.status.success(), "{added:?}");
        Self { seed, rng, account, hubtrail, killed: Vec::new() }
    }

    /// Where each of its kills fell.
    pub(super) fn lived(mut self) -> Vec<(String, Landing)> {
        for (errand, kills) in ERRANDS {
            let errand = match errand {
                Errand::History if !self.seed.is_multiple_of(2) => Errand::HistoryAndTail,
                other => other,
            };
            match errand {
                Errand::Again => self.account.catches_up(&mut self.rng, 60),
                Errand::Range => self.account.reveals_the_past(&mut self.rng, 60),
                _ => {}
            }
            for left in (1..=kills).rev() {
                self.kill(errand, left);
            }
            self.resumes(errand);
        }
        self.killed
    }

    /// Kills the errand once. One that ends before the kill is tried again.
    fn kill(&mut self, errand: Errand, kills_left: usize) {
        let number = usize::try_from(self.seed).unwrap() * KILLS_OF_A_LIFE + self.killed.len();
        for _ in 0..TRIES {
            let before = Left::of(self.hubtrail.data_dir(), &self.account);
            let errand = errand.now(&before);
            let step = match errand {
                Errand::History | Errand::HistoryAndTail if kills_left == 1 => Step::LastPage,
                _ => Step::ALL[number % Step::ALL.len()],
            };
            let pages = self.pages_to_come(errand, &before);
            // In the mean the kills part the walk into equal pieces.
            let most = (pages * 2 / (kills_left + 1)).min(pages.saturating_sub(2)).max(1);
            let after_pages = self.rng.random_range(0..=most) as u64;
            let strike = Strike::new(&mut self.rng, step, after_pages);
            let what = format!("{errand:?}, {strike}");
            let served = self.account.pages_served();
            let victim = self.start(errand);
            if errand == Errand::Tail {
                let events = 20 * self.account.page_size;
                self.account.goes_on(&mut self.rng, events);
            }
            if strike.kill(victim, &self.account, self.hubtrail.data_dir(), served) {
                let after = Left::of(self.hubtrail.data_dir(), &self.account);
                let landing = Landing::between(&before, &after, errand.walks(), &self.account);
                self.killed.push((what, landing));
                // This happened, and this became visible, while nobody looked.
                let events = self.rng.random_range(0..30);
                self.account.goes_on(&mut self.rng, events);
                self.account.catches_up(&mut self.rng, events / 4);
                return;
            }
        }
        panic!("life {}: {errand:?} ends before it can be killed", self.seed);
    }

    fn start(&self, errand: Errand) -> Running {
        let mut command = self.hubtrail.command(errand.arguments());
        Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// How many pages the errand has before it if nobody kills it.
    fn pages_to_come(&self, errand: Errand, left: &Left) -> usize {
        let times = self.account.times();
        let all = times.len().div_ceil(self.account.page_size);
        let point = errand.walks().iter().find_map(|kind| left.checkpoint.walks.get(kind));
        let done = match point.and_then(|point| point.newest) {
            Some(newest) => times.partition_point(|at| *at < newest) / self.account.page_size,
            None => 0,
        };
        match errand {
            // What is read again is the last minutes at least.
            Errand::Again if point.is_none() => 1_200 / self.account.page_size,
            Errand::Tail => 15,
            _ => all - done,
        }
    }

    /// Once is enough: nothing that a killed process left keeps the next one from its work.
    fn resumes(&self, errand: Errand) {
        let arguments = match errand {
            Errand::HistoryAndTail | Errand::Tail => Errand::History.arguments(),
            other => other.arguments(),
        };
        self.hubtrail.prints(arguments);
        if errand == Errand::Range {
            // A range that goes on where it was interrupted does not see what came late behind it.
            self.hubtrail.prints(Errand::Again.arguments());
        }
        let mut held: Vec<String> =
            self.hubtrail.prints(&["events", "--format", "raw"]).lines().map(str::to_owned).collect();
        let mut truth = self.account.emulator.truth();
        held.sort_unstable();
        truth.sort_unstable();
        let at = format!("life {} after {errand:?}", self.seed);
        assert_eq!(held.len(), truth.len(), "{at}: entries and records of the account");
        assert!(held == truth, "{at}: as many entries as records, but others");
        self.hubtrail.prints(&["doctor", "--full"]);
    }
}
