//! `hubtrail connector edit`: every setting of a connector, without touching its history or its token.

use clap::Args;

use super::add::interval;
use super::note;
use super::token::TokenSource;
use crate::cli::failure::Failure;
use crate::cli::{Session, output};
use crate::connector::{AlertBudget, ApiVersion, Invalid, Keep, RateLimit, Settings, WrittenStart};
use crate::declared;

/// Change the settings of a connector
#[derive(Debug, Args)]
#[command(after_help = "\
What is left out stays as it is. `hubtrail serve` follows at once. An earlier --start has the history in between \
collected. The token alone is replaced with `hubtrail connector token`.

Example: hubtrail connector edit acme --poll-interval 30s --labels emea,shop")]
pub(super) struct Edit {
    /// The connector
    #[arg(value_name = "NAME")]
    connector: String,
    /// Another name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Where the API is; another host needs the token again
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Version of HubSpot's API: v3, 2025-09, 2026-03 or 2026-09
    #[arg(long, value_name = "VERSION")]
    api_version: Option<ApiVersion>,
    /// How much history to collect: all, now, 30d (before it was added), a date or a time
    #[arg(long, value_name = "TIME")]
    start: Option<WrittenStart>,
    /// How often to ask for what is new
    #[arg(long, value_name = "LENGTH", value_parser = interval)]
    poll_interval: Option<i64>,
    /// Records to ask for at a time
    #[arg(long, value_name = "N")]
    page_size: Option<u32>,
    /// Percent of the account's burst and daily allowance to use, or off (only towards this machine)
    #[arg(long, value_name = "BURST/DAILY")]
    rate_limit: Option<RateLimit>,
    /// Words to group it by, separated by commas; '' for none
    #[arg(long, value_name = "LABELS", value_delimiter = ',')]
    labels: Option<Vec<String>>,
    /// How long to keep its events: default (as those of the others), forever, or days such as 400d
    #[arg(long, value_name = "DAYS")]
    retention: Option<Keep>,
    /// How many alerts in 30 days are wanted of it: default (as of the others), or a number
    #[arg(long, value_name = "N")]
    alert_budget: Option<AlertBudget>,
    #[command(flatten)]
    token: TokenSource,
}

impl Edit {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let stored = store.connector(&self.connector)?;
        let mut connector = stored.clone();
        let token = self.token.clone();
        self.change(&mut connector.settings, stored.created_at)?;
        let changed = declared::changed(&stored.settings, &connector.settings);
        if changed.is_empty() {
            output::print_line(format_args!("connector `{}` is so already", stored.name()))?;
            return Ok(());
        }
        let moves = stored.settings.base_url.origin() != connector.settings.base_url.origin();
        let connector = if moves {
            store.replace_credentials(&connector, token.read()?, &session.keyring()?)?
        } else {
            store.update_connector(&connector)?
        };
        note(session, &store, "connector.update", &connector, &changed.join(", "))?;
        output::print_line(format_args!("connector `{}`: {} changed", connector.name(), changed.join(", ")))?;
        let by = "a changed start";
        if declared::ask_for_earlier_history(&store, &stored, &connector, by, session.clock.now())? {
            output::print_line("the history before its former start is asked for")?;
        }
        Ok(())
    }

    fn change(self, settings: &mut Settings, created_at: hubtrail_core::time::UtcMs) -> anyhow::Result<()> {
        if let Some(name) = self.name {
            settings.name = name.trim().to_owned();
        }
        if let Some(base_url) = self.base_url {
            settings.base_url = Settings::new(&settings.name, &base_url)?.base_url;
        }
        settings.api_version = self.api_version.unwrap_or(settings.api_version);
        settings.start = self.start.map_or(settings.start, |start| start.pinned(created_at));
        settings.poll_interval_ms = self.poll_interval.unwrap_or(settings.poll_interval_ms);
        settings.page_size = self.page_size.unwrap_or(settings.page_size);
        settings.rate_limit = self.rate_limit.unwrap_or(settings.rate_limit);
        settings.retention = self.retention.unwrap_or(settings.retention);
        settings.alert_budget = self.alert_budget.unwrap_or(settings.alert_budget);
        if let Some(labels) = self.labels {
            settings.labels = labels.into_iter().filter(|label| !label.is_empty()).collect();
        }
        settings.check().map_err(|Invalid { field, reason, fix }| {
            Failure::new(format!("--{}: {reason}", field.replace('_', "-")), fix).into()
        })
    }
}
