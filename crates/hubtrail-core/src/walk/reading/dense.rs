//! An instant with more records than a page: read as a whole if HubSpot lets us, and left behind by
//! evidence, because what its bound includes and how coarse it is are not documented.

use super::super::place::Place;
use super::super::{Context, Failure, Gap};
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
            Some(_) if ctx.server.is_full(page, asked) => Stage::OtherEnd,
            Some(cursor) if self.is_not_ahead(cursor) => KNOWN,
            Some(cursor) => Stage::Rest { cursor: cursor.clone() },
        };
        Turn::Ask
    }

    fn is_not_ahead(&self, cursor: &str) -> bool {
        matches!((cursor.parse::<UtcMs>(), self.newest), (Ok(at), Some(newest)) if at <= newest)
    }

    /// A short page whose cursor leads to nothing was all there is.
    pub(super) fn rest(&mut self, page: &Page, credible: bool) -> Turn {
        self.stage = if credible && page.records.is_empty() { KNOWN } else { Stage::OtherEnd };
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
        let came_back = page.events().any(|event| event.timestamp <= at);
        if came_back && page.newest() <= self.newest {
            return self.next_way(leaving, at);
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

    fn next_way(&mut self, leaving: Leaving, at: UtcMs) -> Turn {
        if !leaving.known_beyond {
            return Turn::Stuck;
        }
        let way = leaving.way + 1;
        if way >= LEAVES_MS.len() {
            return Turn::Failed(Failure::CannotLeave(at));
        }
        self.stage = Stage::Leaving(Leaving { way, ..leaving });
        Turn::Ask
    }
}
