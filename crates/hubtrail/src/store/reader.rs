//! Consumers of the log, each with the position up to which it has done its work. An ack moves a
//! position forward or not at all.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Position, Store, StoreError, writer};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderState {
    pub name: String,
    pub position: Position,
    /// Entries between it and the head.
    pub lag: i64,
}

impl Store {
    /// The reader's position; a reader that is not known yet comes into being at `start`. From then on
    /// retention waits for it.
    ///
    /// # Errors
    /// When it could not be stored.
    pub fn register_reader(&self, name: &str, start: Position) -> Result<Position, StoreError> {
        let name = name.to_owned();
        self.write(move |writer| {
            refuse_past_head(writer.head, &name, start)?;
            let sql = "INSERT INTO reader (name, position) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            writer.conn.prepare_cached(sql)?.execute(params![name, start])?;
            Ok(position(&writer.conn, &name)?.unwrap_or(start))
        })
    }

    /// None: there is no such reader.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn reader_position(&self, name: &str) -> Result<Option<Position>, StoreError> {
        self.read(|conn| position(conn, name))
    }

    /// Says that the reader is done with everything up to here. An ack from the past changes nothing.
    ///
    /// # Errors
    /// When it points past the end of the log, or could not be stored.
    pub fn ack(&self, name: &str, done: Position) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.write(move |writer| ack(writer, &name, done))
    }

    /// As [`Store::ack`], without blocking.
    ///
    /// # Errors
    /// When it points past the end of the log, or could not be stored.
    pub async fn ack_async(&self, name: &str, done: Position) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.write_async(move |writer| ack(writer, &name, done)).await
    }

    /// # Errors
    /// When the log cannot be read.
    pub fn readers(&self) -> Result<Vec<ReaderState>, StoreError> {
        self.read_at_once(|conn| {
            let head = writer::stored_head(conn)?;
            let mut statement = conn.prepare_cached("SELECT name, position FROM reader ORDER BY name")?;
            let readers = statement.query_map([], |row| {
                let position: Position = row.get(1)?;
                Ok(ReaderState { name: row.get(0)?, position, lag: head.0 - position.0 })
            })?;
            Ok(readers.collect::<Result<_, _>>()?)
        })
    }

    /// Forgets a reader for good; retention no longer waits for it.
    ///
    /// # Errors
    /// When it could not be stored.
    pub fn remove_reader(&self, name: &str) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.write(move |writer| {
            writer.conn.execute("DELETE FROM reader WHERE name = ?1", [name])?;
            Ok(())
        })
    }
}

pub(super) fn ack(writer: &mut writer::Writer, name: &str, done: Position) -> Result<(), StoreError> {
    refuse_past_head(writer.head, name, done)?;
    let sql = "INSERT INTO reader (name, position) VALUES (?1, ?2) \
               ON CONFLICT (name) DO UPDATE SET position = max(position, excluded.position)";
    writer.conn.prepare_cached(sql)?.execute(params![name, done])?;
    Ok(())
}

fn refuse_past_head(head: Position, name: &str, position: Position) -> Result<(), StoreError> {
    if position <= head {
        return Ok(());
    }
    Err(StoreError::PastHead { name: name.to_owned(), position: position.0, head: head.0 })
}

pub(super) fn position(conn: &Connection, name: &str) -> Result<Option<Position>, StoreError> {
    let sql = "SELECT position FROM reader WHERE name = ?1";
    Ok(conn.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?)
}

/// The reader that is furthest behind.
pub(super) fn slowest(conn: &Connection) -> Result<Option<(String, Position)>, StoreError> {
    let sql = "SELECT name, position FROM reader ORDER BY position LIMIT 1";
    Ok(conn.prepare_cached(sql)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// The same without the sinks: those are waited for only so long.
pub(super) fn slowest_but_sinks(conn: &Connection) -> Result<Option<(String, Position)>, StoreError> {
    let sql = "SELECT name, position FROM reader WHERE name NOT IN (SELECT reader FROM sink) \
               ORDER BY position LIMIT 1";
    Ok(conn.prepare_cached(sql)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// As [`super::sinks`] names them.
pub(super) fn is_of_sink(name: &str) -> bool {
    name.starts_with("sink.")
}
