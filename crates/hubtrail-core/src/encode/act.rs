//! What an event did, in kinds that schemas know. HubSpot's list grows: what is not known is `Other`, and the
//! encoders keep its name.

use crate::event::Event;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Create,
    Update,
    Delete,
    Publish,
    Unpublish,
    Restore,
    Other,
    /// The record does not say.
    Unsaid,
}

impl Act {
    pub(super) fn of(event: &Event) -> Self {
        match event.event.as_str() {
            "CREATED" => Self::Create,
            "UPDATED" => Self::Update,
            "DELETED" => Self::Delete,
            "PUBLISHED" => Self::Publish,
            "UNPUBLISHED" => Self::Unpublish,
            "RESTORE" | "RESTORED" => Self::Restore,
            "" => Self::Unsaid,
            _ => Self::Other,
        }
    }
}

/// Whether the object is something that visitors see, or get by mail: the others configure the site or are its code.
pub(super) fn is_content(object_type: &str) -> bool {
    matches!(
        object_type,
        "BLOG_POST"
            | "CASE_STUDY"
            | "CTA"
            | "EMAIL"
            | "FILE"
            | "KNOWLEDGE_BASE_ARTICLE"
            | "LANDING_PAGE"
            | "PODCAST"
            | "QUOTE"
            | "WEB_INTERACTIVE"
            | "WEBSITE_PAGE"
    )
}
