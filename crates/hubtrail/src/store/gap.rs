//! Instants of which not everything could be read. A gap stays in the list until a later walk has read
//! its whole range; then it is kept as resolved, because it was true.

use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, params};

use super::{Store, StoreError, entry, stream};
use crate::connector::ConnectorId;

/// A range of time, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: UtcMs,
    pub to: UtcMs,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewGap {
    pub span: Span,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    pub connector: ConnectorId,
    pub stream: Stream,
    pub span: Span,
    pub reason: String,
    pub found_at: UtcMs,
    pub resolved_at: Option<UtcMs>,
}

/// A gap that is found again is still the same gap; its reason is the newest one.
pub(super) fn record(conn: &Connection, stream: i64, gaps: &[NewGap], at: UtcMs) -> Result<(), StoreError> {
    for NewGap { span, reason } in gaps {
        conn.prepare_cached(
            "INSERT INTO gap (stream, from_ms, to_ms, reason, found_at) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (stream, from_ms, to_ms) WHERE resolved_at IS NULL DO UPDATE SET reason = excluded.reason",
        )?
        .execute(params![stream, span.from.0, span.to.0, reason, at.0])?;
    }
    Ok(())
}

pub(super) fn resolve(conn: &Connection, stream: i64, spans: &[Span], at: UtcMs) -> Result<(), StoreError> {
    for span in spans {
        conn.prepare_cached(
            "UPDATE gap SET resolved_at = ?4 \
             WHERE stream = ?1 AND from_ms >= ?2 AND to_ms <= ?3 AND resolved_at IS NULL",
        )?
        .execute(params![stream, span.from.0, span.to.0, at.0])?;
    }
    Ok(())
}

impl Store {
    /// The gaps of a connector, or of all, oldest first; the resolved ones too if they are asked for.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn gaps(&self, connector: Option<ConnectorId>, resolved: bool) -> Result<Vec<Gap>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT s.connector, s.code, g.from_ms, g.to_ms, g.reason, g.found_at, g.resolved_at \
                 FROM gap g JOIN stream s ON s.id = g.stream \
                 WHERE (?1 IS NULL OR s.connector = ?1) AND (?2 OR g.resolved_at IS NULL) \
                 ORDER BY g.from_ms, g.id",
            )?;
            let gaps = statement.query_map(params![connector.map(|id| id.0), resolved], |row| {
                Ok(Gap {
                    connector: ConnectorId(row.get(0)?),
                    stream: entry::stream(row, 1)?,
                    span: Span { from: UtcMs(row.get(2)?), to: UtcMs(row.get(3)?) },
                    reason: row.get(4)?,
                    found_at: UtcMs(row.get(5)?),
                    resolved_at: row.get::<_, Option<i64>>(6)?.map(UtcMs),
                })
            })?;
            Ok(gaps.collect::<Result<_, _>>()?)
        })
    }

    /// Closes every open gap that lies within one of the ranges.
    ///
    /// # Errors
    /// When it could not be stored.
    pub fn resolve_gaps(
        &self,
        connector: ConnectorId,
        stream: Stream,
        spans: Vec<Span>,
        at: UtcMs,
    ) -> Result<(), StoreError> {
        self.write(move |writer| {
            let id = stream::find_or_add(&writer.conn, connector, stream)?;
            resolve(&writer.conn, id, &spans, at)
        })
    }

    /// # Errors
    /// When it could not be stored.
    pub fn record_gaps(
        &self,
        connector: ConnectorId,
        stream: Stream,
        gaps: Vec<NewGap>,
        at: UtcMs,
    ) -> Result<(), StoreError> {
        self.write(move |writer| {
            let id = stream::find_or_add(&writer.conn, connector, stream)?;
            record(&writer.conn, id, &gaps, at)
        })
    }
}
