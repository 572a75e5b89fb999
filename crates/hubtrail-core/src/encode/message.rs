//! An item in words: the field that people read first in every schema.

use super::{Found, Item, Recorded};
use crate::sentence::{Sentence, harmless};

/// Safe to print: see `sentence`.
#[must_use]
pub fn message(item: &Item<'_>) -> String {
    match item {
        Item::Event(recorded) => of_event(recorded),
        Item::Finding(found) => of_finding(found),
    }
}

pub(super) fn of_event(recorded: &Recorded<'_>) -> String {
    match recorded.event {
        Ok(event) => Sentence::of(event).to_string(),
        Err(reason) => format!("unreadable: {}", harmless(reason)),
    }
}

pub(super) fn of_finding(found: &Found<'_>) -> String {
    harmless(&found.finding.reason).into_owned()
}
