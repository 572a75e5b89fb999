//! The events that justify a finding, each with a copy of its record as HubSpot sent it.

use std::sync::Arc;

use hubtrail_core::event::Event;
use hubtrail_core::finding::{Evidence, FindingId};
use hubtrail_core::identity::EventId;
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::content::Reference;
use crate::store::original::{self, original_columns, original_joins};
use crate::store::{Position, Store, StoreError};

/// One event of a finding's evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Where the log has it, or had it.
    pub position: Position,
    pub id: EventId,
    pub event: Arc<Event>,
    /// The record, byte for byte as HubSpot sent it.
    pub raw: String,
}

pub(in crate::store) const OF: &str = "SELECT position, event_id, raw FROM evidence e \
     WHERE finding = ?1 AND since <= ?2 ORDER BY timestamp, event_id LIMIT ?3";
const KNOWN: &str = "SELECT 1 FROM evidence WHERE finding = ?1 AND timestamp = ?2 AND event_id = ?3";
const RECORD: &str = concat!(
    "SELECT e.position, ",
    original_columns!(),
    " FROM entry e",
    original_joins!(),
    "WHERE e.timestamp = ?1 AND e.event_id = ?2"
);

/// Copies what is new of the evidence, as brought by the entry at `since`.
pub(super) fn keep(
    conn: &Connection,
    finding: FindingId,
    evidence: &[Evidence],
    since: Position,
) -> Result<Vec<Reference>, StoreError> {
    let mut known = conn.prepare_cached(KNOWN)?;
    let mut record = conn.prepare_cached(RECORD)?;
    let mut insert = conn.prepare_cached(
        "INSERT INTO evidence (finding, timestamp, event_id, since, position, raw) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let mut new = Vec::new();
    for proof in evidence {
        let time = proof.event.timestamp.0;
        if known.exists(params![finding.0, time, proof.id.0])? {
            continue;
        }
        let found = record.query_row(params![time, proof.id.0], |row| {
            Ok((row.get::<_, Position>(0)?, original::read(row, 1)?.into_owned()))
        });
        // What was taken out of the log in this very moment cannot be copied any more; its id is kept.
        let position = match found.optional()? {
            Some((position, raw)) => {
                insert.execute(params![finding.0, time, proof.id.0, since, position, raw])?;
                position
            }
            None => Position(0),
        };
        new.push(Reference { id: proof.id.to_string(), position: position.0 });
    }
    Ok(new)
}

/// The first `limit` in order of time, as it was when the entry at `until` was written.
pub(super) fn of(
    conn: &Connection,
    finding: FindingId,
    until: Position,
    limit: usize,
) -> Result<Vec<Proof>, StoreError> {
    let mut statement = conn.prepare_cached(OF)?;
    let mut rows = statement.query(params![finding.0, until, i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let mut proofs = Vec::new();
    while let Some(row) = rows.next()? {
        proofs.push(read(row)?);
    }
    Ok(proofs)
}

fn read(row: &Row<'_>) -> Result<Proof, StoreError> {
    let raw: String = row.get(2)?;
    let event = Event::read(&raw).map_err(|error| StoreError::unreadable("evidence", error))?;
    Ok(Proof { position: row.get(0)?, id: EventId(row.get(1)?), event: Arc::new(event), raw })
}

impl Proof {
    pub(super) fn evidence(&self) -> Evidence {
        Evidence { id: self.id, event: Arc::clone(&self.event) }
    }
}

impl Store {
    /// The evidence of a finding in order of time; nothing when there is no such finding.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn evidence(&self, finding: FindingId) -> Result<Vec<Proof>, StoreError> {
        self.read(|conn| of(conn, finding, Position(i64::MAX), usize::MAX))
    }

    /// The findings, by id, that an event is evidence of.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn findings_proved_by(&self, timestamp: UtcMs, event: EventId) -> Result<Vec<FindingId>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT finding FROM evidence WHERE timestamp = ?1 AND event_id = ?2";
            let mut statement = conn.prepare_cached(sql)?;
            let ids = statement.query_map(params![timestamp.0, event.0], |row| row.get(0).map(FindingId))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
    }
}
