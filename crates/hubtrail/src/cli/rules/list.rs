//! `hubtrail rules list`: the rules that raise findings, and those that could.

use clap::Args;
use hubtrail_core::detect::{Layer, Rule};
use hubtrail_core::finding::Severity;
use hubtrail_core::sentence::harmless;
use serde::Serialize;

use super::{Pack, Start};
use crate::cli::output;

/// List the rules
#[derive(Debug, Args)]
#[command(after_help = "\
Watches tell of every change of a kind, good or bad. They are off until somebody switches them on:
  hubtrail rules enable watch_redirects
or until a rule file of yours does:
  id: WATCH-ID
  hubtrail.disabled: false")]
pub(super) struct List {
    #[command(flatten)]
    pack: Pack,
    /// Print them as JSON
    #[arg(long)]
    json: bool,
}

/// A rule as it is shown to programs.
#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    name: Option<&'a str>,
    version: &'a str,
    title: &'a str,
    severity: Severity,
    score: f64,
    enabled: bool,
    watch: bool,
    attack: &'a [String],
    from: Layer,
    file: &'a str,
}

impl<'a> From<&'a Rule> for Shown<'a> {
    fn from(rule: &'a Rule) -> Self {
        Self {
            id: &rule.id,
            name: rule.name.as_deref(),
            version: &rule.version,
            title: &rule.title,
            severity: rule.severity,
            score: rule.score,
            enabled: rule.enabled,
            watch: rule.watch,
            attack: &rule.attack,
            from: rule.origin.layer,
            file: &rule.origin.file,
        }
    }
}

impl List {
    pub(super) fn run(self, start: Start<'_>) -> anyhow::Result<()> {
        let set = self.pack.load(start)?;
        let mut rules: Vec<_> = set.rules().iter().filter(|rule| rule.raises || !rule.enabled).collect();
        rules.sort_by(|a, b| {
            (a.watch, b.severity, b.score.to_bits(), &a.title).cmp(&(
                b.watch,
                a.severity,
                a.score.to_bits(),
                &b.title,
            ))
        });
        if self.json {
            return output::print_json(&rules.into_iter().map(Shown::from).collect::<Vec<_>>());
        }
        let mut table = output::table(&["RULE", "SEVERITY", "STATE", "FROM", "TITLE"]);
        for rule in rules {
            let from = match rule.origin.layer {
                Layer::Shipped => "shipped".into(),
                Layer::Own => harmless(&rule.origin.file),
            };
            table.add_row(vec![
                harmless(rule.name.as_deref().unwrap_or(&rule.id)).into_owned(),
                rule.severity.to_string(),
                if rule.enabled { "on" } else { "off" }.to_owned(),
                from.into_owned(),
                harmless(&rule.title).into_owned(),
            ]);
        }
        Ok(output::print_table(&table)?)
    }
}
