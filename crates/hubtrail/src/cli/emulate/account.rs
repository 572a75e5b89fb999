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
    /// What the token may see, separated by commas
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
        }
    }
}

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
    }
}
