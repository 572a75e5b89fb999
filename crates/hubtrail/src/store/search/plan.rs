//! Which lanes a search runs through: those of the most telling condition that has few enough values.
//! The others are tested on the way.

use std::collections::HashSet;
use std::time::Instant;

use hubtrail_core::page::{Dimension, Filter};
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, params};

use super::kinds::Kinds;
use super::lane::{Breadth, Key, Lane, Rest, Scope};
use super::merge::{Conditions, Merge, Named};
use super::{Search, Side};
use crate::store::{StoreError, stream};

/// Above this, running through the streams and testing each entry is the lesser work, because a
/// condition with so many values accepts much.
const MOST_LANES: usize = 512;
/// FTS5's trigrams know no shorter pieces.
const SHORTEST_INDEXED: usize = 3;

pub(super) fn plan(conn: &Connection, search: &Search) -> Result<Merge, StoreError> {
    plan_for(conn, search, Breadth::Kind)
}

/// As [`plan`], for who wants to know at least so much of each entry that is found.
pub(super) fn plan_for(conn: &Connection, search: &Search, wanted: Breadth) -> Result<Merge, StoreError> {
    let streams = stream::among(conn, search.connectors.as_deref(), search.stream)?;
    let conditions = conditions(conn, &streams, &search.filter, search.text.as_deref())?;
    Ok(plan_with(search, &streams, conditions, wanted))
}

/// As [`plan_for`], when it is known already which streams and names are meant.
pub(super) fn plan_with(
    search: &Search,
    streams: &[i64],
    mut conditions: Conditions,
    wanted: Breadth,
) -> Merge {
    let keys = keys(streams, &mut conditions);
    let scope = Scope {
        order: search.order,
        breadth: if conditions.only_kinds() { wanted } else { Breadth::Names },
        deadline: search.patience.map(|patience| Instant::now() + patience),
    };
    let rest = rest(search);
    let few = conditions.kinds.as_ref().and_then(Kinds::few);
    let lanes = keys.into_iter().filter_map(|(key, id)| {
        let kinds = match (&conditions.kinds, key) {
            (Some(kinds), Key::Stream) => Some(kinds.of_stream(id)?),
            (Some(_), Key::Person | Key::Object) => few.clone(),
            (Some(_), Key::Kind) | (None, _) => None,
        };
        Some(Lane::new((key, id), kinds, scope, rest))
    });
    let lanes = lanes.collect();
    Merge::new(search.order, lanes, conditions)
}

fn rest(search: &Search) -> Rest {
    let whole = Rest {
        behind: None,
        from: search.after.unwrap_or(UtcMs(i64::MIN)),
        to: search.before.unwrap_or(UtcMs(i64::MAX)),
    };
    search.from.map_or(whole, |from| whole.behind(from, search.order))
}

pub(super) fn conditions(
    conn: &Connection,
    streams: &[i64],
    filter: &Filter,
    text: Option<&str>,
) -> Result<Conditions, StoreError> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    let named = match text {
        Some(text) => Some(named(conn, streams, text)?),
        None => None,
    };
    Ok(Conditions {
        parsed: named.is_some() || !filter.is_empty(),
        kinds: Kinds::wanted(conn, streams, filter)?,
        persons: numbers(conn, streams, PERSONS, filter.values(Dimension::UserId))?,
        objects: numbers(conn, streams, OBJECTS, filter.values(Dimension::ObjectId))?,
        named,
    })
}

/// The condition that the lanes are made of is met by all that is in them, and taken out of the others.
fn keys(streams: &[i64], conditions: &mut Conditions) -> Vec<(Key, i64)> {
    let lanes = |key: Key, ids: HashSet<i64>| ids.into_iter().map(|id| (key, id)).collect::<Vec<_>>();
    let few = |ids: &mut HashSet<i64>| ids.len() <= MOST_LANES;
    if let Some(objects) = conditions.objects.take_if(few) {
        return lanes(Key::Object, objects);
    }
    if let Some(persons) = conditions.persons.take_if(few) {
        return lanes(Key::Person, persons);
    }
    let is_few = |named: &mut Named| named.persons.len() + named.objects.len() <= MOST_LANES;
    if let Some(Named { persons, objects }) = conditions.named.take_if(is_few) {
        return [lanes(Key::Person, persons), lanes(Key::Object, objects)].concat();
    }
    if let Some(kinds) = conditions.kinds.take_if(|kinds| kinds.len() <= MOST_LANES) {
        return lanes(Key::Kind, kinds.into_all());
    }
    streams.iter().map(|stream| (Key::Stream, *stream)).collect()
}

