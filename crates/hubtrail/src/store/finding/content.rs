//! What an entry about a finding says, as the JSON that is stored and hashed.

use std::sync::Arc;

use hubtrail_core::finding::{Actor, Finding, FindingId, Object, Severity};
use hubtrail_core::time::UtcMs;
use serde::{Deserialize, Serialize};

use crate::store::StoreError;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Word {
    Raised,
    Grown,
    Absorbed,
    Withdrawn,
    Judged,
    Assigned,
    Noted,
}

/// All that holds of the finding from this entry on; what was found only where it is new.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) change: Word,
    pub(super) version: u32,
    pub(super) status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) owner: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) exception: Option<i64>,
    /// None: detection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) absorbed_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) finding: Option<Body>,
    /// The position of the entry whose `finding` holds, when it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) told: Option<i64>,
    /// The events that this entry added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) evidence: Vec<Reference>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Reference {
    pub(super) id: String,
    pub(super) position: i64,
}

/// More than a person reads in a list; the evidence has all of them.
const MOST_OBJECTS: usize = 20;

/// A finding without its evidence.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Body {
    rule: String,
    rule_version: String,
    title: String,
    severity: Severity,
    watch: bool,
    score: f64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    quiet: bool,
    actor: Actor,
    time: UtcMs,
    first_seen: UtcMs,
    last_seen: UtcMs,
    reason: String,
    response: String,
    attack: Vec<String>,
    events: usize,
    pub(super) objects: Vec<Object>,
}

impl Content {
    pub(super) fn write(&self) -> Result<String, StoreError> {
        serde_json::to_string(self).map_err(|error| StoreError::unwritable("an entry of a finding", error))
    }

    pub(super) fn read(text: &str) -> Result<Self, StoreError> {
        serde_json::from_str(text).map_err(|error| StoreError::unreadable("an entry of a finding", error))
    }
}

impl Body {
    pub(super) fn of(finding: &Finding) -> Self {
        let mut objects = finding.objects();
        objects.truncate(MOST_OBJECTS);
        let finding = finding.clone();
        Self {
            objects,
            rule: finding.rule,
            rule_version: finding.rule_version,
            title: finding.title,
            severity: finding.severity,
            watch: finding.watch,
            score: finding.score,
            quiet: finding.quiet,
            actor: finding.actor,
            time: finding.time,
            first_seen: finding.first_seen,
            last_seen: finding.last_seen,
            reason: finding.reason,
            response: finding.response,
            attack: finding.attack,
            events: finding.events,
        }
    }

    pub(super) fn finding(self, id: FindingId) -> Finding {
        Finding {
            id,
            rule: self.rule,
            rule_version: self.rule_version,
            title: self.title,
            severity: self.severity,
            watch: self.watch,
            score: self.score,
            quiet: self.quiet,
            actor: self.actor,
            time: self.time,
            first_seen: self.first_seen,
            last_seen: self.last_seen,
            reason: self.reason,
            response: self.response,
            attack: self.attack,
            events: self.events,
            evidence: Arc::default(),
        }
    }
}
