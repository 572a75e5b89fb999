//! What HubSpot's server was seen to do, where its documentation says nothing.

use crate::page::Page;
use crate::time::UtcMs;

/// Kept between walks of one connector; wrong or missing knowledge costs requests, never records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// The most records that ever came in one page where there were more: servers clamp the limit.
    most: usize,
    /// The most that came in a page shorter than asked for that was followed by more: a real clamp.
    clamp: usize,
    /// Its cursors lead on behind the last record.
    endless_cursors: bool,
    /// How often it was seen to heed the milliseconds of a bound. A page with a hole looks like that too.
    precise: u8,
    /// It was seen to cut a bound to something coarser, which nothing else looks like.
    coarse: bool,
    /// It refused a larger limit than the usual one.
    refuses_larger: bool,
    /// The largest limit that it has not refused, where it refused the one that was set.
    largest: Option<u32>,
    /// The dense instant that was sliced last. Tails leave it without slicing it again every few seconds;
    /// what becomes visible in it later is for the sweeps.
    sliced: Option<UtcMs>,
}

/// Larger than any dense instant that HubSpot's own tools cause in one action.
const LARGER_LIMIT: u32 = 1_000;
/// So many pages do not have a hole in the same place by chance.
const SURE: u8 = 3;
/// A bound may be cut to whole seconds.
const COARSE_MS: i64 = 1_000;

/// A scan that skips this many empty pages in a row has nothing behind them.
const PATIENCE: u32 = 50;
const PATIENCE_WHEN_ENDLESS: u32 = 2;

impl Server {
    pub(crate) fn observe(&mut self, page: &Page) {
        if page.next.is_some() {
            self.most = self.most.max(page.records.len());
        }
    }

    /// A page of so many records came.
    pub(crate) fn gave(&mut self, records: usize) {
        self.most = self.most.max(records);
    }

    /// Full: as many records as were asked for, or as this server ever gave.
    pub(crate) fn is_full(&self, page: &Page, limit: u32) -> bool {
        let records = page.records.len();
        records > 0 && (records >= limit as usize || records >= self.most)
    }

    pub(crate) fn clamps(&mut self, records: usize) {
        self.clamp = self.clamp.max(records);
    }

    /// Whether a page of so many records may have been cut although more were asked for.
    pub(crate) fn may_clamp(&self, records: usize) -> bool {
        self.clamp > 0 && records >= self.clamp
    }

    /// How many cursors in a row are followed that bring nothing.
    pub(crate) fn patience(&self) -> u32 {
        if self.endless_cursors { PATIENCE_WHEN_ENDLESS } else { PATIENCE }
    }

    pub(crate) fn cursors_never_end(&mut self) {
        self.endless_cursors = true;
    }

    /// A cursor that brought nothing led to something after all.
    pub(crate) fn cursors_lead_on(&mut self) {
        self.endless_cursors = false;
    }

    /// What to ask for instead of a limit that was refused; none below one record.
    pub(crate) fn smaller(&mut self, refused: u32) -> Option<u32> {
        let smaller = refused / 2;
        self.largest = Some(smaller).filter(|&limit| limit > 0);
        self.largest
    }

    pub(crate) fn page_size(&self, wished: u32) -> u32 {
        self.largest.map_or(wished, |largest| wished.min(largest))
    }

    pub(crate) fn was_sliced(&mut self, at: Option<UtcMs>) {
        self.sliced = at;
    }

    pub(crate) fn has_sliced(&self, at: Option<UtcMs>) -> bool {
        at.is_some() && self.sliced == at
    }

    /// How far beyond a dense instant everything must be known before it is left.
    pub(crate) fn beyond_ms(&self) -> i64 {
        if self.precise >= SURE && !self.coarse { 1 } else { COARSE_MS }
    }

    pub(crate) fn heeds_milliseconds(&mut self) {
        self.precise = self.precise.saturating_add(1);
    }

    pub(crate) fn cuts_bounds(&mut self) {
        self.coarse = true;
    }

    /// The limit for what does not fit on the usual page.
    pub(crate) fn larger(&self, page_size: u32) -> u32 {
        if self.refuses_larger { page_size } else { page_size.saturating_mul(10).max(LARGER_LIMIT) }
    }

    pub(crate) fn refuses_larger(&mut self) {
        self.refuses_larger = true;
    }

    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            most: self.most.max(other.most),
            clamp: self.clamp.max(other.clamp),
            endless_cursors: self.endless_cursors || other.endless_cursors,
            precise: self.precise.max(other.precise),
            coarse: self.coarse || other.coarse,
            refuses_larger: self.refuses_larger || other.refuses_larger,
            largest: self.largest.into_iter().chain(other.largest).min(),
            sliced: self.sliced.max(other.sliced),
        }
    }
}
