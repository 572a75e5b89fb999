//! Whether a search would find one given entry: for those that follow the log entry by entry.

use hubtrail_core::event::Event;

use super::Search;
use crate::store::Entry;

impl Search {
    /// What the log's search would say of this one entry.
    #[must_use]
    pub fn accepts(&self, entry: &Entry) -> bool {
        let wanted = self.connectors.as_ref().is_none_or(|wanted| wanted.contains(&entry.connector));
        let of_stream = self.stream.is_none_or(|stream| stream == entry.stream);
        let late_enough = self.after.is_none_or(|after| entry.timestamp >= after);
        let early_enough = self.before.is_none_or(|before| entry.timestamp < before);
        wanted && of_stream && late_enough && early_enough && self.accepts_event(entry.event.as_ref().ok())
    }

    fn accepts_event(&self, event: Option<&Event>) -> bool {
        let text =
            self.text.as_deref().map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty());
        let Some(event) = event else { return self.filter.is_empty() && text.is_none() };
        let named = |name: &str, text: &str| name.to_lowercase().contains(text);
        self.filter.allows(event)
            && text.is_none_or(|text| named(&event.full_name, &text) || named(&event.object_name, &text))
    }
}

#[cfg(test)]
mod tests {
    use hubtrail_core::page::{Dimension, Filter};

    use super::*;

    #[test]
    fn an_event_is_accepted_when_the_search_would_find_it() {
        let event = Event::read(r#"{"timestamp":1,"event":"DELETED","fullName":"Änne","objectName":"Sale"}"#)
            .unwrap();
        let search = |types: &[&str], text: Option<&str>| Search {
            filter: Filter::default()
                .with(Dimension::EventType, types.iter().map(|name| (*name).to_owned()).collect()),
            text: text.map(str::to_owned),
            ..Search::default()
        };
        for (types, text, found, found_unreadable) in [
            (&[][..], None, true, true),
            (&[], Some("  "), true, true),
            (&["UPDATED", "DELETED"], Some(" äNN"), true, false),
            (&["UPDATED"], None, false, false),
            (&[], Some("winter"), false, false),
        ] {
            let search = search(types, text);
            assert_eq!(
                (search.accepts_event(Some(&event)), search.accepts_event(None)),
                (found, found_unreadable),
                "{search:?}"
            );
        }
    }
}
