//! A finding: something abnormal that happened, who did it, why it is said, and the events that prove it.
//!
//! It is a function of the events alone: whoever reads the same events finds the same, in whatever order
//! they came.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::event::Event;
use crate::identity::EventId;
use crate::time::UtcMs;

/// How bad it is when it is true, in Sigma's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    pub const ALL: [Self; 5] = [Self::Informational, Self::Low, Self::Medium, Self::High, Self::Critical];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no severity `{0}` (use informational, low, medium, high or critical)")]
pub struct NoSuchSeverity(String);

impl FromStr for Severity {
    type Err = NoSuchSeverity;

    fn from_str(text: &str) -> Result<Self, NoSuchSeverity> {
        let found = Self::ALL.into_iter().find(|severity| severity.as_str() == text);
        found.ok_or_else(|| NoSuchSeverity(text.chars().take(40).collect()))
    }
}

/// A digest of the rule, the group it was raised for and the first event that proves it: the same in
/// every replay. The version stands in the text form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingId(pub [u8; 16]);

const PREFIX: &str = "f1-";

impl FindingId {
    #[must_use]
    pub fn of(rule: &str, group: &str, first: EventId) -> Self {
        let mut digest = Sha256::new();
        for bytes in [b"hubtrail/finding/1", rule.as_bytes(), group.as_bytes(), &first.0] {
            digest.update((bytes.len() as u64).to_be_bytes());
            digest.update(bytes);
        }
        let full: [u8; 32] = digest.finalize().into();
        let mut id = [0; 16];
        id.copy_from_slice(&full[..16]);
        Self(id)
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", hex::encode(self.0))
    }
}

impl fmt::Debug for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a finding id: expected `f1-` and 32 hexadecimal digits")]
pub struct NotAFindingId;

impl FromStr for FindingId {
    type Err = NotAFindingId;

    fn from_str(text: &str) -> Result<Self, NotAFindingId> {
        let digits = text.strip_prefix(PREFIX).ok_or(NotAFindingId)?;
        let mut id = [0; 16];
        hex::decode_to_slice(digits, &mut id).map_err(|_| NotAFindingId)?;
        Ok(Self(id))
    }
}

/// One event that justifies a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    pub id: EventId,
    pub event: Arc<Event>,
}

/// Who did it, as HubSpot names them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub id: String,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub id: FindingId,
    pub rule: String,
    /// Of the rule as it was: a digest of its text.
    pub rule_version: String,
    pub title: String,
    pub severity: Severity,
    /// It tells of something, good or bad, to people who asked for it.
    pub watch: bool,
    /// Ranks findings for whoever can look at a few only; as first raised, it does not grow.
    pub score: f64,
    /// It is below the line that the account's alert budget draws: nobody is told of it who does not look for it.
    pub quiet: bool,
    pub actor: Actor,
    /// When it was first raised: the time of the event that completed it.
    pub time: UtcMs,
    pub first_seen: UtcMs,
    pub last_seen: UtcMs,
    pub reason: String,
    pub response: String,
    pub attack: Vec<String>,
    /// How many events justify it; `evidence` has the first of them.
    pub events: usize,
    /// Shared with the detector, in which it grows.
    pub evidence: Arc<Vec<Evidence>>,
}

impl Finding {
    /// More than this a person does not read, and nobody need hold.
    pub const MOST_EVIDENCE: usize = 1_000;

    /// What was touched, each once, in the order in which it was: type, id and name.
    #[must_use]
    pub fn objects(&self) -> Vec<Object> {
        let mut objects: Vec<Object> = Vec::new();
        for proof in self.evidence.iter() {
            let Event { object_type, object_id, object_name, .. } = proof.event.as_ref();
            if !objects.iter().any(|known| known.id == *object_id && known.kind == *object_type) {
                let (kind, id, name) = (object_type.clone(), object_id.clone(), object_name.clone());
                objects.push(Object { kind, id, name });
            }
        }
        objects
    }
}

/// An object that a finding is about, as HubSpot names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    #[serde(rename = "type")]
    pub kind: String,
    pub id: String,
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_depends_on_all_it_is_made_of_and_reads_back() {
        let event = EventId([7; 16]);
        let id = FindingId::of("rule", "1011561", event);
        assert_eq!(id, FindingId::of("rule", "1011561", event));
        assert_eq!(id.to_string().parse(), Ok(id));
        for other in [
            FindingId::of("rul", "e1011561", event),
            FindingId::of("rule", "1011562", event),
            FindingId::of("rule", "1011561", EventId([8; 16])),
        ] {
            assert_ne!(id, other);
        }
        assert!("f1-xyz".parse::<FindingId>().is_err() && "h1-00".parse::<FindingId>().is_err());
    }

    #[test]
    fn severities_are_ordered_and_named() {
        assert!(Severity::Informational < Severity::Low && Severity::High < Severity::Critical);
        for severity in Severity::ALL {
            assert_eq!(severity.to_string().parse(), Ok(severity));
        }
        assert!("urgent".parse::<Severity>().unwrap_err().to_string().contains("critical"));
    }
}
