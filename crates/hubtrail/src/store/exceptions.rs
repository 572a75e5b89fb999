//! Exceptions: each is an entry of the log when it is made and when it is ended, and a row as it is now.

use hubtrail_core::finding::Finding;
use hubtrail_core::identity::leaf_hash;
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::Serialize;

use super::audit::{self, NewAudit};
use super::writer::Writer;
use super::{Store, StoreError, connectors};
use crate::access::{Accounts, Actor};
use crate::connector::ConnectorId;
use crate::exception::{Excepted, Exception, ExceptionId};

/// Which exceptions, the newest first.
#[derive(Clone, Debug)]
pub struct ExceptionSearch {
    pub within: Accounts,
    /// Only those that hold at this time, or will.
    pub in_force: Option<UtcMs>,
    pub limit: usize,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, connector, rule, person, object, from_ms, to_ms, maintenance, reason, created_at, created_by, ",
            "ended_at, ended_by, hidden FROM exception ",
            $rest
        )
    };
}

/// Those that were not ended, whose time is not over when the finding's newest event happened.
pub(super) const IN_FORCE: &str = select!("WHERE ended_at IS NULL AND to_ms > ?1 ORDER BY to_ms");

impl Store {
    /// # Errors
    /// When it would hide everything, or is for an account that is not there or not the actor's.
    pub fn add_exception(&self, what: Excepted, by: &Actor, at: UtcMs) -> Result<Exception, StoreError> {
        what.check()?;
        let by = by.clone();
        self.write(move |writer| writer.add_exception(what, &by, at))
    }

    /// Ends it before its time; what it has hidden stays hidden.
    ///
    /// # Errors
    /// When there is none of that number in the actor's accounts.
    pub fn end_exception(&self, id: ExceptionId, by: &Actor, at: UtcMs) -> Result<Exception, StoreError> {
        let by = by.clone();
        self.write(move |writer| writer.end_exception(id, &by, at))
    }

    /// # Errors
    /// When the log cannot be read.
    pub fn exceptions(&self, search: &ExceptionSearch) -> Result<Vec<Exception>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(select!("ORDER BY id DESC"))?;
            let mut rows = statement.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let exception = read(row)?;
                if search.accepts(&exception) && found.len() < search.limit {
                    found.push(exception);
                }
            }
            Ok(found)
        })
    }

    /// # Errors
    /// When the log cannot be read.
    pub fn exception(&self, id: ExceptionId) -> Result<Option<Exception>, StoreError> {
        self.read(|conn| by_id(conn, id))
    }
}

impl ExceptionSearch {
    fn accepts(&self, exception: &Exception) -> bool {
        let is_seen = exception.what.connector.is_none_or(|connector| self.within.contain(connector));
        let holds = |now| exception.ended.is_none() && exception.what.to > now;
        is_seen && self.in_force.is_none_or(holds)
    }
}

