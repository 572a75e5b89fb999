//! When two records are the same event. HubSpot gives events no id, so the id is a digest of what
//! never changes about them. Names are resolved when a record is read and stay out of it.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

mod canonical;

use crate::event::Event;
use crate::page::Seen;
use crate::stream::Stream;

pub use canonical::canonical_json;

/// The account a connector reads, as a key fixed when the connector is created and never recomputed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AccountKey(pub String);

/// Version 1 of the digest; the version stands in the text form, so that a later one can live beside it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub [u8; 16]);

const PREFIX: &str = "h1-";

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 32];
        hex::encode_to_slice(self.0, &mut text).map_err(|_| fmt::Error)?;
        f.write_str(PREFIX)?;
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an event id: expected `h1-` and 32 hexadecimal digits")]
pub struct NotAnEventId;

impl FromStr for EventId {
    type Err = NotAnEventId;

    fn from_str(text: &str) -> Result<Self, NotAnEventId> {
        let digits = text.strip_prefix(PREFIX).ok_or(NotAnEventId)?;
        let mut id = [0; 16];
        hex::decode_to_slice(digits, &mut id).map_err(|_| NotAnEventId)?;
        Ok(Self(id))
    }
}

/// Numbers records that are otherwise identical: among those of one response, or of one file.
#[derive(Debug, Default)]
pub struct Occurrences(HashMap<[u8; 32], u32>);

impl Occurrences {
    /// The id of the next record: what it says, or its text where it could not be read.
    pub fn identify(
        &mut self,
        account: &AccountKey,
        stream: Stream,
        record: Result<&Event, &str>,
    ) -> EventId {
        let digest = match record {
            Ok(event) => digest_of(account, stream, event),
            Err(raw) => digest_of_unread(account, stream, raw),
        };
        let occurrence = self.0.entry(digest.clone().finalize().into()).or_default();
        *occurrence += 1;
        number(digest, *occurrence - 1)
    }
}

/// The ids of one response's records, in their order.
///
/// Records that are otherwise identical are numbered within the response: a re-read page edge
/// gives the same ids again, and true twins get two.
#[must_use]
pub fn identify(account: &AccountKey, stream: Stream, records: &[Seen]) -> Vec<EventId> {
    let mut occurrences = Occurrences::default();
    let ids = records.iter().map(|seen| {
        let record = seen.event.as_ref().map_err(|_| seen.raw.get());
        occurrences.identify(account, stream, record)
    });
    ids.collect()
}

/// As [`identify`], for events that were read already: those of one file, for example.
#[must_use]
pub fn identify_events(account: &AccountKey, stream: Stream, events: &[Event]) -> Vec<EventId> {
    let mut occurrences = Occurrences::default();
    events.iter().map(|event| occurrences.identify(account, stream, Ok(event))).collect()
}

fn digest_of(account: &AccountKey, stream: Stream, event: &Event) -> Sha256 {
    let mut digest = start(account, stream, "event");
    digest.update(event.timestamp.0.to_be_bytes());
    for text in [&event.user_id, &event.event, &event.object_type, &event.object_id] {
        field(&mut digest, text.as_bytes());
    }
    let meta = event.meta.as_deref().map(canonical_json).unwrap_or_default();
    field(&mut digest, meta.as_bytes());
    digest
}

fn digest_of_unread(account: &AccountKey, stream: Stream, raw: &str) -> Sha256 {
    let mut digest = start(account, stream, "unparsed");
    field(&mut digest, canonical_json(raw).as_bytes());
    digest
}

fn start(account: &AccountKey, stream: Stream, kind: &str) -> Sha256 {
    let mut digest = Sha256::new();
    for text in ["hubtrail/1", kind, &account.0, stream.as_str()] {
        field(&mut digest, text.as_bytes());
    }
    digest
}

/// Lengths go in front, so that no two lists of fields have the same bytes.
fn field(digest: &mut Sha256, bytes: &[u8]) {
    digest.update((bytes.len() as u64).to_be_bytes());
    digest.update(bytes);
}

fn number(mut digest: Sha256, occurrence: u32) -> EventId {
    digest.update(occurrence.to_be_bytes());
    let full: [u8; 32] = digest.finalize().into();
    let mut id = [0; 16];
    id.copy_from_slice(&full[..16]);
    EventId(id)
}

/// The RFC 6962 leaf hash of an entry's stored bytes: `SHA-256(0x00 ‖ bytes)`.
#[must_use]
pub fn leaf_hash(stored: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update([0]);
    digest.update(stored);
    digest.finalize().into()
}

#[cfg(test)]
mod tests;
