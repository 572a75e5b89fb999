//! Collecting one connector: walks over HubSpot's pages into the log.
//!
//! The only writer of events. A page and what it does to the checkpoint go into one transaction; the
//! next page is fetched while that transaction becomes durable, and stored only after it.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicI64;
use std::sync::{Mutex, PoisonError};

use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use hubtrail_core::walk::{Failure, Gap, Server};
use jiff::tz::TimeZone;
use tokio::sync::mpsc::UnboundedSender;

use crate::clock::Clock;
use crate::connector::Connector;
use crate::hubspot::{ApiError, HubSpot, other_account_fix};
use crate::store::{Cleared, Store, StoreError};

mod follow;
mod lag;
mod news;
mod once;
mod pages;
mod standing;
mod verify;
mod walking;

pub use news::News;
pub use verify::Verdict;
pub use walking::{Patience, WalkReport};

/// What a collection that runs tells about itself, after each page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tell {
    Page(Progress),
    /// HubSpot is asked again after a pause.
    Waiting {
        error: ApiError,
        ms: u64,
    },
    /// A walk is over.
    Walked(Box<WalkReport>),
    /// A walk failed; it is tried again.
    Failed {
        message: String,
        fix: String,
    },
    /// The client, or the walk, found out something that a person should know.
    Note(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub walk: WalkKind,
    pub from: Option<UtcMs>,
    pub to: Option<UtcMs>,
    pub newest: Option<UtcMs>,
    pub pages: u64,
    pub new: u64,
    pub duplicate: u64,
}

/// Why a collection ended before its end. What was stored stays.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    #[error(transparent)]
    HubSpot(#[from] ApiError),
    #[error(transparent)]
    NotCredible(#[from] Failure),
    #[error(transparent)]
    Log(#[from] StoreError),
    #[error("some instants could not be read completely: {}", spans(.0))]
    Gaps(Vec<Gap>),
    #[error(
        "the token belongs to HubSpot account {found}, and this connector collects account {known}: nothing is collected"
    )]
    OtherAccount { found: u64, known: i64 },
    #[error("{0}")]
    Stopped(String),
    #[error("a background task of the collection ended unexpectedly")]
    TaskLost,
}

impl CollectError {
    /// A short word for programs.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::HubSpot(error) => error.kind(),
            Self::NotCredible(_) => "not_credible",
            Self::OtherAccount { .. } => "other_account",
            Self::Log(_) | Self::Stopped(_) => "log",
            Self::Gaps(_) => "gap",
            Self::TaskLost => "internal",
        }
    }

    /// Where `docs/troubleshooting.md` speaks of it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::HubSpot(error) => error.code(),
            Self::NotCredible(_) => "not-credible",
            Self::Gaps(_) => "gap",
            Self::OtherAccount { .. } => "token-of-another-account",
            Self::Log(_) | Self::Stopped(_) | Self::TaskLost => "internal",
        }
    }

    /// What a person does about it.
    #[must_use]
    pub fn fix(&self) -> String {
        match self {
            Self::HubSpot(error) => error.fix(),
            Self::NotCredible(_) => {
                "run it again: what HubSpot leaves out twice is taken as no longer served; \
                 if it persists, tell HubSpot's support"
                    .to_owned()
            }
            Self::OtherAccount { found, known } => other_account_fix(*found, *known),
            Self::Log(_) | Self::Stopped(_) => "see `hubtrail doctor`".to_owned(),
            Self::Gaps(_) => {
                "everything else is in the log; `hubtrail collect NAME --once --since TIME` tries \
                 the instants again, as the sweeps do by themselves"
                    .to_owned()
            }
            Self::TaskLost => {
                "run it again; if it persists, report it with the log at level debug".to_owned()
            }
        }
    }
}

fn spans(gaps: &[Gap]) -> String {
    const NAMED: usize = 5;
    let mut text: Vec<String> =
        gaps.iter().take(NAMED).map(|gap| format!("{} to {}", gap.from, gap.to)).collect();
    if gaps.len() > NAMED {
        text.push(format!("and {} more", gaps.len() - NAMED));
    }
    text.join(", ")
}

/// Everything that walks of one connector share.
pub struct Collector {
    store: Store,
    hubspot: HubSpot,
    connector: Connector,
    clock: Clock,
    tell: UnboundedSender<Tell>,
    /// What was learnt about HubSpot's server; each walk starts from it and adds to it.
    server: Mutex<Server>,
    /// What may stand in the log as being in the way of each walk.
    standing: Mutex<BTreeMap<WalkKind, Cleared>>,
    /// How far HubSpot's clock is ahead of ours.
    ahead_ms: AtomicI64,
    /// When the calls used today were last stored.
    spent_kept_at: AtomicI64,
}

const STREAM: Stream = Stream::Content;

impl Collector {
    #[must_use]
    pub fn new(
        store: Store,
        hubspot: HubSpot,
        connector: Connector,
        clock: Clock,
        tell: UnboundedSender<Tell>,
    ) -> Self {
        // An earlier process may have left something.
        let standing = WalkKind::ALL.map(|kind| (kind, Cleared::Call)).into_iter().collect();
        let (server, standing) = (Mutex::new(Server::default()), Mutex::new(standing));
        let (ahead_ms, spent_kept_at) = (AtomicI64::new(0), AtomicI64::new(0));
        Self { store, hubspot, connector, clock, tell, server, standing, ahead_ms, spent_kept_at }
    }

    /// The account's time zone, once it is known: its daily limit ends at midnight there.
    pub fn set_zone(&self, zone: TimeZone) {
        self.hubspot.set_zone(zone, self.clock.now());
    }

    /// The account's one client, for those who ask it other things: they share its limits.
    #[must_use]
    pub const fn hubspot(&self) -> &HubSpot {
        &self.hubspot
    }

    fn tell(&self, tell: Tell) {
        // Nobody listening is no reason to stop collecting.
        let _ = self.tell.send(tell);
    }

    fn server(&self) -> Server {
        *self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn learn(&self, server: Server) {
        let mut known = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        *known = known.merge(server);
    }
}
