//! The record as HubSpot sent it, without what the entry's other columns say already: names, ids, types and the time are
//! most of it. What is kept is which of them stood where, and the rest of the bytes as they are. A record whose bytes do
//! not come out again exactly is kept whole, so nothing depends on how HubSpot writes JSON, only how much is saved.

use std::borrow::Cow;

use hubtrail_core::event::Event;
use hubtrail_core::time::UtcMs;
use rusqlite::Row;
use rusqlite::types::Type;

use shape::Shape;

mod shape;
#[cfg(test)]
mod tests;

/// No JSON value begins with it: what does is no record, but what is left of one.
const MARK: char = '=';
/// Ends the shape.
const END: char = ':';

/// What the other columns of an entry say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said<'a> {
    timestamp: UtcMs,
    event_type: &'a str,
    object_type: &'a str,
    user_id: &'a str,
    full_name: &'a str,
    object_id: &'a str,
    object_name: &'a str,
}

impl<'a> From<&'a Event> for Said<'a> {
    fn from(event: &'a Event) -> Self {
        Self {
            timestamp: event.timestamp,
            event_type: &event.event,
            object_type: &event.object_type,
            user_id: &event.user_id,
            full_name: &event.full_name,
            object_id: &event.object_id,
            object_name: &event.object_name,
        }
    }
}

/// An account's records look alike: the writer remembers how.
#[derive(Default)]
pub(super) struct Shapes {
    known: Vec<Shape>,
}

/// With and without `meta`, and some more that HubSpot may come to write.
const MOST_KNOWN: usize = 4;

impl Shapes {
    /// What is kept of a record.
    pub(super) fn pack<'r>(&mut self, raw: &'r str, said: &Said<'_>) -> Cow<'r, str> {
        if let Some(kept) = self.known.iter().find_map(|shape| packed(shape, raw, said)) {
            return Cow::Owned(kept);
        }
        let Some(shape) = Shape::of(raw, said) else { return Cow::Borrowed(raw) };
        let Some(kept) = packed(&shape, raw, said) else { return Cow::Borrowed(raw) };
        // A shape that leaves more out than it must would fit the records after it as well.
        if shape.is_whole() {
            if self.known.len() == MOST_KNOWN {
                self.known.remove(0);
            }
            self.known.push(shape);
        }
        Cow::Owned(kept)
    }
}

fn packed(shape: &Shape, raw: &str, said: &Said<'_>) -> Option<String> {
    let (before, after) = shape.around(said);
    let rest = raw.strip_prefix(before.as_str())?.strip_suffix(after.as_str())?;
    if !rest.is_empty() && !shape.has_rest() {
        return None;
    }
    Some(format!("{MARK}{}{END}{rest}", shape.as_str()))
}

/// The record again. None: this is not what was kept of one.
fn unpacked<'k>(kept: &'k str, said: &Said<'_>) -> Option<Cow<'k, str>> {
    let Some(kept) = kept.strip_prefix(MARK) else { return Some(Cow::Borrowed(kept)) };
    let (shape, rest) = kept.split_once(END)?;
    let (mut raw, after) = Shape::read(shape)?.around(said);
    raw.push_str(rest);
    raw.push_str(&after);
    Some(Cow::Owned(raw))
}

/// The columns that [`read`] expects, of an entry `e` with [`ORIGINAL_JOINS`].
macro_rules! original_columns {
    () => {
        "e.raw, e.timestamp, k.event_type, k.object_type, p.user_id, p.full_name, o.object_id, o.object_name"
    };
}

/// Where the names are. None of them is there for a record that could not be read, which is kept whole.
macro_rules! original_joins {
    () => {
        " LEFT JOIN kind k ON k.id = e.kind LEFT JOIN person p ON p.id = e.person LEFT JOIN object o ON o.id = e.object "
    };
}

pub(super) use {original_columns, original_joins};

/// The record of a row that has the columns from the first one on.
pub(super) fn read<'r>(row: &'r Row<'_>, first: usize) -> rusqlite::Result<Cow<'r, str>> {
    let unreadable = |column: usize, found: Type, why: &str| {
        rusqlite::Error::FromSqlConversionFailure(first + column, found, why.into())
    };
    let kept = row.get_ref(first)?.as_str()?;
    let text = |column: usize| match row.get_ref(first + column)?.as_str_or_null()? {
        Some(text) => Ok(text),
        None if !kept.starts_with(MARK) => Ok(""),
        // Without a name that it had, another record would come out.
        None => Err(unreadable(column, Type::Null, "a name that a record had is gone")),
    };
    let said = Said {
        timestamp: UtcMs(row.get(first + 1)?),
        event_type: text(2)?,
        object_type: text(3)?,
        user_id: text(4)?,
        full_name: text(5)?,
        object_id: text(6)?,
        object_name: text(7)?,
    };
    unpacked(kept, &said).ok_or_else(|| unreadable(0, Type::Text, "what is kept of a record is no record"))
}
