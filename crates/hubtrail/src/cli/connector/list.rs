//! `hubtrail connector list` and `show`: what is configured. Never the token, in whatever form.

use std::fmt::Write as _;

use clap::Args;
use hubtrail_core::sentence::harmless;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use serde::Serialize;

use crate::cli::{Session, output};
use crate::connector::Connector;
use crate::moment::length;
use crate::store::Store;

/// List the connectors
#[derive(Debug, Args)]
pub(super) struct List {
    /// Print them as JSON
    #[arg(long)]
    json: bool,
}

/// Show a connector's settings
#[derive(Debug, Args)]
pub(super) struct Show {
    /// The connector
    #[arg(value_name = "NAME")]
    connector: String,
    /// Print them as JSON
    #[arg(long)]
    json: bool,
}

/// A connector as it is shown to programs.
#[derive(Debug, Serialize)]
struct Shown {
    name: String,
    account: String,
    state: &'static str,
    base_url: String,
    api_version: &'static str,
    start: String,
    poll_interval_ms: i64,
    page_size: u32,
    rate_limit: String,
    /// `default`: as those of the others.
    retention: String,
    /// `default`: as of the others.
    alert_budget: String,
    portal_id: Option<i64>,
    time_zone: Option<String>,
    created_at: String,
    /// Everything visible up to here is in the log.
    collected_up_to: Option<String>,
}

impl Shown {
    fn new(store: &Store, connector: &Connector) -> anyhow::Result<Self> {
        let settings = &connector.settings;
        let checkpoint = store.checkpoint(connector.id, Stream::Content)?;
        Ok(Self {
            name: settings.name.clone(),
            account: connector.account.0.clone(),
            state: if settings.paused { "paused" } else { "active" },
            base_url: settings.base_url.to_string(),
            api_version: settings.api_version.as_str(),
            start: settings.start.to_string(),
            poll_interval_ms: settings.poll_interval_ms,
            page_size: settings.page_size,
            rate_limit: settings.rate_limit.to_string(),
            retention: settings.retention.to_string(),
            alert_budget: settings.alert_budget.to_string(),
            portal_id: connector.portal_id,
            time_zone: connector.time_zone.clone(),
            created_at: connector.created_at.to_string(),
            collected_up_to: checkpoint.since.map(|since: UtcMs| since.to_string()),
        })
    }

    fn lines(&self) -> String {
        let portal = self.portal_id.map_or_else(|| "not known yet".to_owned(), |id| id.to_string());
        let nothing = || "nothing yet".to_owned();
        let rows = [
            ("name", self.name.clone()),
            ("state", self.state.to_owned()),
            ("base URL", self.base_url.clone()),
            ("API version", self.api_version.to_owned()),
            ("HubSpot account", portal),
            ("time zone", self.time_zone.clone().unwrap_or_else(|| "not known yet".to_owned())),
            ("start", self.start.clone()),
            ("poll interval", length(self.poll_interval_ms)),
            ("page size", self.page_size.to_string()),
            ("rate limit", self.rate_limit.clone()),
            ("retention", self.retention.clone()),
            ("alert budget", self.alert_budget.clone()),
            ("created", self.created_at.clone()),
            ("collected up to", self.collected_up_to.clone().unwrap_or_else(nothing)),
        ];
        let mut text = String::new();
        for (what, value) in rows {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{what:<16} {}", harmless(&value));
        }
        text
    }
}

impl List {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let connectors = store
            .connectors()?
            .iter()
            .map(|connector| Shown::new(&store, connector))
            .collect::<Result<Vec<_>, _>>()?;
        if self.json {
            return output::print_json(&connectors);
        }
        if connectors.is_empty() {
            output::say("there is no connector yet; add one with `hubtrail connector add NAME`");
            return Ok(());
        }
        let mut table = output::table(&["NAME", "STATE", "API", "BASE URL", "START", "COLLECTED UP TO"]);
        for shown in connectors {
            table.add_row([
                harmless(&shown.name).into_owned(),
                shown.state.to_owned(),
                shown.api_version.to_owned(),
                shown.base_url,
                shown.start,
                shown.collected_up_to.unwrap_or_else(|| "nothing yet".to_owned()),
            ]);
        }
        Ok(output::print_table(&table)?)
    }
}

impl Show {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let shown = Shown::new(&store, &store.connector(&self.connector)?)?;
        if self.json {
            return output::print_json(&shown);
        }
        Ok(output::print(shown.lines().as_bytes())?)
    }
}
