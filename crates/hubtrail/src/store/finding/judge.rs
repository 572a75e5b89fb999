//! What people do with findings: judge, assign and note, one or many at a time. Each is an entry with who
//! and when; nothing that was said before is changed.

use hubtrail_core::finding::FindingId;
use hubtrail_core::time::UtcMs;
use rusqlite::{OptionalExtension as _, params};

use super::content::{Content, Word};
use super::{KeptFinding, kept};
use crate::access::Actor;
use crate::judgement::Status;
use crate::store::writer::Writer;
use crate::store::{Position, Store, StoreError};

/// What is done with findings: the same with all of them, or nothing when one of them cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    pub findings: Vec<FindingId>,
    pub status: Option<Status>,
    pub owner: Option<Owner>,
    pub note: Option<String>,
    /// What whoever judges has seen of the finding, where only one is judged.
    pub seen: Option<Sight>,
    pub at: UtcMs,
}

/// The newest entry that somebody has seen of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Nothing may have come since.
    Exactly(Position),
    /// It may have grown since, which is told as it is of any finding that grows after its verdict. What other
    /// people have done meanwhile is seen first.
    AsOf(Position),
}

/// Whose a finding becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    Nobody,
    Somebody(String),
}

impl Judged {
    #[must_use]
    pub fn new(findings: Vec<FindingId>, at: UtcMs) -> Self {
        Self { findings, status: None, owner: None, note: None, seen: None, at }
    }
}

impl Owner {
    fn name(&self) -> Option<&String> {
        match self {
            Self::Nobody => None,
            Self::Somebody(name) => Some(name),
        }
    }
}

impl Store {
    /// The findings as they are then. Being told what is so already changes nothing.
    ///
    /// # Errors
    /// When one of them is not there, or not in the actor's accounts; or it was changed since it was seen.
    pub fn judge(&self, judged: Judged, by: &Actor) -> Result<Vec<KeptFinding>, StoreError> {
        let by = by.clone();
        self.write(move |writer| judged.findings.iter().map(|id| writer.judge(*id, &judged, &by)).collect())
    }
}

impl Writer {
    fn judge(&mut self, id: FindingId, judged: &Judged, by: &Actor) -> Result<KeptFinding, StoreError> {
        let missing = || StoreError::NoFinding(id.to_string());
        let (known, told) = kept::by_id(&self.conn, id)?.ok_or_else(missing)?;
        if !by.accounts.contain(known.connector) {
            return Err(missing());
        }
        let version = match judged.seen {
            None => known.version,
            Some(Sight::Exactly(seen)) if seen == known.changed => known.version,
            Some(Sight::Exactly(_)) => return Err(StoreError::FindingChanged(id.to_string())),
            Some(Sight::AsOf(seen)) => self.version_seen(id, seen)?,
        };
        let status = judged.status.unwrap_or(known.status);
        let owner = judged.owner.as_ref().map_or(known.owner.as_ref(), Owner::name);
        let judges = status != known.status || judged.status.is_some() && known.grown_since_judged;
        let assigns = owner != known.owner.as_ref();
        let word = match (judges, assigns, &judged.note) {
            (true, ..) => Word::Judged,
            (_, true, _) => Word::Assigned,
            (_, _, Some(_)) => Word::Noted,
            (false, false, None) => return Ok(known),
        };
        let content = Content {
            status: status.to_string(),
            owner: owner.cloned(),
            by: Some(by.name.clone()),
            note: judged.note.clone(),
            ..Content::now(&known, told, word)
        };
        self.put_change(&known, &content, judged.at)?;
        let sql = "UPDATE finding SET status = ?2, owner = ?3, judged = iif(?4, ?5, judged) WHERE id = ?1";
        self.conn.prepare_cached(sql)?.execute(params![id.0, status.as_str(), owner, judges, version])?;
        Ok(kept::by_id(&self.conn, id)?.ok_or_else(missing)?.0)
    }

    /// Which version the entry at a position told of, if people have left the finding alone since.
    fn version_seen(&self, id: FindingId, seen: Position) -> Result<u32, StoreError> {
        let changed = || StoreError::FindingChanged(id.to_string());
        let sql = "SELECT content FROM finding_entry WHERE finding = ?1 AND position = ?2";
        let mut statement = self.conn.prepare_cached(sql)?;
        let content = statement.query_row(params![id.0, seen], |row| row.get::<_, String>(0)).optional()?;
        let version = Content::read(&content.ok_or_else(changed)?)?.version;
        let sql = "SELECT content FROM finding_entry WHERE finding = ?1 AND position > ?2";
        let mut statement = self.conn.prepare_cached(sql)?;
        for content in statement.query_map(params![id.0, seen], |row| row.get::<_, String>(0))? {
            if Content::read(&content?)?.by.is_some() {
                return Err(changed());
            }
        }
        Ok(version)
    }
}
