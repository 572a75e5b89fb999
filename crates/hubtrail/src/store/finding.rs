//! Findings as the log keeps them: each change of one is an entry, in one sequence with the events, and
//! beside the entries stands how each finding is now, so that a queue is answered from an index.

mod content;
mod entry;
mod evidence;
mod history;
mod judge;
mod kept;
mod rates;
mod record;
mod removal;
mod search;
mod standing;
mod verdicts;

use hubtrail_core::finding::{Finding, FindingId, Object};
use hubtrail_core::time::UtcMs;

pub use entry::{FindingChange, FindingEntry};
pub use evidence::Proof;
pub use history::WholeFinding;
pub use judge::{Judged, Owner, Sight};
pub use rates::RuleRate;
pub use record::{Detected, Looked, Recorded};
pub use search::FindingSearch;
pub use standing::{QueueCount, Standing};
pub use verdicts::Judgement;

pub(super) use entry::after;
pub(super) use removal::forget_connector;

use super::Position;
use crate::connector::ConnectorId;
use crate::exception::ExceptionId;
use crate::judgement::Status;

/// A finding as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptFinding {
    /// The position of its first entry.
    pub raised: Position,
    pub connector: ConnectorId,
    /// How often it was told of: 1 when it was raised.
    pub version: u32,
    /// The position of its newest entry, of any kind: who has seen another one has seen another state.
    pub changed: Position,
    pub changed_at: UtcMs,
    pub status: Status,
    /// Nobody closed it but detection, to which something came late.
    pub withdrawn: bool,
    /// It has grown since somebody judged it.
    pub grown_since_judged: bool,
    pub owner: Option<String>,
    /// What hides it.
    pub exception: Option<ExceptionId>,
    /// It turned out to be part of another one.
    pub absorbed_by: Option<FindingId>,
    /// The first of those that it is about.
    pub objects: Vec<Object>,
    /// Without its evidence, of which there is more than a list shows.
    pub finding: Finding,
}

impl KeptFinding {
    /// It waits for nobody: an exception covers it, or it is below the line of the alert budget.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        self.exception.is_some() || self.finding.quiet
    }
}

#[cfg(test)]
pub(super) use self::{
    entry::AFTER,
    evidence::OF as EVIDENCE,
    kept::BY_ID,
    removal::OVER,
    search::{OF_OBJECT, sql as search_sql},
    standing::{OPEN, STANDING, WAITING, standing_of},
};
