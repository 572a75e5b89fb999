//! One stream of one connector: where it is kept, how far it has been collected, and its facts for a
//! status screen, which never lies and never counts.

use hubtrail_core::checkpoint::{Change, Checkpoint};
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Append, Position, Store, StoreError, connectors, hours};
use crate::connector::ConnectorId;

/// The number under which the log keeps this stream of this connector.
pub(super) fn find(
    conn: &Connection,
    connector: ConnectorId,
    stream: Stream,
) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT id FROM stream WHERE connector = ?1 AND code = ?2";
    let key = params![connector.0, stream.code()];
    Ok(conn.prepare_cached(sql)?.query_row(key, |row| row.get(0)).optional()?)
}

/// As [`find`]; the stream of a connector that is still there comes into being by being used.
pub(super) fn find_or_add(
    conn: &Connection,
    connector: ConnectorId,
    stream: Stream,
) -> Result<i64, StoreError> {
    connectors::must_exist(conn, connector)?;
    if let Some(id) = find(conn, connector, stream)? {
        return Ok(id);
    }
    conn.execute(
        "INSERT INTO stream (connector, code) VALUES (?1, ?2)",
        params![connector.0, stream.code()],
    )?;
    Ok(conn.last_insert_rowid())
}

/// Those of the given connectors and of the given endpoint; none means all.
pub(super) fn among(
    conn: &Connection,
    connectors: Option<&[ConnectorId]>,
    stream: Option<Stream>,
) -> Result<Vec<i64>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT id, connector, code FROM stream ORDER BY id")?;
    let rows = statement
        .query_map([], |row| Ok((row.get::<_, i64>(0)?, ConnectorId(row.get(1)?), row.get::<_, i64>(2)?)))?;
    let mut ids = Vec::new();
    for row in rows {
        let (id, connector, code) = row?;
        let wanted = connectors.is_none_or(|connectors| connectors.contains(&connector))
            && stream.is_none_or(|stream| i64::from(stream.code()) == code);
        if wanted {
            ids.push(id);
        }
    }
    Ok(ids)
}

pub(super) fn checkpoint(conn: &Connection, id: i64) -> Result<Checkpoint, StoreError> {
    let mut statement = conn.prepare_cached("SELECT checkpoint FROM stream WHERE id = ?1")?;
    let stored: String = statement.query_row([id], |row| row.get(0))?;
    serde_json::from_str(&stored).map_err(|error| StoreError::unreadable("the checkpoint", error))
}

/// Applies the changes to what is stored, never to what somebody remembers of it.
pub(super) fn change_checkpoint(
    conn: &Connection,
    id: i64,
    changes: &[Change],
) -> Result<Checkpoint, StoreError> {
    let mut checkpoint = checkpoint(conn, id)?;
    if changes.is_empty() {
        return Ok(checkpoint);
    }
    changes.iter().for_each(|change| checkpoint.apply(change));
    let stored = serde_json::to_string(&checkpoint)
        .map_err(|error| StoreError::unreadable("the changed checkpoint", error))?;
    conn.prepare_cached("UPDATE stream SET checkpoint = ?2 WHERE id = ?1")?.execute(params![id, stored])?;
    Ok(checkpoint)
}

impl Store {
    /// How far a stream has been collected; the beginning when it never was.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn checkpoint(&self, connector: ConnectorId, stream: Stream) -> Result<Checkpoint, StoreError> {
        self.read(|conn| match find(conn, connector, stream)? {
            Some(id) => checkpoint(conn, id),
            None => Ok(Checkpoint::default()),
        })
    }
}

/// What the stream's row adds up, so that nobody has to count entries.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) entries: i64,
    pub(super) unparsed: i64,
    pub(super) future: i64,
    pub(super) newest: Option<UtcMs>,
}

impl Tally {
    pub(super) fn add_to(&self, conn: &Connection, id: i64, at: UtcMs) -> Result<(), StoreError> {
        let sql = "UPDATE stream SET entries = entries + ?2, unparsed = unparsed + ?3, future = future + ?4, \
                   newest = nullif(max(coalesce(newest, ?6), coalesce(?5, newest, ?6)), ?6), \
                   appended_at = max(coalesce(appended_at, ?7), ?7) WHERE id = ?1";
        let row = params![
            id,
            self.entries,
            self.unparsed,
            self.future,
            self.newest.map(|newest| newest.0),
            i64::MIN,
            at.0
        ];
        conn.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }
}

/// HubSpot answered, perhaps with something new, the last of it at `brought`.
pub(super) fn polled(
    conn: &Connection,
    id: i64,
    append: &Append,
    brought: Option<Position>,
) -> Result<(), StoreError> {
    let sql = "UPDATE stream SET polled_at = ?2 WHERE id = ?1";
    conn.prepare_cached(sql)?.execute(params![id, append.polled_at.0])?;
    hours::note(conn, id, append.polled_at, hours::ANSWERED)?;
    if let Some(brought) = brought {
        let sql = "UPDATE stream SET brought_at = ?2, brought = ?3 WHERE id = ?1";
        conn.prepare_cached(sql)?.execute(params![id, append.at.0, brought])?;
    }
    Ok(())
}
