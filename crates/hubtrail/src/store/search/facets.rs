//! What a search would find, told by type, person and object: the most frequent of each. The entries are
//! counted from their index, the newest first, until it would be too many.

use std::collections::HashMap;
use std::hash::Hash;

use hubtrail_core::page::Order;
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, params};

use super::lane::Breadth;
use super::{Search, plan};
use crate::connector::ConnectorId;
use crate::store::{Store, StoreError};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// What was counted.
    pub entries: u64,
    /// Nothing earlier than this was counted, because there was too much.
    pub since: Option<UtcMs>,
    /// Records that could not be read, which are none of the following.
    pub unparsed: u64,
    pub event_types: Vec<(String, u64)>,
    pub object_types: Vec<(String, u64)>,
    pub people: Vec<Frequent>,
    pub objects: Vec<Frequent>,
}

/// A person or an object of an account, under the name it had most often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frequent {
    pub connector: ConnectorId,
    pub id: String,
    pub name: String,
    pub entries: u64,
}

#[derive(Default)]
struct Counts {
    kinds: HashMap<i64, u64>,
    persons: HashMap<i64, u64>,
    objects: HashMap<i64, u64>,
}

impl Store {
    /// The `top` most frequent of each, among at most `most` entries; the search's order and limit are ignored.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn facets(&self, search: &Search, top: usize, most: u64) -> Result<Facets, StoreError> {
        self.read_at_once(|conn| {
            let mut facets = Facets::default();
            let counts = count(conn, search, most, &mut facets)?;
            let mut event_types = HashMap::<String, u64>::new();
            let mut object_types = HashMap::<String, u64>::new();
            let mut kind = conn.prepare_cached(KIND)?;
            for (id, entries) in counts.kinds {
                let (event, object) = kind.query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
                *event_types.entry(event).or_default() += entries;
                *object_types.entry(object).or_default() += entries;
            }
            facets.event_types = most_frequent(event_types, top);
            facets.object_types = most_frequent(object_types, top);
            facets.people = told(conn, PERSON, counts.persons, top)?;
            facets.objects = told(conn, OBJECT, counts.objects, top)?;
            Ok(facets)
        })
    }
}

fn count(conn: &Connection, search: &Search, most: u64, facets: &mut Facets) -> Result<Counts, StoreError> {
    let newest_first = Search { order: Order::NewestFirst, from: None, ..search.clone() };
    let mut merge = plan::plan_for(conn, &newest_first, Breadth::Names)?;
    let mut counts = Counts::default();
    let (mut last, mut was_cut_short) = (None, false);
    while facets.entries < most {
        let next = match merge.next_candidate(conn) {
            Ok(Some(next)) => next,
            Ok(None) => return Ok(counts),
            Err(StoreError::TookTooLong) => {
                was_cut_short = true;
                break;
            }
            Err(error) => return Err(error),
        };
        facets.entries += 1;
        last = Some(next.cursor.timestamp);
        let (Some(kind), Some(person), Some(object)) = (next.kind, next.person, next.object) else {
            facets.unparsed += 1;
            continue;
        };
        *counts.kinds.entry(kind).or_default() += 1;
        *counts.persons.entry(person).or_default() += 1;
        *counts.objects.entry(object).or_default() += 1;
    }
    // The lane that took too long is lost to the merge: what is left of it cannot be asked for.
    if !was_cut_short && merge.next(conn).is_ok_and(|next| next.is_none()) {
        return Ok(counts);
    }
    facets.since = last.or(search.before).or(Some(UtcMs(i64::MAX)));
    Ok(counts)
}

fn most_frequent<K: Ord + Hash>(counts: HashMap<K, u64>, top: usize) -> Vec<(K, u64)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_unstable_by(|(a, m), (b, n)| n.cmp(m).then_with(|| a.cmp(b)));
    counts.truncate(top);
    counts
}

pub(in crate::store) const KIND: &str = "SELECT event_type, object_type FROM kind WHERE id = ?1";
pub(in crate::store) const PERSON: &str = "SELECT s.connector, p.user_id, p.full_name FROM person p JOIN stream s ON s.id = p.stream WHERE p.id = ?1";
pub(in crate::store) const OBJECT: &str = "SELECT s.connector, o.object_id, o.object_name FROM object o JOIN stream s ON s.id = o.stream WHERE o.id = ?1";

/// Numbers stand for an id under one name: those of an id are added up.
fn told(
    conn: &Connection,
    sql: &str,
    counts: HashMap<i64, u64>,
    top: usize,
) -> Result<Vec<Frequent>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut found = HashMap::<(i64, String), (u64, u64, String)>::new();
    for (number, entries) in counts {
        let mut rows = statement.query(params![number])?;
        let Some(row) = rows.next()? else { continue };
        let (sum, most, name) = found.entry((row.get(0)?, row.get(1)?)).or_default();
        *sum += entries;
        if entries > *most {
            (*most, *name) = (entries, row.get(2)?);
        }
    }
    let mut found_often: Vec<_> = found
        .into_iter()
        .map(|((connector, id), (entries, _, name))| Frequent {
            connector: ConnectorId(connector),
            id,
            name,
            entries,
        })
        .collect();
    found_often.sort_unstable_by(|a, b| {
        b.entries.cmp(&a.entries).then_with(|| (a.connector, &a.id).cmp(&(b.connector, &b.id)))
    });
    found_often.truncate(top);
    Ok(found_often)
}
