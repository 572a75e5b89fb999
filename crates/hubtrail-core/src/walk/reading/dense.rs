//! An instant with more records than a page: read as a whole if HubSpot lets us, and left behind by
//! evidence, because what its bound includes and how coarse it is are not documented.

use super::super::place::Place;
use super::super::{Context, Failure, Gap};
use super::plain::{ATTEMPTS, CONFIRMATIONS, SAME_CURSOR};
use super::{LEAVES_MS, Leaving, Reading, Stage, Turn};
use crate::identity::EventId;
use crate::page::Page;
use crate::time::UtcMs;

/// Everything of the instant, and of the time that a bound may have to skip behind it, is known.
const KNOWN: Stage = Stage::Leaving(Leaving { way: 0, known_beyond: true });

impl Reading {
    /// The page with a larger limit, bounded a little behind the instant.
    pub(super) fn larger(&mut self, page: &Page, credible: bool, ctx: &Context) -> Turn {
        let reaches = self.reaches(page);
        if credible && page.newest() > self.newest {
            self.newest = page.newest();
            self.stage = Stage::Plain;
            return self.go_on();
        }
        let (records, asked) = (page.records.len(), ctx.server.larger(ctx.page_size));
        self.seems_all = credible && reaches && records == 1 && !ctx.server.may_clamp(records);
        self.stage = match &page.next {
            _ if !(credible && reaches) => Stage::OtherEnd,
            None => KNOWN,
            Some(_) if self.worth_measuring(records, asked) && ctx.server.is_full(page, asked) => {
                Stage::Measure
            }
            Some(_) if ctx.server.is_full(page, asked) => Stage::OtherEnd,
            Some(cursor) if self.is_not_ahead(cursor) => KNOWN,
            Some(cursor) => Stage::Rest { cursor: cursor.clone(), asked: 0 },
        };
        Turn::Ask
    }

    fn is_not_ahead(&self, cursor: &str) -> bool {
        matches!((cursor.parse::<UtcMs>(), self.newest), (Ok(at), Some(newest)) if at <= newest)
    }

    /// Whether a page of more than the instant can tell what the server gives.
    fn worth_measuring(&self, records: usize, asked: u32) -> bool {
        !self.measured && !self.is_slice() && records < asked as usize
    }

    /// If there is more, and the server gives more, it came.
    pub(super) fn measured(&mut self, page: &Page, ctx: &mut Context) -> Turn {
        ctx.server.gave(page.records.len());
        self.measured = true;
        self.stage = Stage::Larger;
        Turn::Ask
    }

    /// A short page whose cursor leads to nothing was all there is.
    pub(super) fn rest(&mut self, page: &Page, credible: bool, followed: &str, asked: u32) -> Turn {
        self.stage = match &page.next {
            _ if !credible || !page.records.is_empty() => Stage::OtherEnd,
            None => KNOWN,
            Some(cursor) if cursor == followed && asked + 1 >= SAME_CURSOR => KNOWN,
            Some(_) if asked >= ATTEMPTS => Stage::OtherEnd,
            Some(cursor) => Stage::Rest { cursor: cursor.clone(), asked: asked + 1 },
        };
        Turn::Ask
    }

    /// The page read backwards: complete if it starts at the instant and reaches what lies before it.
    pub(super) fn other_end(&mut self, page: &Page, credible: bool) -> Turn {
        let before = page.events().map(|event| event.timestamp).min() < self.newest;
        if credible && self.reaches(page) && (before || page.next.is_none()) {
            self.stage = Stage::Leaving(Leaving { way: 0, known_beyond: false });
            return Turn::Ask;
        }
        Turn::Stuck
    }

    /// Whether the page holds at least what is known of the instant already.
    fn reaches(&self, page: &Page) -> bool {
        let of_instant = page.events().filter(|event| Some(event.timestamp) == self.newest).count();
        of_instant >= self.sample.len().max(1)
    }

    /// The slices of the instant are read. What may be missing, if they were not complete, is returned.
    pub(crate) fn sliced(&mut self, ctx: &Context) -> Gap {
        self.stage = KNOWN;
        let at = self.newest.unwrap_or_default();
        Gap { from: at, to: at.plus(ctx.server.beyond_ms() - 1) }
    }

    pub(super) fn leave(
        &mut self,
        leaving: Leaving,
        page: &Page,
        ids: &[EventId],
        ctx: &mut Context,
    ) -> Turn {
        let at = self.newest.unwrap_or_default();
        if page.events().next().is_none() && self.empties < CONFIRMATIONS {
            self.empties += 1;
            return Turn::Ask;
        }
        self.empties = 0;
        let came_back = page.events().any(|event| event.timestamp <= at);
        if came_back && page.newest() <= self.newest {
            return self.next_way(leaving, at, ctx);
        }
        let past = at.plus(LEAVES_MS[leaving.way]);
        if !came_back {
            self.floor = Some(past);
        }
        if LEAVES_MS[leaving.way] > ctx.server.beyond_ms() {
            ctx.observed.gaps.push(Gap { from: at, to: past });
        }
        self.stage = Stage::Plain;
        self.place = Place::Past(past);
        self.sample.clear();
        self.plain(page, ids, ctx)
    }

    /// The instant came back. A way that leads further than what is known is not taken lightly: it
    /// leaves a gap, and the page may have been an earlier one, sent again.
    fn next_way(&mut self, leaving: Leaving, at: UtcMs, ctx: &Context) -> Turn {
        if !leaving.known_beyond {
            return Turn::Stuck;
        }
        let way = leaving.way + 1;
        let Some(&ms) = LEAVES_MS.get(way) else {
            return Turn::Failed(Failure::CannotLeave(at));
        };
        self.attempts += 1;
        if ms > ctx.server.beyond_ms() && self.attempts < ATTEMPTS {
            return Turn::Ask;
        }
        self.attempts = 0;
        self.stage = Stage::Leaving(Leaving { way, ..leaving });
        Turn::Ask
    }
}
