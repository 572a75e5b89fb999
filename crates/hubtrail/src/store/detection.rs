//! What detection remembers of each account between two looks, and between two lives of the process.

use hubtrail_core::detect::Standing as Learned;
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::finding::Looked;
use super::{Store, StoreError};
use crate::connector::ConnectorId;

/// How an account stands with detection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Detection {
    /// The newest time of an event that was looked at, of those not dated in the future.
    pub now: Option<UtcMs>,
    /// From when on history has come in that the running windows have not seen.
    pub unjoined: Option<UtcMs>,
    /// Events that were overlooked because they came too late.
    pub late: i64,
    /// Times at which old events were forgotten early, because there were too many.
    pub crowded: i64,
}

impl Store {
    /// How an account stands; as new when nothing of it was looked at.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn detection(&self, connector: ConnectorId) -> Result<Detection, StoreError> {
        self.read(|conn| {
            let sql = "SELECT now, unjoined, late, crowded, connector FROM detection WHERE connector = ?1";
            let found = conn.prepare_cached(sql)?.query_row([connector.0], read).optional()?;
            Ok(found.map(|(_, detection)| detection).unwrap_or_default())
        })
    }

    /// All accounts that were looked at.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn detections(&self) -> Result<Vec<(ConnectorId, Detection)>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT now, unjoined, late, crowded, connector FROM detection ORDER BY connector";
            let mut statement = conn.prepare_cached(sql)?;
            let rows = statement.query_map([], read)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// What was learnt of an account as of its last closed day, in the form of whoever learnt it.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn snapshot(&self, connector: ConnectorId) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT snapshot FROM detection WHERE connector = ?1";
            Ok(conn.prepare_cached(sql)?.query_row([connector.0], |row| row.get(0)).optional()?.flatten())
        })
    }
}

/// How often people were told of something in an account, beside how often they want to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AlertRate {
    pub connector: ConnectorId,
    pub learned: Learned,
    /// Alerts within the budget in the last 30 days of what was collected.
    pub raised: i64,
}

const MONTH_MS: i64 = 30 * 86_400_000;
const RAISED: &str = "SELECT count(*) FROM finding f WHERE connector = ?1 AND time > ?2 AND time <= ?3 AND quiet = 0 \
     AND watch = 0 AND severity < 4 AND exception IS NULL AND absorbed_by IS NULL \
     AND (status <> 'false' OR judged IS NOT NULL)";

impl Store {
    /// Of the accounts in which behaviour is looked at.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn alert_rates(&self) -> Result<Vec<AlertRate>, StoreError> {
        self.read_at_once(|conn| {
            let sql = "SELECT d.connector, d.now, d.learned FROM detection d JOIN connector c ON c.id = d.connector \
                       WHERE d.learned IS NOT NULL AND c.removed = 0 ORDER BY c.name";
            let mut statement = conn.prepare_cached(sql)?;
            let mut rows = statement.query([])?;
            let mut rates = Vec::new();
            while let Some(row) = rows.next()? {
                let (connector, now, text): (i64, i64, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
                let learned = serde_json::from_str(&text);
                let learned =
                    learned.map_err(|error| StoreError::unreadable("what was learned of an account", error))?;
                let key = params![connector, now - MONTH_MS, now];
                let raised = conn.prepare_cached(RAISED)?.query_row(key, |row| row.get(0))?;
                rates.push(AlertRate { connector: ConnectorId(connector), learned, raised });
            }
            Ok(rates)
        })
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<(ConnectorId, Detection)> {
    let time = |column| row.get::<_, Option<i64>>(column).map(|at| at.map(UtcMs));
    let detection = Detection { now: time(0)?, unjoined: time(1)?, late: row.get(2)?, crowded: row.get(3)? };
    Ok((ConnectorId(row.get(4)?), detection))
}

/// In the transaction that stores what was found.
pub(super) fn put(conn: &Connection, connector: ConnectorId, looked: &Looked) -> Result<(), StoreError> {
    let learned = looked.learned.as_ref().map(serde_json::to_string).transpose();
    let learned = learned.map_err(|error| StoreError::unwritable("what was learned of an account", error))?;
    let sql = "INSERT INTO detection (connector, now, unjoined, late, crowded, snapshot, learned) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (connector) DO UPDATE SET now = max(coalesce(now, excluded.now), coalesce(excluded.now, now)), \
               unjoined = excluded.unjoined, late = late + excluded.late, crowded = crowded + excluded.crowded, \
               snapshot = coalesce(excluded.snapshot, snapshot), learned = coalesce(excluded.learned, learned)";
    conn.prepare_cached(sql)?.execute(params![
        connector.0,
        looked.now.map(|now| now.0),
        looked.unjoined.map(|from| from.0),
        i64::try_from(looked.overlooked.late).unwrap_or(i64::MAX),
        i64::try_from(looked.overlooked.crowded).unwrap_or(i64::MAX),
        looked.snapshot,
        learned,
    ])?;
    Ok(())
}
