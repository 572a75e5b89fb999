//! One reading of a window, or of a slice of it, from oldest to newest.

use std::collections::HashSet;

use super::credible::{Doubt, Expected, doubt};
use super::place::Place;
use super::{Context, Failure, Held};
use crate::checkpoint::WalkPoint;
use crate::event::Event;
use crate::identity::EventId;
use crate::page::{Filter, Order, Page, PageRequest};
use crate::time::UtcMs;

mod dense;
mod plain;

/// Ways out of an instant T, in order. Those that lead further than what is known leave a gap behind.
const LEAVES_MS: [i64; 6] = [0, 1, 999, 1_000, 60_000, 3_600_000];

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    Plain,
    /// A full page brought nothing newer: the same with a larger limit, up to just behind the instant.
    Larger,
    /// That page was as long as any that ever came, so it may have been cut: what comes when more than
    /// the instant is asked for?
    Measure,
    /// That page was short, but has a cursor of which nobody can tell where it leads: this is what it leads to.
    Rest {
        cursor: String,
        asked: u32,
    },
    /// The instant read backwards.
    OtherEnd,
    /// The instant is known, as far as it can be.
    Leaving(Leaving),
    /// Many cursors in a row brought nothing: is there anything newer at all? This is the one to go on with.
    Ahead(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Leaving {
    /// Which of `LEAVES_MS` is tried.
    way: usize,
    /// Everything is known up to where the bound may have to go; see `Server::beyond_ms`.
    known_beyond: bool,
}

/// Where a reading ends.
#[derive(Clone, Copy, Debug)]
enum Horizon {
    /// With its window.
    Window(UtcMs),
    /// Behind a dense instant.
    Dense(UtcMs),
}

/// What follows from a page.
pub(crate) enum Turn {
    Ask,
    Stuck,
    Done,
    Failed(Failure),
}

pub(crate) struct Reading {
    filter: Filter,
    place: Place,
    /// Where the window begins: a page from here has more than a dense instant's, if there is more at all.
    start: Place,
    measured: bool,
    newest: Option<UtcMs>,
    /// The bound that got past a dense instant; no later bound goes behind it.
    floor: Option<UtcMs>,
    /// The reading is over when something newer than this was read.
    horizon: Option<Horizon>,
    stage: Stage,
    /// Whether a dense instant is tried as a whole first; a slice of many values is split instead.
    thorough: bool,
    confirm: bool,
    /// The first page was seen.
    begun: bool,
    attempts: u32,
    confirmations: u32,
    empties: u32,
    follows: u32,
    same_cursor: u32,
    /// Something newer was seen from the other end: the cursors lead there, however many bring nothing.
    more_ahead: bool,
    /// How many records the last page had, if it was shorter than asked for and had a cursor.
    short: Option<usize>,
    /// A larger page brought one record, with a cursor. Only a server that gives one record a page, which
    /// was not seen, could hide its twin.
    seems_all: bool,
    /// The oldest record seen of the newest second: a bound that heeds milliseconds leaves it out.
    early: Option<UtcMs>,
    /// The records of the page that got stuck, at its newest instant.
    sample: Vec<(EventId, Event)>,
    /// What a slice has brought, to see whether it brought what is known to be in it.
    got: Option<HashSet<EventId>>,
}

impl Reading {
    /// All of a window, or what is left of it where it was interrupted.
    pub(crate) fn whole(filter: Filter, point: &WalkPoint, confirm: bool) -> Self {
        let start = point.from.map_or(Place::Oldest, Place::From);
        let place = point.newest.map_or_else(|| start.clone(), Place::From);
        let horizon = point.to.map(Horizon::Window);
        Self { start, newest: point.newest, horizon, confirm, ..Self::plain_from(filter, place) }
    }

    fn plain_from(filter: Filter, place: Place) -> Self {
        Self {
            filter,
            start: place.clone(),
            place,
            measured: false,
            newest: None,
            floor: None,
            horizon: None,
            stage: Stage::Plain,
            thorough: true,
            confirm: true,
            begun: false,
            attempts: 0,
            confirmations: 0,
            empties: 0,
            follows: 0,
            same_cursor: 0,
            more_ahead: false,
            short: None,
            seems_all: false,
            early: None,
            sample: Vec::new(),
            got: None,
        }
    }

    /// What a filter leaves of a dense instant and the time just behind it.
    pub(crate) fn slice(filter: Filter, place: Place, dense: UtcMs, thorough: bool) -> Self {
        let plain = Self::plain_from(filter, place);
        Self { thorough, horizon: Some(Horizon::Dense(dense)), got: Some(HashSet::new()), ..plain }
    }

    pub(crate) fn newest(&self) -> Option<UtcMs> {
        self.newest
    }

    pub(crate) fn filter(&self) -> &Filter {
        &self.filter
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    pub(crate) fn sample(&self) -> &[(EventId, Event)] {
        &self.sample
    }

    /// Whether there is no reason to think that the dense instant has more than was read of it.
    pub(crate) fn seems_all(&self) -> bool {
        self.seems_all
    }

    /// Whether every record of `sample` that belongs into this slice was brought by it.
    pub(crate) fn brought(&self, sample: &[(EventId, Event)]) -> bool {
        let Some(got) = &self.got else { return true };
        sample.iter().all(|(id, event)| !self.filter.allows(event) || got.contains(id))
    }

    /// The instant that is being read as a dense one.
    pub(crate) fn dense_at(&self) -> Option<UtcMs> {
        match self.stage {
            Stage::Plain | Stage::Ahead(_) => None,
            _ => self.newest,
        }
    }

    fn is_slice(&self) -> bool {
        matches!(self.horizon, Some(Horizon::Dense(_)))
    }

    fn ends_at(&self, ctx: &Context) -> Option<UtcMs> {
        match self.horizon? {
            Horizon::Window(to) => Some(to),
            Horizon::Dense(at) => Some(at.plus(ctx.server.beyond_ms() - 1)),
        }
    }

    /// What a plain page asks for. A slice is dense by nature.
    fn limit(&self, ctx: &Context) -> u32 {
        if self.is_slice() { ctx.server.larger(ctx.page_size) } else { ctx.page_size }
    }

    pub(crate) fn request(&self, ctx: &Context) -> (PageRequest, Option<Held>) {
        let stuck_at = self.newest.unwrap_or_default();
        let place = self.current_place();
        let larger = ctx.server.larger(ctx.page_size);
        let behind = stuck_at.plus(2 * ctx.server.beyond_ms());
        let (before, limit, order) = match self.stage {
            Stage::Plain | Stage::Leaving(_) => (None, self.limit(ctx), Order::OldestFirst),
            Stage::Measure => (None, larger, Order::OldestFirst),
            Stage::Larger | Stage::Rest { .. } => (Some(behind), larger, Order::OldestFirst),
            Stage::OtherEnd => (Some(stuck_at.plus(1)), larger, Order::NewestFirst),
            Stage::Ahead(_) => {
                (self.ends_at(ctx).map(|end| end.plus(1)), self.limit(ctx), Order::NewestFirst)
            }
        };
        let held = match order {
            Order::OldestFirst => place.covers(),
            Order::NewestFirst => None,
        };
        let filter = self.filter.clone();
        let held = held.map(|from| Held { from, filter: filter.clone() });
        (PageRequest { bound: place.bound(), before, limit, order, filter }, held)
    }

    fn current_place(&self) -> Place {
        match (&self.stage, self.newest) {
            (Stage::Measure, _) | (Stage::Ahead(_), None) => self.start.clone(),
            (Stage::Ahead(_), Some(newest)) => Place::From(newest),
            (Stage::Rest { cursor, .. }, _) => self.place.look_behind(cursor.clone()),
            (Stage::Leaving(leaving), Some(at)) => Place::Past(at.plus(LEAVES_MS[leaving.way])),
            _ => self.place.clone(),
        }
    }

    pub(crate) fn take(
        &mut self,
        page: &Page,
        ids: &[EventId],
        held: Option<UtcMs>,
        ctx: &mut Context,
    ) -> Turn {
        if let Some(got) = &mut self.got {
            got.extend(ids);
        }
        let order = match self.stage {
            Stage::OtherEnd | Stage::Ahead(_) => Order::NewestFirst,
            _ => Order::OldestFirst,
        };
        let sent = self.current_place().sent();
        let doubted = doubt(page, &Expected { order, filter: &self.filter, sent, held });
        match (self.stage.clone(), doubted) {
            // Behind a dense instant an older record says how coarse the bound is; that is what is being found out.
            (Stage::Leaving(leaving), Err(Doubt::TooOld { .. })) if page.newest() <= self.newest => {
                self.leave(leaving, page, ids, ctx)
            }
            // What is ahead is known to be, and the cursor says that it is still to come.
            (Stage::Plain, Err(Doubt::LeftOut { .. })) if self.more_ahead && leads_on(page) => {
                self.plain(page, ids, ctx)
            }
            (Stage::Plain | Stage::Leaving(_), Err(doubt)) => self.doubted(doubt, page, ids, ctx),
            (Stage::Plain, Ok(())) => self.plain(page, ids, ctx),
            (Stage::Larger, doubted) => self.larger(page, doubted.is_ok(), ctx),
            (Stage::Measure, _) => self.measured(page, ctx),
            (Stage::Rest { cursor, asked }, doubted) => self.rest(page, doubted.is_ok(), &cursor, asked),
            (Stage::OtherEnd, doubted) => self.other_end(page, doubted.is_ok()),
            (Stage::Leaving(leaving), Ok(())) => self.leave(leaving, page, ids, ctx),
            (Stage::Ahead(cursor), _) => self.ahead(page, cursor, ctx),
        }
    }
}

fn leads_on(page: &Page) -> bool {
    page.records.is_empty() && page.next.is_some()
}
