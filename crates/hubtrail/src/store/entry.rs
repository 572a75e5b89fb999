//! One line of the log, and its place in it. An entry never changes: what it says is read from the bytes
//! that HubSpot sent, which come out of the log as they came.

use hubtrail_core::event::Event;
use hubtrail_core::identity::EventId;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::original::{self, original_columns, original_joins};
use super::{Store, StoreError};
use crate::connector::ConnectorId;

/// The number of an entry in the log: 1 for the first, without holes when it is given. 0 is before the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub i64);

impl FromSql for Position {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(Self)
    }
}

impl ToSql for Position {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.into())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub position: Position,
    pub connector: ConnectorId,
    pub stream: Stream,
    pub event_id: EventId,
    /// The event's time; of a record that could not be read, that of its nearest neighbour.
    pub timestamp: UtcMs,
    /// When it was received, by HubSpot's clock.
    pub seen_at: UtcMs,
    /// It was dated later than the moment it was received.
    pub future: bool,
    /// RFC 6962 leaf hash of `raw`.
    pub leaf: [u8; 32],
    /// The record, byte for byte as HubSpot sent it.
    pub raw: String,
    /// What the record says, or why it could not be read.
    pub event: Result<Event, String>,
}

/// The columns that [`read`] expects, in their order.
macro_rules! select_entry {
    ($rest:literal) => {
        concat!(
            "SELECT e.position, s.connector, s.code, e.event_id, e.unparsed, e.seen_at, e.future, e.leaf, ",
            original_columns!(),
            " FROM entry e JOIN stream s ON s.id = e.stream",
            original_joins!(),
            $rest
        )
    };
}

pub(super) const AT: &str = select_entry!("WHERE e.position = ?1");
pub(super) const OF_EVENT: &str = select_entry!("WHERE e.timestamp = ?1 AND e.event_id = ?2");
pub(super) const AFTER: &str = select_entry!("WHERE e.position > ?1 ORDER BY e.position LIMIT ?2");

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let raw = original::read(row, 8)?.into_owned();
    let event = match row.get::<_, Option<String>>(4)? {
        Some(reason) => Err(reason),
        None => Event::read(&raw).map_err(|error| error.to_string()),
    };
    Ok(Entry {
        position: row.get(0)?,
        connector: ConnectorId(row.get(1)?),
        stream: stream(row, 2)?,
        event_id: EventId(row.get(3)?),
        timestamp: UtcMs(row.get(9)?),
        seen_at: UtcMs(row.get(5)?),
        future: row.get(6)?,
        leaf: row.get(7)?,
        raw,
        event,
    })
}

pub(super) fn stream(row: &Row<'_>, column: usize) -> rusqlite::Result<Stream> {
    let code: i64 = row.get(column)?;
    let stream = u8::try_from(code).ok().and_then(Stream::from_code);
    stream.ok_or_else(|| {
        let error = FromSqlError::OutOfRange(code);
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Integer, Box::new(error))
    })
}

pub(super) fn at(conn: &Connection, position: Position) -> Result<Option<Entry>, StoreError> {
    Ok(conn.prepare_cached(AT)?.query_row([position], read).optional()?)
}

impl Store {
    /// For readers of the log: what comes after a position, oldest first.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn entries_after(&self, position: Position, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.read(|conn| {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let mut statement = conn.prepare_cached(AFTER)?;
            let entries = statement.query_map(params![position, limit], read)?;
            Ok(entries.collect::<Result<_, _>>()?)
        })
    }

    /// # Errors
    /// When the log cannot be read.
    pub fn entry(&self, position: Position) -> Result<Option<Entry>, StoreError> {
        self.read(|conn| at(conn, position))
    }

    /// The entry of an event, which is found by its time and its id together.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn entry_of_event(&self, timestamp: UtcMs, id: EventId) -> Result<Option<Entry>, StoreError> {
        self.read(|conn| {
            let key = params![timestamp.0, id.0];
            Ok(conn.prepare_cached(OF_EVENT)?.query_row(key, read).optional()?)
        })
    }
}
