//! A session: what a person does without an hour's pause. Baselines learn session by session, so that
//! a hundred clicks in a row count as one habit.

use serde::{Deserialize, Serialize};

use super::act::{Act, Object};
use super::kind::{Class, Deed, Kind};
use super::lens::{Lens, SESSION_GAP_MS};
use crate::time::UtcMs;

/// Nothing was looked at.
const NO_LEVEL: f64 = -1e9;
/// Objects of a session that are remembered.
const MOST_OBJECTS: usize = 2_000;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Session {
    pub(super) start: UtcMs,
    pub(super) last: UtcMs,
    pub(super) acts: u32,
    pub(super) kinds: Vec<(Kind, Class)>,
    /// A bit for each hour of the day.
    pub(super) hours: u32,
    pub(super) seen: [u16; Lens::COUNT],
    pub(super) objects: Vec<Touch>,
    /// The highest level that anything in it came to.
    pub(super) peak: f64,
    /// The same through each lens, before the account's history is asked.
    pub(super) lens_peaks: [f64; Lens::COUNT],
}

/// Who touched an object and when.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Touch {
    pub(super) at: UtcMs,
    pub(super) object: Object,
    pub(super) is_gone: bool,
}

impl Session {
    pub(super) fn starting(at: UtcMs) -> Self {
        Self {
            start: at,
            last: at,
            acts: 0,
            kinds: Vec::new(),
            hours: 0,
            seen: [0; Lens::COUNT],
            objects: Vec::new(),
            peak: NO_LEVEL,
            lens_peaks: [NO_LEVEL; Lens::COUNT],
        }
    }

    pub(super) fn goes_on(&self, at: UtcMs) -> bool {
        at.since(self.last) <= SESSION_GAP_MS
    }

    pub(super) fn add(&mut self, act: &Act) {
        self.last = act.at;
        self.acts += 1;
        self.hours |= 1 << hour_of(act.at);
        for lens in Lens::ALL.into_iter().filter(|lens| lens.sees(act)) {
            let seen = &mut self.seen[lens.index()];
            *seen = seen.saturating_add(1);
        }
        self.know(act);
        if self.objects.len() < MOST_OBJECTS {
            let is_gone = act.deed == Deed::Deleted;
            self.objects.push(Touch { at: act.at, object: act.object, is_gone });
        }
    }

    pub(super) fn know(&mut self, act: &Act) {
        if !self.kinds.iter().any(|(kind, _)| *kind == act.kind) {
            self.kinds.push((act.kind, act.class));
        }
    }
}

pub(super) fn hour_of(at: UtcMs) -> usize {
    at.0.div_euclid(3_600_000).rem_euclid(24) as usize
}
