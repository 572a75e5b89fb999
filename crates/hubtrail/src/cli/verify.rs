//! `hubtrail verify`: proof that the log holds what HubSpot has.

use std::process::ExitCode;

use clap::Args;
use hubtrail_core::stream::Stream;
use serde_json::json;
use tokio::sync::mpsc::unbounded_channel;

use super::failure::Failure;
use super::session::{ended, wait_for};
use super::{Session, output};
use crate::collect::{Collector, Verdict};
use crate::moment::Moment;

/// Walk a range again in another way and compare it with the log
#[derive(Debug, Args)]
#[command(after_help = "\
The range is read with another page size and in slices, and compared record by record. The result is kept and shown \
by `hubtrail status`. Nothing is repaired: `hubtrail collect NAME --once --since TIME` does that. Entries older than \
everything that HubSpot still shows of the range are no difference: HubSpot lets old records go, and the log keeps them.

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
    /// End of the range [default: up to where everything was collected]
    #[arg(long, value_name = "TIME")]
    pub until: Option<Moment>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

impl Verify {
    /// # Errors
    /// When it could not be told whether the log holds what HubSpot has.
    pub fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let store = session.existing_store()?;
        let connector = store.connector(&self.connector)?;
        let name = connector.name().to_owned();
        let Some(read_to) = store.checkpoint(connector.id, Stream::Content)?.read_to() else {
            let fix = format!("collect it first: `hubtrail collect {name} --once`");
            return Err(Failure::new(format!("nothing of `{name}` was collected yet"), fix).into());
        };
        let clock = session.clock;
        let now = clock.now();
        let from = self.since.from_now(now);
        let to = self.until.map_or(read_to, |until| until.from_now(now).min(read_to));
        if from > to {
            let what = format!(
                "there is nothing to compare: `{name}` was collected up to {read_to} only, from {from} on \
                                nothing"
            );
            let fix = format!("name an earlier --since, or collect first: `hubtrail collect {name} --once`");
            return Err(Failure::new(what, fix).into());
        }
        let (tell, _) = unbounded_channel();
        let hubspot = session.hubspot(&store, &connector)?;
        let collector = Collector::new(store, hubspot, connector, clock, tell);
        let verdict = wait_for(async {
            tokio::select! {
                verdict = collector.verify(Some(from), to) => verdict
                    .map_err(|error| Failure::new(error.to_string(), error.fix()).into()),
                () = ended() => Err(anyhow::anyhow!("interrupted before the end: nothing was concluded")),
            }
        })??;
        if self.json {
            output::print_json(&as_json(&name, &verdict))?;
        } else {
            output::print_line(in_words(&verdict))?;
        }
        Ok(if verdict.agrees() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn in_words(Verdict { verification: of, unexplained, .. }: &Verdict) -> String {
    let range = match (of.from, of.to) {
        (Some(from), Some(to)) => format!("{from} to {to}"),
        _ => "the whole history".to_owned(),
    };
    let mut text = match of.missing {
        0 => format!("the log holds all {} events that HubSpot shows of {range}", of.compared),
        missing => format!(
            "{missing} of the {} events that HubSpot shows of {range} are not in the log",
            of.compared
        ),
    };
    if of.surplus > 0 {
        text.push_str(&format!("; {} more are in the log only: HubSpot no longer shows them", of.surplus));
    }
    if *unexplained > 0 {
        text.push_str(&format!(", although it shows older ones than {unexplained} of them"));
    }
    if !of.complete {
        text.push_str(&format!("; HubSpot does not let these instants be read completely: {}", of.note));
    }
    text
}

fn as_json(connector: &str, Verdict { verification: of, gaps, unexplained }: &Verdict) -> serde_json::Value {
    let gaps: Vec<_> =
        gaps.iter().map(|gap| json!({"from": gap.from.to_string(), "to": gap.to.to_string()})).collect();
    json!({
        "connector": connector,
        "from": of.from.map(|at| at.to_string()),
        "to": of.to.map(|at| at.to_string()),
        "compared": of.compared,
        "missing": of.missing,
        "surplus": of.surplus,
        "unexplained": unexplained,
        "complete": of.complete,
        "gaps": gaps,
    })
}
