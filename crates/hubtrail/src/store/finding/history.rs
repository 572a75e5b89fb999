//! Everything that became of a finding, as its entries say.

use hubtrail_core::finding::FindingId;

use super::entry::{Line, line};
use super::{FindingEntry, Proof, kept};
use crate::store::{Position, Store, StoreError};

const OF: &str = "SELECT position, connector, finding, at, leaf, content FROM finding_entry \
                  WHERE finding = ?1 ORDER BY position";

/// A finding with everything that is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct WholeFinding {
    pub now: super::KeptFinding,
    /// In order of time.
    pub evidence: Vec<Proof>,
    /// Its entries, the oldest first.
    pub history: Vec<FindingEntry>,
}

impl Store {
    /// None: there is no such finding.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn whole_finding(&self, id: FindingId) -> Result<Option<WholeFinding>, StoreError> {
        self.read_at_once(|conn| {
            let Some((now, _)) = kept::by_id(conn, id)? else { return Ok(None) };
            let mut statement = conn.prepare_cached(OF)?;
            let mut rows = statement.query([id.0])?;
            let mut lines: Vec<Line> = Vec::new();
            while let Some(row) = rows.next()? {
                lines.push(line(row)?);
            }
            let history = lines.into_iter().map(|line| line.complete(conn)).collect::<Result<_, _>>()?;
            let evidence = super::evidence::of(conn, id, Position(i64::MAX), usize::MAX)?;
            Ok(Some(WholeFinding { now, evidence, history }))
        })
    }
}
