//! What people said of findings, in the order of the log: learning depends on it.

use hubtrail_core::finding::FindingId;
use hubtrail_core::time::UtcMs;
use rusqlite::{Row, params};

use super::content::{Content, Word};
use super::entry::status;
use crate::connector::ConnectorId;
use crate::judgement::Verdict;
use crate::store::{Position, Store, StoreError};

/// One time at which somebody judged a finding, or opened it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    pub connector: ConnectorId,
    pub finding: FindingId,
    pub at: UtcMs,
    /// None: it is open again.
    pub verdict: Option<Verdict>,
}

const BETWEEN: &str = "SELECT connector, finding, at, content FROM finding_entry e \
     WHERE position > ?1 AND position <= ?2 ORDER BY position";
const OF: &str = "SELECT e.connector, e.finding, e.at, e.content FROM finding f \
     JOIN finding_entry e ON e.finding = f.id WHERE f.connector = ?1 AND f.judged IS NOT NULL ORDER BY e.position";

impl Store {
    /// Of the entries behind one position, up to another.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn judgements(&self, after: Position, up_to: Position) -> Result<Vec<Judgement>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(BETWEEN)?;
            let mut rows = statement.query(params![after, up_to])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.extend(read(row)?);
            }
            Ok(found)
        })
    }

    /// All that was ever said of the findings of an account.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn judgements_of(&self, connector: ConnectorId) -> Result<Vec<Judgement>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(OF)?;
            let mut rows = statement.query([connector.0])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.extend(read(row)?);
            }
            Ok(found)
        })
    }
}

/// None: the entry says something else.
fn read(row: &Row<'_>) -> Result<Option<Judgement>, StoreError> {
    let content = Content::read(&row.get::<_, String>(3)?)?;
    if content.change != Word::Judged {
        return Ok(None);
    }
    Ok(Some(Judgement {
        connector: ConnectorId(row.get(0)?),
        finding: FindingId(row.get(1)?),
        at: UtcMs(row.get(2)?),
        verdict: status(&content.status)?.verdict(),
    }))
}