impl Writer {
    fn add_exception(&mut self, what: Excepted, by: &Actor, at: UtcMs) -> Result<Exception, StoreError> {
        if let Some(connector) = what.connector {
            connectors::must_exist(&self.conn, connector)?;
        }
        let position = self.take_position()?;
        let sql = "INSERT INTO exception (id, connector, rule, person, object, from_ms, to_ms, maintenance, reason, \
                   created_at, created_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        self.conn.prepare_cached(sql)?.execute(params![
            position,
            what.connector.map(|connector| connector.0),
            what.rule,
            what.person,
            what.object,
            what.from.0,
            what.to.0,
            what.maintenance,
            what.reason,
            at.0,
            by.name,
        ])?;
        let id = ExceptionId(position.0);
        let exception =
            Exception { id, what, created_at: at, created_by: by.name.clone(), ended: None, hidden: 0 };
        self.put_exception_entry(position, "added", &exception, by, at)?;
        Ok(exception)
    }

    fn end_exception(&mut self, id: ExceptionId, by: &Actor, at: UtcMs) -> Result<Exception, StoreError> {
        let missing = || StoreError::NoException(id.0);
        let found = by_id(&self.conn, id)?.ok_or_else(missing)?;
        // One for all accounts is ended by those who see all.
        let may = found.what.connector.map_or(by.accounts == Accounts::All, |own| by.accounts.contain(own));
        if !may {
            return Err(missing());
        }
        if found.ended.is_some() {
            return Ok(found);
        }
        let position = self.take_position()?;
        let sql = "UPDATE exception SET ended_at = ?2, ended_by = ?3 WHERE id = ?1";
        self.conn.prepare_cached(sql)?.execute(params![id.0, at.0, by.name])?;
        let ended = Exception { ended: Some((at, by.name.clone())), ..found };
        self.put_exception_entry(position, "ended", &ended, by, at)?;
        Ok(ended)
    }

    fn put_exception_entry(
        &self,
        position: super::Position,
        change: &'static str,
        exception: &Exception,
        by: &Actor,
        at: UtcMs,
    ) -> Result<(), StoreError> {
        let content = Content::of(change, exception, by).write()?;
        let sql = "INSERT INTO exception_entry (position, exception, at, leaf, content) VALUES (?1, ?2, ?3, ?4, ?5)";
        let leaf = leaf_hash(content.as_bytes());
        self.conn.prepare_cached(sql)?.execute(params![position, exception.id.0, at.0, leaf, content])?;
        let action = if change == "added" { "exception.create" } else { "exception.end" };
        let entry = NewAudit::by(by, action, exception.id.0.to_string());
        audit::append(
            &self.conn,
            &entry.connector(exception.what.connector).detail(exception.what.reason.clone()),
            at,
        )
    }
}

/// What an entry says, as JSON.
#[derive(Serialize)]
struct Content<'a> {
    change: &'static str,
    by: &'a str,
    connector: Option<i64>,
    rule: Option<&'a str>,
    person: Option<&'a str>,
    object: Option<&'a str>,
    from: UtcMs,
    to: UtcMs,
    maintenance: bool,
    reason: &'a str,
}

impl<'a> Content<'a> {
    fn of(change: &'static str, exception: &'a Exception, by: &'a Actor) -> Self {
        let what = &exception.what;
        Self {
            change,
            by: &by.name,
            connector: what.connector.map(|connector| connector.0),
            rule: what.rule.as_deref(),
            person: what.person.as_deref(),
            object: what.object.as_deref(),
            from: what.from,
            to: what.to,
            maintenance: what.maintenance,
            reason: &what.reason,
        }
    }

    fn write(&self) -> Result<String, StoreError> {
        serde_json::to_string(self).map_err(|error| StoreError::unwritable("an exception", error))
    }
}

/// The first exception that covers all of a finding.
pub(super) fn covering(
    conn: &Connection,
    connector: ConnectorId,
    finding: &Finding,
) -> Result<Option<ExceptionId>, StoreError> {
    let mut statement = conn.prepare_cached(IN_FORCE)?;
    let mut rows = statement.query([finding.last_seen.0])?;
    while let Some(row) = rows.next()? {
        let exception = read(row)?;
        if exception.what.covers(connector, finding) {
            return Ok(Some(exception.id));
        }
    }
    Ok(None)
}

/// One more finding is hidden by it.
pub(super) fn count(conn: &Connection, id: ExceptionId) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE exception SET hidden = hidden + 1 WHERE id = ?1")?.execute([id.0])?;
    Ok(())
}

fn by_id(conn: &Connection, id: ExceptionId) -> Result<Option<Exception>, StoreError> {
    let mut statement = conn.prepare_cached(select!("WHERE id = ?1"))?;
    Ok(statement.query_row([id.0], read).optional()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Exception> {
    let ended_at: Option<i64> = row.get(11)?;
    Ok(Exception {
        id: ExceptionId(row.get(0)?),
        what: Excepted {
            connector: row.get::<_, Option<i64>>(1)?.map(ConnectorId),
            rule: row.get(2)?,
            person: row.get(3)?,
            object: row.get(4)?,
            from: UtcMs(row.get(5)?),
            to: UtcMs(row.get(6)?),
            maintenance: row.get(7)?,
            reason: row.get(8)?,
        },
        created_at: UtcMs(row.get(9)?),
        created_by: row.get(10)?,
        ended: ended_at.map(UtcMs).zip(row.get(12)?),
        hidden: row.get(13)?,
    })
}
