//! Findings by what people look for, the newest first, from an index.

use std::collections::BTreeSet;

use hubtrail_core::finding::Severity;
use hubtrail_core::time::UtcMs;
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use super::KeptFinding;
use super::kept::{read, select_finding};
use crate::connector::ConnectorId;
use crate::exception::ExceptionId;
use crate::judgement::Status;
use crate::store::search::numbers_of;
use crate::store::{Cursor, Position, Side, Store, StoreError, stream};

/// Which findings. Those of one kind are alternatives; different kinds must all match.
#[derive(Clone, Debug, Default)]
pub struct FindingSearch {
    /// None: all.
    pub connectors: Option<Vec<ConnectorId>>,
    pub statuses: Vec<Status>,
    pub severities: Vec<Severity>,
    /// Rule ids.
    pub rules: Vec<String>,
    /// HubSpot users.
    pub actors: Vec<String>,
    /// HubSpot objects: one of their events, which the log still has, is evidence.
    pub objects: Vec<String>,
    /// How many of an object's newest events are looked at; none: all.
    pub newest_events: Option<usize>,
    pub owner: Option<String>,
    pub watch: Option<bool>,
    /// Those that an exception or the alert budget hides: none but those, or all but those. None: either.
    pub hidden: Option<bool>,
    pub exception: Option<ExceptionId>,
    /// Also those that turned out to be part of others.
    pub absorbed: bool,
    /// Raised at this time or later, and earlier than that.
    pub after: Option<UtcMs>,
    pub before: Option<UtcMs>,
    /// Behind this one, towards the past.
    pub from: Option<Cursor>,
    pub limit: usize,
}

impl KeptFinding {
    /// Its place in the order of findings.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        Cursor { timestamp: self.finding.time, position: self.raised }
    }
}

impl Store {
    /// The newest first, without their evidence.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn findings(&self, search: &FindingSearch) -> Result<Vec<KeptFinding>, StoreError> {
        self.read_at_once(|conn| {
            let mut found = Vec::new();
            let keys = if search.objects.is_empty() { search.keys() } else { about(conn, search)? };
            for key in keys {
                find(conn, search, key, &mut found)?;
            }
            found.sort_by_key(|kept: &KeptFinding| std::cmp::Reverse((kept.finding.time, kept.raised)));
            found.truncate(search.limit);
            Ok(found)
        })
    }
}

