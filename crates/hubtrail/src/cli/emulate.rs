//! `hubtrail emulate`: a HubSpot account that exists only here, to try clients against.
//!
//! The first line on stdout says where it listens; programs wait for it.

mod account;
mod switches;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

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
}

impl Emulate {
    /// # Errors
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
    }
}
