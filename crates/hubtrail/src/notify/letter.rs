//! A story as it is sent: in words that every service shows, safe to print, each form built once.

use hubtrail_core::finding::Severity;
use hubtrail_core::sentence::harmless;
use url::Url;

use super::story::{Item, Story};

/// More than these are counted in a message; a webhook gets all.
const MOST_TOLD: usize = 10;

/// One version of a message.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The same for all versions.
    pub message: i64,
    pub version: i64,
    pub story: Story,
    /// The console's address.
    pub console: Url,
    /// What the service called the message when it took it first.
    pub handle: Option<String>,
}

impl Letter {
    /// The same for all versions, at every service.
    #[must_use]
    pub fn key(&self) -> String {
        format!("hubtrail-{}", self.message)
    }

    #[must_use]
    pub fn title(&self) -> String {
        harmless(&self.story.title()).into_owned()
    }

    #[must_use]
    pub fn link(&self, item: &Item) -> String {
        self.console.join(&item.path).map_or_else(|_| self.console.to_string(), |url| url.to_string())
    }

    /// The items that are told one by one, the worst first, and how many are not.
    #[must_use]
    pub fn told(&self) -> (Vec<&Item>, usize) {
        let mut items: Vec<&Item> = self.story.items.iter().collect();
        items.sort_by_key(|item| (item.over.is_some(), std::cmp::Reverse(item.severity), item.at));
        let rest = items.len().saturating_sub(MOST_TOLD) + self.story.more;
        items.truncate(MOST_TOLD);
        (items, rest)
    }

    /// Plain text, for mail.
    #[must_use]
    pub fn text(&self) -> String {
        let (items, rest) = self.told();
        let mut text = String::new();
        for item in items {
            text.push_str(&format!("{}: {}\n", mark(item), harmless(&item.title)));
            text.push_str(&format!("  {}\n", harmless(&item.text)));
            if let Some(over) = &item.over {
                text.push_str(&format!("  Over: {}\n", harmless(over)));
            } else if !item.fix.is_empty() {
                text.push_str(&format!("  To do: {}\n", harmless(&item.fix)));
            }
            text.push_str(&format!("  {}  {}\n\n", item.at, self.link(item)));
        }
        if rest > 0 {
            text.push_str(&format!("and {rest} more: {}\n", self.console));
        }
        text
    }
}

/// The severity, or that it is over.
#[must_use]
pub(super) fn mark(item: &Item) -> &'static str {
    if item.over.is_some() { "over" } else { item.severity.as_str() }
}

/// A colour that is the same everywhere, as six hexadecimal digits.
#[must_use]
pub(super) const fn colour(severity: Severity, over: bool) -> &'static str {
    if over {
        return "2f855a";
    }
    match severity {
        Severity::Critical => "9b1c1c",
        Severity::High => "d9480f",
        Severity::Medium => "d69e2e",
        Severity::Low | Severity::Informational => "3b5b92",
    }
}
