//! An emulated account and a log to collect it into, in one process over real HTTP, on a clock that
//! runs fast so that pauses cost nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hubspot_audit_api::emulator::behaviour::Behaviour;
use hubspot_audit_api::emulator::faults::FaultPlan;
use hubspot_audit_api::emulator::limits::RateLimit as EmulatedLimit;
use hubspot_audit_api::emulator::{Config, Emulator};
use hubspot_audit_api::record::Record;
use hubtrail::clock::Clock;
use hubtrail::collect::{CollectError, Collector, Tell, WalkReport};
use hubtrail::connector::{Connector, Settings};
use hubtrail::hubspot::{HubSpot, Options, Timeouts};
use hubtrail::secret::Keyring;
use hubtrail::store::{NewConnector, Search, Store};
use hubtrail_core::allowance::RateLimit;
use hubtrail_core::event::Event;
use hubtrail_core::time::UtcMs;
use secrecy::SecretString;
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

pub(crate) const TOKEN: &str = "pat-na1-laboratory";
/// A pause of half a minute costs a few milliseconds.
const SPEED: u32 = 5_000;

pub(crate) struct Lab {
    pub(crate) emulator: Emulator,
    pub(crate) store: Store,
    pub(crate) connector: Connector,
    pub(crate) clock: Clock,
    pub(crate) told: UnboundedReceiver<Tell>,
    tell: tokio::sync::mpsc::UnboundedSender<Tell>,
    _dir: TempDir,
}

impl Lab {
    pub(crate) async fn new(behaviour: Behaviour, page_size: u32, history: Vec<Record>) -> Self {
        Self::at_speed(SPEED, behaviour, page_size, history).await
    }

    pub(crate) async fn at_speed(
        speed: u32,
        behaviour: Behaviour,
        page_size: u32,
        history: Vec<Record>,
    ) -> Self {
        let clock = Clock::at_speed(speed);
        let emulated = clock;
        let config = Config {
            token: TOKEN.to_owned(),
            rate_limit: EmulatedLimit::OFF,
            daily_limit: None,
            behaviour,
            faults: FaultPlan {
                hang: Duration::from_millis(400),
                drip: Duration::from_millis(1),
                ..FaultPlan::default()
            },
            ..Config::default()
        };
        let emulator = Emulator::start(config, Arc::new(move || emulated.now().0), history).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let keyring = Keyring::open(dir.path(), None).unwrap();
        let settings = Settings {
            page_size,
            rate_limit: RateLimit::Off,
            ..Settings::new("acme", &emulator.url()).unwrap()
        };
        let new = NewConnector { settings, created_at: clock.now() };
        let connector = store.add_connector(new, SecretString::from(TOKEN), &keyring).unwrap();
        let (tell, told) = unbounded_channel();
        Self { emulator, store, connector, clock, told, tell, _dir: dir }
    }

    /// A collector as a newly started process has it: it knows nothing but what is in the log.
    pub(crate) fn collector(&self) -> Collector {
        let options = Options {
            rate_limit: RateLimit::Off,
            timeouts: Timeouts {
                connect: Duration::from_secs(2),
                headers: Duration::from_millis(300),
                idle: Duration::from_millis(300),
                total: Duration::from_secs(20),
            },
            ..Options::new(self.emulator.url(), SecretString::from(TOKEN))
        };
        let hubspot = HubSpot::new(&options, self.clock.now()).unwrap();
        Collector::new(self.store.clone(), hubspot, self.connector.clone(), self.clock, self.tell.clone())
    }

    /// Collects as an operator does who runs the command again until it succeeds.
    pub(crate) async fn once(&self, attempts: u32) -> Result<Vec<WalkReport>, CollectError> {
        let mut last = None;
        for _ in 0..attempts {
            match self.collector().once().await {
                Ok(reports) => return Ok(reports),
                Err(error @ CollectError::Gaps(_)) => return Err(error),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap())
    }

    pub(crate) async fn range(&self, from: UtcMs) -> Result<Vec<WalkReport>, CollectError> {
        self.collector().range(from, None).await
    }

    /// Every record of the log as HubSpot sent it, in order.
    pub(crate) fn log(&self) -> Vec<String> {
        let entries = self.store.search(&Search::default()).unwrap();
        entries.into_iter().filter(|entry| entry.event.is_ok()).map(|entry| entry.raw).collect()
    }

    pub(crate) fn assert_exact(&self) {
        assert_eq!(self.store.gaps(None, false).unwrap(), vec![]);
        self.assert_exact_but_for_gaps(false, "");
    }

    /// The log and the account as multisets; what is missing lies in a gap that is shown. Names may
    /// differ where the account changes them afterwards.
    pub(crate) fn assert_exact_but_for_gaps(&self, names_change: bool, case: &str) {
        let form = |record: String| if names_change { without_names(&record) } else { record };
        let count = |records: Vec<String>| {
            let mut counts: BTreeMap<String, i64> = BTreeMap::new();
            records.into_iter().for_each(|record| *counts.entry(form(record)).or_default() += 1);
            counts
        };
        let mut log = count(self.log());
        let gaps = self.store.gaps(None, false).unwrap();
        for (record, times) in count(self.emulator.truth()) {
            let held = log.remove(&record).unwrap_or_default();
            let at = Event::read(&record).unwrap().timestamp;
            let in_gap = gaps.iter().any(|gap| gap.span.from <= at && at <= gap.span.to);
            assert!(held == times || held < times && in_gap, "{case}: {held} of {times} held of {record}");
        }
        assert!(log.is_empty(), "{case}: invented {log:?}");
    }
}

fn without_names(record: &str) -> String {
    let mut record: serde_json::Value = serde_json::from_str(record).unwrap();
    let fields = record.as_object_mut().unwrap();
    fields.remove("fullName");
    fields.remove("objectName");
    record.to_string()
}

/// A record of an object by a person, so many milliseconds after the epoch.
pub(crate) fn record(at: i64, person: u64, kind: u64, object: u64) -> Record {
    const EVENTS: [&str; 6] = ["CREATED", "UPDATED", "PUBLISHED", "UNPUBLISHED", "DELETED", "RESTORE"];
    const TYPES: [&str; 6] =
        ["LANDING_PAGE", "BLOG_POST", "HUBDB_TABLE", "URL_MAPPING", "DOMAIN", "WEBSITE_PAGE"];
    let pick = |words: [&str; 6], n: u64| words[usize::try_from(n % 6).unwrap()].to_owned();
    Record {
        object_id: object.to_string(),
        object_name: format!("Page {object}"),
        object_type: pick(TYPES, kind / 6),
        event: pick(EVENTS, kind),
        user_id: person.to_string(),
        full_name: format!("Person {person}"),
        timestamp_ms: at,
        meta: object.is_multiple_of(3).then(|| format!(r#"{{"rows":{}}}"#, object % 5)),
    }
}