/// A column that has an index, and the value that is looked up in it.
pub(super) type Key = Option<(&'static str, Value)>;

impl FindingSearch {
    /// The narrowest index that fits: one look for each of the alternatives, also where one is named twice.
    fn keys(&self) -> Vec<Key> {
        let texts = |column, values: &[String]| {
            let values: BTreeSet<_> = values.iter().collect();
            values.into_iter().map(|value| Some((column, Value::from(value.clone())))).collect::<Vec<_>>()
        };
        if !self.actors.is_empty() {
            return texts("actor", &self.actors);
        }
        if !self.rules.is_empty() {
            return texts("rule", &self.rules);
        }
        if let Some(owner) = &self.owner {
            return texts("owner", std::slice::from_ref(owner));
        }
        if !self.statuses.is_empty() {
            let words: Vec<_> = self.statuses.iter().map(|status| status.as_str().to_owned()).collect();
            return texts("status", &words);
        }
        match &self.connectors {
            Some(connectors) => {
                let ids: BTreeSet<_> = connectors.iter().map(|id| id.0).collect();
                ids.into_iter().map(|id| Some(("connector", Value::from(id)))).collect()
            }
            None => vec![None],
        }
    }

    /// Whether it asks for some of each account's findings, whatever their status.
    pub(super) fn is_narrow(&self) -> bool {
        [&self.rules, &self.actors, &self.objects].into_iter().any(|values| !values.is_empty())
            || self.owner.is_some()
    }

    fn accepts(&self, kept: &KeptFinding) -> bool {
        let finding = &kept.finding;
        let among = |wanted: &[String], value: &String| wanted.is_empty() || wanted.contains(value);
        self.connectors.as_ref().is_none_or(|connectors| connectors.contains(&kept.connector))
            && (self.statuses.is_empty() || self.statuses.contains(&kept.status))
            && (self.severities.is_empty() || self.severities.contains(&finding.severity))
            && among(&self.rules, &finding.rule)
            && among(&self.actors, &finding.actor.id)
            && self.owner.as_ref().is_none_or(|owner| kept.owner.as_ref() == Some(owner))
            && self.watch.is_none_or(|watch| watch == finding.watch)
            && self.hidden.is_none_or(|hidden| hidden == kept.is_hidden())
            && self.exception.is_none_or(|exception| kept.exception == Some(exception))
            && (self.absorbed || kept.absorbed_by.is_none())
    }
}

/// Most findings are hidden: those that are not have an index of their own, by status.
pub(in crate::store) fn sql(column: Option<&str>, is_shown: bool) -> String {
    let (index, key) = match column {
        Some("status") if is_shown => (
            "finding_shown".to_owned(),
            "f.status = ?5 AND f.exception IS NULL AND f.quiet = 0 AND ".to_owned(),
        ),
        // The index that comes with a unique column.
        Some("id") => ("sqlite_autoindex_finding_1".to_owned(), "f.id = ?5 AND ".to_owned()),
        Some(column) => (format!("finding_by_{column}"), format!("f.{column} = ?5 AND ")),
        None => ("finding_by_time".to_owned(), String::new()),
    };
    // Named, because without statistics SQLite may take another index and sort.
    let from = select_finding!().replace("FROM finding f", &format!("FROM finding f INDEXED BY {index}"));
    format!(
        "{from} WHERE {key}f.time >= ?1 AND f.time <= ?2 AND (f.time < ?3 OR f.raised < ?4) \
         AND (?6 IS NULL OR (f.exception IS NOT NULL OR f.quiet <> 0) = ?6) AND (?7 IS NULL OR f.watch = ?7) \
         AND (?8 OR f.absorbed_by IS NULL) ORDER BY f.time DESC, f.raised DESC"
    )
}

/// An event is evidence when something was found at its time and at its place in the log, both of which stand in
/// indexes: of the log nothing is read but the times of one object, the newest first.
pub(in crate::store) const OF_OBJECT: &str = "SELECT DISTINCT v.finding FROM \
     (SELECT timestamp, position FROM entry INDEXED BY entry_by_object WHERE object = ?1 ORDER BY timestamp DESC LIMIT ?2) e \
     CROSS JOIN evidence v INDEXED BY evidence_by_event ON v.timestamp = e.timestamp AND v.position = e.position";

/// The findings that events of the wanted objects are evidence of, each to be looked up by itself.
fn about(conn: &Connection, search: &FindingSearch) -> Result<Vec<Key>, StoreError> {
    Ok(ids_about(conn, search)?.into_iter().map(|id| Some(("id", Value::from(id)))).collect())
}

/// The ids of those findings.
pub(super) fn ids_about(conn: &Connection, search: &FindingSearch) -> Result<BTreeSet<Vec<u8>>, StoreError> {
    let newest = search.newest_events.and_then(|most| i64::try_from(most).ok()).unwrap_or(-1);
    let mut found = BTreeSet::new();
    let mut statement = conn.prepare_cached(OF_OBJECT)?;
    for stream in stream::among(conn, search.connectors.as_deref(), None)? {
        for object in &search.objects {
            for number in numbers_of(conn, stream, Side::Objects, object)? {
                let ids = statement.query_map(params![number, newest], |row| row.get::<_, Vec<u8>>(0))?;
                found.extend(ids.collect::<Result<Vec<_>, _>>()?);
            }
        }
    }
    Ok(found)
}

fn find(
    conn: &Connection,
    search: &FindingSearch,
    key: Key,
    found: &mut Vec<KeptFinding>,
) -> Result<(), StoreError> {
    let after = search.after.map_or(i64::MIN, |after| after.0);
    let before = search.before.map_or(i64::MAX, |before| before.0.saturating_sub(1));
    let from = search.from.unwrap_or(Cursor { timestamp: UtcMs(i64::MAX), position: Position(i64::MAX) });
    let newest = before.min(from.timestamp.0);
    let mut values: Vec<Value> =
        [after, newest, from.timestamp.0, from.position.0].into_iter().map(Value::from).collect();
    let column = key.as_ref().map(|(column, _)| *column);
    values.push(key.map_or(Value::Null, |(_, value)| value));
    // What is not wanted is not even read.
    let flag = |wanted: Option<bool>| wanted.map_or(Value::Null, Value::from);
    values.extend([flag(search.hidden), flag(search.watch), Value::from(search.absorbed)]);
    let mut statement = conn.prepare_cached(&sql(column, search.hidden == Some(false)))?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let kept = read(row)?;
        if search.accepts(&kept) {
            found.push(kept);
            count += 1;
            if count == search.limit {
                break;
            }
        }
    }
    Ok(())
}
