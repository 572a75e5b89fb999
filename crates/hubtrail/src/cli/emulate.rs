//! `hubtrail emulate`: a HubSpot account on this machine, to try clients against.
//!
//! The first line on stdout is `listening on http://ADDRESS:PORT`; scripts wait for it.

mod account;
pub(super) mod activity;
mod faults;
mod history;
mod switches;
mod word;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use hubspot_audit_api::emulator::{Config, Emulator};
use hubspot_audit_api::record::Record;
use hubtrail_core::sentence::harmless;
use hubtrail_core::time::UtcMs;

use super::session::{ended, wait_for};
use super::{Session, output};
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
}

impl Emulate {
    /// # Errors
    /// When there is no history to be had, or the address cannot be listened on.
    pub fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let token = self.token()?;
        let emulated = self.history.emulated(session.clock.now(), self.account.portal_id)?;
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
            app: None,
            people: emulated.people.clone(),
        };
        wait_for(self.serve(config, emulated))??;
        Ok(ExitCode::SUCCESS)
    }

    async fn serve(&self, config: Config, emulated: Emulated) -> anyhow::Result<()> {
        let token = config.token.clone();
        let Emulated { records, clock, coming, .. } = emulated;
        let summary = summary(&records);
        let clock = Arc::new(clock);
        let now = Arc::clone(&clock);
        let emulator = Emulator::start(config, Arc::new(move || now.now_ms()), records).await?;
        emulator.faults().extend(self.faults.fault_first.iter().copied());
        let ended = ended();
        output::print_line(format_args!("listening on {}", emulator.url()))?;
        self.explain(&emulator.url(), &token, &summary);
        let activity = tokio::spawn(activity::enliven(Arc::clone(emulator.portal()), clock, coming));
        ended.await;
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
    }
}
