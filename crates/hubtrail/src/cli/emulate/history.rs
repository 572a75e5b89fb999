//! What has happened in the emulated account and what happens next: a scenario or a recorded trace.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use hubspot_audit_api::directory;
use hubspot_audit_api::emulator::clock::{BadSpeed, Clock};
use hubspot_audit_api::emulator::scenario::{
    Attack, LiveConfig, NoSuchAttack, Preset, Scenario, ScenarioConfig,
};
use hubspot_audit_api::emulator::trace::{Trace, TraceError};
use hubspot_audit_api::record::Record;
use hubtrail_core::time::UtcMs;

use crate::cli::emulate::activity;
use crate::moment::Moment;

const MINUTE_MS: f64 = 60_000.0;

#[derive(Debug, Args)]
#[command(next_help_heading = "History and activity")]
pub(super) struct History {
    /// What kind of account it is
    #[arg(long, value_name = "NAME", value_parser = preset(), default_value = Preset::default().as_str())]
    scenario: Preset,
    /// The same seed makes the same account
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,
    /// Events in the account's history
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    events: usize,
    /// When the history ends and the account's clock starts; later records of a trace come in their time
    #[arg(long, value_name = "TIME", default_value = "now")]
    end: Moment,
    /// Serve these records instead of a scenario: one JSON object a line, ascending by time, perhaps gzipped
    #[arg(long, value_name = "FILE", conflicts_with_all = ["scenario", "events", "live", "attack"])]
    trace: Option<PathBuf>,
    /// Move the trace in time, so that it ends at --end
    #[arg(long, requires = "trace")]
    trace_now: bool,
    /// Events that happen per minute from then on
    #[arg(long, value_name = "RATE", value_parser = positive)]
    live: Option<f64>,
    /// Let people sleep and have weekends instead of being busy at any time
    #[arg(long, requires = "live")]
    live_hours: bool,
    /// Something that an intruder would do, so many minutes after the start: mass-unpublish, login-redirect,
    /// template-skimmer or domain-disconnect
    #[arg(long, value_name = "NAME@MINUTES")]
    attack: Vec<Planned>,
    /// How much faster than real time the account's clock runs
    #[arg(long, value_name = "N", value_parser = positive, default_value_t = 1.0)]
    speed: f64,
}

fn preset() -> impl TypedValueParser<Value = Preset> {
    PossibleValuesParser::new(Preset::ALL.map(Preset::as_str)).try_map(|name| name.parse())
}

fn positive(text: &str) -> Result<f64, &'static str> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.ok_or("not a number above 0")
}

/// An attack, and how long after the start it begins.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Planned {
    attack: Attack,
    after_minutes: f64,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum NotPlanned {
    #[error(transparent)]
    Attack(#[from] NoSuchAttack),
    #[error("not a time of an attack; write it as mass-unpublish@1.5 for one and a half minutes in")]
    Minutes,
}

impl FromStr for Planned {
    type Err = NotPlanned;

    fn from_str(text: &str) -> Result<Self, NotPlanned> {
        let (name, minutes) = text.split_once('@').unwrap_or((text, "0"));
        let after_minutes = minutes.parse().ok().filter(|minutes| (0.0..1e6).contains(minutes));
        Ok(Self { attack: name.parse()?, after_minutes: after_minutes.ok_or(NotPlanned::Minutes)? })
    }
}

/// An account that is ready to be served.
pub(super) struct Emulated {
    pub(super) records: Vec<Record>,
    pub(super) people: Vec<directory::Person>,
    pub(super) clock: Clock,
    pub(super) coming: Coming,
}

/// What is still to happen, ascending by time.
type Coming = Box<dyn Iterator<Item = Record> + Send>;

impl History {
    /// # Errors
    /// When the trace cannot be read.
    pub(super) fn emulated(&self, now: UtcMs, account: u64) -> anyhow::Result<Emulated> {
        let end = self.end.from_now(now);
        let (records, people, coming) = match &self.trace {
            Some(path) => {
                let mut past = self.recorded(path, end)?;
                let coming = past.split_off(past.partition_point(|record| record.timestamp_ms <= end.0));
                (past, Vec::new(), Box::new(coming.into_iter()) as Coming)
            }
            None => {
                let ends = ScenarioConfig::new(self.seed, self.events, end.0);
                let scenario = Scenario::new(&ScenarioConfig { preset: self.scenario, account, ..ends });
                let (people, coming) = (activity::people(&scenario, end), self.coming(&scenario, end));
                (scenario.records, people, coming)
            }
        };
        // Making a long history takes a while, and the account's time begins after it.
        Ok(Emulated { records, people, coming, clock: self.clock(end)? })
    }

    fn recorded(&self, path: &Path, end: UtcMs) -> Result<Vec<Record>, TraceError> {
        let trace = Trace::open(path)?;
        let trace = if self.trace_now { trace.ending_at(end.0) } else { trace };
        trace.read()?.collect()
    }

    fn clock(&self, end: UtcMs) -> Result<Clock, BadSpeed> {
        let real_time = self.end == Moment::Ago(0) && self.speed.to_bits() == 1_f64.to_bits();
        if real_time { Ok(Clock::wall()) } else { Clock::starting_at(end.0, self.speed) }
    }

    fn coming(&self, scenario: &Scenario, end: UtcMs) -> Coming {
        let attacks = self.attack.iter().flat_map(|planned| {
            activity::attack(scenario, planned.attack, end.plus((planned.after_minutes * MINUTE_MS) as i64))
        });
        let mut attacks: Vec<_> = attacks.collect();
        let Some(per_minute) = self.live else {
            attacks.sort_by_key(|record| record.timestamp_ms);
            return Box::new(attacks.into_iter());
        };
        let mut live = scenario.live(LiveConfig { per_minute, always_awake: !self.live_hours });
        live.schedule(attacks);
        Box::new(live)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attack_is_planned_by_name_and_minutes() {
        let planned =
            |text: &str| text.parse::<Planned>().map(|planned| (planned.attack, planned.after_minutes));
        assert_eq!(planned("mass-unpublish@1.5"), Ok((Attack::MassUnpublish, 1.5)));
        assert_eq!(planned("login-redirect"), Ok((Attack::LoginRedirect, 0.0)));
        assert_eq!(planned("login-redirect@soon"), Err(NotPlanned::Minutes));
        assert!(planned("phishing@1").unwrap_err().to_string().contains("mass-unpublish"));
    }
}
