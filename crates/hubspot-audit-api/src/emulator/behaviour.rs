//! What HubSpot does not document, as switches. The defaults are what its guides suggest; no value
//! here is a fault, and a client must get everything under all of them.

use std::fmt;
use std::str::FromStr;

use http::StatusCode;

use crate::endpoint::Version;
use crate::page::LinkForm;
use crate::query::{ArrayForm, Order};
use crate::record::TimeForm;
use crate::word::{UnknownWord, words};

words! {
    pub enum Bound {
        Inclusive = "inclusive",
        Exclusive = "exclusive",
    }
}

words! {
    /// What `paging.next.after` is.
    pub enum CursorForm {
        /// The time of the page's last record: what follows it in the same millisecond is lost to an
        /// exclusive bound.
        EpochMs = "epoch-ms",
        /// The same as text.
        Iso = "iso",
        /// A place in the history; it loses nothing.
        Opaque = "opaque",
    }
}

words! {
    /// What a time in `after` means when the newest come first.
    pub enum DescendingAfter {
        /// Epoch milliseconds are a cursor to go on from, other times a lower bound.
        ByForm = "by-form",
        /// Always a lower bound: a walk that follows the cursor sees the newest page again.
        Filter = "filter",
        /// Always a cursor: going on loses the lower bound.
        Cursor = "cursor",
    }
}

words! {
    pub enum OverLimit {
        Clamp = "clamp",
        Error = "error",
    }
}

words! {
    pub enum Names {
        /// As they were when the event was recorded.
        Recorded = "recorded",
        /// As they are when the record is read: a rename changes the past.
        Current = "current",
    }
}

words! {
    /// Whether the last page has a cursor all the same.
    pub enum LastPage {
        NoCursor = "no-cursor",
        /// Unless it is empty.
        Cursor = "cursor",
        /// An empty one repeats the cursor that led to it.
        AlwaysCursor = "always-cursor",
    }
}

/// A version of the API that is no longer served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone {
    pub version: Version,
    /// 404 or 410.
    pub status: StatusCode,
}

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.version, self.status.as_u16())
    }
}

impl FromStr for Gone {
    type Err = UnknownWord;

    /// `v3`, `v3=404` or `v3=410`.
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let (version, status) = text.split_once('=').unwrap_or((text, "404"));
        let status = match status {
            "404" => StatusCode::NOT_FOUND,
            "410" => StatusCode::GONE,
            _ => return Err(UnknownWord { given: status.to_owned(), allowed: vec!["404", "410"] }),
        };
        Ok(Self { version: version.parse()?, status })
    }
}

/// How many records become visible only some time after they happened.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Late {
    /// Which part of the records, from 0 to 1.
    pub share: f64,
    /// Late by up to this much of the account's time after the record's own time.
    pub most_ms: u32,
    /// Late by up to this many audit-log requests after the record was added.
    pub most_requests: u32,
}

#[derive(Clone, Debug)]
pub struct Behaviour {
    pub after_bound: Bound,
    pub before_bound: Bound,
    pub cursor: CursorForm,
    /// How long an opaque cursor is good for. None: for ever.
    pub cursor_lifetime_ms: Option<u32>,
    /// A bound in `after` is cut down to a multiple of this; 1 cuts nothing.
    pub after_grain_ms: u32,
    /// The order when `sort` is not sent.
    pub default_order: Order,
    pub honour_sort: bool,
    pub descending_after: DescendingAfter,
    pub default_limit: u32,
    pub max_limit: u32,
    pub over_limit: OverLimit,
    pub time_form: TimeForm,
    pub names: Names,
    pub links: LinkForm,
    /// Whether `paging.prev` is sent.
    pub prev: bool,
    pub last_page: LastPage,
    /// Every so many answers, an empty page whose cursor skips nothing. 0: never. 1 would be always,
    /// and no client could get anything.
    pub empty_every: u32,
    /// Every so many answers, the page before once more, within one walk. 0: never.
    pub repeat_every: u32,
    pub late: Late,
    pub gone: Vec<Gone>,
    pub arrays: ArrayForm,
    /// Whether an unknown event or object type is refused with 400.
    pub refuse_unknown: bool,
    /// Longer URIs are answered with 414.
    pub max_uri_bytes: u32,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            after_bound: Bound::Exclusive,
            before_bound: Bound::Exclusive,
            cursor: CursorForm::EpochMs,
            cursor_lifetime_ms: None,
            after_grain_ms: 1,
            default_order: Order::Ascending,
            honour_sort: true,
            descending_after: DescendingAfter::ByForm,
            default_limit: 100,
            max_limit: 100,
            over_limit: OverLimit::Clamp,
            time_form: TimeForm::Iso,
            names: Names::Recorded,
            links: LinkForm::Absolute,
            prev: false,
            last_page: LastPage::NoCursor,
            empty_every: 0,
            repeat_every: 0,
            late: Late::default(),
            gone: Vec::new(),
            arrays: ArrayForm::Both,
            refuse_unknown: false,
            max_uri_bytes: 8_192,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_gone_by_a_word_and_a_status() {
        let gone: Gone = "v3=410".parse().unwrap();
        assert_eq!(
            (gone.version, gone.status, gone.to_string().as_str()),
            (Version::V3, StatusCode::GONE, "v3=410")
        );
        assert_eq!("2025-09".parse::<Gone>().unwrap().status, StatusCode::NOT_FOUND);
        assert!("v3=500".parse::<Gone>().is_err());
        assert!("v9".parse::<Gone>().is_err());
    }
}
