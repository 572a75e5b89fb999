//! Entries about findings: what became of one, and how it was from then on.

use std::sync::Arc;

use hubtrail_core::finding::{Finding, FindingId};
use hubtrail_core::identity::leaf_hash;
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, Row, params};

use super::content::{Content, Word};
use super::evidence;
use crate::connector::ConnectorId;
use crate::exception::ExceptionId;
use crate::judgement::Status;
use crate::store::writer::Writer;
use crate::store::{Position, StoreError};

/// What became of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingChange {
    Raised,
    /// It has more evidence.
    Grown,
    /// An event that came late showed that it is part of another one.
    Absorbed(FindingId),
    /// What came late showed that there was nothing unusual.
    Withdrawn,
    /// Somebody gave it another status.
    Judged,
    /// Somebody took it, gave it to somebody, or let it go.
    Assigned,
    /// Somebody wrote a note.
    Noted,
}

/// One line of the log that is about a finding, with all that held of the finding then.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingEntry {
    pub position: Position,
    pub connector: ConnectorId,
    pub at: UtcMs,
    pub change: FindingChange,
    /// Who did it; none: detection.
    pub by: Option<String>,
    pub note: Option<String>,
    pub version: u32,
    pub status: Status,
    pub owner: Option<String>,
    /// What hides it.
    pub exception: Option<ExceptionId>,
    /// RFC 6962 leaf hash of what is stored.
    pub leaf: [u8; 32],
    pub finding: Finding,
}

pub(in crate::store) const AFTER: &str = "SELECT position, connector, finding, at, leaf, content FROM finding_entry e \
     WHERE position > ?1 AND position <= ?2 ORDER BY position LIMIT ?3";
const CONTENT: &str = "SELECT content FROM finding_entry WHERE position = ?1";

/// A row before it is known what was found by then.
pub(super) struct Line {
    pub(super) position: Position,
    pub(super) connector: ConnectorId,
    pub(super) finding: FindingId,
    pub(super) at: UtcMs,
    pub(super) leaf: [u8; 32],
    pub(super) content: Content,
}

pub(super) fn line(row: &Row<'_>) -> Result<Line, StoreError> {
    Ok(Line {
        position: row.get(0)?,
        connector: ConnectorId(row.get(1)?),
        finding: FindingId(row.get(2)?),
        at: UtcMs(row.get(3)?),
        leaf: row.get(4)?,
        content: Content::read(&row.get::<_, String>(5)?)?,
    })
}

impl Line {
    pub(super) fn complete(self, conn: &Connection) -> Result<FindingEntry, StoreError> {
        let Self { position, connector, finding: id, at, leaf, content } = self;
        let told = content.told.map_or(position, Position);
        let body = match content.finding {
            Some(body) => body,
            None => finding_at(conn, told)?,
        };
        let mut finding = body.finding(id);
        let proofs = evidence::of(conn, id, told, Finding::MOST_EVIDENCE)?;
        finding.evidence = Arc::new(proofs.iter().map(super::Proof::evidence).collect());
        Ok(FindingEntry {
            position,
            connector,
            at,
            change: change(content.change, content.absorbed_by.as_deref())?,
            by: content.by,
            note: content.note,
            version: content.version,
            status: status(&content.status)?,
            owner: content.owner,
            exception: content.exception.map(ExceptionId),
            leaf,
            finding,
        })
    }
}

fn finding_at(conn: &Connection, told: Position) -> Result<super::content::Body, StoreError> {
    let text: String = conn.prepare_cached(CONTENT)?.query_row([told], |row| row.get(0))?;
    let missing = || StoreError::unreadable("an entry of a finding", "it does not say what was found");
    Content::read(&text)?.finding.ok_or_else(missing)
}

pub(super) fn change(word: Word, absorbed_by: Option<&str>) -> Result<FindingChange, StoreError> {
    Ok(match word {
        Word::Raised => FindingChange::Raised,
        Word::Grown => FindingChange::Grown,
        Word::Absorbed => {
            let by = absorbed_by.unwrap_or_default().parse();
            FindingChange::Absorbed(by.map_err(|error| StoreError::unreadable("a finding's id", error))?)
        }
        Word::Withdrawn => FindingChange::Withdrawn,
        Word::Judged => FindingChange::Judged,
        Word::Assigned => FindingChange::Assigned,
        Word::Noted => FindingChange::Noted,
    })
}

pub(super) fn status(text: &str) -> Result<Status, StoreError> {
    text.parse().map_err(|error| StoreError::unreadable("a finding's status", error))
}

/// What comes after a position, and not after another one, oldest first.
pub(in crate::store) fn after(
    conn: &Connection,
    position: Position,
    until: Position,
    limit: i64,
) -> Result<Vec<FindingEntry>, StoreError> {
    let mut statement = conn.prepare_cached(AFTER)?;
    let mut rows = statement.query(params![position, until, limit])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(line(row)?.complete(conn)?);
    }
    Ok(entries)
}

impl Writer {
    /// The next position of the log.
    pub(in crate::store) fn take_position(&mut self) -> Result<Position, StoreError> {
        self.head = Position(self.head.0 + 1);
        self.conn.prepare_cached("UPDATE log SET head = ?1")?.execute([self.head])?;
        Ok(self.head)
    }

    pub(super) fn put_line(
        &self,
        position: Position,
        connector: ConnectorId,
        finding: FindingId,
        at: UtcMs,
        content: &Content,
    ) -> Result<(), StoreError> {
        let content = content.write()?;
        let sql = "INSERT INTO finding_entry (position, connector, finding, at, leaf, content) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let leaf = leaf_hash(content.as_bytes());
        self.conn.prepare_cached(sql)?.execute(params![
            position,
            connector.0,
            finding.0,
            at.0,
            leaf,
            content
        ])?;
        Ok(())
    }
}
