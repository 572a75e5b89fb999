//! The newest tests of each connection. The newest one is how the connection is; the others are how it was.

use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, Row, params};

use super::{Store, StoreError};
use crate::connector::ConnectorId;

const MOST_KEPT: i64 = 50;

/// A test as it is kept: what it found is JSON of whoever tested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionTest {
    pub at: UtcMs,
    pub passed: bool,
    pub report: String,
}

const NEWEST: &str =
    "SELECT at, passed, report FROM connection_test WHERE connector = ?1 ORDER BY id DESC LIMIT ?2";

impl Store {
    /// # Errors
    /// When there is no such connector any more, or it could not be stored.
    pub fn record_connection_test(
        &self,
        connector: ConnectorId,
        test: ConnectionTest,
    ) -> Result<(), StoreError> {
        self.write(move |writer| {
            super::connectors::must_exist(&writer.conn, connector)?;
            let sql = "INSERT INTO connection_test (connector, at, passed, report) VALUES (?1, ?2, ?3, ?4)";
            let row = params![connector.0, test.at.0, test.passed, test.report];
            writer.conn.prepare_cached(sql)?.execute(row)?;
            let sql = "DELETE FROM connection_test WHERE connector = ?1 AND id <= \
                 (SELECT id FROM connection_test WHERE connector = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)";
            writer.conn.prepare_cached(sql)?.execute(params![connector.0, MOST_KEPT])?;
            Ok(())
        })
    }

    /// The newest first.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn connection_tests(
        &self,
        connector: ConnectorId,
        most: usize,
    ) -> Result<Vec<ConnectionTest>, StoreError> {
        self.read(|conn| tests(conn, connector, i64::try_from(most).unwrap_or(i64::MAX)))
    }
}

fn tests(conn: &Connection, connector: ConnectorId, most: i64) -> Result<Vec<ConnectionTest>, StoreError> {
    let mut statement = conn.prepare_cached(NEWEST)?;
    let tests = statement.query_map(params![connector.0, most], read)?;
    Ok(tests.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<ConnectionTest> {
    Ok(ConnectionTest { at: UtcMs(row.get(0)?), passed: row.get(1)?, report: row.get(2)? })
}
