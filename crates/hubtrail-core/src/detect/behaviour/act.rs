//! An act as baselines see it: what one click did to one object, and how unusual that was for whom.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::baseline::Reading;
use super::kind::{Class, Control, Deed, Kind};
use crate::detect::fold::digest;
use crate::event::Event;
use crate::finding::Evidence;
use crate::identity::EventId;
use crate::time::UtcMs;

/// An object, by a digest of its type and id.
pub(super) type Object = u64;

pub(super) fn object_of(event: &Event) -> Object {
    digest(&[&event.object_type, &event.object_id])
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Act {
    pub(super) at: UtcMs,
    #[serde(with = "super::saved::evidence")]
    pub(super) events: Vec<Evidence>,
    pub(super) object: Object,
    pub(super) kind: Kind,
    pub(super) class: Class,
    pub(super) control: Option<Control>,
    pub(super) is_file: bool,
    pub(super) is_landing_page: bool,
    pub(super) deed: Deed,
    /// The person deletes what they made themselves a short time ago.
    pub(super) is_undone: bool,
    pub(super) reading: Reading,
}

impl Act {
    pub(super) fn of(event: Arc<Event>, id: EventId, reading: Reading) -> Self {
        let deed = Deed::of(&event.event);
        Self {
            at: event.timestamp,
            object: object_of(&event),
            kind: Kind::of(&event.object_type, deed),
            class: Class::of(&event.object_type),
            control: Control::of(&event.object_type),
            is_file: event.object_type.eq_ignore_ascii_case("FILE"),
            is_landing_page: event.object_type.eq_ignore_ascii_case("LANDING_PAGE"),
            deed,
            is_undone: false,
            reading,
            events: vec![Evidence { id, event }],
        }
    }

    pub(super) fn event(&self) -> &Event {
        &self.events[0].event
    }

    pub(super) fn since(&self, earlier: UtcMs) -> i64 {
        self.at.since(earlier)
    }
}
