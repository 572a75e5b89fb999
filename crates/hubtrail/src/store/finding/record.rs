//! What detection found, and how far it has read: one transaction. Being told of the same thing again
//! changes nothing, so that a crash anywhere costs nothing and invents nothing.

use hubtrail_core::detect::{Change, Overlooked, Standing as Learned};
use hubtrail_core::finding::{Finding, FindingId};
use hubtrail_core::time::UtcMs;
use rusqlite::params;

use super::content::{Body, Content, Word};
use super::{evidence, kept};
use crate::connector::ConnectorId;
use crate::exception::ExceptionId;
use crate::judgement::{Status, Verdict};
use crate::store::writer::Writer;
use crate::store::{Position, Store, StoreError, connectors, detection, exceptions, reader};

/// What one look of detection brought.
#[derive(Clone, Debug, Default)]
pub struct Detected {
    pub at: UtcMs,
    /// The reader's name, and up to where it has looked.
    pub reader: &'static str,
    pub up_to: Position,
    pub changes: Vec<(ConnectorId, Change)>,
    /// How each account that was looked at stands.
    pub accounts: Vec<(ConnectorId, Looked)>,
}

/// What is remembered of an account beside what can be read again from the log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Looked {
    /// The newest time of an event that was looked at, of those not dated in the future.
    pub now: Option<UtcMs>,
    /// From when on history has come in that the running windows have not seen.
    pub unjoined: Option<UtcMs>,
    /// What was overlooked since the account was last told of.
    pub overlooked: Overlooked,
    /// What was learnt of it as of its last closed day, when that has changed.
    pub snapshot: Option<Vec<u8>>,
    /// The same for people: how far the learning is.
    pub learned: Option<Learned>,
}

/// How many findings were really changed by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    pub raised: usize,
    pub grown: usize,
    pub absorbed: usize,
    pub withdrawn: usize,
    /// Of those raised, the ones that nobody is told of.
    pub hidden: usize,
    /// Where the reader stands now.
    pub position: Position,
}

impl Store {
    /// # Errors
    /// When nothing of it was stored.
    pub fn record_findings(&self, detected: Detected) -> Result<Recorded, StoreError> {
        self.write(move |writer| writer.record_findings(&detected))
    }
}

impl Writer {
    fn record_findings(&mut self, detected: &Detected) -> Result<Recorded, StoreError> {
        let is_alone = self.head == detected.up_to;
        let mut recorded = Recorded::default();
        for (connector, change) in &detected.changes {
            // Of an account that was removed meanwhile nothing is told any more.
            if !connectors::is_there(&self.conn, *connector)? {
                continue;
            }
            match change {
                Change::Raised(finding) | Change::Grown(finding) => {
                    self.tell(*connector, finding, detected.at, &mut recorded)?;
                }
                Change::Absorbed { id, by } => {
                    recorded.absorbed += usize::from(self.absorb(*id, *by, detected.at)?);
                }
                Change::Withdrawn(id) => {
                    recorded.withdrawn += usize::from(self.withdraw(*id, detected.at)?);
                }
            }
        }
        for (connector, looked) in &detected.accounts {
            if connectors::is_there(&self.conn, *connector)? {
                detection::put(&self.conn, *connector, looked)?;
            }
        }
        // What was just written is not for this reader; it need not be woken by it.
        let done = if is_alone { self.head } else { detected.up_to };
        reader::ack(self, detected.reader, done)?;
        Ok(Recorded { position: done, ..recorded })
    }

    fn tell(
        &mut self,
        connector: ConnectorId,
        finding: &Finding,
        at: UtcMs,
        recorded: &mut Recorded,
    ) -> Result<(), StoreError> {
        let known = kept::by_id(&self.conn, finding.id)?.map(|(known, _)| known);
        if let Some(known) = &known {
            let before = &known.finding;
            // A rule's finding does not shrink: whoever sees less of it has read less.
            let is_less = finding.events < before.events && !finding.is_behaviour();
            if is_less || (says_same(before, finding) && !known.withdrawn) {
                return Ok(());
            }
        }
        let covering = exceptions::covering(&self.conn, connector, finding)?;
        // What people have seen is not hidden from them later.
        let exception = covering.filter(|_| known.as_ref().is_none_or(|known| known.exception.is_some()));
        let status =
            known.as_ref().filter(|known| !known.withdrawn).map_or(Status::New, |known| known.status);
        let position = self.take_position()?;
        let content = Content {
            change: if known.is_some() { Word::Grown } else { Word::Raised },
            version: known.as_ref().map_or(1, |known| known.version + 1),
            status: status.to_string(),
            owner: known.as_ref().and_then(|known| known.owner.clone()),
            exception: exception.map(|exception| exception.0),
            by: None,
            note: None,
            absorbed_by: None,
            finding: Some(Body::of(finding)),
            told: None,
            evidence: evidence::keep(&self.conn, finding.id, &finding.evidence, position)?,
        };
        self.put_line(position, connector, finding.id, at, &content)?;
        match known {
            None => {
                recorded.raised += 1;
                recorded.hidden += usize::from(exception.is_some() || finding.quiet);
                if let Some(exception) = exception {
                    exceptions::count(&self.conn, exception)?;
                }
                self.add(connector, finding, position, at, exception)
            }
            Some(_) => {
                recorded.grown += 1;
                self.grow(finding, position, at, &content)
            }
        }
    }

