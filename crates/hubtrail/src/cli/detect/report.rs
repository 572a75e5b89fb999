//! Findings for programs, one a line, and for people, as a table.

use std::io::Write;

use hubtrail_core::encode::{Account, Encoding, Format, Found, Stage};
use hubtrail_core::event::Event;
use hubtrail_core::finding::{Actor, Finding, Severity};
use hubtrail_core::sentence::harmless;
use serde::Serialize;

use crate::cli::output;

/// A finding as it was found.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::cli) struct Line<'a> {
    id: String,
    rule: &'a str,
    rule_version: &'a str,
    title: &'a str,
    severity: Severity,
    score: f64,
    actor: &'a Actor,
    time: String,
    first_seen: String,
    last_seen: String,
    reason: &'a str,
    response: &'a str,
    attack: &'a [String],
    events: usize,
    pub(in crate::cli) evidence: Vec<Proof<'a>>,
}

/// HubSpot's own names.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Proof<'a> {
    timestamp: String,
    user_id: &'a str,
    event: &'a str,
    object_type: &'a str,
    object_id: &'a str,
    object_name: &'a str,
}

impl<'a> Proof<'a> {
    pub(in crate::cli) fn of(event: &'a Event) -> Self {
        Self {
            timestamp: event.timestamp.to_string(),
            user_id: &event.user_id,
            event: &event.event,
            object_type: &event.object_type,
            object_id: &event.object_id,
            object_name: &event.object_name,
        }
    }
}

impl<'a> From<&'a Finding> for Line<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            id: finding.id.to_string(),
            rule: &finding.rule,
            rule_version: &finding.rule_version,
            title: &finding.title,
            severity: finding.severity,
            score: finding.score,
            actor: &finding.actor,
            time: finding.time.to_string(),
            first_seen: finding.first_seen.to_string(),
            last_seen: finding.last_seen.to_string(),
            reason: &finding.reason,
            response: &finding.response,
            attack: &finding.attack,
            events: finding.events,
            evidence: finding.evidence.iter().map(|proof| Proof::of(&proof.event)).collect(),
        }
    }
}

pub(in crate::cli) fn json(findings: &[Finding]) -> anyhow::Result<()> {
    let mut to = output::exact();
    for finding in findings {
        serde_json::to_writer(&mut to, &Line::from(finding))?;
        to.write_all(b"\n")?;
    }
    Ok(to.flush()?)
}

pub(in crate::cli) fn encoded(findings: &[Finding], format: Format) -> anyhow::Result<()> {
    let encoding = Encoding::with_original(format);
    let mut to = output::exact();
    to.write_all(&encoding.header())?;
    let mut line = Vec::new();
    for finding in findings {
        let found = Found {
            position: None,
            account: Account::default(),
            finding,
            stage: Stage::Raised,
            person: None,
        };
        encoding.encode_line(&found.into(), &mut line);
        to.write_all(&line)?;
        line.clear();
    }
    Ok(to.flush()?)
}

pub(in crate::cli) fn table(findings: &[Finding]) -> anyhow::Result<()> {
    if findings.is_empty() {
        output::say("nothing abnormal was found");
        return Ok(());
    }
    let mut table = output::table(&["TIME (UTC)", "SEVERITY", "WHO", "WHY"]);
    for finding in findings {
        let time = finding.time.to_string();
        let name = if finding.actor.name.is_empty() { &finding.actor.id } else { &finding.actor.name };
        table.add_row(vec![
            time.get(..19).unwrap_or(&time).replace('T', " "),
            finding.severity.to_string(),
            harmless(name).into_owned(),
            harmless(&finding.reason).into_owned(),
        ]);
    }
    Ok(output::print_table(&table)?)
}
