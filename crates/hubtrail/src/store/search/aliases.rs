//! The names under which a person or an object was seen. HubSpot tells the name as it is when it is asked,
//! so one id has many over time.

use std::collections::HashSet;

use hubtrail_core::page::{Dimension, Filter};
use rusqlite::{Connection, params};

use super::plan;
use crate::connector::ConnectorId;
use crate::store::{Store, StoreError, stream};

pub(in crate::store) const OF_PERSON: &str =
    "SELECT full_name FROM person WHERE stream = ?1 AND user_id = ?2 ORDER BY id DESC";
pub(in crate::store) const OF_OBJECT: &str =
    "SELECT object_name FROM object WHERE stream = ?1 AND object_id = ?2 ORDER BY id DESC";

/// Somebody or something that has a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    Person(String),
    Object(String),
}

/// Who did something, or what it was done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    People,
    Objects,
}

impl Subject {
    #[must_use]
    pub fn id(&self) -> &str {
        let (Self::Person(id) | Self::Object(id)) = self;
        id
    }

    /// What finds its events.
    #[must_use]
    pub fn filter(&self) -> Filter {
        let (dimension, id) = match self {
            Self::Person(id) => (Dimension::UserId, id),
            Self::Object(id) => (Dimension::ObjectId, id),
        };
        Filter::default().with(dimension, vec![id.clone()])
    }
}

/// What a number stands for: the account, the id and the name.
pub(in crate::store) const fn told_by(side: Side) -> &'static str {
    match side {
        Side::People => super::facets::PERSON,
        Side::Objects => super::facets::OBJECT,
    }
}

/// The numbers of an id, under every name that it ever had.
pub(in crate::store) fn numbers_of(
    conn: &Connection,
    stream: i64,
    side: Side,
    id: &str,
) -> Result<Vec<i64>, StoreError> {
    let sql = match side {
        Side::People => plan::PERSONS,
        Side::Objects => plan::OBJECTS,
    };
    let mut statement = conn.prepare_cached(sql)?;
    let numbers = statement.query_map(params![stream, id], |row| row.get(0))?;
    Ok(numbers.collect::<Result<_, _>>()?)
}

/// The numbers whose name holds the text.
pub(in crate::store) fn numbers_named(
    conn: &Connection,
    streams: &[i64],
    text: &str,
    side: Side,
) -> Result<HashSet<i64>, StoreError> {
    let named = plan::named(conn, streams, text)?;
    Ok(match side {
        Side::People => named.persons,
        Side::Objects => named.objects,
    })
}

impl Store {
    /// The newest name first; none: it was never seen.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn aliases(&self, connector: ConnectorId, subject: &Subject) -> Result<Vec<String>, StoreError> {
        let (sql, id) = match subject {
            Subject::Person(id) => (OF_PERSON, id),
            Subject::Object(id) => (OF_OBJECT, id),
        };
        self.read(|conn| {
            let mut names: Vec<String> = Vec::new();
            for stream in stream::among(conn, Some(&[connector]), None)? {
                let mut statement = conn.prepare_cached(sql)?;
                let found = statement.query_map(params![stream, id], |row| row.get(0))?;
                for name in found {
                    let name = name?;
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
            }
            Ok(names)
        })
    }
}
