//! `--follow`: entries in the order in which they come into the log, as soon as they are there.
//!
//! They are appended by another process, which only looking shows.

use std::time::Duration;

use hubtrail_core::event::Event;

use super::printer::Printer;
use crate::store::{Entry, Position, Search, Store};

const LOOK_EVERY: Duration = Duration::from_millis(250);
const BATCH: usize = 512;

/// Returns only with an error; Ctrl-C ends the process.
pub(super) fn follow(
    store: &Store,
    search: &Search,
    mut position: Position,
    printer: &mut Printer,
) -> anyhow::Result<()> {
    loop {
        let entries = store.entries_after(position, BATCH)?;
        for entry in &entries {
            position = entry.position;
            if matches(search, entry) {
                printer.print(entry)?;
            }
        }
        printer.flush()?;
        if entries.len() < BATCH {
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

/// What the log's search would say of this one entry.
fn matches(search: &Search, entry: &Entry) -> bool {
    let wanted = search.connectors.as_ref().is_none_or(|wanted| wanted.contains(&entry.connector));
    let late_enough = search.after.is_none_or(|after| entry.timestamp >= after);
    let early_enough = search.before.is_none_or(|before| entry.timestamp < before);
    wanted && late_enough && early_enough && says(search, entry.event.as_ref().ok())
}

fn says(search: &Search, event: Option<&Event>) -> bool {
    let text = search.text.as_deref().map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty());
    let Some(event) = event else { return search.filter.is_empty() && text.is_none() };
    let named = |name: &str, text: &str| name.to_lowercase().contains(text);
    search.filter.allows(event)
        && text.is_none_or(|text| named(&event.full_name, &text) || named(&event.object_name, &text))
}

#[cfg(test)]
mod tests {
    use hubtrail_core::page::{Dimension, Filter};

    use super::*;

    #[test]
    fn an_event_is_followed_when_the_search_would_find_it() {
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
                (says(&search, Some(&event)), says(&search, None)),
                (found, found_unreadable),
                "{search:?}"
            );
        }
    }
}
