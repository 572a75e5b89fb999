//! What happened, as a mark: a shape and a colour of its own for each type of event, everywhere the same.

use std::fmt;

use askama::filters::HtmlSafe;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Deed {
    Created,
    Updated,
    Published,
    Unpublished,
    Deleted,
    Restored,
    /// HubSpot's list grows, and some records cannot be read.
    Other,
}

impl Deed {
    pub(super) const ALL: [Self; 7] = [
        Self::Updated,
        Self::Created,
        Self::Published,
        Self::Restored,
        Self::Unpublished,
        Self::Deleted,
        Self::Other,
    ];

    pub(super) fn of(event_type: &str) -> Self {
        match event_type {
            "CREATED" => Self::Created,
            "UPDATED" => Self::Updated,
            "PUBLISHED" => Self::Published,
            "UNPUBLISHED" => Self::Unpublished,
            "DELETED" => Self::Deleted,
            "RESTORE" | "RESTORED" => Self::Restored,
            _ => Self::Other,
        }
    }

    /// The word, which is also the name of its colour and its shape.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Published => "published",
            Self::Unpublished => "unpublished",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
            Self::Other => "other",
        }
    }
}

impl HtmlSafe for Deed {}

/// The mark alone; a word stands beside it wherever it is shown.
impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = self.word();
        f.write_str(&super::icon::drawn(&format!("m-{word}"), &format!("mark {word}")))
    }
}
