<<<<<<< HEAD
//! `hubtrail emulate`: a HubSpot account that exists only here, to try clients against.
//!
//! The first line on stdout says where it listens; programs wait for it.

mod account;
mod switches;
=======
//! `hubtrail emulate`: a HubSpot account on this machine, to try clients against.
//!
//! The first line on stdout is `listening on http://ADDRESS:PORT`; scripts wait for it.

mod account;
pub(super) mod activity;
mod faults;
mod history;
mod switches;
mod word;
>>>>>>> demo

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
<<<<<<< HEAD

use clap::Args;
use hubspot_audit_api::emulator::limits::{ENTERPRISE_DAILY, RateLimit};
use hubspot_audit_api::emulator::scenario::Preset;
use hubspot_audit_api::emulator::{self, Emulator};

use super::session::{ended, wait_for};
use super::{Session, output};
use crate::moment::Moment;
use account::{History, Story};
use switches::{FaultSwitches, Switches};

/// Serve an emulated HubSpot account with a believable history
#[derive(Debug, Args)]
#[command(after_help = "\
The first line printed is `listening on http://ADDRESS:PORT`. GET /emulator/truth lists what a complete client must \
have, GET /emulator/stats what was asked. Everything HubSpot does not document is a switch; a client must get \
everything under all of them.

Example:
  hubtrail emulate --events 20000 --live 30
  hubtrail connector add lab --base-url http://127.0.0.1:8788 --rate-limit off   asks for the token")]
pub struct Emulate {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8788")]
    listen: SocketAddr,
    /// The one token that is accepted; it opens nothing else
    #[arg(long, value_name = "TOKEN", default_value = "pat-na1-emulator")]
    token: String,
    /// The account: company, bulk, quiet or agency
    #[arg(long, value_name = "SCENARIO", default_value = "company", value_parser = str::parse::<Preset>)]
    scenario: Preset,
    /// The same seed makes the same account, and the same faults
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Records in the history
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    events: usize,
    /// Serve the records of this file instead (.ndjson or .ndjson.gz, oldest first)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["scenario", "events", "live"])]
    trace: Option<PathBuf>,
    /// Go on with so many new events a minute, on average
    #[arg(long, value_name = "RATE", value_parser = positive)]
    live: Option<f64>,
    /// Let the account's time run so many times as fast
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = positive)]
    speed: f64,
    /// What time it is in the account when it starts; later records of a trace come when it is their time [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<Moment>,
    /// Calls in so many seconds, such as 190/10, or off
    #[arg(long, value_name = "N/S", default_value_t)]
    rate_limit: RateLimit,
    /// Calls a day, or 0 for no limit
    #[arg(long, value_name = "N", default_value_t = ENTERPRISE_DAILY)]
    daily_limit: u64,
    /// The token's scopes [default: all that matter]
    #[arg(long, value_name = "SCOPE", value_delimiter = ',')]
    scope: Vec<String>,
    /// The account lacks Content Hub Enterprise, and with it the audit log
    #[arg(long)]
    no_enterprise: bool,
    #[command(flatten)]
    switches: Switches,
    #[command(flatten)]
    faults: FaultSwitches,
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if number > 0.0 && f64::is_finite(number) => Ok(number),
        _ => Err("write a number above 0, such as 0.5 or 60".to_owned()),
    }
=======
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use hubspot_audit_api::emulator::{Config, Emulator};
use hubspot_audit_api::record::Record;
use hubtrail_core::sentence::harmless;
use hubtrail_core::time::UtcMs;

use super::{Session, foreground, output};
use history::{Emulated, History};

/// Emulate a HubSpot account on this machine, with history, live activity and faults as you wish
#[derive(Debug, Args)]
#[command(after_help = "\
Well behaved unless told otherwise. `GET /emulator/truth` is everything that can be seen, `GET /emulator/stats` what \
was asked; `POST /emulator/records` adds records. None of these needs the token.

Examples:
  hubtrail emulate --events 100000 --live 60
  hubtrail emulate --listen 127.0.0.1:8080 --cursor iso --after-bound inclusive --fault-rate 0.05
  hubtrail emulate --trace recorded.ndjson.gz --trace-now

Times: 2026-03-01, 2026-03-01T09:30:00Z, 30d or 2h (before now), now, or milliseconds since 1970.")]
pub struct Emulate {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The one token that is accepted; it opens nothing but this emulator
    #[arg(long, value_name = "TOKEN", default_value_t = Config::default().token)]
    token: String,
    /// Read that token from a file
    #[arg(long, value_name = "FILE", conflicts_with = "token")]
    token_file: Option<PathBuf>,
    #[command(flatten)]
    history: History,
    #[command(flatten)]
    account: account::Account,
    #[command(flatten)]
    switches: switches::Switches,
    #[command(flatten)]
    faults: faults::Faults,
>>>>>>> demo
}

