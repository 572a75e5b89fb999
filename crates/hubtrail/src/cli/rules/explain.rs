//! `hubtrail rules explain`: a rule in words.

use std::io::Write;

use anstyle::Style;
use clap::Args;
use hubtrail_core::detect::{Layer, Rule, RuleSet};
use hubtrail_core::sentence::harmless;

use super::{Pack, Start, find};
use crate::cli::output;

/// Explain a rule in words: what it looks for, why, and what to do
#[derive(Debug, Args)]
#[command(after_help = "Example: hubtrail rules explain many_deletions")]
pub(super) struct Explain {
    /// Its name or id
    #[arg(value_name = "RULE")]
    rule: String,
    #[command(flatten)]
    pack: Pack,
}

impl Explain {
    pub(super) fn run(self, start: Start<'_>) -> anyhow::Result<()> {
        let set = self.pack.load(start)?;
        let rule = find(&set, &self.rule)?;
        let mut to = output::styled();
        let bold = Style::new().bold();
        writeln!(to, "{bold}{}{bold:#}", harmless(&rule.title))?;
        if !rule.description.is_empty() {
            writeln!(to, "{}", harmless(&rule.description))?;
        }
        writeln!(to)?;
        for (what, says) in paragraphs(&set, rule) {
            for (line, text) in says.iter().enumerate() {
                writeln!(to, "{bold}{:<14}{bold:#} {}", if line == 0 { what } else { "" }, harmless(text))?;
            }
        }
        Ok(to.flush()?)
    }
}

fn paragraphs(set: &RuleSet, rule: &Rule) -> Vec<(&'static str, Vec<String>)> {
    let state = match (rule.enabled, rule.raises) {
        (false, _) => "off",
        (true, false) => "on, as a building block of other rules",
        (true, true) => "on",
    };
    let from = match rule.origin.layer {
        Layer::Shipped => "shipped with Hubtrail".to_owned(),
        Layer::Own => format!("{}, line {}", rule.origin.file, rule.origin.place.line),
    };
    let examples = rule.examples.iter().map(|example| match example.raises {
        0 => format!("not raised: {}", example.name),
        _ => format!("raised: {}", example.name),
    });
    let paragraphs = vec![
        ("Looks for", set.explain(rule)),
        ("Severity", vec![format!("{} (score {})", rule.severity, rule.score)]),
        ("Also innocent", rule.falsepositives.clone()),
        ("What to do", Some(rule.response.clone()).filter(|text| !text.is_empty()).into_iter().collect()),
        ("ATT&CK", Some(rule.attack.join(", ")).filter(|text| !text.is_empty()).into_iter().collect()),
        ("Examples", examples.collect()),
        (
            "Rule",
            vec![
                format!(
                    "{} {}, version {}, {from}, {state}",
                    rule.name.as_deref().unwrap_or(""),
                    rule.id,
                    rule.version
                )
                .trim()
                .to_owned(),
            ],
        ),
    ];
    paragraphs.into_iter().filter(|(_, says)| !says.is_empty()).collect()
}
