//! `hubtrail backup`: one state of the log in one file, taken while it is written to.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{Session, output};

/// Copy the log to a file, also while it is collected into
#[derive(Debug, Args)]
#[command(after_help = "\
The copy is checked before it counts, and nothing is overwritten. It holds the tokens sealed, and not the key that opens \
them: keep the file secret.key of the data directory (or the key you configured) elsewhere.

Example: hubtrail backup /backups/hubtrail-2026-03-01.db")]
pub struct Backup {
    /// The file to write; it must not exist
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Backup {
    /// # Errors
    /// When the file exists or cannot be written; then nothing is left behind.
    pub fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        session.existing_store()?.backup(&self.file)?;
        output::print_line(format_args!("the log is copied to {}", self.file.display()))?;
        Ok(ExitCode::SUCCESS)
    }
}
