//! Findings that are older than is to be kept go with their entries and their evidence, whole or not at all.

use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, params};

use crate::connector::ConnectorId;
use crate::store::{Store, StoreError, reader};

/// Findings that one transaction takes out.
const BATCH: u32 = 100;

pub(in crate::store) const OVER: &str =
    "SELECT id FROM finding f WHERE last_seen < ?1 AND changed <= ?2 ORDER BY last_seen LIMIT ?3";

impl Store {
    /// Takes out the findings whose last event was before this time, and of which every reader knows.
    ///
    /// # Errors
    /// When it could not go on; calling it again does.
    pub fn retire_findings(&self, before: UtcMs) -> Result<usize, StoreError> {
        let mut retired = 0;
        loop {
            let gone = self.write(move |writer| {
                let slowest = reader::slowest(&writer.conn)?;
                let read = slowest.map_or(writer.head, |(_, position)| position);
                let mut statement = writer.conn.prepare_cached(OVER)?;
                let ids =
                    statement.query_map(params![before.0, read, BATCH], |row| row.get::<_, [u8; 16]>(0))?;
                let ids: Vec<_> = ids.collect::<Result<_, _>>()?;
                for id in &ids {
                    for table in ["evidence", "finding_entry", "look"] {
                        let sql = format!("DELETE FROM {table} WHERE finding = ?1");
                        writer.conn.prepare_cached(&sql)?.execute([id])?;
                    }
                    writer.conn.prepare_cached("DELETE FROM finding WHERE id = ?1")?.execute([id])?;
                }
                Ok(ids.len())
            })?;
            retired += gone;
            if gone < BATCH as usize {
                return Ok(retired);
            }
        }
    }
}

/// With everything that is known of the account.
pub(in crate::store) fn forget_connector(conn: &Connection, id: ConnectorId) -> Result<(), StoreError> {
    for table in ["evidence", "look"] {
        let of_its_findings =
            format!("DELETE FROM {table} WHERE finding IN (SELECT id FROM finding WHERE connector = ?1)");
        conn.execute(&of_its_findings, [id.0])?;
    }
    conn.execute(
        "DELETE FROM exception_entry WHERE exception IN (SELECT id FROM exception WHERE connector = ?1)",
        [id.0],
    )?;
    for table in ["finding_entry", "finding", "exception", "detection"] {
        conn.execute(&format!("DELETE FROM {table} WHERE connector = ?1"), [id.0])?;
    }
    Ok(())
}
