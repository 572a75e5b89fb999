//! `hubtrail collect`: one connector in the foreground, until it has everything or until Ctrl-C.

use clap::Args;

use crate::moment::Moment;

/// Collect a connector's events in the foreground
#[derive(Debug, Args)]
#[command(after_help = "\
Without options it follows the account until Ctrl-C. What is collected is durable page by page: an interrupted \
collection goes on where it stopped.

Examples:
  hubtrail collect acme --once               collect what is new, then end
  hubtrail collect acme --once --since 30d   walk the last 30 days again

Times: 2026-03-01, 2026-03-01T09:30:00Z, 30d or 2h (before now), now, or milliseconds since 1970.
Exit code 0: everything visible in the range is in the log. 1: the gap or the error is named.")]
pub struct Collect {
    /// The connector
    #[arg(value_name = "NAME")]
    pub connector: String,
    /// End when everything that is visible now is in the log
    #[arg(long)]
    pub once: bool,
    /// Walk again from this time instead of from the checkpoint
    #[arg(long, value_name = "TIME")]
    pub since: Option<Moment>,
    /// Walk only up to this time; needs --since
    #[arg(long, value_name = "TIME", requires = "since")]
    pub until: Option<Moment>,
}
