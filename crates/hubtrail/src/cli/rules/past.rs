//! What rules would have raised in the past that the log has.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;

use hubtrail_core::detect::RuleSet;
use hubtrail_core::encode::Format;
use hubtrail_core::finding::Finding;
use hubtrail_core::sentence::{Sentence, harmless};
use hubtrail_core::time::UtcMs;
use jiff::tz::TimeZone;

use super::find;
use crate::cli::detect::report;
use crate::cli::{Session, output};
use crate::connector::Connector;
use crate::detect::Trial;
use crate::rules::{self, Book};
use crate::store::Store;

const DAY_MS: f64 = 86_400_000.0;
/// What a person reads of one rule.
const MOST_FINDINGS: usize = 10;
const MOST_EVENTS: usize = 5;

/// What is tried on what.
pub(super) struct Past<'a> {
    pub(super) names: &'a [String],
    pub(super) own: Option<&'a std::path::Path>,
    pub(super) connectors: &'a [String],
    pub(super) since: UtcMs,
    pub(super) json: bool,
}

impl Past<'_> {
    pub(super) fn run(&self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let now = session.clock.now();
        let mut found = Vec::new();
        let mut entries = 0;
        for connector in self.connectors(&store)? {
            let set = Arc::new(self.rules(&store, &connector)?);
            let budget = connector.settings.alert_budget.alerts(session.config.detection.alert_budget);
            let trial = Trial { connector: connector.id, from: self.since, to: now, budget };
            let tried = trial.run(&store, set, || false)?;
            entries += tried.entries;
            found.extend(tried.findings);
        }
        found.sort_by_key(|finding| (finding.time, finding.id));
        if self.json {
            return report::encoded(&found, Format::Raw);
        }
        let days = now.since(self.since) as f64 / DAY_MS;
        summary(&found, days)?;
        output::say(format_args!("{entries} entries of {days:.0} days, {} findings", found.len()));
        if self.names.is_empty() { Ok(()) } else { examples(&found) }
    }

    fn connectors(&self, store: &Store) -> anyhow::Result<Vec<Connector>> {
        match self.connectors {
            [] => Ok(store.connectors()?),
            names => names.iter().map(|name| Ok(store.connector(name)?)).collect(),
        }
    }

    /// As they would be for this account; rules that are named are tried even when they are off.
    fn rules(&self, store: &Store, connector: &Connector) -> anyhow::Result<RuleSet> {
        let zone = connector.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
        let zone = zone.unwrap_or(TimeZone::UTC);
        let set = match self.own {
            // What is not understood was told of when it was loaded first.
            Some(own) => rules::load(Some(own), &zone)?.0,
            None => Book::read(store)?.rules(&zone),
        };
        if self.names.is_empty() {
            return Ok(set);
        }
        let wanted = self.names.iter().map(|name| Ok(find(&set, name)?.id.clone()));
        let wanted = wanted.collect::<anyhow::Result<Vec<_>>>()?;
        let switches: Vec<_> =
            set.rules().iter().map(|rule| (rule.id.as_str(), wanted.contains(&rule.id))).collect();
        Ok(set.switched(switches))
    }
}

fn summary(found: &[Finding], days: f64) -> anyhow::Result<()> {
    let mut rules: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    found.iter().for_each(|finding| rules.entry(&finding.title).or_default().push(finding));
    let mut table = output::table(&["RULE", "SEVERITY", "RAISED", "IN 30 DAYS", "NEWEST (UTC)"]);
    for (title, findings) in rules {
        let Some(newest) = findings.last() else { continue };
        table.add_row(vec![
            harmless(title).into_owned(),
            newest.severity.to_string(),
            findings.len().to_string(),
            format!("{:.1}", findings.len() as f64 * 30.0 / days.max(1.0)),
            newest.time.to_string().get(..16).unwrap_or_default().replace('T', " "),
        ]);
    }
    Ok(output::print_table(&table)?)
}

fn examples(found: &[Finding]) -> anyhow::Result<()> {
    let mut to = output::styled();
    for finding in found.iter().rev().take(MOST_FINDINGS) {
        writeln!(to, "\n{}  {}", finding.time, harmless(&finding.reason))?;
        for proof in finding.evidence.iter().take(MOST_EVENTS) {
            let sentence = Sentence::of(&proof.event).to_string();
            writeln!(to, "  {}  {}", proof.event.timestamp, harmless(&sentence))?;
        }
        if finding.events > MOST_EVENTS {
            writeln!(to, "  and {} more", finding.events - MOST_EVENTS)?;
        }
    }
    Ok(to.flush()?)
}
