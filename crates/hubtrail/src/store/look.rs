//! Who looked at a finding, when first and when last: part of what its evidence is worth.

use hubtrail_core::finding::FindingId;
use hubtrail_core::time::UtcMs;
use rusqlite::params;

use super::{Store, StoreError};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    pub who: String,
    pub first: UtcMs,
    pub last: UtcMs,
    pub times: i64,
}

impl Store {
    /// # Errors
    /// When it was not stored.
    pub fn note_look(&self, finding: FindingId, who: &str, at: UtcMs) -> Result<(), StoreError> {
        let who = who.to_owned();
        self.write(move |writer| {
            let sql = "INSERT INTO look (finding, who, first, last, times) VALUES (?1, ?2, ?3, ?3, 1) \
                       ON CONFLICT (finding, who) DO UPDATE SET last = excluded.last, times = times + 1";
            writer.conn.prepare_cached(sql)?.execute(params![finding.0, who, at.0])?;
            Ok(())
        })
    }

    /// Whether somebody has looked at it before.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn has_looked(&self, finding: FindingId, who: &str) -> Result<bool, StoreError> {
        self.read(|conn| {
            let sql = "SELECT EXISTS (SELECT 1 FROM look WHERE finding = ?1 AND who = ?2)";
            Ok(conn.prepare_cached(sql)?.query_row(params![finding.0, who], |row| row.get(0))?)
        })
    }

    /// The first one first.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn looks(&self, finding: FindingId) -> Result<Vec<Look>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT who, first, last, times FROM look WHERE finding = ?1 ORDER BY first, who";
            let mut statement = conn.prepare_cached(sql)?;
            let looks = statement.query_map([finding.0], |row| {
                Ok(Look {
                    who: row.get(0)?,
                    first: UtcMs(row.get(1)?),
                    last: UtcMs(row.get(2)?),
                    times: row.get(3)?,
                })
            })?;
            Ok(looks.collect::<Result<_, _>>()?)
        })
    }
}
