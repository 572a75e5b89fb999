//! The newest walks of each stream: what was read, and how it ended.

use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use rusqlite::params;

use super::{Store, StoreError, stream};
use crate::connector::ConnectorId;

/// Tails are many and say little; older ones make room.
const MOST_KEPT: i64 = 1_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// As [`WalkKind::as_str`].
    pub kind: String,
    pub from: Option<UtcMs>,
    pub to: Option<UtcMs>,
    pub began: UtcMs,
    pub ended: UtcMs,
    pub pages: u64,
    pub new: u64,
    pub duplicates: u64,
    /// `ended`, or what stopped it.
    pub outcome: String,
}

impl Walk {
    #[must_use]
    pub fn new(kind: WalkKind, from: Option<UtcMs>, to: Option<UtcMs>, began: UtcMs) -> Self {
        Self {
            kind: kind.as_str().to_owned(),
            from,
            to,
            began,
            ended: began,
            pages: 0,
            new: 0,
            duplicates: 0,
            outcome: String::new(),
        }
    }
}

impl Store {
    /// # Errors
    /// When it could not be stored.
    pub fn record_walk(&self, connector: ConnectorId, stream: Stream, walk: Walk) -> Result<(), StoreError> {
        self.write(move |writer| {
            let id = stream::find_or_add(&writer.conn, connector, stream)?;
            let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
            let mut insert = writer.conn.prepare_cached(
                "INSERT INTO walk (stream, kind, from_ms, to_ms, began, ended, pages, new, duplicates, outcome) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?;
            insert.execute(params![
                id,
                walk.kind,
                walk.from.map(|from| from.0),
                walk.to.map(|to| to.0),
                walk.began.0,
                walk.ended.0,
                count(walk.pages),
                count(walk.new),
                count(walk.duplicates),
                walk.outcome,
            ])?;
            let mut trim = writer.conn.prepare_cached(
                "DELETE FROM walk WHERE stream = ?1 AND id <= \
                 (SELECT id FROM walk WHERE stream = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
            )?;
            trim.execute(params![id, MOST_KEPT])?;
            Ok(())
        })
    }

    /// The newest first.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn walks(
        &self,
        connector: ConnectorId,
        stream: Stream,
        most: usize,
    ) -> Result<Vec<Walk>, StoreError> {
        self.read(|conn| {
            let Some(id) = stream::find(conn, connector, stream)? else { return Ok(Vec::new()) };
            let mut statement = conn.prepare_cached(
                "SELECT kind, from_ms, to_ms, began, ended, pages, new, duplicates, outcome FROM walk \
                 WHERE stream = ?1 ORDER BY id DESC LIMIT ?2",
            )?;
            let walks = statement.query_map(params![id, i64::try_from(most).unwrap_or(i64::MAX)], |row| {
                let count = |column| row.get::<_, i64>(column).map(|n| u64::try_from(n).unwrap_or_default());
                Ok(Walk {
                    kind: row.get(0)?,
                    from: row.get::<_, Option<i64>>(1)?.map(UtcMs),
                    to: row.get::<_, Option<i64>>(2)?.map(UtcMs),
                    began: UtcMs(row.get(3)?),
                    ended: UtcMs(row.get(4)?),
                    pages: count(5)?,
                    new: count(6)?,
                    duplicates: count(7)?,
                    outcome: row.get(8)?,
                })
            })?;
            Ok(walks.collect::<Result<_, _>>()?)
        })
    }
}
