//! A rule in words, for whoever must decide whether to believe it.

use std::fmt::Write;

use super::expression::{Expression, Words};
use super::field::Field;
use super::rule::{Body, Correlation, Rule, What};
use super::set::RuleSet;
use crate::time::spoken;

impl RuleSet {
    /// What the rule looks for, a sentence a line; the rules that it builds on come after it.
    #[must_use]
    pub fn explain(&self, rule: &Rule) -> Vec<String> {
        match &rule.body {
            Body::Single { expression, group } => {
                let times = format!("matches within {} of each other", spoken(rule.gap_ms));
                vec![
                    format!("an event where {}", said(expression)),
                    format!("{times} are one finding{}", grouped(group)),
                ]
            }
            Body::Correlation(correlation) => {
                let mut lines = vec![self.window(correlation)];
                for input in &correlation.inputs {
                    let part = &self.rules[input.rule];
                    lines.extend(self.explain(part).first().map(|line| format!("{}: {line}", part.title)));
                }
                lines
            }
        }
    }

    fn window(&self, correlation: &Correlation) -> String {
        let Correlation { what, timespan_ms, inputs } = correlation;
        let within = format!("within {}", spoken(*timespan_ms));
        let by = inputs.first().map_or_else(String::new, |input| grouped(&input.group));
        match what {
            What::Count(count) => format!("{count} or more acts of these kinds {within}{by}"),
            What::Values(count) => {
                let field = inputs.first().and_then(|input| input.value.as_ref());
                let field = field.map_or_else(String::new, Field::name);
                format!("{count} or more different values of {field} {within}{by}")
            }
            What::Rules(count) => format!("{count} or more different ones of these {within}{by}"),
            What::Together => format!("all of these {within}, in any order{by}"),
            What::InOrder => format!("all of these {within}, in this order{by}"),
        }
    }
}

fn grouped(fields: &[Field]) -> String {
    match fields {
        [] => String::new(),
        [Field::UserId] => ", by one person".to_owned(),
        fields => {
            format!(", with the same {}", fields.iter().map(Field::name).collect::<Vec<_>>().join(" and "))
        }
    }
}

fn said(expression: &Expression) -> String {
    match expression {
        Expression::All(parts) => joined(parts, " and "),
        Expression::Any(parts) => alternatives(parts).unwrap_or_else(|| joined(parts, " or ")),
        Expression::Not(part) => format!("not ({})", said(part)),
        Expression::Test(_, _, Words { asks, value }) => format!("{asks} {value}"),
        Expression::Keyword(_, word) => format!("any text contains {word}"),
    }
}

fn joined(parts: &[Expression], word: &str) -> String {
    let parts = parts.iter().map(|part| match part {
        Expression::Any(inner) if inner.len() > 1 && alternatives(inner).is_none() => {
            format!("({})", said(part))
        }
        Expression::All(inner) if inner.len() > 1 => format!("({})", said(part)),
        _ => said(part),
    });
    parts.collect::<Vec<_>>().join(word)
}

/// `event is A, B or C`, when all parts ask the same of the same field.
fn alternatives(parts: &[Expression]) -> Option<String> {
    let words = parts.iter().map(|part| match part {
        Expression::Test(_, _, words) => Some(words),
        _ => None,
    });
    let words = words.collect::<Option<Vec<_>>>()?;
    let (last, others) = words.split_last()?;
    if others.iter().any(|other| other.asks != last.asks) {
        return None;
    }
    let mut text = last.asks.clone();
    for (at, other) in others.iter().enumerate() {
        let _ = write!(text, "{} {}", if at == 0 { "" } else { "," }, other.value);
    }
    let _ = write!(text, "{} {}", if others.is_empty() { "" } else { " or" }, last.value);
    Some(text)
}
