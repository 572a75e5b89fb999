//! The results of reading a range again and comparing it with the log: the proof that a person can ask for.

use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{Store, StoreError, stream};
use crate::connector::ConnectorId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// None: from the oldest record that HubSpot had.
    pub from: Option<UtcMs>,
    /// None: to the end of what was visible.
    pub to: Option<UtcMs>,
    pub began: UtcMs,
    pub ended: UtcMs,
    /// Records that HubSpot showed.
    pub compared: u64,
    /// Of those, the ones that were not in the log.
    pub missing: u64,
    /// Entries that HubSpot no longer shows.
    pub surplus: u64,
    /// The whole range was read.
    pub complete: bool,
    pub note: String,
}

macro_rules! select_verification {
    ($rest:literal) => {
        concat!(
            "SELECT from_ms, to_ms, began, ended, compared, missing, surplus, complete, note FROM verification ",
            $rest
        )
    };
}

impl Store {
    /// # Errors
    /// When it could not be stored.
    pub fn record_verification(
        &self,
        connector: ConnectorId,
        stream: Stream,
        verification: Verification,
    ) -> Result<(), StoreError> {
        self.write(move |writer| {
            let id = stream::find_or_add(&writer.conn, connector, stream)?;
            let of = verification;
            let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
            writer.conn.execute(
                "INSERT INTO verification (stream, from_ms, to_ms, began, ended, compared, missing, surplus, complete, \
                 note) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                params![
                    id,
                    of.from.map(|from| from.0),
                    of.to.map(|to| to.0),
                    of.began.0,
                    of.ended.0,
                    count(of.compared),
                    count(of.missing),
                    count(of.surplus),
                    of.complete,
                    of.note
                ],
            )?;
            Ok(())
        })
    }

    /// The newest first.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn verifications(
        &self,
        connector: ConnectorId,
        stream: Stream,
        most: usize,
    ) -> Result<Vec<Verification>, StoreError> {
        self.read(|conn| {
            let Some(id) = stream::find(conn, connector, stream)? else { return Ok(Vec::new()) };
            let sql = select_verification!("WHERE stream = ?1 ORDER BY id DESC LIMIT ?2");
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let mut statement = conn.prepare_cached(sql)?;
            let verifications = statement.query_map(params![id, most], read)?;
            Ok(verifications.collect::<Result<_, _>>()?)
        })
    }
}

pub(super) fn newest(conn: &Connection, stream: i64) -> Result<Option<Verification>, StoreError> {
    let sql = select_verification!("WHERE stream = ?1 ORDER BY id DESC LIMIT 1");
    Ok(conn.prepare_cached(sql)?.query_row([stream], read).optional()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Verification> {
    let count = |column| row.get::<_, i64>(column).map(|n| u64::try_from(n).unwrap_or_default());
    Ok(Verification {
        from: row.get::<_, Option<i64>>(0)?.map(UtcMs),
        to: row.get::<_, Option<i64>>(1)?.map(UtcMs),
        began: UtcMs(row.get(2)?),
        ended: UtcMs(row.get(3)?),
        compared: count(4)?,
        missing: count(5)?,
        surplus: count(6)?,
        complete: row.get(7)?,
        note: row.get(8)?,
    })
}
