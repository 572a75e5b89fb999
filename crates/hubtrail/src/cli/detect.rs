//! `hubtrail detect`: rules over a file of records, without a log: what they would have raised, had the
//! records been collected as they happened.

mod records;
mod report;

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use hubtrail_core::detect::{Change, Detector, LATENESS_MS, RuleSet};
use hubtrail_core::finding::{Finding, FindingId};
use hubtrail_core::identity::{AccountKey, identify_events};
use hubtrail_core::stream::Stream;

use super::format::{self, Shown};
use super::rules::usable;
use records::Records;

/// Look for abnormal activity in a file of HubSpot's records
#[derive(Debug, Args)]
#[command(after_help = "\
The records are one JSON object a line, as `hubtrail events --format raw` prints them, perhaps gzipped, in any order. \
They are looked at in the order of their timestamps and nothing looks ahead. No data directory is used.

Examples:
  hubtrail detect --input events.ndjson.gz
  hubtrail events --format raw | hubtrail detect --input - --format json
  hubtrail detect --input events.ndjson --rules ./our-rules")]
pub struct Detect {
    /// The records; - reads stdin
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// Your own rules, beside the shipped ones: a file or a directory
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// table: for people; json: one finding a line, with its evidence; ocsf, ecs, dnif, cef, leef, csv: as it is forwarded
    #[arg(long, value_name = "FORMAT", value_parser = format::findings(), default_value = "table", hide_possible_values = true)]
    format: Shown,
}

impl Detect {
    /// # Errors
    /// When the rules or the records cannot be read, or no line of the file is a record.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let set = usable(self.rules.as_deref())?;
        let records = Records::read(&self.input)?;
        let findings = detect(set, records);
        match self.format {
            Shown::Table => report::table(&findings)?,
            Shown::As(format) => report::encoded(&findings, format)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The findings in the order in which they were raised, as they were in the end.
fn detect(set: RuleSet, records: Records) -> Vec<Finding> {
    let mut detector = Detector::new(Arc::new(set), LATENESS_MS);
    let account = AccountKey(String::new());
    let mut findings = HashMap::new();
    for instant in records.instants() {
        let ids = identify_events(&account, Stream::Content, instant);
        detector.advance(instant[0].timestamp);
        for (event, id) in instant.iter().zip(ids) {
            detector.observe(event, id);
        }
    }
    note(&mut findings, detector.changes());
    let mut findings: Vec<Finding> = findings.into_values().collect();
    findings
        .sort_by(|a, b| a.time.cmp(&b.time).then_with(|| b.score.total_cmp(&a.score)).then(a.id.cmp(&b.id)));
    findings
}

fn note(findings: &mut HashMap<FindingId, Finding>, changes: Vec<Change>) {
    for change in changes {
        match change {
            Change::Raised(finding) | Change::Grown(finding) => {
                findings.insert(finding.id, finding);
            }
            Change::Absorbed { id, .. } => {
                findings.remove(&id);
            }
        }
    }
}
