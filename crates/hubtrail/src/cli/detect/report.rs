//! Findings for programs, one JSON object a line, and for people, as a table.

use std::io::Write;

use hubtrail_core::detect::{Alert, Standing};
use hubtrail_core::finding::{Actor, Evidence, Severity};
use hubtrail_core::sentence::harmless;
use serde::Serialize;

use super::Found;
use crate::cli::output;

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
struct Line<'a> {
    id: String,
    rule: &'a str,
    rule_version: &'a str,
    title: &'a str,
    severity: Severity,
    score: f64,
    /// Whether people are told of it: it is within the budget, or outside of any.
    #[serde(skip_serializing_if = "Option::is_none")]
    alert: Option<bool>,
    actor: &'a Actor,
    time: String,
    first_seen: String,
    last_seen: String,
    reason: &'a str,
    response: &'a str,
    attack: &'a [String],
    events: usize,
    evidence: Vec<Proof<'a>>,
}

/// HubSpot's own names.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Proof<'a> {
    timestamp: String,
    user_id: &'a str,
    event: &'a str,
    object_type: &'a str,
    object_id: &'a str,
    object_name: &'a str,
}

impl<'a> From<&'a Evidence> for Proof<'a> {
    fn from(evidence: &'a Evidence) -> Self {
        let event = &evidence.event;
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

impl<'a> From<&'a Found> for Line<'a> {
    fn from(Found { finding, alert }: &'a Found) -> Self {
        Self {
            alert: alert.map(|alert| alert != Alert::No),
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
            evidence: finding.evidence.iter().map(Proof::from).collect(),
        }
    }
}

pub(super) fn json(findings: &[Found]) -> anyhow::Result<()> {
    let mut to = output::exact();
    for finding in findings {
        serde_json::to_writer(&mut to, &Line::from(finding))?;
        to.write_all(b"\n")?;
    }
    Ok(to.flush()?)
}

pub(super) fn table(findings: &[Found]) -> anyhow::Result<()> {
    if findings.is_empty() {
        output::say("nothing abnormal was found");
        return Ok(());
    }
    let mut table = output::table(&["TIME (UTC)", "SEVERITY", "WHO", "WHY"]);
    for Found { finding, .. } in findings {
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

/// How far the learning is, and the alerts that were expected and raised.
pub(super) fn standing(standing: &Standing, findings: &[Found]) {
    let Some(since) = standing.since.filter(|_| standing.is_ready) else {
        return output::say(format_args!(
            "behaviour: not judged yet, {} days and {} acts of history are too little; rules only",
            standing.days, standing.acts
        ));
    };
    let raised = |wanted| findings.iter().filter(|found| found.alert == Some(wanted)).count() as f64;
    let months = f64::from(standing.days.max(30)) / 30.0;
    output::say(format_args!(
        "behaviour: learned from {} acts of {} people in {} days since {}; alerts in 30 days: {} wanted, {:.1} expected, \
         {:.1} raised, and {:.1} critical ones or watches outside the budget",
        standing.acts,
        standing.people,
        standing.days,
        since.to_string().get(..10).unwrap_or_default(),
        standing.budget,
        standing.expected,
        raised(Alert::WithinBudget) / months,
        raised(Alert::OutsideBudget) / months,
    ));
}