pub(super) const PERSONS: &str = "SELECT id FROM person WHERE stream = ?1 AND user_id = ?2";
pub(super) const OBJECTS: &str = "SELECT id FROM object WHERE stream = ?1 AND object_id = ?2";

/// Under every name that each value ever had.
fn numbers(
    conn: &Connection,
    streams: &[i64],
    sql: &str,
    values: &[String],
) -> Result<Option<HashSet<i64>>, StoreError> {
    if values.is_empty() {
        return Ok(None);
    }
    let mut statement = conn.prepare_cached(sql)?;
    let mut ids = HashSet::new();
    for stream in streams {
        for value in values {
            let rows = statement.query_map(params![stream, value], |row| row.get::<_, i64>(0))?;
            for id in rows {
                ids.insert(id?);
            }
        }
    }
    Ok(Some(ids))
}

pub(super) fn named(conn: &Connection, streams: &[i64], text: &str) -> Result<Named, StoreError> {
    let of_all = streams == stream::among(conn, None, None)?;
    if text.chars().count() >= SHORTEST_INDEXED {
        // One phrase: what is inside the quotes has no meaning to FTS5 but itself.
        let phrase = format!("\"{}\"", text.replace('\0', " ").replace('"', "\"\""));
        return Ok(Named {
            persons: matches(conn, (!of_all).then_some(streams), Side::People, &phrase)?,
            objects: matches(conn, (!of_all).then_some(streams), Side::Objects, &phrase)?,
        });
    }
    // Short pieces are looked for in the names themselves: far fewer than entries.
    let piece = text.to_lowercase();
    Ok(Named {
        persons: holding(conn, streams, "SELECT id, full_name FROM person WHERE stream = ?1", &piece)?,
        objects: holding(conn, streams, "SELECT id, object_name FROM object WHERE stream = ?1", &piece)?,
    })
}

/// Of all streams, when none are named: to look up whose each name is takes longer than to find it.
fn matches(
    conn: &Connection,
    streams: Option<&[i64]>,
    side: Side,
    phrase: &str,
) -> Result<HashSet<i64>, StoreError> {
    let sql = match (side, streams) {
        (Side::People, None) => "SELECT rowid FROM person_text WHERE full_name MATCH ?1",
        (Side::Objects, None) => "SELECT rowid FROM object_text WHERE object_name MATCH ?1",
        (Side::People, Some(_)) => {
            "SELECT p.id, p.stream FROM person_text t JOIN person p ON p.id = t.rowid WHERE t.full_name MATCH ?1"
        }
        (Side::Objects, Some(_)) => {
            "SELECT o.id, o.stream FROM object_text t JOIN object o ON o.id = t.rowid WHERE t.object_name MATCH ?1"
        }
    };
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([phrase])?;
    let mut ids = HashSet::new();
    while let Some(row) = rows.next()? {
        let is_wanted = match streams {
            Some(streams) => streams.contains(&row.get(1)?),
            None => true,
        };
        if is_wanted {
            ids.insert(row.get(0)?);
        }
    }
    Ok(ids)
}

fn holding(conn: &Connection, streams: &[i64], sql: &str, piece: &str) -> Result<HashSet<i64>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut ids = HashSet::new();
    for stream in streams {
        let mut rows = statement.query([stream])?;
        while let Some(row) = rows.next()? {
            if row.get::<_, String>(1)?.to_lowercase().contains(piece) {
                ids.insert(row.get(0)?);
            }
        }
    }
    Ok(ids)
}
