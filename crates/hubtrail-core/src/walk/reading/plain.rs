//! What an ordinary page means: more, the end, a cursor to follow, or a dense instant.

use super::super::credible::Doubt;
use super::super::place::Place;
use super::super::{Context, Failure, Refusal};
use super::{Reading, Stage, Turn, leads_on};
use crate::event::Event;
use crate::identity::EventId;
use crate::page::Page;
use crate::time::UtcMs;

/// How often a page that makes no sense is asked for.
pub(super) const ATTEMPTS: u32 = 6;
/// How often an end is asked for again before it is believed of a window that is read only once.
pub(super) const CONFIRMATIONS: u32 = 2;
/// How often the same cursor may bring nothing before it is the end.
pub(super) const SAME_CURSOR: u32 = 3;
/// So many cursors in a row that bring nothing, although there is more, lead nowhere.
const MOST_FOLLOWS: u32 = 10_000;

impl Reading {
    pub(super) fn plain(&mut self, page: &Page, ids: &[EventId], ctx: &mut Context) -> Turn {
        self.attempts = 0;
        // A page that an earlier walk was sent contradicts nothing, but what became visible since is not on it.
        if !std::mem::replace(&mut self.begun, true) && self.confirm && !self.is_slice() {
            return Turn::Ask;
        }
        self.judge_grain(page, ctx);
        let newest = page.newest();
        let newer = newest > self.newest;
        if newer {
            if let Some(records) = self.short {
                ctx.server.clamps(records);
            }
            self.newest = newest;
            if self.follows > 0 {
                ctx.server.cursors_lead_on();
            }
            self.follows = 0;
            self.same_cursor = 0;
            self.more_ahead = false;
        }
        let short = page.next.is_some() && page.records.len() < self.limit(ctx) as usize;
        self.short = short.then_some(page.records.len()).filter(|&records| records > 0);
        if let (Some(newest), Some(end)) = (self.newest, self.ends_at(ctx))
            && newest > end
        {
            return Turn::Done;
        }
        match &page.next {
            None => self.end(newer, page),
            Some(_) if newer => {
                self.confirmations = 0;
                self.go_on()
            }
            Some(cursor) if !ctx.server.is_full(page, self.limit(ctx)) => self.not_full(cursor, page, ctx),
            Some(cursor) if page.events().next().is_none() => self.follow(cursor.clone(), ctx),
            Some(_) => self.stuck(page, ids),
        }
    }

    /// A record of the bound's own second, older than the bound: if it does not come back the bound counts in
    /// milliseconds, and if one comes it does not.
    fn judge_grain(&mut self, page: &Page, ctx: &mut Context) {
        let oldest = page.events().map(|event| event.timestamp).min();
        if let (Some(early), Some(sent), Some(oldest)) = (self.early, self.place.sent(), oldest)
            && early > second(sent)
            && early < sent
            && oldest > early
        {
            ctx.server.heeds_milliseconds();
        }
        if let (Some(sent), Some(oldest)) = (self.place.sent(), oldest)
            && oldest < sent
        {
            ctx.server.cuts_bounds();
        }
        if let Some(newest) = page.newest() {
            let same = |at: &UtcMs| second(*at) == second(newest);
            let early = page.events().map(|event| event.timestamp).filter(same).min();
            self.early = self.early.filter(same).min(early).or(early);
        }
    }

    /// The next page begins with the newest instant again, whose records may not all have come.
    pub(super) fn go_on(&mut self) -> Turn {
        if let Some(newest) = self.newest {
            self.place = match self.floor {
                Some(floor) if floor >= newest.minus(1) => Place::Past(floor),
                _ => Place::From(newest),
            };
        }
        Turn::Ask
    }

    /// Nothing says that there is more: the end, once it is confirmed where nobody will read this window again soon.
    fn end(&mut self, newer: bool, page: &Page) -> Turn {
        let unsure = newer || page.records.is_empty();
        if self.confirm && unsure && self.confirmations < CONFIRMATIONS {
            self.confirmations += 1;
            return if newer { self.go_on() } else { Turn::Ask };
        }
        Turn::Done
    }

    /// Nothing newer on a page with room for more. A cursor that is not ahead of it says that this is all.
    fn not_full(&mut self, cursor: &str, page: &Page, ctx: &mut Context) -> Turn {
        match (cursor.parse::<UtcMs>(), self.newest) {
            (Ok(at), Some(newest)) if at <= newest => self.end(false, page),
            _ => self.follow(cursor.to_owned(), ctx),
        }
    }

    fn follow(&mut self, cursor: String, ctx: &mut Context) -> Turn {
        if matches!(&self.place, Place::Cursor { cursor: followed, .. } if *followed == cursor) {
            self.same_cursor += 1;
            return if self.same_cursor < SAME_CURSOR { Turn::Ask } else { Turn::Done };
        }
        self.same_cursor = 0;
        self.follows += 1;
        if self.more_ahead && self.follows > MOST_FOLLOWS {
            return Turn::Failed(Failure::NeverArrives(self.newest.unwrap_or_default()));
        }
        if !self.more_ahead && self.follows > ctx.server.patience() {
            self.stage = Stage::Ahead(cursor);
            return Turn::Ask;
        }
        self.place = self.place.follow(cursor, self.newest);
        Turn::Ask
    }

