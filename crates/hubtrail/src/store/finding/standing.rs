//! How many findings there are of each kind, for a queue's heading and for the metrics; from an index.

use hubtrail_core::finding::Severity;
use rusqlite::{Connection, Row, params_from_iter};

use super::entry::status;
use super::search::{FindingSearch, ids_about};
use crate::connector::ConnectorId;
use crate::judgement::Status;
use crate::store::{Store, StoreError};

/// So many findings have all of this in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub connector: ConnectorId,
    pub status: Status,
    pub severity: Severity,
    pub watch: bool,
    /// An exception or the alert budget hides them.
    pub hidden: bool,
    pub findings: i64,
}

/// What waits for somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueCount {
    pub new: i64,
    pub acknowledged: i64,
    /// Open ones that wait for nobody.
    pub hidden: i64,
}

pub(in crate::store) const STANDING: &str = "SELECT connector, status, severity, watch, exception, quiet, count(*) \
     FROM finding WHERE absorbed_by IS NULL GROUP BY connector, status, severity, watch, exception, quiet";

/// Each combination is a seek: every page asks this, and most findings are hidden or were judged.
pub(in crate::store) const WAITING: &str = "SELECT f.connector, count(*) FROM connector c \
     CROSS JOIN finding f INDEXED BY finding_standing ON f.connector = c.id \
     WHERE f.status = ?1 AND f.severity IN (0, 1, 2, 3, 4) AND f.watch = 0 AND f.exception IS NULL AND f.quiet = 0 \
     AND f.absorbed_by IS NULL GROUP BY c.id";

/// The same of all that are open, by severity.
pub(in crate::store) const OPEN: &str = "SELECT f.connector, f.severity, count(*) FROM connector c \
     CROSS JOIN finding f INDEXED BY finding_standing ON f.connector = c.id \
     WHERE f.status IN (?1, ?2) AND f.severity IN (0, 1, 2, 3, 4) AND f.watch = 0 AND f.exception IS NULL AND f.quiet = 0 \
     AND f.absorbed_by IS NULL GROUP BY c.id, f.severity";

impl Store {
    /// Open ones that nothing hides, without the watches, by account and severity.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn findings_open(&self) -> Result<Vec<(ConnectorId, Severity, i64)>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(OPEN)?;
            let mut rows = statement.query(Status::OPEN.map(Status::as_str))?;
            let mut open = Vec::new();
            while let Some(row) = rows.next()? {
                open.push((ConnectorId(row.get(0)?), severity(row.get(1)?)?, row.get(2)?));
            }
            Ok(open)
        })
    }

    /// New ones that nothing hides, without the watches, by account.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn findings_waiting(&self) -> Result<Vec<(ConnectorId, i64)>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(WAITING)?;
            let waiting = statement
                .query_map([Status::New.as_str()], |row| Ok((ConnectorId(row.get(0)?), row.get(1)?)))?;
            Ok(waiting.collect::<Result<_, _>>()?)
        })
    }

    /// Of those that are in the accounts, of the rules, by the people, about the objects and of the owner that are
    /// searched for, whatever else they are.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn findings_standing_of(&self, search: &FindingSearch) -> Result<Vec<Standing>, StoreError> {
        let seen = |standing: &Standing| {
            search.connectors.as_ref().is_none_or(|own| own.contains(&standing.connector))
        };
        let is_narrow = search.is_narrow();
        let mut standings = if is_narrow {
            self.read_at_once(|conn| narrowed(conn, search))
        } else {
            self.findings_standing()
        }?;
        standings.retain(seen);
        Ok(standings)
    }

    /// Of all accounts; findings that are part of others count with those.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn findings_standing(&self) -> Result<Vec<Standing>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(STANDING)?;
            let mut rows = statement.query([])?;
            let mut standings: Vec<Standing> = Vec::new();
            while let Some(row) = rows.next()? {
                let next = read(row)?;
                match standings.last_mut() {
                    // Those that different exceptions hide follow each other.
                    Some(last) if *last == (Standing { findings: last.findings, ..next.clone() }) => {
                        last.findings += next.findings;
                    }
                    _ => standings.push(next),
                }
            }
            Ok(standings)
        })
    }
}

/// The same as [`STANDING`], of what an index of its own leads to; each list is an array in JSON.
pub(in crate::store) fn standing_of(columns: &[&str]) -> String {
    let condition = |column: &&str| match *column {
        "id" => " AND id IN (SELECT unhex(value) FROM json_each(?))".to_owned(),
        column => format!(" AND {column} IN (SELECT value FROM json_each(?))"),
    };
    format!(
        "SELECT connector, status, severity, watch, exception, quiet, count(*) FROM finding \
         WHERE absorbed_by IS NULL{} GROUP BY connector, status, severity, watch, exception, quiet",
        columns.iter().map(condition).collect::<String>()
    )
}

fn narrowed(conn: &Connection, search: &FindingSearch) -> Result<Vec<Standing>, StoreError> {
    let owner: Vec<_> = search.owner.iter().cloned().collect();
    let mut kinds = vec![("rule", search.rules.clone()), ("actor", search.actors.clone()), ("owner", owner)];
    kinds.retain(|(_, values)| !values.is_empty());
    if !search.objects.is_empty() {
        kinds.push(("id", ids_about(conn, search)?.iter().map(hex::encode).collect()));
    }
    let (columns, lists): (Vec<_>, Vec<_>) = kinds.into_iter().unzip();
    let lists = lists.into_iter().map(|values| serde_json::Value::from(values).to_string());
    let mut statement = conn.prepare_cached(&standing_of(&columns))?;
    let mut rows = statement.query(params_from_iter(lists))?;
    let mut standings = Vec::new();
    while let Some(row) = rows.next()? {
        standings.push(read(row)?);
    }
    Ok(standings)
}

fn read(row: &Row<'_>) -> Result<Standing, StoreError> {
    Ok(Standing {
        connector: ConnectorId(row.get(0)?),
        status: status(&row.get::<_, String>(1)?)?,
        severity: severity(row.get(2)?)?,
        watch: row.get(3)?,
        hidden: row.get::<_, Option<i64>>(4)?.is_some() || row.get(5)?,
        findings: row.get(6)?,
    })
}

fn severity(stored: u32) -> Result<Severity, StoreError> {
    let unknown = || StoreError::unreadable("a finding's severity", stored);
    Severity::ALL.get(stored as usize).copied().ok_or_else(unknown)
}

impl QueueCount {
    #[must_use]
    pub fn of<'a>(standings: impl IntoIterator<Item = &'a Standing>) -> Self {
        let mut count = Self::default();
        for standing in standings {
            match standing.status {
                Status::New | Status::Acknowledged if standing.hidden => count.hidden += standing.findings,
                Status::New => count.new += standing.findings,
                Status::Acknowledged => count.acknowledged += standing.findings,
                Status::Closed(_) => {}
            }
        }
        count
    }
}
