//! Findings for programs, one a line, and for people, as a table.

use std::io::Write;

use hubtrail_core::detect::{Alert, Standing};
use hubtrail_core::encode::{Account, Encoding, Format, Found, Stage};
use hubtrail_core::finding::Finding;
use hubtrail_core::sentence::harmless;

use super::Judged;
use crate::cli::output;

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

pub(super) fn table(findings: &[Finding]) -> anyhow::Result<()> {
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

/// How far the learning is, and the alerts that were expected and raised.
pub(super) fn standing(standing: &Standing, findings: &[Judged]) {
    let Some(since) = standing.since.filter(|_| standing.is_ready) else {
        return output::say(format_args!(
            "behaviour: not judged, {} days and {} acts of history are too little; rules only",
            standing.days, standing.acts
        ));
    };
    let raised = |wanted| findings.iter().filter(|judged| judged.alert == Some(wanted)).count() as f64;
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
