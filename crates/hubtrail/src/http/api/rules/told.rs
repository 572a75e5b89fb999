//! A rule as programs are told it.

use hubtrail_core::detect::{Layer, Rule, RuleSet};
use hubtrail_core::finding::Severity;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::found::SeverityWord;
use crate::rules::Book;
use crate::store::{RuleProblem, RuleSetting};

/// A rule
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http::api) struct RuleInfo {
    id: String,
    name: Option<String>,
    /// A digest of its text.
    version: String,
    title: String,
    #[schema(value_type = SeverityWord)]
    severity: Severity,
    score: f64,
    enabled: bool,
    /// It tells of every change of a kind, good or bad, to people who ask for it.
    watch: bool,
    attack: Vec<String>,
    from: RuleOrigin,
    /// The file that it stands in, and the line.
    file: String,
    line: usize,
    /// Who switched it last, where somebody did.
    switched_by: Option<String>,
    #[schema(format = DateTime)]
    switched_at: Option<String>,
}

/// Where a rule comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::http::api) enum RuleOrigin {
    Shipped,
    Own,
}

/// A rule in words
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http::api) struct OneRule {
    rule: RuleInfo,
    description: String,
    /// What it looks for, in sentences.
    looks_for: Vec<String>,
    /// What else looks like it.
    falsepositives: Vec<String>,
    /// What to do about a finding.
    response: String,
    examples: Vec<ExampleInfo>,
    /// The file that it stands in.
    source: String,
}

/// An example that a test runs
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct ExampleInfo {
    name: String,
    /// How many findings it raises.
    raises: usize,
}

/// Something in a rule file that cannot be honoured
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http::api) struct RuleFault {
    file: String,
    line: u32,
    column: u32,
    reason: String,
    fix: String,
    #[schema(format = DateTime)]
    found_at: String,
}

impl RuleInfo {
    pub(super) fn of(rule: &Rule, settings: &[RuleSetting]) -> Self {
        let setting = settings.iter().find(|setting| setting.rule == rule.id);
        Self {
            id: rule.id.clone(),
            name: rule.name.clone(),
            version: rule.version.clone(),
            title: rule.title.clone(),
            severity: rule.severity,
            score: rule.score,
            enabled: rule.enabled,
            watch: rule.watch,
            attack: rule.attack.clone(),
            from: match rule.origin.layer {
                Layer::Shipped => RuleOrigin::Shipped,
                Layer::Own => RuleOrigin::Own,
            },
            file: rule.origin.file.clone(),
            line: rule.origin.place.line,
            switched_by: setting.map(|setting| setting.by.clone()),
            switched_at: setting.map(|setting| setting.at.to_string()),
        }
    }
}

impl OneRule {
    pub(super) fn of(rule: &Rule, set: &RuleSet, book: &Book, settings: &[RuleSetting]) -> Self {
        let examples = rule.examples.iter();
        Self {
            rule: RuleInfo::of(rule, settings),
            description: rule.description.clone(),
            looks_for: set.explain(rule),
            falsepositives: rule.falsepositives.clone(),
            response: rule.response.clone(),
            examples: examples
                .map(|example| ExampleInfo { name: example.name.clone(), raises: example.raises })
                .collect(),
            source: book.text(&rule.origin.file).unwrap_or_default().to_owned(),
        }
    }
}

impl RuleFault {
    pub(super) fn of(problem: RuleProblem) -> Self {
        Self {
            file: problem.file,
            line: problem.line,
            column: problem.column,
            reason: problem.reason,
            fix: problem.fix,
            found_at: problem.found_at.to_string(),
        }
    }
}
