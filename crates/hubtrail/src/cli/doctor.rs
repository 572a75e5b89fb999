//! `hubtrail doctor`: looks at everything that a collection stands on, and says what to do about what is wrong.
//!
//! It changes nothing, and does not make a data directory where there is none.

mod log;
pub(super) mod machine;

use std::process::ExitCode;

use clap::Args;

use super::check::{Verdict, print};
use super::{Session, output};

/// Check the data directory, the log, the key, the clock and the way to HubSpot
#[derive(Debug, Args)]
#[command(after_help = "Exit code 0: nothing failed. 1: something did; its line says what to do.")]
pub struct Doctor {
    /// Print the checks as JSON
    #[arg(long)]
    json: bool,
    /// Look at every entry instead of a sample
    #[arg(long)]
    full: bool,
    /// Also ask HubSpot about every connector
    #[arg(long)]
    online: bool,
}

impl Doctor {
    /// # Errors
    /// When stdout cannot be written to; what is found to be wrong is the exit code.
    pub fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let mut checks = machine::checks(&session.config);
        let examination = log::Examination { full: self.full, online: self.online };
        checks.extend(log::checks(session, &examination));
        if self.json {
            output::print_json(&checks)?;
        } else {
            print(&checks)?;
        }
        let failed = checks.iter().any(|check| check.verdict == Verdict::Fail);
        Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}
