<<<<<<< HEAD
//! The emulated account's story: what has happened when it starts, and what happens from then on.

use std::future::pending;
use std::path::PathBuf;
use std::sync::Arc;

use hubspot_audit_api::directory;
use hubspot_audit_api::emulator::Now;
use hubspot_audit_api::emulator::clock::Clock;
use hubspot_audit_api::emulator::portal::Portal;
use hubspot_audit_api::emulator::scenario::{Live, LiveConfig, Person, Preset, Scenario, ScenarioConfig};
use hubspot_audit_api::emulator::trace::{Trace, TraceError};
use hubspot_audit_api::record::Record;
use hubtrail_core::time::UtcMs;

/// Where the records come from.
pub(super) enum History {
    Scenario {
        preset: Preset,
        seed: u64,
        events: usize,
        /// None: nothing happens any more.
        per_minute: Option<f64>,
    },
    /// With `replay`, what is later than the start comes when it is its time.
    Trace { path: PathBuf, replay: bool },
}

pub(super) struct Story {
    pub(super) history: History,
    pub(super) start: UtcMs,
    pub(super) speed: f64,
    pub(super) runs_by_wall_clock: bool,
}

/// The story, ready to be served.
pub(super) struct Told {
    pub(super) past: Vec<Record>,
    pub(super) coming: Coming,
    pub(super) people: Vec<directory::Person>,
    pub(super) clock: Arc<Clock>,
}

pub(super) enum Coming {
    Nothing,
    Live(Box<Live>),
    Rest(Box<dyn Iterator<Item = Result<Record, TraceError>>>),
}

