//! Where a page begins. A bound is always sent one millisecond early, or just past an instant that
//! is known completely, so that it does not matter whether HubSpot's bound includes its instant.

use crate::page::Bound;
use crate::time::UtcMs;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Oldest,
    /// At this instant, which is read (again).
    From(UtcMs),
    /// Behind this instant, which is known completely.
    Past(UtcMs),
    /// Where HubSpot says that there is more; `anchor` is the last time that was sent.
    Cursor {
        cursor: String,
        anchor: Option<UtcMs>,
    },
}

impl Place {
    pub(crate) fn bound(&self) -> Bound {
        match self {
            Self::Oldest => Bound::Oldest,
            Self::Cursor { cursor, .. } => Bound::Cursor(cursor.clone()),
            Self::From(_) | Self::Past(_) => self.sent().map_or(Bound::Oldest, Bound::After),
        }
    }

    /// The time that is, or was last, sent as the bound. Nothing older may come back.
    pub(crate) fn sent(&self) -> Option<UtcMs> {
        match self {
            Self::Oldest => None,
            Self::From(at) => Some(at.minus(1)),
            Self::Past(at) => Some(*at),
            Self::Cursor { anchor, .. } => *anchor,
        }
    }

    /// The first instant that the answer must cover; none for a cursor, which promises nothing.
    pub(crate) fn covers(&self) -> Option<Option<UtcMs>> {
        match self {
            Self::Oldest => Some(None),
            Self::From(at) => Some(Some(*at)),
            Self::Past(at) => Some(Some(at.plus(1))),
            Self::Cursor { .. } => None,
        }
    }

    pub(crate) fn follow(&self, cursor: String) -> Self {
        Self::Cursor { cursor, anchor: self.sent() }
    }
}
