//! What the log holds already, as a walk asks for it: to judge whether a page is credible, and which
//! values to slice by.

use hubtrail_core::page::{Dimension, Filter};
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use rusqlite::params;

use super::{Search, plan};
use crate::connector::ConnectorId;
use crate::store::{Store, StoreError, stream};

/// Entries of a stream that a request should bring back.
#[derive(Clone, Debug)]
pub struct Held {
    pub from: UtcMs,
    /// `from` itself is left out.
    pub exclusive: bool,
    /// Earlier than this time.
    pub before: Option<UtcMs>,
    pub filter: Filter,
}

impl Store {
    /// The time of the oldest of them; records that could not be read do not count.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn oldest_held(
        &self,
        connector: ConnectorId,
        stream: Stream,
        held: &Held,
    ) -> Result<Option<UtcMs>, StoreError> {
        let search = Search {
            connectors: Some(vec![connector]),
            stream: Some(stream),
            filter: held.filter.clone(),
            after: Some(held.from.plus(i64::from(held.exclusive))),
            before: held.before,
            ..Search::default()
        };
        self.read(|conn| {
            let mut merge = plan::plan(conn, &search)?;
            merge.only_parsed();
            Ok(merge.next(conn)?.map(|cursor| cursor.timestamp))
        })
    }

    /// The values a stream ever had in this dimension; of too many, those that were first seen last.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn values_seen(
        &self,
        connector: ConnectorId,
        stream: Stream,
        dimension: Dimension,
        most: usize,
    ) -> Result<Vec<String>, StoreError> {
        self.read(|conn| {
            let Some(stream) = stream::find(conn, connector, stream)? else { return Ok(Vec::new()) };
            let mut statement = conn.prepare_cached(values(dimension))?;
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let values = statement.query_map(params![stream, most], |row| row.get(0))?;
            Ok(values.collect::<Result<_, _>>()?)
        })
    }
}

const fn values(dimension: Dimension) -> &'static str {
    macro_rules! newest {
        ($column:literal, $table:literal) => {
            concat!(
                "SELECT ",
                $column,
                " FROM ",
                $table,
                " WHERE stream = ?1 GROUP BY 1 ORDER BY min(id) DESC LIMIT ?2"
            )
        };
    }
    match dimension {
        Dimension::EventType => newest!("event_type", "kind"),
        Dimension::ObjectType => newest!("object_type", "kind"),
        Dimension::UserId => newest!("user_id", "person"),
        Dimension::ObjectId => newest!("object_id", "object"),
    }
}
