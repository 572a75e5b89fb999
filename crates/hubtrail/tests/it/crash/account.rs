//! An emulated account beside the process that collects it: with a history, with what comes later, and
//! with an eye on how far it has been asked.

use std::sync::Arc;
use std::time::Duration;

use hubspot_audit_api::emulator::behaviour::{Behaviour, Bound, CursorForm, LastPage};
use hubspot_audit_api::emulator::faults::FaultPlan;
use hubspot_audit_api::emulator::limits::RateLimit;
use hubspot_audit_api::emulator::{Config, Emulator};
use hubspot_audit_api::record::Record;
use hubtrail::clock::Clock;
use hubtrail_core::event::Event;
use hubtrail_core::time::UtcMs;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use tokio::runtime::Runtime;

use crate::binary::Hubtrail;
use crate::lab::{TOKEN, record};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// A dripping page takes twenty times this.
const DRIP: Duration = Duration::from_millis(50);

pub(super) struct Account {
    // Ends before the runtime it runs on.
    pub(super) emulator: Emulator,
    pub(super) page_size: usize,
    clock: Clock,
    _runtime: Runtime,
}

impl Account {
    /// `recent`: how much happened in the last minutes. More than some thousand make the next collection
    /// a sweep, fewer a deep one.
    pub(super) fn new(rng: &mut StdRng, recent: usize) -> Self {
        let clock = Clock::system();
        let now = clock.now().0;
        let older = rng.random_range(1_800..3_000);
        let mut history = some(rng, older, now - 60 * HOUR_MS, now - 27 * HOUR_MS);
        history.extend(some(rng, recent, now - 19 * MINUTE_MS, now - 2_000));
        let behaviour = Behaviour {
            after_bound: if rng.random() { Bound::Inclusive } else { Bound::Exclusive },
            cursor: *CursorForm::ALL.choose(rng).unwrap(),
            last_page: *LastPage::ALL.choose(rng).unwrap(),
            ..Behaviour::default()
        };
        let page_size = rng.random_range(20..=50);
        Self::start(clock, behaviour, page_size, history)
    }

    /// With a history that fits on a few pages.
    pub(super) fn small() -> Self {
        let clock = Clock::system();
        let now = clock.now().0;
        let history = some(&mut StdRng::seed_from_u64(1), 200, now - HOUR_MS, now);
        Self::start(clock, Behaviour::default(), 50, history)
    }

    fn start(clock: Clock, behaviour: Behaviour, page_size: usize, history: Vec<Record>) -> Self {
        let config = Config {
            token: TOKEN.to_owned(),
            rate_limit: RateLimit::OFF,
            daily_limit: None,
            behaviour,
            faults: FaultPlan { drip: DRIP, ..FaultPlan::default() },
            ..Config::default()
        };
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let now = Arc::new(move || clock.now().0);
        let emulator = runtime.block_on(Emulator::start(config, now, history)).unwrap();
        Self { emulator, page_size, clock, _runtime: runtime }
    }

    /// The arguments that make it a connector; the token is in a file.
    pub(super) fn add(&self, hubtrail: &Hubtrail) -> std::process::Command {
        let token = hubtrail.data_dir().with_file_name("token");
        std::fs::write(&token, TOKEN).unwrap();
        let (url, page_size) = (self.emulator.url(), self.page_size.to_string());
        let named = ["connector", "add", "acme", "--base-url", &url, "--token-file", token.to_str().unwrap()];
        let set = ["--rate-limit", "off", "--poll-interval", "1s", "--page-size", &page_size];
        hubtrail.command(&[named.as_slice(), &set].concat())
    }

    pub(super) fn now(&self) -> UtcMs {
        self.clock.now()
    }

    /// Something happens, in the last seconds.
    pub(super) fn goes_on(&self, rng: &mut StdRng, events: usize) {
        let now = self.now().0;
        self.emulator.push(some(rng, events, now - 1_000, now));
    }

    /// Something that happened some minutes ago becomes visible only now.
    pub(super) fn catches_up(&self, rng: &mut StdRng, events: usize) {
        let now = self.now().0;
        self.emulator.push(some(rng, events, now - 15 * MINUTE_MS, now - MINUTE_MS));
    }

    /// Something that happened so long ago that only a walk of that range finds it.
    pub(super) fn reveals_the_past(&self, rng: &mut StdRng, events: usize) {
        let now = self.now().0;
        self.emulator.push(some(rng, events, now - 50 * HOUR_MS, now - 30 * HOUR_MS));
    }

    pub(super) fn pages_served(&self) -> u64 {
        self.emulator.stats().pages
    }

    /// When everything visible happened, ascending.
    pub(super) fn times(&self) -> Vec<UtcMs> {
        self.emulator.truth().iter().map(|raw| Event::read(raw).unwrap().timestamp).collect()
    }

    /// How many pages hold what happened from one time to another, both included.
    pub(super) fn pages_of(&self, times: &[UtcMs], from: UtcMs, to: UtcMs) -> usize {
        let records = times.iter().filter(|&&at| from <= at && at <= to).count();
        records.div_ceil(self.page_size)
    }
}

/// Events of a range of time, some in one instant, some of them twins.
fn some(rng: &mut StdRng, count: usize, from: i64, to: i64) -> Vec<Record> {
    let mut records: Vec<Record> = Vec::with_capacity(count);
    while records.len() < count {
        let at = match records.last() {
            Some(last) if rng.random_bool(0.3) => last.timestamp_ms,
            _ => rng.random_range(from..=to),
        };
        let one = record(at, rng.random_range(0..4), rng.random_range(0..36), rng.random_range(0..5_000));
        records.extend(std::iter::repeat_n(one, if rng.random_bool(0.1) { 2 } else { 1 }));
    }
    records.truncate(count);
    records
}
