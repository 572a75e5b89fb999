//! Findings as programs are told them: what was found, how it is now, what proves it, and what became of it.

use hubtrail_core::event::Event;
use hubtrail_core::finding::{Finding, Object, Severity};
use hubtrail_core::record_line::record_line;
use hubtrail_core::sentence::Sentence;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::accounts::Accounts;
use super::told::AccountName;
use crate::judgement::{Status, Verdict};
use crate::store::{FindingChange, FindingEntry, KeptFinding, Proof};

/// What was found
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct FoundTold {
    /// The same in every replay.
    #[schema(example = "f1-0123456789abcdef0123456789abcdef")]
    id: String,
    /// The rule that raised it, by its id.
    rule: String,
    /// Of the rule as it was: a digest of its text.
    rule_version: String,
    title: String,
    #[schema(value_type = SeverityWord)]
    severity: Severity,
    /// It tells of something, good or bad, to people who asked for it.
    watch: bool,
    /// Ranks findings; as first raised.
    score: f64,
    /// It is below the line that the account's alert budget draws, and hidden.
    quiet: bool,
    actor: ActorTold,
    /// When it was first raised: the time of the event that completed it.
    #[schema(format = DateTime)]
    time: String,
    #[schema(format = DateTime)]
    first_seen: String,
    #[schema(format = DateTime)]
    last_seen: String,
    /// Why, in a sentence with numbers.
    reason: String,
    /// What to do next.
    response: String,
    /// ATT&CK techniques, the current id and older ones of it.
    attack: Vec<String>,
    /// How many events justify it.
    events: usize,
}

/// How bad it is when it is true, in Sigma's words.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes the words of `Severity`, which core knows no schema for")]
pub(in crate::http) enum SeverityWord {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

/// Who did it, as HubSpot names them.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ActorTold {
    id: String,
    name: String,
}

/// Something that was touched, as HubSpot names it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ObjectTold {
    #[serde(rename = "type")]
    kind: String,
    id: String,
    name: String,
}

/// How far people are with a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::http) enum StatusWord {
    New,
    Acknowledged,
    Closed,
}

/// A finding as it is now
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct FindingTold {
    #[serde(flatten)]
    found: FoundTold,
    account: AccountName,
    /// The first 20 of those that it is about.
    objects: Vec<ObjectTold>,
    status: StatusWord,
    /// What it turned out to be; none while it is open.
    verdict: Option<Verdict>,
    owner: Option<String>,
    /// It has more evidence than when it was last judged.
    grown_since_judged: bool,
    /// The exception that hides it.
    hidden_by: Option<i64>,
    /// The finding that it turned out to be part of.
    part_of: Option<String>,
    /// How often it was told of: 1 when it was raised.
    version: u32,
    /// Its place in the log.
    #[schema(minimum = 1)]
    position: i64,
    /// The position of its newest entry, and its ETag: another one means that something has changed.
    #[schema(minimum = 1)]
    revision: i64,
    #[schema(format = DateTime)]
    changed_at: String,
}

/// One event that justifies a finding
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct ProofTold {
    /// Its place in the log. It may have been taken out there since; the record stays here.
    position: i64,
    id: String,
    #[schema(format = DateTime)]
    timestamp: String,
    event: String,
    object_type: String,
    object_id: String,
    object_name: String,
    user_id: String,
    full_name: String,
    /// The event in words.
    sentence: String,
    /// The record as HubSpot sent it.
    #[schema(value_type = serde_json::Value)]
    raw: Option<Box<RawValue>>,
}

/// What became of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::http) enum ChangeWord {
    Raised,
    Grown,
    Absorbed,
    /// What came late showed that there was nothing unusual.
    Withdrawn,
    Judged,
    Assigned,
    Noted,
}

/// One entry about a finding, with all that held from then on
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct FindingEntryTold {
    /// Its place in the log.
    position: i64,
    #[schema(format = DateTime)]
    at: String,
    change: ChangeWord,
    /// Who did it; none: detection.
    by: Option<String>,
    note: Option<String>,
    status: StatusWord,
    verdict: Option<Verdict>,
    owner: Option<String>,
    hidden_by: Option<i64>,
    part_of: Option<String>,
    version: u32,
    /// How many events justified it then.
    events: usize,
    /// The reason as it was then.
    reason: String,
}

