//! `hubtrail status`: how each stream is, from the log alone. It asks HubSpot nothing.

mod block;

use std::io::Write;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use hubtrail_core::sentence::harmless;

use super::{Session, output};
use crate::forward::{self, SinkStatus};
use crate::status::{self, State};
use crate::store::RuleProblem;
use block::Block;

/// Show how each connector is: state, freshness, gaps, errors and proof
#[derive(Debug, Args)]
#[command(after_help = "\
active         HubSpot answers, and what it showed is in the log; a quiet account is active
backfilling    new events arrive, and there is history to come
delayed        something stands in the way that is tried again
waiting        a limit is used up; it says until when
action_needed  a person must do something; it says what
paused         a person paused it
inactive       nobody collects it")]
pub struct Status {
    /// Only this connector
    #[arg(value_name = "NAME")]
    connector: Option<String>,
    /// Only those in this state; may be repeated
    #[arg(long, value_name = "STATE")]
    state: Vec<State>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t, conflicts_with = "json")]
    format: Format,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A few lines for each
    #[default]
    Text,
    /// For programs
    Json,
    /// For spreadsheets
    Csv,
}

impl Status {
    /// # Errors
    /// When the log cannot be read, or there is no such connector.
    pub fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let store = session.existing_store()?;
        let now = session.clock.now();
        let mut statuses = match &self.connector {
            Some(name) => status::of(&store, &store.connector(name)?, now)?,
            None => status::all(&store, now, None)?,
        };
        let any = !statuses.is_empty();
        statuses.retain(|status| self.state.is_empty() || self.state.contains(&status.state));
        match self.format {
            _ if self.json => output::print_json(&statuses)?,
            Format::Json => output::print_json(&statuses)?,
            Format::Csv => output::print(&status::csv(&statuses))?,
            Format::Text => {
                if !any {
                    output::say("there is no connector yet; add one with `hubtrail connector add NAME`");
                } else if statuses.is_empty() {
                    output::say("no connector is in such a state");
                }
                let mut output = output::styled();
                for status in &statuses {
                    writeln!(output, "{}", Block { status, now })?;
                }
                for RuleProblem { file, line, column, reason, fix, .. } in store.rule_problems()? {
                    let told = format!("rules not in force: {file}:{line}:{column}: {reason}; fix: {fix}");
                    writeln!(output, "{}", harmless(&told))?;
                }
                if self.connector.is_none() && self.state.is_empty() {
                    for sink in forward::all(&store, now)? {
                        writeln!(output, "{}", of_sink(&sink))?;
                    }
                }
                output.flush()?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// `hubtrail sink list` says more.
fn of_sink(sink: &SinkStatus) -> String {
    let SinkStatus { name, state, lag, dead_letters, reason, .. } = sink;
    let mut line = format!("sink {}: {}, {lag} entries behind", harmless(name), state.as_str());
    if *dead_letters > 0 {
        line.push_str(&format!(", {dead_letters} dead letters"));
    }
    if let Some(reason) = reason {
        line.push_str(&format!(": {}", harmless(reason)));
    }
    line
}
