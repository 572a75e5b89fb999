//! `hubtrail status`: how each stream is, from the log alone. It asks HubSpot nothing.

mod report;
mod state;

use std::io::Write;
use std::process::ExitCode;

use clap::Args;

use super::{Session, output};
use report::Report;

/// Show how each connector is: state, freshness, gaps, errors and proof
#[derive(Debug, Args)]
#[command(after_help = "\
current      HubSpot answers, and what it showed is in the log
catching up  HubSpot answers, and there is history to come
failing      something stands in the way; the fix is said
silent       nothing was heard of HubSpot for too long: nobody seems to collect
paused       a person paused it
not started  nothing was collected yet")]
pub struct Status {
    /// Only this connector
    #[arg(value_name = "NAME")]
    connector: Option<String>,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

impl Status {
    /// # Errors
    /// When the log cannot be read, or there is no such connector.
    pub fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let store = session.existing_store()?;
        let connectors = match &self.connector {
            Some(name) => vec![store.connector(name)?],
            None => store.connectors()?,
        };
        let now = session.clock.now();
        let facts = store.facts()?;
        let mut reports = Vec::new();
        for connector in &connectors {
            let gaps = store.gaps(Some(connector.id), false)?;
            let mut streams = facts.iter().filter(|facts| facts.connector == connector.id).peekable();
            if streams.peek().is_none() {
                reports.push(Report::new(connector, None, &gaps, now));
            }
            reports.extend(streams.map(|facts| Report::new(connector, Some(facts), &gaps, now)));
        }
        if self.json {
            output::print_json(&reports)?;
            return Ok(ExitCode::SUCCESS);
        }
        if reports.is_empty() {
            output::say("there is no connector yet; add one with `hubtrail connector add NAME`");
        }
        let mut output = output::styled();
        for report in &reports {
            writeln!(output, "{report}")?;
        }
        output.flush()?;
        Ok(ExitCode::SUCCESS)
    }
}
