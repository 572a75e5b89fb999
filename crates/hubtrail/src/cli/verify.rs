//! `hubtrail verify`: proof that the log holds what HubSpot has.

use clap::Args;

use crate::moment::Moment;

/// Walk a range again in another way and compare it with the log
#[derive(Debug, Args)]
#[command(after_help = "\
The range is read with another page size and in slices, and compared record by record. The result is kept and shown \
by `hubtrail status`. Nothing is repaired: `hubtrail collect NAME --once --since TIME` does that.

Example: hubtrail verify acme --since 7d
Times: 2026-03-01, 2026-03-01T09:30:00Z, 30d or 2h (before now), now, or milliseconds since 1970.
Exit code 0: the log and HubSpot agree. 1: they differ, or it could not be told.")]
pub struct Verify {
    /// The connector
    #[arg(value_name = "NAME")]
    pub connector: String,
    /// Start of the range
    #[arg(long, value_name = "TIME")]
    pub since: Moment,
    /// End of the range [default: now]
    #[arg(long, value_name = "TIME")]
    pub until: Option<Moment>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}
