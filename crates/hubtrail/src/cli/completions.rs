//! `hubtrail completions`: a script that teaches a shell our words.

use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, output};

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(
    after_help = "Example: hubtrail completions bash > ~/.local/share/bash-completion/completions/hubtrail"
)]
pub struct Completions {
    /// The shell to write it for
    shell: Shell,
}

impl Completions {
    /// # Errors
    /// When stdout cannot be written to.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "hubtrail", &mut script);
        output::print(&script)?;
        Ok(ExitCode::SUCCESS)
    }
}
