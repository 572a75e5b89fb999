//! From an entry of the log to what a sink gets.

use hubtrail_core::encode::{Encoding, Found, Stage};
use hubtrail_core::finding::Severity;
use hubtrail_core::time::UtcMs;

use crate::judgement::Status;
use crate::known::Known;
use crate::sink::{Item, Subject};
use crate::store::{Entry, FindingChange, FindingEntry, LogEntry, Store, StoreError};

/// What starts and replays are told by: the event's own time, or the finding's.
pub(super) fn time(entry: &LogEntry) -> UtcMs {
    match entry {
        LogEntry::Event(entry) => entry.timestamp,
        LogEntry::Finding(entry) => entry.finding.time,
    }
}

/// None: it is nothing that a sink is told of.
pub(super) fn subject(entry: &LogEntry) -> Option<Subject<'_>> {
    match entry {
        LogEntry::Event(entry) => Some(Subject::Event {
            connector: entry.connector,
            stream: entry.stream,
            event: entry.event.as_ref().ok(),
        }),
        LogEntry::Finding(entry) => {
            let severity = entry.finding.severity;
            stage(entry).map(|_| Subject::Finding { connector: entry.connector, severity })
        }
    }
}

/// What people write to each other about a finding stays with them.
fn stage(entry: &FindingEntry) -> Option<Stage> {
    match entry.change {
        FindingChange::Raised => Some(Stage::Raised),
        FindingChange::Grown => Some(Stage::Grown),
        FindingChange::Absorbed(_) | FindingChange::Withdrawn => Some(Stage::Closed),
        FindingChange::Judged if matches!(entry.status, Status::Closed(_)) => Some(Stage::Closed),
        FindingChange::Judged | FindingChange::Assigned | FindingChange::Noted => None,
    }
}

pub(super) fn encode(
    store: &Store,
    known: &mut Known,
    encoding: Encoding,
    entry: &LogEntry,
) -> Result<Item, StoreError> {
    match entry {
        LogEntry::Event(entry) => event(store, known, encoding, entry),
        LogEntry::Finding(entry) => finding(store, known, encoding, entry),
    }
}

fn event(store: &Store, known: &mut Known, encoding: Encoding, entry: &Entry) -> Result<Item, StoreError> {
    known.meet(store, std::slice::from_ref(entry))?;
    let mut body = Vec::with_capacity(entry.raw.len() * 3 + 512);
    encoding.encode(&known.item(entry), &mut body);
    Ok(Item {
        position: entry.position,
        id: entry.event_id.to_string(),
        time: entry.timestamp,
        severity: Severity::Informational,
        body,
    })
}

/// A finding is told of more than once; each time but the first has an id of its own, so that a receiver that
/// keeps ids keeps all of them.
fn finding(
    store: &Store,
    known: &mut Known,
    encoding: Encoding,
    entry: &FindingEntry,
) -> Result<Item, StoreError> {
    let FindingEntry { position, connector, finding, .. } = entry;
    known.meet_person(store, *connector, &finding.actor.id)?;
    let stage = stage(entry).unwrap_or_default();
    let found = Found {
        position: Some(position.0),
        account: known.account(*connector),
        finding,
        stage,
        person: known.person(*connector, &finding.actor.id),
    };
    let mut body = Vec::new();
    encoding.encode(&found.into(), &mut body);
    let id = match stage {
        Stage::Raised => finding.id.to_string(),
        Stage::Grown | Stage::Closed => format!("{}-{}", finding.id, position.0),
    };
    Ok(Item { position: *position, id, time: finding.time, severity: finding.severity, body })
}
