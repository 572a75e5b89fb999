//! `hubtrail connector backfill`: history that is asked for, and carried out by whoever serves.

use clap::Args;

use super::note;
use crate::cli::failure::Failure;
use crate::cli::{Session, output};
use crate::moment::Moment;
use crate::store::NewBackfill;

/// Ask for history to be collected again, beside what happens meanwhile
#[derive(Debug, Args)]
#[command(after_help = "\
`hubtrail serve` carries it out; `hubtrail collect NAME --once --since TIME` does the same in the foreground.

Example: hubtrail connector backfill acme --since 90d")]
pub(super) struct Backfill {
    /// The connector
    #[arg(value_name = "NAME")]
    connector: String,
    /// From this time on; all is everything HubSpot still has
    #[arg(long, value_name = "TIME")]
    since: Since,
    /// Up to this time [default: now]
    #[arg(long, value_name = "TIME")]
    until: Option<Moment>,
}

#[derive(Clone, Copy, Debug)]
enum Since {
    All,
    Moment(Moment),
}

impl std::str::FromStr for Since {
    type Err = crate::moment::NotAMoment;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "all" { Ok(Self::All) } else { text.parse().map(Self::Moment) }
    }
}

impl Backfill {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let connector = store.connector(&self.connector)?;
        let now = session.clock.now();
        let from = match self.since {
            Since::All => None,
            Since::Moment(moment) => Some(moment.from_now(now)),
        };
        let to = self.until.map(|until| until.from_now(now));
        if from.is_some_and(|from| from > to.unwrap_or(now)) {
            return Err(
                Failure::misuse("--until is before --since", "give the earlier time to --since").into()
            );
        }
        let requested_by = "command line".to_owned();
        store.request_backfill(connector.id, NewBackfill { from, to, requested_at: now, requested_by })?;
        note(session, &store, "connector.backfill", &connector, "")?;
        output::print_line(format_args!("the history of `{}` is asked for", connector.name()))?;
        Ok(())
    }
}
