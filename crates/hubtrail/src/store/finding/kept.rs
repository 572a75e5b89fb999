//! How a finding is now, as the row that follows from its entries.

use hubtrail_core::finding::FindingId;
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, Row};

use super::KeptFinding;
use super::content::Content;
use super::entry::status;
use crate::connector::ConnectorId;
use crate::exception::ExceptionId;
use crate::store::{Position, Store, StoreError};

/// The columns that [`read`] expects, in their order.
macro_rules! select_finding {
    () => {
        "SELECT f.raised, f.id, f.connector, f.version, f.changed, f.changed_at, f.status, f.judged, f.owner, \
         f.exception, f.absorbed_by, t.content, f.told FROM finding f JOIN finding_entry t ON t.position = f.told "
    };
    ($rest:literal) => {
        concat!(select_finding!(), $rest)
    };
}
pub(super) use select_finding;

pub(in crate::store) const BY_ID: &str = select_finding!("WHERE f.id = ?1");

pub(super) fn read(row: &Row<'_>) -> Result<KeptFinding, StoreError> {
    let content = Content::read(&row.get::<_, String>(11)?)?;
    let missing = || StoreError::unreadable("an entry of a finding", "it does not say what was found");
    let version: u32 = row.get(3)?;
    let body = content.finding.ok_or_else(missing)?;
    let (status, judged) = (status(&row.get::<_, String>(6)?)?, row.get::<_, Option<u32>>(7)?);
    Ok(KeptFinding {
        raised: row.get(0)?,
        connector: ConnectorId(row.get(2)?),
        version,
        changed: row.get(4)?,
        changed_at: UtcMs(row.get(5)?),
        status,
        withdrawn: !status.is_open() && judged.is_none(),
        grown_since_judged: judged.is_some_and(|judged| judged < version),
        owner: row.get(8)?,
        exception: row.get::<_, Option<i64>>(9)?.map(ExceptionId),
        absorbed_by: row.get::<_, Option<[u8; 16]>>(10)?.map(FindingId),
        objects: body.objects.clone(),
        finding: body.finding(FindingId(row.get(1)?)),
    })
}

/// The finding, and the position of the entry with its newest version.
pub(super) fn by_id(conn: &Connection, id: FindingId) -> Result<Option<(KeptFinding, Position)>, StoreError> {
    let mut statement = conn.prepare_cached(BY_ID)?;
    let mut rows = statement.query([id.0])?;
    rows.next()?.map(|row| Ok((read(row)?, row.get(12)?))).transpose()
}

impl Store {
    /// A finding as it is now, without its evidence; see [`Store::evidence`].
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn finding(&self, id: FindingId) -> Result<Option<KeptFinding>, StoreError> {
        self.read(|conn| Ok(by_id(conn, id)?.map(|(kept, _)| kept)))
    }

    /// The finding whose id begins like this, if there is just one; people copy the beginning of an id.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn finding_like(&self, beginning: [u8; 16], end: [u8; 16]) -> Result<Option<FindingId>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT id FROM finding WHERE id >= ?1 AND id <= ?2 LIMIT 2";
            let mut statement = conn.prepare_cached(sql)?;
            let ids = statement.query_map([beginning, end], |row| row.get(0).map(FindingId))?;
            let ids: Vec<_> = ids.collect::<Result<_, _>>()?;
            Ok(match ids.as_slice() {
                [id] => Some(*id),
                _ => None,
            })
        })
    }
}
