//! `hubtrail doctor`: looks at everything that a collection stands on, and says what to do about what is wrong.
//!
//! It changes nothing, and does not make a data directory where there is none.

mod machine;

use std::fmt;
use std::io::Write;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use clap::Args;
use hubtrail_core::sentence::harmless;
use serde::Serialize;

use super::{Session, output};

/// Check the data directory, the log, the key, the clock and the way to HubSpot
#[derive(Debug, Args)]
#[command(after_help = "Exit code 0: nothing failed. 1: something did; its line says what to do.")]
pub struct Doctor {
    /// Print the checks as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Ok,
    Warn,
    Fail,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Check {
    what: &'static str,
    verdict: Verdict,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

impl Check {
    fn ok(what: &'static str, found: impl Into<String>) -> Self {
        Self { what, verdict: Verdict::Ok, found: found.into(), fix: None }
    }

    fn warn(what: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { what, verdict: Verdict::Warn, found: found.into(), fix: Some(fix.into()) }
    }

    fn fail(what: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { what, verdict: Verdict::Fail, found: found.into(), fix: Some(fix.into()) }
    }
}

impl Doctor {
    /// # Errors
    /// When stdout cannot be written to; what is found to be wrong is the exit code.
    pub fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let checks = machine::checks(&session.config);
        if self.json {
            output::print_json(&checks)?;
        } else {
            let mut output = output::styled();
            for check in &checks {
                writeln!(output, "{check}")?;
            }
            output.flush()?;
        }
        let failed = checks.iter().any(|check| check.verdict == Verdict::Fail);
        Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, colour) = match self.verdict {
            Verdict::Ok => ("ok", AnsiColor::Green),
            Verdict::Warn => ("warn", AnsiColor::Yellow),
            Verdict::Fail => ("fail", AnsiColor::Red),
        };
        let style = Style::new().bold().fg_color(Some(colour.into()));
        write!(f, "{style}{word:<4}{style:#}  {:<15} {}", self.what, harmless(&self.found))?;
        match &self.fix {
            Some(fix) => write!(f, "\n      {:<15} fix: {}", "", harmless(fix)),
            None => Ok(()),
        }
    }
}
