//! What people make of a finding: whether somebody looks at it, and what it turned out to be.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a finding turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Somebody meant harm.
    Malicious,
    /// It happened, and was meant to.
    Expected,
    /// The rule was wrong.
    False,
}

/// How far people are with a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    New,
    /// Somebody has seen it.
    Acknowledged,
    Closed(Verdict),
}

impl Verdict {
    pub const ALL: [Self; 3] = [Self::Malicious, Self::Expected, Self::False];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malicious => "malicious",
            Self::Expected => "expected",
            Self::False => "false",
        }
    }
}

impl Status {
    pub const ALL: [Self; 5] = [
        Self::New,
        Self::Acknowledged,
        Self::Closed(Verdict::Malicious),
        Self::Closed(Verdict::Expected),
        Self::Closed(Verdict::False),
    ];
    /// Those that wait for somebody.
    pub const OPEN: [Self; 2] = [Self::New, Self::Acknowledged];

    /// One word for each: a closed one is called by its verdict.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Acknowledged => "acknowledged",
            Self::Closed(verdict) => verdict.as_str(),
        }
    }

    #[must_use]
    pub const fn verdict(self) -> Option<Verdict> {
        match self {
            Self::Closed(verdict) => Some(verdict),
            Self::New | Self::Acknowledged => None,
        }
    }

    #[must_use]
    pub const fn is_open(self) -> bool {
        self.verdict().is_none()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no status `{0}` (use new, acknowledged, malicious, expected or false)")]
pub struct NoSuchStatus(String);

impl FromStr for Status {
    type Err = NoSuchStatus;

    fn from_str(text: &str) -> Result<Self, NoSuchStatus> {
        let found = Self::ALL.into_iter().find(|status| status.as_str() == text);
        found.ok_or_else(|| NoSuchStatus(text.chars().take(40).collect()))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no verdict `{0}` (use malicious, expected or false)")]
pub struct NoSuchVerdict(String);

impl FromStr for Verdict {
    type Err = NoSuchVerdict;

    fn from_str(text: &str) -> Result<Self, NoSuchVerdict> {
        let found = Self::ALL.into_iter().find(|verdict| verdict.as_str() == text);
        found.ok_or_else(|| NoSuchVerdict(text.chars().take(40).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_reads_back_and_only_verdicts_close() {
        for status in Status::ALL {
            assert_eq!(status.to_string().parse(), Ok(status));
            assert_eq!(status.is_open(), Status::OPEN.contains(&status));
        }
        assert!("closed".parse::<Status>().unwrap_err().to_string().contains("malicious"));
        assert!("new".parse::<Verdict>().is_err());
    }
}
