//! Which numbers there are. Each has one place, and its name says the unit.

use std::sync::atomic::AtomicU64;

use hubtrail_core::time::UtcMs;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::detection::Detecting;
use super::process;
use crate::access::Accounts;
use crate::forward::{self, SinkState, SinkStatus};
use crate::status::{self, ConnectorStatus, State};
use crate::store::{Position, ReaderState, Store, StoreError};

type Labels = Vec<(&'static str, String)>;
pub(super) type Gauges = Family<Labels, Gauge<f64, AtomicU64>>;

/// What was read from the log, at one time.
pub(super) struct Figures {
    streams: Vec<ConnectorStatus>,
    sinks: Vec<SinkStatus>,
    detecting: Detecting,
    /// Of the service as a whole: for those who see all accounts.
    whole: Option<Whole>,
}

struct Whole {
    head: Position,
    readers: Vec<ReaderState>,
    log_bytes: u64,
    rule_problems: i64,
}

/// A figure of a stream. None: nothing is known, and nothing is shown.
type Read = fn(&ConnectorStatus) -> Option<f64>;

const OF_STREAMS: &[(&str, &str, Read)] = &[
    ("hubtrail_freshness_seconds", "Now less the newest event", |it| it.freshness_ms.map(seconds)),
    ("hubtrail_newest_event_timestamp_seconds", "Time of the newest event", |it| instant(it.newest_event)),
    ("hubtrail_last_poll_timestamp_seconds", "When HubSpot last answered", |it| instant(it.last_poll)),
    ("hubtrail_collected_up_to_timestamp_seconds", "Everything visible up to here is in the log", |it| {
        instant(it.collected_up_to)
    }),
    ("hubtrail_entries", "Entries in the log", |it| Some(number(it.total))),
    ("hubtrail_unparsed_entries", "Entries that could not be read", |it| Some(number(it.unparsed))),
    ("hubtrail_gaps_open", "Spans of which not everything could be read", |it| Some(number(it.open_gaps))),
    ("hubtrail_api_calls_today", "Calls to HubSpot since the account's midnight", |it| {
        it.api_calls.as_ref().map(|calls| count(calls.today))
    }),
    ("hubtrail_api_calls_allowance", "Calls to HubSpot that may be made a day", |it| {
        it.api_calls.as_ref().and_then(|calls| calls.of).map(count)
    }),
];

type OfSink = fn(&SinkStatus) -> Option<f64>;

const OF_SINKS: &[(&str, &str, OfSink)] = &[
    ("hubtrail_sink_lag_entries", "Entries of the log that the sink is not done with", |it| {
        Some(number(it.lag))
    }),
    ("hubtrail_sink_oldest_undelivered_seconds", "How long the oldest of them has been in the log", |it| {
        it.oldest_undelivered_ms.map(seconds)
    }),
    ("hubtrail_sink_entries_per_second", "Entries delivered a second, in the last whole minute", |it| {
        Some(it.rate)
    }),
    ("hubtrail_sink_delivered_entries", "Entries ever delivered", |it| Some(number(it.delivered))),
    ("hubtrail_sink_delivered_bytes", "Bytes ever delivered", |it| Some(number(it.delivered_bytes))),
    ("hubtrail_sink_dead_letters", "Entries that the receiver refuses for good", |it| {
        Some(number(it.dead_letters))
    }),
    ("hubtrail_sink_last_success_timestamp_seconds", "When the receiver last took something", |it| {
        instant(it.last_success)
    }),
    ("hubtrail_sink_last_error_timestamp_seconds", "When something last went wrong", |it| {
        instant(it.last_error_at)
    }),
];

impl Figures {
    pub(super) fn read(store: &Store, accounts: &Accounts, now: UtcMs) -> Result<Self, StoreError> {
        let detecting = Detecting::read(store, accounts)?;
        let (connectors, whole) = match accounts {
            Accounts::Some(own) => (Some(own.iter().copied().collect::<Vec<_>>()), None),
            Accounts::All => (
                None,
                Some(Whole {
                    head: store.head()?,
                    readers: store.readers()?,
                    log_bytes: store.bytes(),
                    rule_problems: i64::try_from(store.rule_problems()?.len()).unwrap_or(i64::MAX),
                }),
            ),
        };
        let mut sinks = Vec::new();
        for sink in store.sinks()?.iter().filter(|sink| sink.is_within(accounts)) {
            sinks.push(forward::of(store, sink, now)?);
        }
        Ok(Self { streams: status::all(store, now, connectors.as_deref())?, detecting, sinks, whole })
    }

    pub(super) fn registry(&self) -> Registry {
        let mut registry = Registry::default();
        let build = Gauges::default();
        build.get_or_create(&vec![("version", env!("CARGO_PKG_VERSION").to_owned())]).set(1.0);
        registry.register("hubtrail_build_info", "Which Hubtrail this is", build);
        for (name, help, read) in OF_STREAMS {
            let family = Gauges::default();
            for stream in &self.streams {
                if let Some(value) = read(stream) {
                    family.get_or_create(&labels(stream)).set(value);
                }
            }
            registry.register(*name, *help, family);
        }
        registry.register(
            "hubtrail_connector_state",
            "1 for the state that it is in, 0 for the others",
            self.states(),
        );
        for (name, help, read) in OF_SINKS {
            let family = Gauges::default();
            for sink in &self.sinks {
                if let Some(value) = read(sink) {
                    family.get_or_create(&vec![("sink", sink.name.clone())]).set(value);
                }
            }
            registry.register(*name, *help, family);
        }
        registry.register(
            "hubtrail_sink_state",
            "1 for the state that it is in, 0 for the others",
            self.sink_states(),
        );
        self.detecting.register(&mut registry);
        if let Some(whole) = &self.whole {
            whole.register(&mut registry);
        }
        registry
    }

    fn states(&self) -> Gauges {
        let family = Gauges::default();
        for stream in &self.streams {
            for state in State::ALL {
                let mut labels = labels(stream);
                labels.push(("state", state.to_string()));
                family.get_or_create(&labels).set(f64::from(u8::from(stream.state == state)));
            }
        }
        family
    }
}

impl Figures {
    fn sink_states(&self) -> Gauges {
        let family = Gauges::default();
        for sink in &self.sinks {
            for state in SinkState::ALL {
                let labels = vec![("sink", sink.name.clone()), ("state", state.as_str().to_owned())];
                family.get_or_create(&labels).set(f64::from(u8::from(sink.state == state)));
            }
        }
        family
    }
}

impl Whole {
    fn register(&self, registry: &mut Registry) {
        let appended = Counter::<u64>::default();
        appended.inc_by(u64::try_from(self.head.0).unwrap_or_default());
        registry.register("hubtrail_log_appended", "Entries ever appended to the log", appended);
        let lag = Gauges::default();
        for reader in &self.readers {
            lag.get_or_create(&vec![("reader", reader.name.clone())]).set(number(reader.lag));
        }
        registry.register(
            "hubtrail_reader_lag_entries",
            "Entries between a reader and the end of the log",
            lag,
        );
        let problems = Gauge::<f64, AtomicU64>::default();
        problems.set(number(self.rule_problems));
        registry.register(
            "hubtrail_rule_problems",
            "What is not understood of the operator's rule files, and not in force",
            problems,
        );
        for (name, help, value) in [
            ("hubtrail_log_bytes", "Size of the log on the disk", Some(self.log_bytes)),
            ("process_resident_memory_bytes", "Resident memory size", process::resident_bytes()),
            ("process_open_fds", "Number of open file descriptors", process::open_files()),
        ] {
            if let Some(value) = value {
                let gauge = Gauge::<f64, AtomicU64>::default();
                gauge.set(count(value));
                registry.register(name, help, gauge);
            }
        }
    }
}

fn labels(stream: &ConnectorStatus) -> Labels {
    vec![("connector", stream.connector.clone()), ("stream", stream.stream.to_owned())]
}

fn instant(at: Option<UtcMs>) -> Option<f64> {
    at.map(|at| seconds(at.0))
}

fn seconds(ms: i64) -> f64 {
    number(ms) / 1_000.0
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53, and a scraper knows no other numbers")]
pub(super) fn number(value: i64) -> f64 {
    value as f64
}

fn count(value: u64) -> f64 {
    number(i64::try_from(value).unwrap_or(i64::MAX))
}
