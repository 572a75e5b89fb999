//! What an act is to a baseline: which sort of thing was touched, and how.

use serde::{Deserialize, Serialize};

use crate::detect::fold::digest;

/// Sorts of objects that are worked on by the same people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Class {
    Content,
    Code,
    /// What decides where visitors end up and what runs.
    Control,
    /// What is sent to people or asks them for something.
    Outreach,
}

impl Class {
    pub(super) const COUNT: usize = 4;

    pub(super) fn of(object_type: &str) -> Self {
        const CODE: [&str; 6] = ["TEMPLATE", "GLOBAL_MODULE", "MODULE", "THEME", "JS", "CSS"];
        const OUTREACH: [&str; 5] = ["EMAIL", "CTA", "LANDING_PAGE", "FORM", "WORKFLOW"];
        let is = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(object_type));
        if Control::of(object_type).is_some() {
            Self::Control
        } else if is(&CODE) {
            Self::Code
        } else if is(&OUTREACH) {
            Self::Outreach
        } else {
            Self::Content
        }
    }

    /// How much a session with it says about what somebody's job is.
    pub(super) const fn telling(self) -> f32 {
        match self {
            Self::Content => 1.0,
            Self::Code | Self::Outreach => 2.0,
            Self::Control => 3.0,
        }
    }
}

/// The types of the control class, which have signals of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Control {
    UrlMapping,
    Domain,
    Settings,
    Function,
}

impl Control {
    pub(super) fn of(object_type: &str) -> Option<Self> {
        let known = [
            ("URL_MAPPING", Self::UrlMapping),
            ("DOMAIN", Self::Domain),
            ("CONTENT_SETTINGS", Self::Settings),
            ("SERVERLESS_FUNCTION", Self::Function),
        ];
        known.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(object_type)).map(|(_, control)| control)
    }
}

/// The strongest of what an act did to its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Deed {
    Changed,
    Created,
    Unpublished,
    Deleted,
}

impl Deed {
    pub(super) fn of(event: &str) -> Self {
        let known =
            [("DELETED", Self::Deleted), ("UNPUBLISHED", Self::Unpublished), ("CREATED", Self::Created)];
        let found = known.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(event));
        found.map_or(Self::Changed, |(_, deed)| deed)
    }

    pub(super) const fn destroys(self) -> bool {
        matches!(self, Self::Unpublished | Self::Deleted)
    }
}

/// A type of object with whether it was changed, taken offline or deleted: what is usual for somebody or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct Kind(pub(super) u32);

impl Kind {
    pub(super) fn of(object_type: &str, deed: Deed) -> Self {
        let deed = match deed {
            Deed::Changed | Deed::Created => 0,
            Deed::Unpublished => 1,
            Deed::Deleted => 2,
        };
        let digest = digest(&[object_type]);
        Self((((digest >> 32) ^ digest) as u32 & !3) | deed)
    }

    /// The type alone.
    pub(super) const fn object_type(self) -> u32 {
        self.0 & !3
    }
}
