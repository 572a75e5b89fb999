//! `hubtrail demo`: an emulated HubSpot account, a connector to it, and its events as they arrive.

use std::net::SocketAddr;

use clap::Args;

/// See it work: an emulated HubSpot account with history and live activity, collected as you watch
#[derive(Debug, Args)]
#[command(after_help = "\
Nothing to set up and nothing left behind: it keeps its data in a temporary directory, unless --data-dir names \
another, and listens on loopback only. Ctrl-C ends it.")]
pub struct Demo {
    /// Where the emulated HubSpot listens; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Events in the account's history
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    pub events: u64,
    /// The same seed makes the same account
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}
