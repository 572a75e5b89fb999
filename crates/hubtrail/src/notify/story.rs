//! What people are told: one message for what belongs together, kept up to date as it goes on. What one person
//! did in one account is one story, and so is what is wrong with the collection of one account.

use hubtrail_core::finding::Severity;
use hubtrail_core::time::UtcMs;
use serde::{Deserialize, Serialize};

use crate::connector::ConnectorId;

/// After so long without news, what comes next is a story of its own.
pub const OVER_AFTER_MS: i64 = 24 * 3_600_000;
/// More than these are counted, not told one by one.
const MOST_ITEMS: usize = 50;

/// Where an item belongs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Thread {
    /// What one person did in one account.
    Person { connector: ConnectorId, user_id: String },
    /// How the collection of an account goes.
    Collection(ConnectorId),
    /// How forwarding to a sink goes.
    Forwarding(i64),
    /// A digest, by the moment it is of.
    Digest(UtcMs),
}

impl Thread {
    /// As it is stored.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Person { connector, user_id } => format!("person {connector} {user_id}"),
            Self::Collection(connector) => format!("collection {connector}"),
            Self::Forwarding(sink) => format!("forwarding {sink}"),
            Self::Digest(at) => format!("digest {at}"),
        }
    }

    /// One of collecting or forwarding, from how it is stored.
    #[must_use]
    pub fn of_trouble(key: &str) -> Option<Self> {
        let (kind, number) = key.split_once(' ')?;
        let number = number.parse().ok()?;
        match kind {
            "collection" => Some(Self::Collection(ConnectorId(number))),
            "forwarding" => Some(Self::Forwarding(number)),
            _ => None,
        }
    }
}

/// One finding, or one thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The finding's id, or the kind of trouble: the same whenever it is told.
    pub key: String,
    pub severity: Severity,
    pub title: String,
    /// Why, in a sentence.
    pub text: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub fix: String,
    pub at: UtcMs,
    /// Where to look, below the console's address.
    pub path: String,
    /// It is over: judged, part of another one, or recovered. The text says which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<String>,
}

/// A message, and all that it tells of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Story {
    /// The connector's name, or the sink's.
    pub about: String,
    /// Who did it; empty where it is nobody's deed.
    pub who: String,
    pub items: Vec<Item>,
    /// Items that there is no room for.
    #[serde(default)]
    pub more: usize,
}

/// What an item changes in a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// It says what was said before.
    Nothing,
    /// There is more to tell of something that is known.
    Detail,
    /// There is something new, it is worse than all before, or everything is over.
    Turn,
}

impl Story {
    #[must_use]
    pub const fn new(about: String, who: String) -> Self {
        Self { about, who, items: Vec::new(), more: 0 }
    }

    /// The worst of what is not over; of what is all over, the worst.
    #[must_use]
    pub fn severity(&self) -> Severity {
        let standing = self.items.iter().filter(|item| item.over.is_none()).map(|item| item.severity).max();
        let worst = || self.items.iter().map(|item| item.severity).max();
        standing.or_else(worst).unwrap_or(Severity::Informational)
    }

    #[must_use]
    pub fn is_over(&self) -> bool {
        self.items.iter().all(|item| item.over.is_some())
    }

    /// Puts an item in the place of what was known of it.
    pub fn take(&mut self, item: Item) -> News {
        let before = (!self.items.is_empty()).then(|| self.severity());
        let was_over = self.is_over();
        let place = self.items.iter().position(|known| known.key == item.key);
        let news = match place {
            Some(place) if self.items[place] == item => return News::Nothing,
            Some(place) => {
                self.items[place] = item;
                News::Detail
            }
            None if item.over.is_some() => return News::Nothing,
            None if self.items.len() >= MOST_ITEMS => {
                self.more += 1;
                return News::Detail;
            }
            None => {
                self.items.push(item);
                News::Turn
            }
        };
        let worse = before.is_none_or(|before| self.severity() > before);
        if worse || was_over != self.is_over() { News::Turn } else { news }
    }

    /// One line: the worst item, and how many there are beside it.
    #[must_use]
    pub fn title(&self) -> String {
        let standing = self.items.iter().filter(|item| item.over.is_none());
        let worst = standing.max_by_key(|item| item.severity).or_else(|| self.items.last());
        let what = worst.map_or("", |item| item.title.as_str());
        let others = self.items.len() + self.more - usize::from(worst.is_some());
        let beside = if others == 0 { String::new() } else { format!(" (and {others} more)") };
        let over = if self.is_over() { "over: " } else { "" };
        format!("{}: {over}{what}{beside}", self.about)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(key: &str, severity: Severity) -> Item {
        Item {
            key: key.to_owned(),
            severity,
            title: format!("title of {key}"),
            text: "12 pages".to_owned(),
            fix: String::new(),
            at: UtcMs(7),
            path: "/".to_owned(),
            over: None,
        }
    }

    #[test]
    fn what_is_new_or_worse_or_over_is_a_turn_and_the_rest_is_detail() {
        let mut story = Story::new("acme".to_owned(), "Maria".to_owned());
        let first = item("a", Severity::Medium);
        assert_eq!(story.take(first.clone()), News::Turn);
        assert_eq!(story.take(first.clone()), News::Nothing);
        assert_eq!(story.take(Item { text: "13 pages".to_owned(), ..first.clone() }), News::Detail);
        assert_eq!(story.take(Item { severity: Severity::Critical, ..first.clone() }), News::Turn);
        assert_eq!(story.take(item("b", Severity::Low)), News::Turn);
        let over = |item: Item| Item { over: Some("judged expected".to_owned()), ..item };
        assert_eq!(story.take(over(first)), News::Detail);
        assert_eq!(story.severity(), Severity::Low);
        assert_eq!(story.take(over(item("b", Severity::Low))), News::Turn);
        assert!(story.is_over());
        assert_eq!(story.take(over(item("never told", Severity::High))), News::Nothing);
        assert_eq!(story.take(item("c", Severity::Low)), News::Turn);
    }

    #[test]
    fn the_title_names_the_worst_that_stands_and_counts_the_rest() {
        let mut story = Story::new("acme".to_owned(), String::new());
        story.take(item("a", Severity::Low));
        assert_eq!(story.title(), "acme: title of a");
        story.take(item("b", Severity::High));
        assert_eq!(story.title(), "acme: title of b (and 1 more)");
        story.take(Item { over: Some("x".to_owned()), ..item("b", Severity::High) });
        assert_eq!(story.title(), "acme: title of a (and 1 more)");
        story.take(Item { over: Some("x".to_owned()), ..item("a", Severity::Low) });
        assert!(story.title().starts_with("acme: over: "));
    }

    #[test]
    fn a_story_has_room_for_so_many_and_counts_the_others() {
        let mut story = Story::new("acme".to_owned(), String::new());
        for n in 0..MOST_ITEMS + 3 {
            story.take(item(&n.to_string(), Severity::Low));
        }
        assert_eq!((story.items.len(), story.more), (MOST_ITEMS, 3));
    }
}