    fn add(
        &self,
        connector: ConnectorId,
        finding: &Finding,
        position: Position,
        at: UtcMs,
        exception: Option<ExceptionId>,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO finding (raised, id, connector, rule, severity, watch, actor, time, last_seen, events, \
                   version, told, changed, changed_at, status, exception, quiet) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1, ?1, ?1, ?11, ?12, ?13, ?14)";
        self.conn.prepare_cached(sql)?.execute(params![
            position,
            finding.id.0,
            connector.0,
            finding.rule,
            finding.severity as i64,
            finding.watch,
            finding.actor.id,
            finding.time.0,
            finding.last_seen.0,
            i64::try_from(finding.events).unwrap_or(i64::MAX),
            at.0,
            Status::New.as_str(),
            exception.map(|exception| exception.0),
            finding.quiet,
        ])?;
        Ok(())
    }

    fn grow(
        &self,
        finding: &Finding,
        position: Position,
        at: UtcMs,
        content: &Content,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE finding SET severity = ?2, time = ?3, last_seen = ?4, events = ?5, version = ?6, told = ?7, \
                   changed = ?7, changed_at = ?8, exception = ?9, rule = ?10, quiet = ?11, status = ?12, absorbed_by = NULL WHERE id = ?1";
        self.conn.prepare_cached(sql)?.execute(params![
            finding.id.0,
            finding.severity as i64,
            finding.time.0,
            finding.last_seen.0,
            i64::try_from(finding.events).unwrap_or(i64::MAX),
            content.version,
            position,
            at.0,
            content.exception,
            finding.rule,
            finding.quiet,
            content.status,
        ])?;
        Ok(())
    }

    fn absorb(&mut self, id: FindingId, by: FindingId, at: UtcMs) -> Result<bool, StoreError> {
        let Some((known, told)) = kept::by_id(&self.conn, id)? else { return Ok(false) };
        if known.absorbed_by.is_some() || id == by {
            return Ok(false);
        }
        let content =
            Content { absorbed_by: Some(by.to_string()), ..Content::now(&known, told, Word::Absorbed) };
        self.put_change(&known, &content, at)?;
        let sql = "UPDATE finding SET absorbed_by = ?2 WHERE id = ?1";
        self.conn.prepare_cached(sql)?.execute(params![id.0, by.0])?;
        Ok(true)
    }

    /// What came late showed that there was nothing unusual: it waits for nobody any more.
    fn withdraw(&mut self, id: FindingId, at: UtcMs) -> Result<bool, StoreError> {
        let Some((known, told)) = kept::by_id(&self.conn, id)? else { return Ok(false) };
        if known.absorbed_by.is_some() || !known.status.is_open() {
            return Ok(false);
        }
        let status = Status::Closed(Verdict::False).to_string();
        let content = Content { status: status.clone(), ..Content::now(&known, told, Word::Withdrawn) };
        self.put_change(&known, &content, at)?;
        let sql = "UPDATE finding SET status = ?2, judged = NULL WHERE id = ?1";
        self.conn.prepare_cached(sql)?.execute(params![id.0, status])?;
        Ok(true)
    }

    /// An entry that says nothing new of what happened.
    pub(super) fn put_change(
        &mut self,
        known: &super::KeptFinding,
        content: &Content,
        at: UtcMs,
    ) -> Result<Position, StoreError> {
        let position = self.take_position()?;
        self.put_line(position, known.connector, known.finding.id, at, content)?;
        let sql = "UPDATE finding SET changed = ?2, changed_at = ?3 WHERE id = ?1";
        self.conn.prepare_cached(sql)?.execute(params![known.finding.id.0, position, at.0])?;
        Ok(position)
    }
}

/// Whether people are told the same of a finding.
fn says_same(before: &Finding, now: &Finding) -> bool {
    let told = |finding: &Finding| {
        let score = finding.score.to_bits();
        (finding.events, finding.time, finding.last_seen, finding.severity, score, finding.quiet)
    };
    told(before) == told(now)
        && before.rule == now.rule
        && (!now.is_behaviour() || before.reason == now.reason)
}

impl Content {
    /// All as it is, for an entry that changes some of it.
    pub(super) fn now(known: &super::KeptFinding, told: Position, change: Word) -> Self {
        Self {
            change,
            version: known.version,
            status: known.status.to_string(),
            owner: known.owner.clone(),
            exception: known.exception.map(|exception| exception.0),
            by: None,
            note: None,
            absorbed_by: None,
            finding: None,
            told: Some(told.0),
            evidence: Vec::new(),
        }
    }
}
