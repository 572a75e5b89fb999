//! A rule as it was loaded: what it says about itself, and what makes it match.

use serde::Serialize;

use super::example::Example;
use super::expression::Expression;
use super::field::Field;
use super::problem::Place;
use super::reason::Reason;
use crate::finding::Severity;

/// A rule that is loaded and understood in full.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The Sigma id; where a building block has none, its name.
    pub id: String,
    pub name: Option<String>,
    /// A digest of the rule's text, so that a finding says which form of the rule raised it.
    pub version: String,
    pub title: String,
    pub description: String,
    pub severity: Severity,
    pub falsepositives: Vec<String>,
    /// Technique ids, the current one and older ones of it.
    pub attack: Vec<String>,
    pub response: String,
    pub score: f64,
    pub origin: Origin,
    /// It raises findings; otherwise others only build on it.
    pub raises: bool,
    pub enabled: bool,
    /// Correlations build on it, and none of them asks for its findings as well.
    pub(super) block: bool,
    /// It tells of something, good or bad, to people who asked for it; it stands outside any alert budget.
    pub watch: bool,
    pub examples: Vec<Example>,
    pub(super) reason: Reason,
    /// An episode ends when nothing has matched for so long.
    pub(super) gap_ms: i64,
    pub(super) body: Body,
}

/// Where a rule comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub file: String,
    pub place: Place,
    pub layer: Layer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// Comes with Hubtrail.
    Shipped,
    /// The user's own; it wins.
    Own,
}

#[derive(Clone, Debug)]
pub(super) enum Body {
    /// One event is enough.
    Single {
        expression: Expression,
        group: Vec<Field>,
    },
    Correlation(Correlation),
}

#[derive(Clone, Debug)]
pub(super) struct Correlation {
    pub(super) what: What,
    pub(super) timespan_ms: i64,
    pub(super) inputs: Vec<Input>,
}

/// When a window is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// So many acts.
    Count(usize),
    /// So many different values.
    Values(usize),
    /// So many different rules of those referred to.
    Rules(usize),
    /// Each of the rules.
    Together,
    /// Each of the rules, in their order.
    InOrder,
}

impl What {
    /// No fewer events fill a window.
    pub(super) fn fewest(self) -> usize {
        match self {
            Self::Count(count) | Self::Values(count) => count,
            Self::Rules(_) | Self::Together | Self::InOrder => 1,
        }
    }
}

/// A rule that a correlation builds on.
#[derive(Clone, Debug)]
pub(super) struct Input {
    /// Its index in the set.
    pub(super) rule: usize,
    pub(super) group: Vec<Field>,
    /// What `Values` counts.
    pub(super) value: Option<Field>,
}

impl Rule {
    /// Whether it asks what is usual for whoever did something.
    pub(super) fn asks_behaviour(&self) -> bool {
        matches!(&self.body, Body::Single { expression, .. } if expression.asks_behaviour())
    }

    pub(super) fn timespan_ms(&self) -> i64 {
        match &self.body {
            Body::Single { .. } => 0,
            Body::Correlation(correlation) => correlation.timespan_ms,
        }
    }

    /// Rules of the set that this one builds on.
    pub(super) fn inputs(&self) -> &[Input] {
        match &self.body {
            Body::Single { .. } => &[],
            Body::Correlation(correlation) => &correlation.inputs,
        }
    }
}
