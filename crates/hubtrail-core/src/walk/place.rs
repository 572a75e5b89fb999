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
    /// Where HubSpot says that there is more; `anchor` is the last time that was sent. It may skip nothing
    /// that we hold from `covers` on.
    Cursor {
        cursor: String,
        anchor: Option<UtcMs>,
        covers: Option<Option<UtcMs>>,
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

    /// The first instant that the answer must cover, if it must cover any.
    pub(crate) fn covers(&self) -> Option<Option<UtcMs>> {
        match self {
            Self::Oldest => Some(None),
            Self::From(at) => Some(Some(*at)),
            Self::Past(at) => Some(Some(at.plus(1))),
            Self::Cursor { covers, .. } => *covers,
        }
    }

    /// On from here, by a cursor that came with nothing newer than `newest`.
    pub(crate) fn follow(&self, cursor: String, newest: Option<UtcMs>) -> Self {
        let covers = match newest {
            Some(newest) => Some(Some(newest.plus(1))),
            None => self.covers(),
        };
        Self::Cursor { cursor, anchor: self.sent(), covers }
    }

    /// What a cursor leads to, whatever that is.
    pub(crate) fn look_behind(&self, cursor: String) -> Self {
        Self::Cursor { cursor, anchor: self.sent(), covers: None }
    }
}
