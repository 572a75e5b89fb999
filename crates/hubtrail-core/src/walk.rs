//! Reading one window of a stream to its end, oldest first, from an API whose cursor is a time.
//!
//! A walk is a state machine without IO: `step` says what it needs, `observe` takes what came back.
//! The caller stores the records of every page, also of pages that are not believed, in one
//! transaction with the changes that `observe` returns.
//!
//! | a page … | the walk … |
//! |---|---|
//! | is not credible | asks again, then fails; a contradiction seen in two walks is believed |
//! | brings something newer | goes on at *newest − 1 ms* |
//! | has no cursor, or brings nothing newer, is not full and its cursor is not ahead | ends |
//! | brings nothing newer and its cursor is ahead | follows the cursor; after many, looks from the other end whether there is more |
//! | brings nothing newer and is full | reads the instant with a larger limit, from the other end, in slices |

use std::collections::{BTreeSet, HashSet};

use crate::checkpoint::{Change, WalkKind, WalkPoint};
use crate::identity::EventId;
use crate::page::{Dimension, Filter, Page, PageRequest};
use crate::time::UtcMs;

mod credible;
mod passes;
mod place;
mod reading;
mod server;
mod slicing;
mod values;

pub use credible::Doubt;
pub use server::Server;

use passes::Passes;
use reading::{Reading, Turn};
use slicing::{Slicing, Want};
use values::Values;

/// What the walk needs next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Fetch this page. Look up the oldest held entry *before* asking, so that an entry which
    /// becomes visible in between is no contradiction.
    Ask(Box<Ask>),
    /// Say which values of this dimension the log has ever seen.
    Learn(Dimension),
    Over(Outcome),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    pub request: PageRequest,
    /// None: the page promises nothing about what we hold.
    pub held: Option<Held>,
}

/// Which entries of the log HubSpot must not leave out of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The first instant that the answer must cover; none: all of it.
    pub from: Option<UtcMs>,
    pub filter: Filter,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Ended,
    Failed(Failure),
}

/// Why a walk stopped before its end. What was stored stays; the next walk resumes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error("HubSpot's answers make no sense: {0}")]
    NotCredible(Doubt),
    #[error("nothing gets past {0}, not even an hour later; HubSpot keeps returning the same page")]
    CannotLeave(UtcMs),
    #[error("HubSpot has records newer than {0}, and thousands of its cursors in a row do not lead to them")]
    NeverArrives(UtcMs),
    #[error("HubSpot refuses the request for this page")]
    Refused,
}

/// Records between these instants, both included, may be missing, and HubSpot offers no way to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    pub from: UtcMs,
    pub to: UtcMs,
}

/// What a page meant. The changes belong into the transaction that stores the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    pub changes: Vec<Change>,
    pub gaps: Vec<Gap>,
    /// The oldest held entry that HubSpot no longer serves; believed because it was seen in two walks.
    pub withdrawn: Option<UtcMs>,
    /// The page was not believed, for the reason given, and is asked for again after a pause.
    pub doubted: Option<Doubt>,
}

/// Why HubSpot did not give a page, where that is about this request and not about the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    TooLong,
    /// More records were asked for than HubSpot gives in one page.
    Limit,
    /// A parameter was refused: a filter value it does not know, an expired cursor.
    Parameter,
}

#[derive(Clone, Debug)]
pub struct Options {
    pub kind: WalkKind,
    pub page_size: u32,
    /// Narrows the whole walk to a slice, as `verify` does.
    pub filter: Filter,
    pub server: Server,
    pub disputed: BTreeSet<UtcMs>,
}

enum Frame {
    Reading(Box<Reading>),
    /// Always above the reading that is stuck, and with at most one slicing above it.
    Passes(Passes),
    Slicing(Box<Slicing>),
}

pub struct Walk {
    kind: WalkKind,
    point: WalkPoint,
    frames: Vec<Frame>,
    ctx: Context,
    outcome: Option<Outcome>,
    /// Until its first page, a new walk does not know when it began by HubSpot's clock.
    undated: bool,
}