    /// What the newest records say: something newer than what was read is where the cursors lead. Whatever
    /// else comes, nothing says that there is more.
    pub(super) fn ahead(&mut self, page: &Page, cursor: String, ctx: &mut Context) -> Turn {
        let end = self.ends_at(ctx);
        let within = |at: UtcMs| Some(at) > self.newest && end.is_none_or(|end| at <= end);
        let mut events = page.events().filter(|event| self.filter.allows(event));
        self.more_ahead = events.any(|event| within(event.timestamp));
        if self.more_ahead {
            self.stage = Stage::Plain;
            self.empties = 0;
            self.place = self.place.follow(cursor, self.newest);
            return Turn::Ask;
        }
        if page.records.is_empty() && self.empties < CONFIRMATIONS {
            self.empties += 1;
            return Turn::Ask;
        }
        self.stage = Stage::Plain;
        self.empties = 0;
        ctx.server.cursors_never_end();
        Turn::Done
    }

    fn stuck(&mut self, page: &Page, ids: &[EventId]) -> Turn {
        let newest = self.newest;
        let at_newest = |event: &&Event| Some(event.timestamp) == newest;
        let events =
            page.records.iter().zip(ids).filter_map(|(seen, id)| Some((id, seen.event.as_ref().ok()?)));
        self.sample =
            events.filter(|(_, event)| at_newest(event)).map(|(id, event)| (*id, event.clone())).collect();
        if matches!(self.place, Place::Cursor { .. }) {
            self.go_on();
        }
        if !self.thorough {
            return Turn::Stuck;
        }
        self.stage = Stage::Larger;
        Turn::Ask
    }

    /// Asks again for a page that makes no sense, a few times. What HubSpot left out in an earlier
    /// walk as well, it no longer serves.
    pub(super) fn doubted(&mut self, doubt: Doubt, page: &Page, ids: &[EventId], ctx: &mut Context) -> Turn {
        self.attempts += 1;
        if self.attempts < ATTEMPTS {
            ctx.observed.doubted = Some(doubt);
            return Turn::Ask;
        }
        match doubt {
            Doubt::LeftOut { held } if ctx.disputed.contains(&held) => {
                // An empty page with a cursor leaves nothing out yet.
                ctx.observed.withdrawn = Some(held).filter(|_| !leads_on(page));
                self.confirmations = CONFIRMATIONS;
                match self.stage {
                    Stage::Leaving(leaving) => self.leave(leaving, page, ids, ctx),
                    _ => self.plain(page, ids, ctx),
                }
            }
            doubt => Turn::Failed(Failure::NotCredible(doubt)),
        }
    }

    pub(crate) fn refused(&mut self, refusal: Refusal, ctx: &mut Context) -> Turn {
        match (self.stage.clone(), refusal) {
            (Stage::Larger | Stage::Measure | Stage::Rest { .. }, _) => self.refused_larger(refusal, ctx),
            (Stage::OtherEnd, _) => Turn::Stuck,
            (Stage::Ahead(_), _) => {
                self.attempts += 1;
                // Once may be chance.
                if self.attempts > 1 { Turn::Failed(Failure::Refused) } else { Turn::Ask }
            }
            (Stage::Plain | Stage::Leaving(_), Refusal::Limit) => match ctx.server.smaller(self.limit(ctx)) {
                Some(smaller) => {
                    ctx.page_size = ctx.page_size.min(smaller);
                    ctx.server.refuses_larger();
                    Turn::Ask
                }
                None => Turn::Failed(Failure::Refused),
            },
            // A cursor has a lifetime; the time before it has none.
            (Stage::Plain, Refusal::Parameter) if self.drop_cursor() => Turn::Ask,
            (Stage::Plain | Stage::Leaving(_), _) => Turn::Failed(Failure::Refused),
        }
    }

    /// Once may be chance.
    fn refused_larger(&mut self, refusal: Refusal, ctx: &mut Context) -> Turn {
        self.attempts += 1;
        if self.attempts > 1 {
            self.attempts = 0;
            if refusal != Refusal::TooLong && self.stage == Stage::Larger {
                ctx.server.refuses_larger();
            }
            self.stage = Stage::OtherEnd;
        }
        Turn::Ask
    }

    fn drop_cursor(&mut self) -> bool {
        let Place::Cursor { anchor, .. } = self.place else { return false };
        self.attempts += 1;
        self.place = match (self.newest, anchor) {
            (Some(newest), _) => Place::From(newest),
            (None, Some(anchor)) => Place::Past(anchor),
            (None, None) => Place::Oldest,
        };
        self.attempts < ATTEMPTS
    }
}

const fn second(at: UtcMs) -> UtcMs {
    UtcMs(at.0.div_euclid(1_000) * 1_000)
}