impl Emulate {
    /// # Errors
<<<<<<< HEAD
    /// When the address or the trace cannot be used, or stdout cannot be written to.
    pub fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let now = session.clock.now();
        let story = Story {
            history: match self.trace.clone() {
                Some(path) => History::Trace { path, replay: self.at.is_some() },
                None => History::Scenario {
                    preset: self.scenario,
                    seed: self.seed,
                    events: self.events,
                    per_minute: self.live,
                },
            },
            start: self.at.map_or(now, |at| at.from_now(now)),
            speed: self.speed,
            runs_by_wall_clock: self.at.is_none() && self.speed == 1.0,
        };
        let told = story.tell()?;
        let config = emulator::Config { people: told.people.clone(), ..self.config() };
        wait_for(async {
            let emulator = Emulator::start(config, told.now(), told.past).await?;
            output::print_line(format_args!("listening on {}", emulator.url()))?;
            output::say(format_args!("token: {}; Ctrl-C ends it", self.token));
            let portal = emulator.portal().clone();
            tokio::select! {
                done = told.coming.push_to(&portal, &told.clock) => done?,
                () = ended() => {}
            }
            emulator.shutdown().await;
            Ok(ExitCode::SUCCESS)
        })?
    }

    fn config(&self) -> emulator::Config {
        let default = emulator::Config::default();
        emulator::Config {
            listen: self.listen,
            token: self.token.clone(),
            scopes: if self.scope.is_empty() { default.scopes.clone() } else { self.scope.clone() },
            enterprise: !self.no_enterprise,
            seed: self.seed,
            rate_limit: self.rate_limit,
            daily_limit: (self.daily_limit > 0).then_some(self.daily_limit),
            behaviour: self.switches.behaviour(),
            faults: self.faults.plan(),
            ..default
        }
=======
    /// When there is no history to be had, or the address cannot be listened on.
    pub fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let token = self.token()?;
        let emulated = self.history.emulated((session.now)(), self.account.portal_id)?;
        let config = Config {
            listen: self.listen,
            token,
            seed: self.faults.fault_seed.unwrap_or(self.history.seed),
            scopes: self.account.scopes.clone(),
            enterprise: self.account.is_enterprise(),
            rate_limit: self.account.rate_limit,
            daily_limit: self.account.daily_limit.0,
            behaviour: self.switches.behaviour(),
            faults: self.faults.plan(),
            account: self.account.account(),
            people: emulated.people.clone(),
        };
        foreground::run(self.serve(config, emulated))??;
        Ok(ExitCode::SUCCESS)
    }

    async fn serve(&self, config: Config, emulated: Emulated) -> anyhow::Result<()> {
        let told_to_end = foreground::interrupted()?;
        let token = config.token.clone();
        let Emulated { records, clock, coming, .. } = emulated;
        let summary = summary(&records);
        let clock = Arc::new(clock);
        let now = Arc::clone(&clock);
        let emulator = Emulator::start(config, Arc::new(move || now.now_ms()), records).await?;
        emulator.faults().extend(self.faults.fault_first.iter().copied());
        output::print_line(format_args!("listening on {}", emulator.url()))?;
        self.explain(&emulator.url(), &token, &summary);
        let activity = tokio::spawn(activity::enliven(Arc::clone(emulator.portal()), clock, coming));
        told_to_end.await;
        activity.abort();
        emulator.shutdown().await;
        Ok(())
    }

    fn explain(&self, url: &str, token: &str, summary: &str) {
        let (token, from) = match &self.token_file {
            None => (format!("; token {}", harmless(token)), "--token-stdin".to_owned()),
            Some(file) => (String::new(), format!("--token-file {}", file.display())),
        };
        let echo = if self.token_file.is_none() { "echo TOKEN | " } else { "" };
        output::say(format_args!(
            "{summary}{token}\n\
             collect from it: {echo}hubtrail connector add emulator --base-url {url} {from}\n\
             Ctrl-C ends it"
        ));
    }

    fn token(&self) -> anyhow::Result<String> {
        let Some(file) = &self.token_file else { return Ok(self.token.clone()) };
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("read the token from {}", file.display()))?;
        Ok(text.trim().to_owned())
    }
}

fn summary(records: &[Record]) -> String {
    let day = |record: &Record| UtcMs(record.timestamp_ms).to_timestamp().strftime("%Y-%m-%d").to_string();
    match (records.first(), records.last()) {
        (Some(first), Some(last)) => format!("{} events, {} to {}", records.len(), day(first), day(last)),
        _ => "no events".to_owned(),
>>>>>>> demo
    }
}