/// What every part of a walk shares.
pub(crate) struct Context {
    pub(crate) page_size: u32,
    pub(crate) server: Server,
    pub(crate) values: Values,
    pub(crate) disputed: BTreeSet<UtcMs>,
    /// The records seen of the instant that is being sliced.
    pub(crate) known: HashSet<EventId>,
    pub(crate) observed: Observed,
}

impl Walk {
    /// Walks `point`'s window, from its `newest` where it was interrupted.
    #[must_use]
    pub fn new(point: WalkPoint, options: Options) -> Self {
        let confirm = options.kind != WalkKind::Tail;
        let reading = Reading::whole(options.filter, &point, confirm);
        Self {
            kind: options.kind,
            point,
            frames: vec![Frame::Reading(Box::new(reading))],
            ctx: Context {
                page_size: options.server.page_size(options.page_size).max(1),
                server: options.server,
                values: Values::default(),
                disputed: options.disputed,
                known: HashSet::new(),
                observed: Observed::default(),
            },
            outcome: None,
            undated: point.newest.is_none(),
        }
    }

    #[must_use]
    pub fn kind(&self) -> WalkKind {
        self.kind
    }

    /// How far the walk has come.
    #[must_use]
    pub fn point(&self) -> WalkPoint {
        self.point
    }

    /// What was learnt about HubSpot's server, for the next walk.
    #[must_use]
    pub fn server(&self) -> Server {
        self.ctx.server
    }

    /// What to do next.
    pub fn step(&mut self) -> Step {
        loop {
            if let Some(outcome) = &self.outcome {
                return Step::Over(outcome.clone());
            }
            if let Some(step) = self.settle() {
                return step;
            }
        }
    }

    /// One move towards a page to ask for.
    fn settle(&mut self) -> Option<Step> {
        match self.frames.as_mut_slice() {
            [] => return Some(Step::Over(Outcome::Ended)),
            [.., Frame::Reading(reading)] => {
                let (request, held) = reading.request(&self.ctx);
                return Some(Step::Ask(Box::new(Ask { request, held })));
            }
            [.., Frame::Reading(stuck), Frame::Passes(passes)] => match passes.start(stuck) {
                Some(slicing) => self.frames.push(Frame::Slicing(Box::new(slicing))),
                None => {
                    let gap = stuck.sliced(&self.ctx);
                    if !passes.proved() {
                        self.ctx.observed.gaps.push(gap);
                    }
                    self.ctx.server.was_sliced(stuck.newest());
                    self.frames.pop();
                }
            },
            [.., Frame::Slicing(slicing)] => match slicing.want(&self.ctx.values) {
                Want::Values(dimension) => return Some(Step::Learn(dimension)),
                Want::Read(reading) => self.frames.push(Frame::Reading(reading)),
                Want::Finished { sound } => self.sliced(sound),
            },
            [.., Frame::Passes(_)] => {
                self.frames.pop();
            }
        }
        None
    }

    pub fn learn(&mut self, dimension: Dimension, seen: impl IntoIterator<Item = String>) {
        self.ctx.values.learn(dimension, seen);
    }

    /// Takes the page asked for. `ids` are those of its records, `held` is the oldest entry that
    /// the log had where `Step::Ask` said, `now` the caller's clock for a page without a date.
    pub fn observe(&mut self, page: &Page, ids: &[EventId], held: Option<UtcMs>, now: UtcMs) -> Observed {
        self.ctx.server.observe(page);
        self.note_new(page, ids);
        let clock = page.hub_now.unwrap_or(now);
        if std::mem::take(&mut self.undated) {
            self.point.began = clock;
        }
        if let Some(Frame::Reading(reading)) = self.frames.last_mut() {
            let turn = reading.take(page, ids, held, &mut self.ctx);
            self.turn(turn);
        }
        self.advance(clock);
        std::mem::take(&mut self.ctx.observed)
    }

    /// HubSpot refused the request itself.
    pub fn refused(&mut self, refusal: Refusal) -> Observed {
        if let Some(Frame::Reading(reading)) = self.frames.last_mut() {
            let turn = reading.refused(refusal, &mut self.ctx);
            self.turn(turn);
        }
        std::mem::take(&mut self.ctx.observed)
    }

    fn turn(&mut self, turn: Turn) {
        match turn {
            Turn::Ask => {}
            Turn::Stuck => self.stuck(),
            Turn::Done => self.done(),
            Turn::Failed(failure) => self.failed(failure),
        }
    }

