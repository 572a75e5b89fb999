//! One sink as a row of the log, there and back.

use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, Row, params};

use super::NewSink;
use crate::sink::{Configured, Settings, SinkId};
use crate::store::StoreError;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, settings, sealed, paused, declared_in IS NOT NULL, created_at, reader, since, since_until, ",
            "revision FROM sink ",
            $rest
        )
    };
}
pub(super) use select;

/// Its reader is given to it afterwards.
pub(super) fn insert(conn: &Connection, new: &NewSink) -> Result<SinkId, StoreError> {
    let sql = "INSERT INTO sink (name, settings, paused, declared_in, created_at, reader) \
               VALUES (?1, ?2, ?3, ?4, ?5, 'new ' || ?1)";
    let NewSink { settings, paused, declared_in, created_at, .. } = new;
    let settings_text = text(settings)?;
    conn.prepare_cached(sql)?.execute(params![
        settings.name,
        settings_text,
        paused,
        declared_in,
        created_at.0
    ])?;
    Ok(SinkId(conn.last_insert_rowid()))
}

pub(super) fn update(
    conn: &Connection,
    sink: &Configured,
    declared_in: Option<&str>,
) -> Result<(), StoreError> {
    let sql = "UPDATE sink SET name = ?2, settings = ?3, paused = ?4, declared_in = ?5, \
               revision = revision + 1 WHERE id = ?1";
    let settings = text(&sink.settings)?;
    conn.prepare_cached(sql)?.execute(params![
        sink.id.0,
        sink.settings.name,
        settings,
        sink.paused,
        declared_in
    ])?;
    Ok(())
}

pub(super) fn reseal(conn: &Connection, sink: &Configured) -> Result<(), StoreError> {
    let sealed = sink.sealed.as_ref().map(|sealed| &sealed.0);
    conn.prepare_cached("UPDATE sink SET sealed = ?2 WHERE id = ?1")?.execute(params![sink.id.0, sealed])?;
    Ok(())
}

fn text(settings: &Settings) -> Result<String, StoreError> {
    serde_json::to_string(settings).map_err(|error| StoreError::unwritable("a sink", error))
}

pub(super) fn read(row: &Row<'_>) -> Result<Configured, StoreError> {
    let settings: String = row.get(1)?;
    let since: Option<i64> = row.get(7)?;
    Ok(Configured {
        id: SinkId(row.get(0)?),
        settings: serde_json::from_str(&settings).map_err(|error| StoreError::unreadable("a sink", error))?,
        sealed: super::sealed(row.get(2)?),
        paused: row.get(3)?,
        declared: row.get(4)?,
        created_at: UtcMs(row.get(5)?),
        reader: row.get(6)?,
        since: since.map(UtcMs).zip(row.get(8)?),
        revision: row.get(9)?,
    })
}
