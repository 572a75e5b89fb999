//! `hubtrail connector test`: the way to an account, stage by stage.

use clap::Args;
use tokio::sync::mpsc::unbounded_channel;

use crate::cli::check::{self, Check, Verdict};
use crate::cli::session::wait_for;
use crate::cli::{Session, output};
use crate::connection::test_connector;
use crate::connector::Connector;
use crate::hubspot::{ConnectionReport, Outcome, StageReport, Warning};
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
        let connector = store.connector(&self.connector)?;
        if !self.json {
            return show(session, &store, &connector);
        }
        let report = test(session, &store, &connector)?;
        output::print_json(&report)?;
        Ok(report.passed)
    }
}

/// Tries the connector out, and keeps what HubSpot says of the account.
fn test(session: &Session, store: &Store, connector: &Connector) -> anyhow::Result<ConnectionReport> {
    let keyring = session.existing_keyring()?;
    let network = &session.config.network;
    Ok(wait_for(test_connector(store, &keyring, network, session.clock, connector, None))??)
}

/// As [`test`], showing each stage as soon as it is over.
pub(super) fn show(session: &Session, store: &Store, connector: &Connector) -> anyhow::Result<bool> {
    let (tell, mut told) = unbounded_channel();
    let keyring = session.existing_keyring()?;
    let network = &session.config.network;
    let testing = async {
        let tested = test_connector(store, &keyring, network, session.clock, connector, Some(&tell)).await;
        drop(tell);
        tested
    };
    let printing = async {
        while let Some(report) = told.recv().await {
            check::print(&lines(&report))?;
        }
        Ok::<_, std::io::Error>(())
    };
    let (report, printed) = wait_for(async { tokio::join!(testing, printing) })?;
    printed?;
    let report = report?;
    check::print(&conclusion(&report))?;
    Ok(report.passed)
}

fn lines(report: &StageReport) -> Vec<Check> {
    let what = report.stage.label();
    let took = |detail: &str| format!("{detail} ({} ms)", report.duration_ms);
    let stage = match &report.outcome {
        Outcome::Passed { detail } => Check::ok(what, took(detail)),
        Outcome::Failed(trouble) => {
            let fix = format!("{} See docs/troubleshooting.md#{}.", trouble.fix, trouble.code);
            let until = trouble.until.map_or_else(String::new, |until| format!(", until {until}"));
            Check::fail(what, took(&format!("{}{until}", trouble.problem)), fix)
        }
        Outcome::Skipped { why } => Check::skip(what, why),
    };
    let steps = report.steps.iter().map(|step| {
        let (name, found) =
            (format!("  {}", step.name), format!("{} ({} ms)", step.detail, step.duration_ms));
        if step.passed { Check::ok(name, found) } else { Check::skip(name, found) }
    });
    steps.chain([stage]).collect()
}

fn conclusion(report: &ConnectionReport) -> Vec<Check> {
    let warning = |warning: &Warning| Check::warn("Warning", &warning.problem, &warning.fix);
    let mut checks: Vec<Check> = report.warnings.iter().map(warning).collect();
    if report.passed {
        checks.push(Check::ok("Result", format!("{} ({}){}", report.message, report.at, learnt(report))));
    } else {
        let found = format!("the connection does not work ({})", report.at);
        checks.push(Check { what: "Result".into(), verdict: Verdict::Fail, found, fix: None });
    }
    checks
}

fn learnt(report: &ConnectionReport) -> String {
    let mut text = String::new();
    let left = report.allowance.as_ref().and_then(|allowance| allowance.daily_left);
    for (what, value) in [
        ("account", report.account_id.map(|id| id.to_string())),
        ("time zone", report.time_zone.clone()),
        ("scopes", report.scopes.as_ref().map(|scopes| scopes.join(" "))),
        ("round trip", report.round_trip_ms.map(|ms| format!("{ms} ms"))),
        ("calls left today", left.map(|left| left.to_string())),
    ] {
        if let Some(value) = value {
            text = format!("{text}, {what} {value}");
        }
    }
    text
}
