//! How often people sit down to work: by their habits over the history, or at a wished rate while
//! the account is live.

use super::agenda::Coming;
use super::habits::{WorldClock, Zone};
use super::people::Member;
use super::world::{DAY_MS, HOUR_MS, MINUTE_MS, World};

#[derive(Clone, Debug)]
pub(super) enum Tempo {
    Ordinary(Ordinary),
    Wished(Wished),
}

impl Tempo {
    pub(super) fn recorded(&mut self) {
        match self {
            Self::Ordinary(ordinary) => ordinary.records += 1.0,
            Self::Wished(wished) => wished.owed -= 1.0,
        }
    }
}

const SLOT_MS: i64 = 30 * MINUTE_MS;

#[derive(Clone, Debug)]
pub(super) struct Ordinary {
    per_slot: f64,
    /// Records and pieces of work so far; they tell how many records one piece of work leaves.
    records: f64,
    begun: f64,
    usual: f64,
}

impl Ordinary {
    pub(super) fn new(per_day: f64, members: &[Member], clock: &WorldClock, at_ms: i64) -> Self {
        let usual = usual_presence(members, clock, at_ms);
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let per_slot = per_day * (SLOT_MS as f64 / DAY_MS as f64);
        Self { per_slot, records: 240.0, begun: 40.0, usual }
    }
}

/// A rate to be met on average, whatever the work leaves.
#[derive(Clone, Debug)]
pub(super) struct Wished {
    per_ms: f64,
    always_awake: bool,
    slot_ms: i64,
    /// Records that the rate asks for and that have not come yet.
    owed: f64,
    usual: f64,
}

impl Wished {
    pub(super) fn new(per_minute: f64, always_awake: bool, world: &World, at_ms: i64) -> Self {
        let per_minute = if per_minute.is_finite() { per_minute.max(0.0) } else { 0.0 };
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let per_ms = per_minute / MINUTE_MS as f64;
        #[expect(clippy::cast_possible_truncation, reason = "clamped")]
        let slot_ms = (0.5 / per_ms.max(1e-9)).clamp(20.0, 30_000.0) as i64;
        let usual = usual_presence(&world.members, &world.clock, at_ms);
        Self { per_ms, always_awake, slot_ms, owed: 0.0, usual }
    }

    /// The longest silence, in milliseconds of the rate, that a burst may be followed by.
    const LONGEST_SILENCE_MS: f64 = 20_000.0;
}

/// The sum of everybody's presence, averaged over a week without its holidays.
fn usual_presence(members: &[Member], clock: &WorldClock, around_ms: i64) -> f64 {
    let monday = around_ms - (around_ms.div_euclid(DAY_MS) + 3).rem_euclid(7) * DAY_MS;
    let (mut sum, mut slots) = (0.0, 0.0);
    for week in [0, 13, 26, 39] {
        for hour in 0..7 * 24 {
            let at = monday + week * 7 * DAY_MS + hour * HOUR_MS;
            sum += presences(members, clock, at, false).iter().sum::<f64>();
            slots += 1.0;
        }
    }
    (sum / slots).max(1e-6)
}

fn presences(members: &[Member], clock: &WorldClock, at_ms: i64, always_awake: bool) -> Vec<f64> {
    let days = if always_awake { Vec::new() } else { clock.everywhere(at_ms) };
    debug_assert!(always_awake || days.len() == Zone::ALL.len());
    members
        .iter()
        .map(|member| match (member.person.is_member(at_ms), always_awake) {
            (false, _) => 0.0,
            (true, true) => member.diligence,
            (true, false) => member.diligence * member.habit.presence(days[member.habit.zone as usize]),
        })
        .collect()
}

impl World {
    /// Decides who sits down to work in the next slot.
    pub(super) fn decide(&mut self) {
        let from = self.decided_to;
        let (slot, begins, weights) = match &mut self.tempo {
            Tempo::Ordinary(tempo) => {
                let weights = presences(&self.members, &self.clock, from + SLOT_MS / 2, false);
                let busy = weights.iter().sum::<f64>() / tempo.usual;
                let expected = tempo.per_slot * busy * (tempo.begun / tempo.records);
                let begins = self.dice.poisson(expected);
                #[expect(clippy::cast_precision_loss, reason = "a small number")]
                {
                    tempo.begun += begins as f64;
                }
                (SLOT_MS, begins, weights)
            }
            Tempo::Wished(tempo) => {
                let weights = presences(&self.members, &self.clock, from, tempo.always_awake);
                let busy = if tempo.always_awake { 1.0 } else { weights.iter().sum::<f64>() / tempo.usual };
                #[expect(clippy::cast_precision_loss, reason = "a small number")]
                let slot_ms = tempo.slot_ms as f64;
                tempo.owed = (tempo.owed + tempo.per_ms * slot_ms * busy)
                    .max(-tempo.per_ms * Wished::LONGEST_SILENCE_MS);
                let begins = usize::from(tempo.owed > self.dice.wait(1.0));
                (tempo.slot_ms, begins, weights)
            }
        };
        for _ in 0..begins {
            let by = self.dice.weighted(weights.iter().copied());
            let at = from + self.dice.between(0, slot - 1);
            self.agenda.plan(at, Coming::Begin(by));
        }
        self.decided_to = from + slot;
    }
}
