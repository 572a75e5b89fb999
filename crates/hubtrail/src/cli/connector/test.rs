//! `hubtrail connector test`: the way to an account, stage by stage.

use clap::Args;

use crate::cli::check::{self, Check};
use crate::cli::session::wait_for;
use crate::cli::{Session, output};
use crate::connector::Connector;
use crate::hubspot::{ConnectionReport, Outcome, Stage, StageReport, test_connection};
use crate::store::Store;

/// Try a connector out: address, network, token, permissions and the newest event
#[derive(Debug, Args)]
#[command(after_help = "Exit code 0: events can be collected. 1: the stage that failed says what to do.")]
pub(super) struct Test {
    /// The connector
    #[arg(value_name = "NAME")]
    connector: String,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

impl Test {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<bool> {
        let store = session.existing_store()?;
        let report = test(session, &store, store.connector(&self.connector)?)?;
        if self.json {
            output::print_json(&report)?;
        } else {
            print(&report)?;
        }
        Ok(report.passed())
    }
}

/// Tries the connector out, and keeps what HubSpot says of the account.
pub(super) fn test(
    session: &Session,
    store: &Store,
    connector: Connector,
) -> anyhow::Result<ConnectionReport> {
    let options = session.hubspot_options(store, &connector)?;
    let report = wait_for(test_connection(&options, session.clock.now()))?;
    if let Some(account) = &report.account {
        let portal_id = account.portal_id.and_then(|id| i64::try_from(id).ok());
        store.note_account(connector.id, portal_id, account.time_zone.clone())?;
    }
    Ok(report)
}

pub(super) fn print(report: &ConnectionReport) -> std::io::Result<()> {
    check::print(&report.stages.iter().map(line).collect::<Vec<_>>())
}

fn line(report: &StageReport) -> Check {
    let what = match report.stage {
        Stage::Configuration => "configuration",
        Stage::Network => "network",
        Stage::Authentication => "token",
        Stage::Permissions => "permissions",
        Stage::Fetch => "events",
    };
    match &report.outcome {
        Outcome::Passed { detail } => Check::ok(what, detail),
        Outcome::Failed { problem, fix } => Check::fail(what, problem, fix),
        Outcome::Skipped { why } => Check::skip(what, why),
    }
}