impl Story {
    pub(super) fn tell(self) -> anyhow::Result<Told> {
        let UtcMs(start_ms) = self.start;
        let clock =
            if self.runs_by_wall_clock { Clock::wall() } else { Clock::starting_at(start_ms, self.speed)? };
        let clock = Arc::new(clock);
        match self.history {
            History::Scenario { preset, seed, events, per_minute } => {
                let config = ScenarioConfig { preset, ..ScenarioConfig::new(seed, events, start_ms) };
                let mut scenario = Scenario::new(&config);
                let coming = per_minute.map_or(Coming::Nothing, |per_minute| {
                    Coming::Live(Box::new(scenario.live(LiveConfig { per_minute, always_awake: true })))
                });
                let people = scenario.people().iter().map(|person| listed(person, start_ms)).collect();
                Ok(Told { past: std::mem::take(&mut scenario.records), coming, people, clock })
            }
            History::Trace { path, replay } => {
                let mut records = Trace::open(&path)?.read()?.peekable();
                let is_past = |record: &Record| !replay || record.timestamp_ms <= start_ms;
                let mut past = Vec::new();
                while let Some(record) = records.next_if(|next| next.as_ref().map_or(true, is_past)) {
                    past.push(record?);
                }
                let coming = Coming::Rest(Box::new(records));
                Ok(Told { past, coming, people: Vec::new(), clock })
            }
=======
//! The emulated account: its plan, its limits, its time zone, and what the token may see.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use hubspot_audit_api::backend;
use hubspot_audit_api::emulator::Config;
use hubspot_audit_api::emulator::limits::RateLimit;
use hubspot_audit_api::emulator::scenario::ScenarioConfig;
use jiff::tz::TimeZone;

#[derive(Debug, Args)]
#[command(next_help_heading = "The account")]
pub(super) struct Account {
    /// HubSpot's number of the account; with the same seed, another account has other people
    #[arg(long, value_name = "N", default_value_t = ScenarioConfig::ACCOUNT)]
    pub(super) portal_id: u64,
    /// Its time zone, in which the day of the daily limit ends
    #[arg(long, value_name = "ZONE", value_parser = zone, default_value_t = usual().account.time_zone)]
    time_zone: String,
    /// Its plan: the audit log is refused without Content Hub Enterprise
    #[arg(long, value_enum, default_value_t)]
    plan: Plan,
    /// What the token may see
    #[arg(long, value_name = "SCOPE", value_delimiter = ',', default_values_t = usual().scopes)]
    pub(super) scopes: Vec<String>,
    /// Calls in any so many seconds, or off
    #[arg(long, value_name = "CALLS/SECONDS", default_value_t)]
    pub(super) rate_limit: RateLimit,
    /// Calls a day, or off
    #[arg(long, value_name = "CALLS", default_value_t = DailyLimit(usual().daily_limit))]
    pub(super) daily_limit: DailyLimit,
}

fn usual() -> Config {
    Config::default()
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Plan {
    #[default]
    Enterprise,
    Professional,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DailyLimit(pub(super) Option<u64>);

impl fmt::Display for DailyLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(calls) => calls.fmt(f),
            None => f.write_str("off"),
>>>>>>> demo
        }
    }
}

<<<<<<< HEAD
impl Told {
    pub(super) fn now(&self) -> Now {
        let clock = self.clock.clone();
        Arc::new(move || clock.now_ms())
    }
}

impl Coming {
    /// Lets everything happen in its time, and then waits for ever.
    pub(super) async fn push_to(self, portal: &Portal, clock: &Clock) -> Result<(), TraceError> {
        match self {
            Self::Nothing => {}
            Self::Live(mut live) => loop {
                clock.reach(live.next_due()).await;
                portal.push(live.due(clock.now_ms()));
            },
            Self::Rest(records) => {
                for record in records {
                    let record = record?;
                    clock.reach(record.timestamp_ms).await;
                    portal.push(vec![record]);
                }
            }
        }
        pending().await
    }
}

/// The person as HubSpot's users and owners APIs show them.
fn listed(person: &Person, now_ms: i64) -> directory::Person {
    /// Those who were there before the history begins joined some time before it.
    const YEARS_MS: i64 = 3 * 365 * 86_400_000;
    directory::Person {
        user_id: person.id.clone(),
        owner_id: person.owner_id.clone(),
        first_name: person.first.clone(),
        last_name: person.last.clone(),
        email: person.email.clone(),
        super_admin: person.super_admin,
        archived: person.left.is_some_and(|left| left <= now_ms),
        created_ms: person.joined.unwrap_or(now_ms - YEARS_MS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: UtcMs = UtcMs(1_772_357_400_000);

    fn line(timestamp: i64) -> String {
        format!(
            "{{\"objectId\":\"1\",\"objectType\":\"FILE\",\"event\":\"CREATED\",\"userId\":\"7\",\"timestamp\":{timestamp}}}\n"
        )
    }

    fn story(history: History) -> Story {
        Story { history, start: START, speed: 60.0, runs_by_wall_clock: false }
    }

    #[test]
    fn a_trace_is_served_at_once_or_from_its_time_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.ndjson");
        std::fs::write(&path, [-5, 0, 5].map(|ms| line(START.0 + ms)).concat()).unwrap();
        for (replay, past) in [(false, 3), (true, 2)] {
            let told = story(History::Trace { path: path.clone(), replay }).tell().unwrap();
            let Coming::Rest(rest) = told.coming else { panic!("a trace goes on with its rest") };
            assert_eq!((told.past.len(), rest.count()), (past, 3 - past));
        }
    }

    #[test]
    fn a_scenario_ends_where_its_live_activity_begins() {
        let scenario =
            History::Scenario { preset: Preset::Company, seed: 3, events: 500, per_minute: Some(60.0) };
        let told = story(scenario).tell().unwrap();
        let Coming::Live(mut live) = told.coming else { panic!("it was to be live") };
        assert_eq!(told.past.len(), 500);
        assert!(told.past.iter().all(|record| record.timestamp_ms <= START.0));
        assert!(live.next_due() >= START.0);
        let known = |id: &str| told.people.iter().any(|person| person.user_id == id);
        assert!(told.past.iter().all(|record| known(&record.user_id)));
=======
impl FromStr for DailyLimit {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        if text == "off" { Ok(Self(None)) } else { text.parse().map(|calls| Self(Some(calls))) }
    }
}

fn zone(name: &str) -> Result<String, String> {
    match TimeZone::get(name) {
        Ok(_) => Ok(name.to_owned()),
        Err(_) => Err("not a time zone; write it as Europe/Berlin, America/New_York or UTC".to_owned()),
    }
}

impl Account {
    pub(super) fn is_enterprise(&self) -> bool {
        self.plan == Plan::Enterprise
    }

    pub(super) fn account(&self) -> backend::Account {
        let portal_id = i64::try_from(self.portal_id).unwrap_or(i64::MAX);
        backend::Account { portal_id, time_zone: self.time_zone.clone(), ..usual().account }
>>>>>>> demo
    }
}
