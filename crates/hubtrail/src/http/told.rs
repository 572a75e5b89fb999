//! An event as programs are told it: HubSpot's own fields under their own names, the record as it was sent,
//! and what Hubtrail adds.

use hubtrail_core::event::Event;
use hubtrail_core::record_line::record_line;
use hubtrail_core::sentence::Sentence;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::accounts::Accounts;
use super::people::{People, PersonTold};
use crate::store::Entry;

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct Told {
    /// Its place in the log: 1 for the first that was collected.
    #[schema(example = 4711, minimum = 1)]
    position: i64,
    /// The same for this event for ever.
    #[schema(example = "h1-0123456789abcdef0123456789abcdef")]
    id: String,
    account: AccountName,
    /// When it happened.
    #[schema(format = DateTime)]
    timestamp: String,
    /// When it was received, by HubSpot's clock.
    #[schema(format = DateTime)]
    seen_at: String,
    /// It was dated later than the moment it was received.
    future: bool,
    event: String,
    object_type: String,
    object_id: String,
    object_name: String,
    user_id: String,
    full_name: String,
    /// Who that is, if HubSpot tells it to this token.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonTold>,
    /// What else HubSpot says; its form depends on the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    meta: Option<Box<RawValue>>,
    /// The event in words.
    #[schema(example = "Maria Keller unpublished landing page “Spring sale”")]
    sentence: String,
    /// Why the record could not be read. The fields are empty then.
    #[serde(skip_serializing_if = "Option::is_none")]
    unreadable: Option<String>,
    /// The record as HubSpot sent it.
    #[schema(value_type = serde_json::Value)]
    raw: Option<Box<RawValue>>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct AccountName {
    #[schema(minimum = 1)]
    pub(in crate::http) id: i64,
    #[schema(example = "acme")]
    pub(in crate::http) name: String,
}

impl Told {
    pub(in crate::http) fn of(entry: &Entry, accounts: &Accounts, people: &People) -> Self {
        let (event, unreadable) = match &entry.event {
            Ok(event) => (Some(event), None),
            Err(reason) => (None, Some(reason.clone())),
        };
        let field = |of: fn(&Event) -> &String| event.map(of).cloned().unwrap_or_default();
        let meta = event.and_then(|event| event.meta.as_deref());
        Self {
            position: entry.position.0,
            id: entry.event_id.to_string(),
            account: AccountName { id: entry.connector.0, name: accounts.name(entry.connector).to_owned() },
            timestamp: entry.timestamp.to_string(),
            seen_at: entry.seen_at.to_string(),
            future: entry.future,
            event: field(|event| &event.event),
            object_type: field(|event| &event.object_type),
            object_id: field(|event| &event.object_id),
            object_name: field(|event| &event.object_name),
            user_id: field(|event| &event.user_id),
            full_name: field(|event| &event.full_name),
            person: people.behind(entry),
            meta: meta.and_then(verbatim),
            sentence: match (event, &unreadable) {
                (Some(event), _) => Sentence::of(event).to_string(),
                (None, reason) => format!("unreadable: {}", reason.as_deref().unwrap_or_default()),
            },
            unreadable,
            raw: verbatim(&entry.raw),
        }
    }
}

/// On one line, every token as it was sent.
fn verbatim(json: &str) -> Option<Box<RawValue>> {
    RawValue::from_string(record_line(json).into_owned()).ok()
}
