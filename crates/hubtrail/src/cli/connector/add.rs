//! `hubtrail connector add`: everything is checked before a token is asked for, and saved before it is tried.

use clap::Args;

use super::token::TokenSource;
use super::{note, test};
use crate::cli::{Session, output};
use crate::connector::{AlertBudget, ApiVersion, HUBSPOT, Keep, RateLimit, Settings, WrittenStart};
use crate::moment::{NotALength, length_ms};
use crate::store::NewConnector;

/// Add a HubSpot account
#[derive(Debug, Args)]
#[command(after_help = "\
The token is a service key (HubSpot: Development > Keys > Service keys, scope `content`) or the access token of a \
legacy private app. It is read from a file, from stdin or at a prompt, and sealed before it is stored.

Examples:
  hubtrail connector add acme                        asks for the token
  hubtrail connector add acme --token-file token.txt --start 30d
  hubtrail connector add lab --base-url http://127.0.0.1:8080 --token-file token.txt")]
pub(super) struct Add {
    /// Name of the connector, such as acme
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    token: TokenSource,
    /// Where the API is: HubSpot, or an emulator on this machine
    #[arg(long, value_name = "URL", default_value = HUBSPOT)]
    base_url: String,
    /// Version of HubSpot's API: v3, 2025-09, 2026-03 or 2026-09
    #[arg(long, value_name = "VERSION", default_value_t)]
    api_version: ApiVersion,
    /// How much history to collect: all, now, 30d, 24h, a date or a time
    #[arg(long, value_name = "TIME", default_value = "all")]
    start: WrittenStart,
    /// How often to ask for what is new
    #[arg(long, value_name = "LENGTH", default_value = "10s", value_parser = interval)]
    poll_interval: i64,
    /// Records to ask for at a time
    #[arg(long, value_name = "N", default_value_t = 100)]
    page_size: u32,
    /// Percent of the account's burst and daily allowance to use, or off (only towards this machine)
    #[arg(long, value_name = "BURST/DAILY", default_value_t)]
    rate_limit: RateLimit,
    /// Words to group it by, separated by commas
    #[arg(long, value_name = "LABELS", value_delimiter = ',')]
    labels: Vec<String>,
    /// How long to keep its events: default (as those of the others), forever, or days such as 400d
    #[arg(long, value_name = "DAYS", default_value_t)]
    retention: Keep,
    /// How many alerts in 30 days are wanted of it: default (as of the others), or a number
    #[arg(long, value_name = "N", default_value_t)]
    alert_budget: AlertBudget,
    /// Save it without collecting; `hubtrail connector resume NAME` starts it
    #[arg(long)]
    paused: bool,
}

pub(super) fn interval(text: &str) -> Result<i64, NotALength> {
    length_ms(text)
}

impl Add {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let now = session.clock.now();
        let settings = Settings {
            api_version: self.api_version,
            start: self.start.pinned(now),
            poll_interval_ms: self.poll_interval,
            rate_limit: self.rate_limit,
            page_size: self.page_size,
            paused: self.paused,
            labels: self.labels,
            retention: self.retention,
            alert_budget: self.alert_budget,
            ..Settings::new(&self.name, &self.base_url)?
        };
        settings.check()?;
        let credentials = self.token.read()?;
        let store = session.store()?;
        let connector = store.add_connector(
            NewConnector { settings, created_at: now },
            credentials,
            &session.keyring()?,
        )?;
        note(session, &store, "connector.create", &connector, "")?;
        output::print_line(format_args!("connector `{}` is saved", connector.name()))?;
        output::print_line("a first test:")?;
        // Whatever it finds, and even if it cannot be made: the connector is saved.
        if let Err(error) = test::show(session, &store, &connector) {
            output::print_line(format_args!("it could not be made: {error:#}"))?;
        }
        Ok(())
    }
}
