//! What became of a finding, as an item for each channel that wants to know.

use hubtrail_core::time::UtcMs;

use super::Channel;
use super::story::{Item, Thread};
use crate::judgement::Status;
use crate::store::{FindingChange, FindingEntry, Note};

/// What happened longer ago is history that was collected late: it is found, and nobody is called for it.
const MOST_AGE_MS: i64 = 24 * 3_600_000;

pub(crate) fn notes(entry: &FindingEntry, channels: &[Channel], account: &str, now: UtcMs) -> Vec<Note> {
    let Some(item) = item(entry, now) else { return Vec::new() };
    let actor = &entry.finding.actor;
    let thread = Thread::Person { connector: entry.connector, user_id: actor.id.clone() };
    let wanting =
        channels.iter().filter(|channel| channel.settings.route.wants(entry.connector, &entry.finding));
    let note = |channel: &Channel| Note {
        channel: channel.id,
        thread: thread.clone(),
        about: account.to_owned(),
        who: if actor.name.is_empty() { actor.id.clone() } else { actor.name.clone() },
        item: item.clone(),
    };
    wanting.map(note).collect()
}

/// None: it is not for people's ears, or says nothing new to them.
fn item(entry: &FindingEntry, now: UtcMs) -> Option<Item> {
    if matches!(entry.change, FindingChange::Assigned | FindingChange::Noted) {
        return None;
    }
    let finding = &entry.finding;
    let over = over(entry);
    if over.is_none() && now.since(finding.last_seen) > MOST_AGE_MS {
        return None;
    }
    let by = entry.by.as_deref().unwrap_or("somebody");
    let seen = match entry.status {
        Status::Acknowledged => format!(" {by} has seen it."),
        _ => String::new(),
    };
    Some(Item {
        key: finding.id.to_string(),
        severity: finding.severity,
        title: finding.title.clone(),
        text: format!("{}{seen}", finding.reason),
        fix: finding.response.clone(),
        at: finding.time,
        path: format!("findings/{}", finding.id),
        over,
    })
}

fn over(entry: &FindingEntry) -> Option<String> {
    let by = entry.by.as_deref().unwrap_or("somebody");
    match (&entry.change, entry.status) {
        (FindingChange::Withdrawn, _) => Some("what came late showed nothing unusual".to_owned()),
        (FindingChange::Absorbed(_), _) => Some("it is part of another finding".to_owned()),
        (_, Status::Closed(verdict)) => Some(format!("{by} judged it {}", verdict.as_str())),
        _ if entry.finding.quiet => Some("it is below the line of the alert budget".to_owned()),
        _ => entry.exception.map(|_| "an exception covers it".to_owned()),
    }
}
