//! History that somebody asked for: who and when, and what came of it. An open request survives a restart,
//! and is closed only by whoever has walked its range.

use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, Row, params};

use super::{Store, StoreError, connectors};
use crate::connector::ConnectorId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backfill {
    pub id: i64,
    pub connector: ConnectorId,
    /// None: from the oldest record that HubSpot has.
    pub from: Option<UtcMs>,
    /// None: up to when it was requested.
    pub to: Option<UtcMs>,
    pub requested_at: UtcMs,
    pub requested_by: String,
    pub ended: Option<UtcMs>,
    /// `ended`, and what it brought; or what could not be read.
    pub outcome: Option<String>,
}

/// A range to be walked. See [`Backfill`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBackfill {
    pub from: Option<UtcMs>,
    pub to: Option<UtcMs>,
    pub requested_at: UtcMs,
    pub requested_by: String,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, connector, from_ms, to_ms, requested_at, requested_by, ended, outcome FROM backfill ",
            $rest
        )
    };
}

impl Store {
    /// # Errors
    /// When there is no such connector, or it could not be stored.
    pub fn request_backfill(&self, connector: ConnectorId, new: NewBackfill) -> Result<Backfill, StoreError> {
        self.write(move |writer| {
            connectors::must_exist(&writer.conn, connector)?;
            request(&writer.conn, connector, new)
        })
    }

    /// Those that are to be walked, the oldest request first.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn open_backfills(&self, connector: ConnectorId) -> Result<Vec<Backfill>, StoreError> {
        self.read(|conn| {
            let sql = select!("WHERE connector = ?1 AND ended IS NULL ORDER BY id");
            let mut statement = conn.prepare_cached(sql)?;
            let rows = statement.query_map([connector.0], read)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The connectors that have any to be walked.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn awaiting_backfill(&self) -> Result<Vec<ConnectorId>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT DISTINCT connector FROM backfill WHERE ended IS NULL";
            let mut statement = conn.prepare_cached(sql)?;
            let rows = statement.query_map([], |row| row.get(0).map(ConnectorId))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The newest first.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn backfills(&self, connector: ConnectorId, most: usize) -> Result<Vec<Backfill>, StoreError> {
        self.read(|conn| {
            let mut statement =
                conn.prepare_cached(select!("WHERE connector = ?1 ORDER BY id DESC LIMIT ?2"))?;
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let rows = statement.query_map(params![connector.0, most], read)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// # Errors
    /// When it could not be stored.
    pub fn backfill_ended(&self, id: i64, ended: UtcMs, outcome: String) -> Result<(), StoreError> {
        self.write(move |writer| {
            let sql = "UPDATE backfill SET ended = ?2, outcome = ?3 WHERE id = ?1 AND ended IS NULL";
            writer.conn.prepare_cached(sql)?.execute(params![id, ended.0, outcome])?;
            Ok(())
        })
    }
}

pub(super) fn request(
    conn: &Connection,
    connector: ConnectorId,
    new: NewBackfill,
) -> Result<Backfill, StoreError> {
    let NewBackfill { from, to, requested_at, requested_by } = new;
    conn.prepare_cached(
        "INSERT INTO backfill (connector, from_ms, to_ms, requested_at, requested_by) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![connector.0, from.map(|at| at.0), to.map(|at| at.0), requested_at.0, requested_by])?;
    let id = conn.last_insert_rowid();
    Ok(Backfill { id, connector, from, to, requested_at, requested_by, ended: None, outcome: None })
}

fn read(row: &Row<'_>) -> rusqlite::Result<Backfill> {
    let time = |column| row.get::<_, Option<i64>>(column).map(|at| at.map(UtcMs));
    Ok(Backfill {
        id: row.get(0)?,
        connector: ConnectorId(row.get(1)?),
        from: time(2)?,
        to: time(3)?,
        requested_at: UtcMs(row.get(4)?),
        requested_by: row.get(5)?,
        ended: time(6)?,
        outcome: row.get(7)?,
    })
}
