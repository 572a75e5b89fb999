//! What a rule asks of one event, compiled: a tree of tests.

use std::collections::BTreeSet;

use super::check::Check;
use super::field::{Field, View};
use super::glob::Glob;

#[derive(Clone, Debug)]
pub(super) enum Expression {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Test(Field, Check, Words),
    /// Somewhere in the event.
    Keyword(Glob, String),
}

/// A test as a person says it: `objectType is` and `FILE`.
#[derive(Clone, Debug)]
pub(super) struct Words {
    pub(super) asks: String,
    pub(super) value: String,
}

impl Expression {
    pub(super) fn is_match(&self, view: &View<'_>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.is_match(view)),
            Self::Any(parts) => parts.iter().any(|part| part.is_match(view)),
            Self::Not(part) => !part.is_match(view),
            Self::Test(field, check, _) => check.holds(field, view),
            Self::Keyword(glob, _) => view.anywhere(&mut |text| glob.is_match(text)),
        }
    }

    /// Whether it asks what is usual.
    pub(super) fn asks_behaviour(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::asks_behaviour),
            Self::Not(part) => part.asks_behaviour(),
            Self::Test(field, ..) => matches!(field, Field::Behaviour(_)),
            Self::Keyword(..) => false,
        }
    }

    /// The only values of the field with which this can match, folded; none when it says nothing about it.
    ///
    /// It may name too many, never too few: an index over it must not hide a match.
    pub(super) fn values_of(&self, field: &Field) -> Option<BTreeSet<String>> {
        match self {
            Self::All(parts) => {
                let sets = parts.iter().filter_map(|part| part.values_of(field));
                sets.reduce(|some, others| some.intersection(&others).cloned().collect())
            }
            Self::Any(parts) => {
                let sets = parts.iter().map(|part| part.values_of(field));
                sets.collect::<Option<Vec<_>>>().map(|sets| sets.into_iter().flatten().collect())
            }
            Self::Test(tested, Check::Text(glob), _) if tested == field => {
                glob.exact().map(|value| BTreeSet::from([value]))
            }
            Self::Not(_) | Self::Test(..) | Self::Keyword(..) => None,
        }
    }
}
