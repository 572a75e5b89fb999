//! `hubtrail sink list` and `show`: how forwarding goes, and what is configured. Never a secret.

use clap::Args;
use hubtrail_core::sentence::harmless;
use serde::Serialize;

use crate::cli::{Session, output};
use crate::forward::{self, SinkStatus};
use crate::moment::length;
use crate::sink::Settings;

/// List the sinks, and how forwarding goes
#[derive(Debug, Args)]
pub(super) struct List {
    /// Print them as JSON
    #[arg(long)]
    json: bool,
}

/// Show a sink: how forwarding goes, and its settings
#[derive(Debug, Args)]
pub(super) struct Show {
    /// The sink
    #[arg(value_name = "NAME")]
    sink: String,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Shown {
    status: SinkStatus,
    settings: Settings,
    has_credentials: bool,
    declared: bool,
}

impl List {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let sinks = forward::all(&store, session.clock.now())?;
        if self.json {
            return output::print_json(&sinks);
        }
        if sinks.is_empty() {
            output::say("there is no sink yet; add one with `hubtrail sink add NAME --kind KIND`");
            return Ok(());
        }
        let mut table = output::table(&[
            "NAME",
            "STATE",
            "KIND",
            "BEHIND",
            "OLDEST",
            "DELIVERED",
            "DEAD LETTERS",
            "REASON",
        ]);
        for sink in sinks {
            table.add_row([
                harmless(&sink.name).into_owned(),
                sink.state.as_str().to_owned(),
                sink.kind.to_owned(),
                sink.lag.to_string(),
                sink.oldest_undelivered_ms.map_or_else(|| "-".to_owned(), about),
                sink.delivered.to_string(),
                sink.dead_letters.to_string(),
                harmless(sink.reason.as_deref().unwrap_or_default()).into_owned(),
            ]);
        }
        Ok(output::print_table(&table)?)
    }
}

/// To the second, which is enough for a person.
fn about(ms: i64) -> String {
    length(ms.div_euclid(1_000) * 1_000)
}

impl Show {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let sink = store.sink(&self.sink)?;
        let status = forward::of(&store, &sink, session.clock.now())?;
        let shown = Shown {
            has_credentials: sink.has_credentials(),
            declared: sink.declared,
            settings: sink.settings,
            status,
        };
        if self.json {
            return output::print_json(&shown);
        }
        let SinkStatus { state, reason, fix, lag, delivered, dead_letters, last_success, .. } = &shown.status;
        let none = || "-".to_owned();
        for (what, value) in [
            ("name", shown.status.name.clone()),
            ("state", state.as_str().to_owned()),
            ("reason", reason.clone().unwrap_or_else(none)),
            ("fix", fix.clone().unwrap_or_else(none)),
            ("kind", shown.status.kind.to_owned()),
            ("place", shown.status.place.clone()),
            ("format", shown.settings.format.to_string()),
            ("entries behind", lag.to_string()),
            ("delivered", delivered.to_string()),
            ("dead letters", dead_letters.to_string()),
            ("last success", last_success.map_or_else(none, |at| at.to_string())),
            ("settings", serde_json::to_string(&shown.settings)?),
        ] {
            output::print_line(format_args!("{what:<16} {}", harmless(&value)))?;
        }
        Ok(())
    }
}
