//! `hubtrail detect`: rules and behaviour over a file of records, without a log: what they would have raised, had
//! the records been collected as they happened.

mod records;
pub(super) mod report;

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use hubtrail_core::detect::{
    Alert, BUDGET, Behaviour, Change, Detector, LATENESS_MS, RuleSet, Settings, WATCH_MS,
};
use hubtrail_core::finding::{Finding, FindingId};
use hubtrail_core::identity::{AccountKey, identify_events};
use hubtrail_core::stream::Stream;

use super::format::{self, Shown};
use super::rules::usable;
use records::Records;

const DAY_MS: i64 = 86_400_000;

/// Look for abnormal activity in a file of HubSpot's records
#[derive(Debug, Args)]
#[command(after_help = "\
The records are one JSON object a line, as `hubtrail events --format raw` prints them, perhaps gzipped, in any order. \
They are looked at in the order of their timestamps and nothing looks ahead. No data directory is used. \
Behaviour is learned from the records themselves: before a month of them there are rules only.

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
    /// Look by one alone: rules or behaviour
    #[arg(long, value_enum, value_name = "WHAT", hide_possible_values = true)]
    only: Option<Only>,
    /// Alerts in 30 days that are wanted
    #[arg(long, value_name = "N", default_value_t = BUDGET, value_parser = budget)]
    budget: f64,
    /// Show only what people would be told of: what is within the budget, critical or watched for
    #[arg(long)]
    alerts: bool,
    /// table: for people; json: one finding a line, with its evidence; ocsf, ecs, dnif, cef, leef, csv: as it is forwarded
    #[arg(long, value_name = "FORMAT", value_parser = format::findings(), default_value = "table", hide_possible_values = true)]
    format: Shown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Only {
    Rules,
    Behaviour,
}

impl Detect {
    /// # Errors
    /// When the rules or the records cannot be read, or no line of the file is a record.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let set = match self.only {
            Some(Only::Behaviour) => RuleSet::default(),
            _ => usable(self.rules.as_deref())?,
        };
        let mut detector = Detector::new(Arc::new(set), LATENESS_MS);
        if self.only != Some(Only::Rules) {
            let settings = Settings { lateness_ms: LATENESS_MS, budget: self.budget };
            detector = detector.with_behaviour(Behaviour::new(settings));
        }
        let records = Records::read(&self.input)?;
        let findings = detect(&mut detector, &records);
        if let Some(behaviour) = detector.behaviour() {
            report::standing(&behaviour.standing(), &findings);
        }
        let is_wanted = |judged: &Judged| !self.alerts || judged.alert != Some(Alert::No);
        let findings: Vec<_> = findings.into_iter().filter(is_wanted).map(|judged| judged.finding).collect();
        match self.format {
            Shown::Table => report::table(&findings)?,
            Shown::As(format) => report::encoded(&findings, format)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

pub(super) fn budget(text: &str) -> Result<f64, String> {
    let budget = text.parse::<f64>().ok().filter(|budget| (0.0..=1_000.0).contains(budget));
    budget.ok_or_else(|| "a number of alerts from 0 to 1000".to_owned())
}

/// A finding as it was in the end, and whether people were told of it.
struct Judged {
    finding: Finding,
    alert: Option<Alert>,
}

/// The findings in the order in which they were raised.
fn detect(detector: &mut Detector, records: &Records) -> Vec<Judged> {
    let account = AccountKey(String::new());
    let mut found = HashMap::new();
    let mut day = None;
    let mut last = None;
    for instant in records.instants() {
        let ids = identify_events(&account, Stream::Content, instant);
        let at = instant[0].timestamp;
        if day.replace(at.0.div_euclid(DAY_MS)).is_some_and(|before| before != at.0.div_euclid(DAY_MS)) {
            note(&mut found, detector);
        }
        detector.advance(at);
        for (event, id) in instant.iter().zip(ids) {
            detector.observe(event, id);
        }
        last = Some(at);
    }
    if let Some(last) = last {
        detector.advance(last.plus(WATCH_MS));
    }
    note(&mut found, detector);
    let mut found: Vec<Judged> = found.into_values().collect();
    found.sort_by(|Judged { finding: a, .. }, Judged { finding: b, .. }| {
        a.time.cmp(&b.time).then_with(|| b.score.total_cmp(&a.score)).then(a.id.cmp(&b.id))
    });
    found
}

fn note(found: &mut HashMap<FindingId, Judged>, detector: &mut Detector) {
    for change in detector.changes() {
        match change {
            Change::Raised(finding) | Change::Grown(finding) => {
                let alert = detector.behaviour().map(|_| finding.alert());
                found.insert(finding.id, Judged { finding, alert });
            }
            Change::Absorbed { id, .. } | Change::Withdrawn(id) => {
                found.remove(&id);
            }
        }
    }
}