    /// The reading on top cannot pass an instant by itself.
    fn stuck(&mut self) {
        let Some(Frame::Reading(mut reading)) = self.frames.pop() else { return };
        let Some(Frame::Slicing(slicing)) = self.frames.last_mut() else {
            let known = self.kind == WalkKind::Tail && self.ctx.server.has_sliced(reading.newest());
            if known {
                reading.sliced(&self.ctx);
            }
            self.frames.push(Frame::Reading(reading));
            if !known {
                self.frames.push(Frame::Passes(Passes::new()));
            }
            return;
        };
        if slicing.split(&reading) {
            return;
        }
        if let Some(nested) = slicing.nested(&reading) {
            self.frames.push(Frame::Reading(reading));
            self.frames.push(Frame::Slicing(Box::new(nested)));
        } else if reading.seems_all() {
            reading.sliced(&self.ctx);
            self.frames.push(Frame::Reading(reading));
        } else {
            slicing.incomplete();
        }
    }

    fn done(&mut self) {
        let Some(Frame::Reading(reading)) = self.frames.pop() else { return };
        match self.frames.last_mut() {
            Some(Frame::Slicing(slicing)) => slicing.read(&reading),
            _ => {
                self.point.newest = reading.newest().or(self.point.newest);
                self.outcome = Some(Outcome::Ended);
            }
        }
    }

    fn failed(&mut self, failure: Failure) {
        let Some(Frame::Reading(reading)) = self.frames.pop() else { return };
        if let Some(Frame::Slicing(slicing)) = self.frames.last_mut() {
            if !slicing.split(&reading) {
                slicing.incomplete();
            }
            return;
        }
        if let Failure::NotCredible(Doubt::LeftOut { held }) = &failure {
            self.ctx.observed.changes.push(Change::Disputed { held: *held });
        }
        self.outcome = Some(Outcome::Failed(failure));
    }

    /// The slicing on top is over. A pass is judged; a single value's slice goes on behind the instant.
    fn sliced(&mut self, sound: bool) {
        self.frames.pop();
        match self.frames.last_mut() {
            Some(Frame::Passes(passes)) => passes.over(sound),
            Some(Frame::Reading(reading)) if sound => {
                reading.sliced(&self.ctx);
            }
            _ => {
                self.frames.pop();
                if let Some(Frame::Slicing(slicing)) = self.frames.last_mut() {
                    slicing.incomplete();
                }
            }
        }
    }

    /// Which records of the instant being sliced are new, so that a dimension can be seen to bring nothing.
    /// Values are learnt anew for each instant: between two of them the log gets to know more.
    fn note_new(&mut self, page: &Page, ids: &[EventId]) {
        let Some(dense) = self.frames.iter().find_map(|frame| match frame {
            Frame::Reading(reading) => reading.dense_at(),
            Frame::Passes(_) | Frame::Slicing(_) => None,
        }) else {
            self.ctx.known.clear();
            self.ctx.values = Values::default();
            return;
        };
        self.ctx.values.find(page);
        let until = dense.plus(self.ctx.server.beyond_ms() - 1);
        let mut brought = false;
        for (seen, id) in page.records.iter().zip(ids) {
            if seen.event.as_ref().is_ok_and(|event| event.timestamp <= until) {
                brought |= self.ctx.known.insert(*id);
            }
        }
        if brought {
            for frame in &mut self.frames {
                if let Frame::Passes(passes) = frame {
                    passes.brought_new();
                }
            }
        }
    }

    /// Moves the resume point to what the outermost reading has reached, never into the future.
    fn advance(&mut self, clock: UtcMs) {
        if let Some(Frame::Reading(reading)) = self.frames.first() {
            let reached = reading.newest().map(|newest| newest.min(clock));
            self.point.newest = self.point.newest.max(reached);
        }
        match self.outcome {
            None => self.ctx.observed.changes.push(Change::Progress { kind: self.kind, point: self.point }),
            Some(Outcome::Ended) => {
                self.ctx.observed.changes.push(Change::Ended { kind: self.kind, point: self.point });
            }
            Some(Outcome::Failed(_)) => {}
        }
    }
}

#[cfg(test)]
mod tests;
