//! What a walk asks for and what it gets: one request, one page. The client turns these into HTTP.

use serde_json::value::RawValue;

use crate::event::{Event, Unreadable};
use crate::time::UtcMs;

/// A property that HubSpot can filter by, in the order in which dense instants are sliced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    EventType,
    ObjectType,
    UserId,
    ObjectId,
}

impl Dimension {
    pub const ALL: [Self; 4] = [Self::EventType, Self::ObjectType, Self::UserId, Self::ObjectId];

    /// HubSpot's name for the query parameter.
    #[must_use]
    pub const fn parameter(self) -> &'static str {
        match self {
            Self::EventType => "eventType",
            Self::ObjectType => "objectType",
            Self::UserId => "userId",
            Self::ObjectId => "objectId",
        }
    }

    #[must_use]
    pub fn of(self, event: &Event) -> &str {
        match self {
            Self::EventType => &event.event,
            Self::ObjectType => &event.object_type,
            Self::UserId => &event.user_id,
            Self::ObjectId => &event.object_id,
        }
    }

    /// The values that HubSpot documents today. It adds to them without notice.
    #[must_use]
    pub const fn documented(self) -> &'static [&'static str] {
        match self {
            Self::EventType => &["CREATED", "DELETED", "PUBLISHED", "RESTORE", "UNPUBLISHED", "UPDATED"],
            Self::ObjectType => &[
                "BLOG",
                "BLOG_POST",
                "CASE_STUDY",
                "CONTENT_SETTINGS",
                "CSS",
                "CTA",
                "DOMAIN",
                "EMAIL",
                "FILE",
                "GLOBAL_MODULE",
                "HUBDB_TABLE",
                "JS",
                "KNOWLEDGE_BASE",
                "KNOWLEDGE_BASE_ARTICLE",
                "LANDING_PAGE",
                "MODULE",
                "PODCAST",
                "QUOTE",
                "SERVERLESS_FUNCTION",
                "TEMPLATE",
                "THEME",
                "URL_MAPPING",
                "WEB_INTERACTIVE",
                "WEBSITE_PAGE",
            ],
            Self::UserId | Self::ObjectId => &[],
        }
    }

    pub(crate) const fn index(self) -> usize {
        match self {
            Self::EventType => 0,
            Self::ObjectType => 1,
            Self::UserId => 2,
            Self::ObjectId => 3,
        }
    }
}

/// Sets of allowed values; an empty set allows everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    sets: [Vec<String>; 4],
}

impl Filter {
    #[must_use]
    pub fn values(&self, dimension: Dimension) -> &[String] {
        &self.sets[dimension.index()]
    }

    #[must_use]
    pub fn with(&self, dimension: Dimension, values: Vec<String>) -> Self {
        let mut filter = self.clone();
        filter.sets[dimension.index()] = values;
        filter
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sets.iter().all(Vec::is_empty)
    }

    #[must_use]
    pub fn allows(&self, event: &Event) -> bool {
        Dimension::ALL.into_iter().all(|dimension| {
            let values = self.values(dimension);
            values.is_empty() || values.iter().any(|value| value == dimension.of(event))
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    OldestFirst,
    NewestFirst,
}

impl Order {
    /// The value of HubSpot's `sort` parameter; it is always sent.
    #[must_use]
    pub const fn sort(self) -> &'static str {
        match self {
            Self::OldestFirst => "timestamp",
            Self::NewestFirst => "-timestamp",
        }
    }
}

/// What goes into HubSpot's `after`, which is both a time filter and a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Nothing is sent: from the oldest record that HubSpot still has.
    Oldest,
    After(UtcMs),
    /// HubSpot's own cursor, verbatim. Valid inside one walk only; never stored.
    Cursor(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    pub bound: Bound,
    pub before: Option<UtcMs>,
    pub limit: u32,
    pub order: Order,
    pub filter: Filter,
}

/// One element of `results`: the bytes as sent, and what we could read of them.
#[derive(Clone, Debug)]
pub struct Seen {
    pub raw: Box<RawValue>,
    pub event: Result<Event, Unreadable>,
}

impl Seen {
    #[must_use]
    pub fn read(raw: Box<RawValue>) -> Self {
        let event = Event::read(raw.get());
        Self { raw, event }
    }
}

/// One HTTP response of an activity endpoint.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub records: Vec<Seen>,
    /// `paging.next.after`; an empty one counts as none.
    pub next: Option<String>,
    /// HubSpot's clock by the `Date` header of the response.
    pub hub_now: Option<UtcMs>,
}

impl Page {
    pub fn events(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.records.iter().filter_map(|seen| seen.event.as_ref().ok())
    }

    /// The newest event of the page, wherever it stands.
    #[must_use]
    pub fn newest(&self) -> Option<UtcMs> {
        self.events().map(|event| event.timestamp).max()
    }
}
