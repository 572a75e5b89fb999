//! Signals: what a lens sees, in numbers. Each is a count, a share or a rarity in bits against what is usual
//! for the person, their peers and the account.

use std::collections::VecDeque;

use super::account::Account;
use super::kind::Control;
use super::lens::{DAY_MS, Lens};
use super::person::Person;
use super::seen::{Seen, Trait};
use crate::time::UtcMs;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Bits of all kinds of acts, of the rarest, and of the rarest among peers.
    Rarity,
    Rarest,
    PeerRarity,
    Acts,
    /// Acts beyond the most of this person in a session; how rare so many are in the account.
    Volume,
    Tail,
    Types,
    /// Deletions of what is not content.
    Deep,
    Strange,
    Others,
    Hour,
    HourActs,
    Weekend,
    Dormant,
    New,
    Experience,
    Pace,
    /// Other acts in the session that the lens does not see.
    Rest,
    Undone,
    Novel,
    Carried,
    Unpublished,
    UrlMapping,
    Domain,
    Settings,
    Function,
    Created,
}

impl Signal {
    pub(super) const COUNT: usize = 27;
}

pub type Signals = [f32; Signal::COUNT];

/// What else counts, besides what the lens sees.
pub(super) struct Scene<'a> {
    pub(super) person: Option<&'a Person>,
    pub(super) account: &'a Account,
    pub(super) version: i32,
    pub(super) session_start: UtcMs,
    pub(super) session_acts: u32,
}

/// Kinds that are told apart in one look.
const MOST_KINDS: usize = 32;
/// Pauses of which the middle one is the pace.
const PAUSES: usize = 20;

/// The kinds of acts in a lens, each with how rare it is and whether it is new to the person.
struct Kinds {
    known: [(u32, f32, bool); MOST_KINDS],
    count: usize,
}

impl Kinds {
    fn add(&mut self, seen: &Seen) {
        match self.known[..self.count].iter_mut().find(|(kind, ..)| *kind == seen.kind.0) {
            Some(known) => known.1 = known.1.max(seen.rarity),
            None if self.count < MOST_KINDS => {
                self.known[self.count] = (seen.kind.0, seen.rarity, seen.is(Trait::Novel));
                self.count += 1;
            }
            None => {}
        }
    }

    fn iter(&self) -> impl Iterator<Item = &(u32, f32, bool)> {
        self.known[..self.count].iter()
    }

    /// Of how many types the objects are.
    fn types(&self) -> usize {
        let of = |at: usize| self.known[at].0 & !3;
        (0..self.count).filter(|at| !(0..*at).any(|before| of(before) == of(*at))).count()
    }
}

pub(super) fn signals(lens: Lens, acts: &VecDeque<Seen>, scene: &Scene<'_>) -> Signals {
    let mut out = [0.0; Signal::COUNT];
    let Some(newest) = acts.back() else { return out };
    let count = acts.len() as f32;
    let mut kinds = Kinds { known: [(0, 0.0, false); MOST_KINDS], count: 0 };
    let mut sums = Sums::default();
    for seen in acts {
        kinds.add(seen);
        sums.add(seen, scene.session_start);
        if seen.is(Trait::Control)
            && let Some(control) = seen.act.control
        {
            out[Signal::UrlMapping as usize + control as usize] = 1.0;
        }
    }
    let mut set = |signal: Signal, value: f32| out[signal as usize] = value;
    set(Signal::Rarity, kinds.iter().map(|(_, rarity, _)| rarity).sum());
    set(Signal::Rarest, kinds.iter().map(|(_, rarity, _)| *rarity).fold(0.0, f32::max));
    set(Signal::PeerRarity, sums.peer_rarity);
    set(Signal::Acts, log(count));
    let most = scene.person.map_or(0.0, |person| person.most(lens, scene.version));
    set(Signal::Volume, (log(count) - log(most)).max(0.0));
    set(Signal::Tail, scene.account.tail(lens, acts.len()));
    set(Signal::Types, log(kinds.types() as f32));
    set(Signal::Deep, log(sums.deep));
    set(Signal::Strange, sums.strange / count);
    set(Signal::Others, sums.others / count);
    let hour = (sums.hours / count).max(0.0);
    set(Signal::Hour, hour);
    set(Signal::HourActs, hour * log(count));
    set(Signal::Weekend, f32::from(u8::from(is_weekend(newest.at))));
    let days = |since: UtcMs, at: UtcMs| log((at.since(since) as f32 / DAY_MS as f32).max(0.0));
    let dormant = scene.person.map(|person| days(person.last, scene.session_start));
    set(Signal::Dormant, dormant.map_or(0.0, |days| (days - 3.0).max(0.0)));
    let known = scene.person.map(|person| days(person.first, newest.at));
    set(Signal::New, (6.0 - known.unwrap_or(0.0)).max(0.0));
    set(Signal::Experience, log(scene.person.map_or(0.0, |person| person.sessions(scene.version))));
    set(Signal::Pace, pace(acts, scene.session_start));
    set(Signal::Rest, log((scene.session_acts as f32 - sums.now).max(0.0)));
    set(Signal::Undone, log(sums.undone));
    set(Signal::Novel, kinds.iter().filter(|(.., novel)| *novel).count() as f32);
    set(Signal::Carried, log(count - sums.now));
    set(Signal::Unpublished, log(sums.unpublished));
    set(Signal::Created, log(sums.created));
    out
}

#[derive(Default)]
struct Sums {
    peer_rarity: f32,
    deep: f32,
    strange: f32,
    others: f32,
    hours: f32,
    now: f32,
    undone: f32,
    unpublished: f32,
    created: f32,
}

impl Sums {
    fn add(&mut self, seen: &Seen, session_start: UtcMs) {
        let one = |is: bool| f32::from(u8::from(is));
        self.peer_rarity = self.peer_rarity.max(seen.peer_rarity);
        self.deep += one(seen.is(Trait::Deep));
        self.strange += one(seen.is(Trait::Strange));
        self.others += one(seen.is(Trait::Others));
        self.hours += seen.hour_rarity;
        self.now += one(seen.at >= session_start);
        self.undone += one(seen.is(Trait::Undone));
        self.unpublished += one(seen.is(Trait::Unpublished));
        self.created += one(seen.is(Trait::Created));
    }
}

/// Six less the doublings of the middle pause over a second: an inhuman pace is above four.
fn pace(acts: &VecDeque<Seen>, session_start: UtcMs) -> f32 {
    let mut pauses = [0_i64; PAUSES];
    let mut count = 0;
    let mut later: Option<UtcMs> = None;
    for act in acts.iter().rev().take_while(|act| act.at >= session_start).take(PAUSES + 1) {
        if let Some(later) = later {
            pauses[count] = later.since(act.at);
            count += 1;
        }
        later = Some(act.at);
    }
    if count == 0 {
        return 0.0;
    }
    let (_, middle, _) = pauses[..count].select_nth_unstable(count / 2);
    (6.0 - log(*middle as f32 / 1_000.0)).max(0.0)
}

fn is_weekend(at: UtcMs) -> bool {
    // The epoch began on a Thursday.
    (at.0.div_euclid(DAY_MS) + 3).rem_euclid(7) >= 5
}

/// Doublings: of one more than the count, so that nothing is zero.
pub(super) fn log(count: f32) -> f32 {
    (1.0 + count).log2()
}

const _: () = assert!(Signal::Created as usize + 1 == Signal::COUNT);
const _: () = assert!(Control::Function as usize == Signal::Function as usize - Signal::UrlMapping as usize);
