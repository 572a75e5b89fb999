//! `hubtrail restore`: a backup becomes the log of a directory that has none.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{Session, output, sealed};
use crate::store::Store;

/// Put a backup into a data directory that has no log
#[derive(Debug, Args)]
#[command(after_help = "\
What came after the backup is collected again, as far as HubSpot still has it. The key that opens tokens and secrets is not \
part of a backup: put your copy of secret.key into the data directory, or configure the key.

Example: hubtrail restore /backups/hubtrail-2026-03-01.db --data-dir /var/lib/hubtrail")]
pub struct Restore {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Restore {
    /// # Errors
    /// When the backup is damaged or none, or there is a log already.
    pub fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let dir = &session.config.storage.data_dir;
        Store::restore(&self.file, dir)?;
        output::print_line(format_args!("the log in {} is that of the backup", dir.display()))?;
        if let (Err(error), false) = (session.existing_keyring(), sealed::nothing(&session.store()?)?) {
            output::say(format_args!("tokens and secrets cannot be opened yet: {error:#}"));
        }
        Ok(ExitCode::SUCCESS)
    }
}