/// What has just become of a finding
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct FindingNews {
    #[serde(flatten)]
    entry: FindingEntryTold,
    account: AccountName,
    finding: FoundTold,
}

impl FindingNews {
    pub(in crate::http) fn of(entry: &FindingEntry, accounts: &Accounts) -> Self {
        let name = accounts.name(entry.connector).to_owned();
        Self {
            entry: FindingEntryTold::of(entry),
            account: AccountName { id: entry.connector.0, name },
            finding: FoundTold::of(&entry.finding),
        }
    }
}

impl FoundTold {
    pub(in crate::http) fn of(finding: &Finding) -> Self {
        Self {
            id: finding.id.to_string(),
            rule: finding.rule.clone(),
            rule_version: finding.rule_version.clone(),
            title: finding.title.clone(),
            severity: finding.severity,
            watch: finding.watch,
            score: finding.score,
            quiet: finding.quiet,
            actor: ActorTold { id: finding.actor.id.clone(), name: finding.actor.name.clone() },
            time: finding.time.to_string(),
            first_seen: finding.first_seen.to_string(),
            last_seen: finding.last_seen.to_string(),
            reason: finding.reason.clone(),
            response: finding.response.clone(),
            attack: finding.attack.clone(),
            events: finding.events,
        }
    }
}

impl From<Status> for StatusWord {
    fn from(status: Status) -> Self {
        match status {
            Status::New => Self::New,
            Status::Acknowledged => Self::Acknowledged,
            Status::Closed(_) => Self::Closed,
        }
    }
}

impl From<&Object> for ObjectTold {
    fn from(object: &Object) -> Self {
        Self { kind: object.kind.clone(), id: object.id.clone(), name: object.name.clone() }
    }
}

impl FindingTold {
    pub(in crate::http) fn of(kept: &KeptFinding, accounts: &Accounts) -> Self {
        Self {
            found: FoundTold::of(&kept.finding),
            account: AccountName { id: kept.connector.0, name: accounts.name(kept.connector).to_owned() },
            objects: kept.objects.iter().map(ObjectTold::from).collect(),
            status: kept.status.into(),
            verdict: kept.status.verdict(),
            owner: kept.owner.clone(),
            grown_since_judged: kept.grown_since_judged,
            hidden_by: kept.exception.map(|exception| exception.0),
            part_of: kept.absorbed_by.map(|id| id.to_string()),
            version: kept.version,
            position: kept.raised.0,
            revision: kept.changed.0,
            changed_at: kept.changed_at.to_string(),
        }
    }
}

impl ProofTold {
    pub(in crate::http) fn of(proof: &Proof) -> Self {
        let Event { timestamp, user_id, full_name, event, object_type, object_id, object_name, .. } =
            proof.event.as_ref();
        Self {
            position: proof.position.0,
            id: proof.id.to_string(),
            timestamp: timestamp.to_string(),
            event: event.clone(),
            object_type: object_type.clone(),
            object_id: object_id.clone(),
            object_name: object_name.clone(),
            user_id: user_id.clone(),
            full_name: full_name.clone(),
            sentence: Sentence::of(&proof.event).to_string(),
            raw: RawValue::from_string(record_line(&proof.raw).into_owned()).ok(),
        }
    }
}

impl FindingEntryTold {
    pub(in crate::http) fn of(entry: &FindingEntry) -> Self {
        let part_of = match entry.change {
            FindingChange::Absorbed(by) => Some(by.to_string()),
            _ => None,
        };
        Self {
            position: entry.position.0,
            at: entry.at.to_string(),
            change: entry.change.into(),
            by: entry.by.clone(),
            note: entry.note.clone(),
            status: entry.status.into(),
            verdict: entry.status.verdict(),
            owner: entry.owner.clone(),
            hidden_by: entry.exception.map(|exception| exception.0),
            part_of,
            version: entry.version,
            events: entry.finding.events,
            reason: entry.finding.reason.clone(),
        }
    }
}

impl From<FindingChange> for ChangeWord {
    fn from(change: FindingChange) -> Self {
        match change {
            FindingChange::Raised => Self::Raised,
            FindingChange::Grown => Self::Grown,
            FindingChange::Absorbed(_) => Self::Absorbed,
            FindingChange::Withdrawn => Self::Withdrawn,
            FindingChange::Judged => Self::Judged,
            FindingChange::Assigned => Self::Assigned,
            FindingChange::Noted => Self::Noted,
        }
    }
}
