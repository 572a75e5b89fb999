//! When the process is killed: a step between a request and what a reader of the log sees, seen from
//! outside. The process itself knows nothing of it.

use std::fmt;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use hubspot_audit_api::emulator::faults::Fault;
use hubtrail::store::Store;
use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use rand::RngExt as _;
use rand::rngs::StdRng;

use super::account::Account;
use crate::binary::Running;

const LOOK_EVERY: Duration = Duration::from_micros(200);
/// Nothing here takes this long; a process that does not get on is a failure, not a wait.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Any moment at all.
    Random,
    /// The request is sent and nothing has come back.
    Unanswered,
    /// Some of the page has arrived.
    HalfReceived,
    /// The page is served: it is read, or about to be appended.
    Served,
    /// The journal of the log grows: a transaction is being written.
    Writing,
    /// Another process sees the commit: the one who did it may not know yet.
    Committed,
    /// HubSpot has just refused to go on from where the walk was.
    Refused,
    /// The last page of the history is on its way, or has just been stored.
    LastPage,
}

impl Step {
    /// Those that any page has.
    pub(super) const ALL: [Self; 7] = [
        Self::Unanswered,
        Self::Random,
        Self::Writing,
        Self::Committed,
        Self::HalfReceived,
        Self::Served,
        Self::Refused,
    ];
}

/// A step of the page after so many others that one process fetches.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strike {
    pub(super) step: Step,
    pub(super) after_pages: u64,
    pub(super) then: Duration,
}

impl fmt::Display for Strike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, after_pages, then } = self;
        write!(f, "{step:?} after {after_pages} pages and {} us", then.as_micros())
    }
}

impl Strike {
    pub(super) fn new(rng: &mut StdRng, step: Step, after_pages: u64) -> Self {
        let most_us = match step {
            Step::Random => 20_000,
            Step::Unanswered => 5_000,
            Step::HalfReceived => 250_000,
            Step::Refused => 1_000,
            Step::LastPage => 10_000,
            Step::Served | Step::Writing | Step::Committed => 0,
        };
        Self { step, after_pages, then: Duration::from_micros(rng.random_range(0..=most_us)) }
    }

    /// Waits for the moment and kills. False when the process had ended by itself before.
    pub(super) fn kill(self, mut victim: Running, account: &Account, data_dir: &Path, served: u64) -> bool {
        let faults = account.emulator.faults();
        // A process beside it, as the console is: its look at the log must not change what is left.
        let looks = matches!(self.step, Step::Committed | Step::LastPage);
        let reader = looks.then(|| Store::open(data_dir).unwrap());
        let mut until = |moment: &mut dyn FnMut() -> bool| wait(&mut victim, moment);
        let mut alive = until(&mut || account.pages_served() >= served + self.after_pages);
        let fault = match self.step {
            Step::Unanswered => Some(Fault::Hang),
            Step::HalfReceived => Some(Fault::Drip),
            Step::Refused => Some(Fault::BadRequest),
            Step::Random | Step::Served | Step::Writing | Step::Committed | Step::LastPage => None,
        };
        if let Some(fault) = fault {
            faults.push(fault);
            alive = alive && until(&mut || faults.pending() == 0);
            faults.clear();
        }
        // A page may bring nothing new, and a journal written from its beginning again does not grow.
        let served = account.pages_served();
        let no_page_does_it = || account.pages_served() > served + 2;
        match self.step {
            Step::Writing => {
                let length = || std::fs::metadata(data_dir.join("hubtrail.db-wal")).map_or(0, |it| it.len());
                let before = length();
                alive = alive && until(&mut || length() != before || no_page_does_it());
            }
            Step::Committed => {
                let head = || reader.as_ref().map(|reader| reader.head().unwrap());
                let before = head();
                alive = alive && until(&mut || head() > before || no_page_does_it());
            }
            Step::LastPage => {
                let times = account.times();
                let last =
                    || reader.as_ref().is_some_and(|it| reads_the_last_page(it, &times, account.page_size));
                alive = alive && until(&mut || last());
            }
            _ => {}
        }
        if alive {
            sleep(self.then);
        }
        victim.0.kill().unwrap();
        let status = victim.0.wait().unwrap();
        std::os::unix::process::ExitStatusExt::signal(&status) == Some(9)
    }
}

/// Or has read it: some moments pass faster than anybody can look.
fn reads_the_last_page(reader: &Store, times: &[UtcMs], page_size: usize) -> bool {
    let connector = reader.connector("acme").unwrap();
    let checkpoint = reader.checkpoint(connector.id, Stream::Content).unwrap();
    let Some(point) = checkpoint.walks.get(&WalkKind::Backfill) else {
        return checkpoint.completed.contains_key(&WalkKind::Backfill);
    };
    let known = times.partition_point(|&at| Some(at) <= point.newest);
    let end = times.partition_point(|&at| point.to.is_none_or(|to| at <= to));
    end.saturating_sub(known) <= page_size
}

/// Whether the moment came while the process lived.
pub(super) fn wait(victim: &mut Running, moment: &mut dyn FnMut() -> bool) -> bool {
    let began = Instant::now();
    while !moment() {
        if victim.0.try_wait().unwrap().is_some() {
            return false;
        }
        assert!(began.elapsed() < PATIENCE, "the process does not get on");
        sleep(LOOK_EVERY);
    }
    true
}
