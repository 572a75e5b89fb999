//! A believable HubSpot account from a seed: its people, its history and what it does next.
//!
//! A seed and the arguments decide every record; nothing here reads a clock.

mod agenda;
mod attack;
mod campaigns;
mod dice;
mod habits;
mod live;
mod meta;
mod names;
mod objects;
mod people;
mod preset;
mod standing;
mod tasks;
mod tempo;
#[cfg(test)]
mod tests;
mod upkeep;
mod world;

pub use self::attack::{Attack, NoSuchAttack};
pub use self::live::{Live, LiveConfig};
pub use self::people::{Person, Role};
pub use self::preset::{NoSuchPreset, Preset};

use self::dice::mix;
use self::world::World;
use crate::record::Record;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioConfig {
    pub preset: Preset,
    pub seed: u64,
    /// How many records the history has, exactly.
    pub events: usize,
    /// UTC ms; the newest record is a little earlier.
    pub end_ms: i64,
    /// HubSpot's number of the account. Accounts of one seed differ.
    pub account: u64,
}

impl ScenarioConfig {
    /// The account that the emulator is when nobody says otherwise.
    pub const ACCOUNT: u64 = 48_213_907;

    #[must_use]
    pub const fn new(seed: u64, events: usize, end_ms: i64) -> Self {
        Self { preset: Preset::Company, seed, events, end_ms, account: Self::ACCOUNT }
    }
}

/// The account as it is when its history ends.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Ascending by time.
    pub records: Vec<Record>,
    people: Vec<Person>,
    world: World,
    end_ms: i64,
}

impl Scenario {
    #[must_use]
    pub fn new(config: &ScenarioConfig) -> Self {
        let pace = config.preset.pace().fitting(config.events);
        let seed = mix(config.seed, config.account);
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let days = config.events as f64 / pace.per_day;
        // Over a week-end or the turn of the year little happens: begin early enough, and earlier
        // still if that was not enough. What is too old is left out, as retention would.
        let mut margin = 1.15;
        loop {
            #[expect(clippy::cast_possible_truncation, reason = "days")]
            let span_ms = ((days * margin + 6.0 * margin) * 86_400_000.0) as i64;
            let mut world = World::new(seed, pace, config.end_ms.saturating_sub(span_ms), config.end_ms);
            let mut records = Vec::with_capacity(config.events + config.events / 4);
            while world.next_at() < config.end_ms {
                records.extend(world.step());
            }
            if records.len() >= config.events {
                records.drain(..records.len() - config.events);
                let people = world.members.iter().map(|member| member.person.clone()).collect();
                return Self { records, people, world, end_ms: config.end_ms };
            }
            margin *= 2.0;
        }
    }

    /// Everybody who is or was in the account, the automation account first.
    #[must_use]
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// What happens from the end of the history on.
    #[must_use]
    pub fn live(&self, config: LiveConfig) -> Live {
        Live::new(self.world.clone(), config, self.end_ms)
    }

    /// The records that this attack by this person would leave, beginning at `start_ms`.
    #[must_use]
    pub fn attack(&self, attack: Attack, by: &Person, start_ms: i64) -> Vec<Record> {
        attack.records(&self.world.catalogue, by, start_ms)
    }
}

/// Exactly as many records as asked for, ascending by time.
#[must_use]
pub fn history(config: &ScenarioConfig) -> Vec<Record> {
    Scenario::new(config).records
}
