//! Episodes: full windows that follow each other closely are one finding, which grows.
//!
//! A chain of full windows is broken by a gap. A chain that goes on and on is also cut, at whole
//! multiples of a fixed length of time and only where it already filled the one before: so an episode has
//! a bounded length, an ordinary one is never cut, and where the cuts are can be told from a bounded
//! past.

use super::lane::{Lane, Moment, Window};
use super::tally::Tally;
use crate::finding::FindingId;
use crate::identity::EventId;
use crate::time::UtcMs;

const DAY_MS: i64 = 86_400_000;

/// What an episode's length depends on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub(super) gap_ms: i64,
}

impl Pace {
    /// Chains are cut at multiples of this; it is at least as long as a window or a gap.
    pub(super) fn cut_ms(self) -> i64 {
        self.gap_ms.max(DAY_MS)
    }

    /// How much of the past must be known to find an episode that is not over.
    pub(super) fn memory_ms(self) -> i64 {
        3 * self.cut_ms() + 4 * self.gap_ms
    }
}

pub(super) struct Episode {
    pub(super) id: FindingId,
    /// The first full window: when the finding was raised.
    pub(super) raised: Moment,
    /// The newest full window.
    pub(super) last: Moment,
    /// When the chain began that it is part of.
    chain: Moment,
    /// It has changed since it was last told of.
    pub(super) fresh: bool,
    /// What it was when it was last told of: how many events, when raised, when last seen.
    pub(super) told: Option<(usize, UtcMs, UtcMs)>,
    /// What its evidence came to when it was last told of; nothing when that is to be found out anew.
    pub(super) tally: Tally,
}

/// A finding that was told of and is no more: by now it is part of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gone {
    pub(super) id: FindingId,
    raised: Moment,
}

impl Lane {
    /// Follows a full window at the end of the lane. Whether an episode was made or has grown.
    pub(super) fn follow(&mut self, at: usize, window: &Window, id: impl Fn(EventId) -> FindingId) {
        let pace = window.pace;
        let moment = self.item(at).at;
        if let Some(last) = self.episodes.last_mut()
            && last.goes_on(moment, pace)
        {
            last.last = last.last.max(moment);
            last.fresh = true;
            return;
        }
        let start = self.start_of(at, window);
        let (chain, first) = match self.episodes.last() {
            // What the one before has in it begins no other: each has an id of its own.
            Some(last) if last.is_linked(moment, pace) => (last.chain, start.max(self.after(last.last))),
            _ => (moment, start),
        };
        let id = id(self.item(first).at.1);
        self.episodes.push(Episode {
            id,
            raised: moment,
            last: moment,
            chain,
            fresh: true,
            told: None,
            tally: Tally::default(),
        });
    }

    /// Finds the episodes anew. Those that ended before `settled` are what they are.
    pub(super) fn refollow(&mut self, settled: UtcMs, window: &Window, id: impl Fn(EventId) -> FindingId) {
        let known = std::mem::take(&mut self.episodes);
        let hot: Vec<_> = self.hot(0).map(|(at, _)| at).collect();
        hot.into_iter().for_each(|at| self.follow(at, window, &id));
        let found = std::mem::take(&mut self.episodes);
        let is_settled = |episode: &Episode| episode.last.0 < settled;
        let was_told = known.iter().filter_map(|before| Some((before.id, before.raised, before.told?)));
        let was_told: Vec<_> = was_told.collect();
        self.episodes.extend(known.into_iter().filter(is_settled));
        for mut episode in found.into_iter().filter(|episode| !is_settled(episode)) {
            episode.told = was_told.iter().find(|(id, ..)| *id == episode.id).map(|(_, _, told)| *told);
            self.episodes.push(episode);
        }
        let gone = was_told.into_iter().map(|(id, raised, _)| Gone { id, raised });
        self.gone.extend(gone.filter(|gone| !self.episodes.iter().any(|now| now.id == gone.id)));
    }

    /// The finding that another one has become part of.
    pub(super) fn absorber(&self, gone: Gone) -> Option<FindingId> {
        let holds = |episode: &&Episode| episode.raised <= gone.raised && gone.raised <= episode.last;
        self.episodes.iter().find(holds).map(|episode| episode.id)
    }
}

impl Episode {
    fn is_linked(&self, moment: Moment, pace: Pace) -> bool {
        moment.0.since(self.last.0) <= pace.gap_ms
    }

    /// Whether a full window at `moment`, after all of its own, belongs to it.
    fn goes_on(&self, moment: Moment, pace: Pace) -> bool {
        let cut = moment.0.0 - moment.0.0.rem_euclid(pace.cut_ms());
        let is_cut = self.last.0.0 < cut && self.chain.0.0 <= cut - pace.cut_ms();
        self.is_linked(moment, pace) && !is_cut
    }
}
