//! An event as a line of the table, and the days that the lines fall into.

use std::collections::HashMap;

use hubtrail_core::sentence::{Sentence, harmless, noun};
use hubtrail_core::time::UtcMs;
use jiff::civil::Date;

use crate::connector::ConnectorId;
use crate::store::Entry;
use crate::ui::deed::Deed;
use crate::ui::viewer::Taste;
use crate::ui::when::{Clock, When};

/// The names of accounts; empty when there is only one, which then goes without saying.
pub(in crate::ui) type Names = HashMap<ConnectorId, String>;

#[derive(Clone, Debug)]
pub(in crate::ui) struct Row {
    pub(in crate::ui) position: i64,
    pub(in crate::ui) clock: Clock,
    pub(in crate::ui) when: When,
    pub(in crate::ui) deed: Deed,
    pub(in crate::ui) who: String,
    pub(in crate::ui) did: String,
    /// What kind of thing it was done to, in words.
    pub(in crate::ui) noun: String,
    pub(in crate::ui) name: String,
    /// HubSpot's word for the kind.
    pub(in crate::ui) object_type: String,
    pub(in crate::ui) account: Option<String>,
    /// Why the record could not be read.
    pub(in crate::ui) unreadable: Option<String>,
    pub(in crate::ui) future: bool,
}

#[derive(Clone, Debug)]
pub(in crate::ui) struct Day {
    pub(in crate::ui) name: String,
    pub(in crate::ui) rows: Vec<Row>,
}

impl Row {
    pub(in crate::ui) fn new(entry: &Entry, names: &Names, taste: &Taste) -> Self {
        let when = When { at: entry.timestamp, now: taste.now, zone: taste.zone.clone() };
        let row = Self {
            position: entry.position.0,
            clock: Clock(when.clone()),
            when,
            deed: Deed::Other,
            who: String::new(),
            did: String::new(),
            noun: String::new(),
            name: String::new(),
            object_type: String::new(),
            account: names.get(&entry.connector).cloned(),
            unreadable: None,
            future: entry.future,
        };
        match &entry.event {
            Err(reason) => Self { unreadable: Some(harmless(reason).into_owned()), ..row },
            Ok(event) => {
                let Sentence { who, did, .. } = Sentence::of(event);
                let name = match (event.object_name.trim(), event.object_id.trim()) {
                    ("", id) => id,
                    (name, _) => name,
                };
                Self {
                    deed: Deed::of(&event.event),
                    who: who.into_owned(),
                    did: did.into_owned(),
                    noun: noun(&event.object_type).into_owned(),
                    name: harmless(name).into_owned(),
                    object_type: harmless(&event.object_type).into_owned(),
                    ..row
                }
            }
        }
    }

    /// The whole sentence, for whoever does not see the line.
    pub(in crate::ui) fn sentence(&self) -> String {
        match &self.unreadable {
            Some(reason) => format!("A record that could not be read: {reason}"),
            None => format!("{} {} {} {}", self.who, self.did, self.noun, self.name).trim_end().to_owned(),
        }
    }
}

/// In the order of the entries: a new day begins where the date changes.
pub(in crate::ui) fn by_day(entries: &[Entry], names: &Names, taste: &Taste) -> Vec<Day> {
    let today = date(taste.now, taste);
    let mut days: Vec<(Date, Day)> = Vec::new();
    for entry in entries {
        let on = date(entry.timestamp, taste);
        if days.last().is_none_or(|(last, _)| *last != on) {
            days.push((on, Day { name: day_name(on, today), rows: Vec::new() }));
        }
        if let Some((_, day)) = days.last_mut() {
            day.rows.push(Row::new(entry, names, taste));
        }
    }
    days.into_iter().map(|(_, day)| day).collect()
}

fn date(at: UtcMs, taste: &Taste) -> Date {
    at.to_timestamp().to_zoned(taste.zone.clone()).date()
}

fn day_name(on: Date, today: Date) -> String {
    let long = on.strftime("%A, %-d %B %Y").to_string();
    if on == today {
        format!("Today · {long}")
    } else if today.yesterday().is_ok_and(|yesterday| on == yesterday) {
        format!("Yesterday · {long}")
    } else {
        long
    }
}
