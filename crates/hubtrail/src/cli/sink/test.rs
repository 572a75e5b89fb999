//! `hubtrail sink test`: one marked event, and what came back.

use clap::Args;
use hubtrail_core::sentence::harmless;

use super::note;
use crate::cli::session::wait_for;
use crate::cli::{Session, output};
use crate::forward::{Trial, trial};
use crate::sink::Configured;

/// Send a marked event, and say what came back
#[derive(Debug, Args)]
pub(super) struct Test {
    /// The sink
    #[arg(value_name = "NAME")]
    sink: String,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

impl Test {
    /// Whether the receiver took it.
    pub(super) fn run(self, session: &Session) -> anyhow::Result<bool> {
        let store = session.existing_store()?;
        let sink = store.sink(&self.sink)?;
        note(session, &store, "sink.test", &sink, "")?;
        if self.json {
            let trial = tried(session, &sink)?;
            output::print_json(&trial)?;
            return Ok(trial.passed);
        }
        show(session, &sink)
    }
}

fn show(session: &Session, sink: &Configured) -> anyhow::Result<bool> {
    let trial = tried(session, sink)?;
    let verdict = if trial.passed { "taken" } else { "not taken" };
    output::print_line(format_args!(
        "a marked event ({}) is {verdict}: {}",
        trial.event_id,
        harmless(&trial.said)
    ))?;
    if let Some(fix) = &trial.fix {
        output::print_line(format_args!("fix: {}", harmless(fix)))?;
    }
    Ok(trial.passed)
}

fn tried(session: &Session, sink: &Configured) -> anyhow::Result<Trial> {
    let credentials = sink.credentials(&session.existing_keyring()?)?;
    let config = &session.config;
    let data_dir = &config.storage.data_dir;
    wait_for(trial(&sink.settings, credentials, &config.network, data_dir, session.clock))
}
