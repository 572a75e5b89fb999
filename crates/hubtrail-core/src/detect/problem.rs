//! What is wrong with a rule file, where, and what to do about it.

use std::fmt;

/// A place in a rule file, counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

/// Something that cannot be honoured. Of a document with a problem nothing is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub file: String,
    pub place: Place,
    pub reason: String,
    pub fix: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, place, reason, fix } = self;
        write!(f, "{file}:{}:{}: {reason} ({fix})", place.line, place.column)
    }
}

/// A problem before it is known which file it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) place: Place,
    pub(super) reason: String,
    pub(super) fix: String,
}

impl Fault {
    pub(super) fn new(place: Place, reason: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { place, reason: reason.into(), fix: fix.into() }
    }

    pub(super) fn within(self, file: &str) -> Problem {
        Problem { file: file.to_owned(), place: self.place, reason: self.reason, fix: self.fix }
    }
}
