//! The account of the demo: a history that ends now, people who go on working, and an intruder.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use hubspot_audit_api::emulator::clock::Clock;
use hubspot_audit_api::emulator::limits::RateLimit;
use hubspot_audit_api::emulator::scenario::{Attack, LiveConfig, Scenario, ScenarioConfig};
use hubspot_audit_api::emulator::{CannotListen, Config, Emulator};
use hubtrail_core::time::UtcMs;
use tokio::task::JoinHandle;

use super::Demo;
use crate::cli::emulate::activity;

/// What the intruder does, and how long after the beginning: soon enough to be seen, and not all at once.
const ATTACKS: [(Attack, i64); 3] =
    [(Attack::LoginRedirect, 20_000), (Attack::TemplateSkimmer, 30_000), (Attack::MassUnpublish, 45_000)];

pub(super) struct Account {
    emulator: Emulator,
    life: JoinHandle<()>,
    pub(super) token: String,
    pub(super) people: usize,
    pub(super) per_minute: u32,
    /// When the history ends and what is watched begins.
    pub(super) began: UtcMs,
}

impl Account {
    pub(super) async fn open(demo: &Demo, now: UtcMs) -> Result<Self, CannotListen> {
        let scenario = Scenario::new(&ScenarioConfig::new(demo.seed, demo.events as usize, now.0));
        let mut live = scenario.live(LiveConfig { per_minute: f64::from(demo.rate), always_awake: true });
        for (attack, after_ms) in ATTACKS {
            live.schedule(activity::attack(&scenario, attack, now.plus(after_ms)));
        }
        let config = Config {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: demo.seed,
            rate_limit: RateLimit::OFF,
            daily_limit: None,
            people: activity::people(&scenario, now),
            ..Config::default()
        };
        let token = config.token.clone();
        let people = scenario.people().iter().filter(|person| person.is_member(now.0)).count();
        let clock = Arc::new(Clock::wall());
        let time = Arc::clone(&clock);
        let emulator = Emulator::start(config, Arc::new(move || time.now_ms()), scenario.records).await?;
        let life = tokio::spawn(activity::enliven(Arc::clone(emulator.portal()), clock, live));
        Ok(Self { emulator, life, token, people, per_minute: demo.rate, began: now })
    }

    pub(super) fn url(&self) -> String {
        self.emulator.url()
    }

    /// Nothing happens any more; what has happened can still be collected.
    pub(super) fn rest(&self) {
        self.life.abort();
    }

    /// Every record that can be seen now.
    pub(super) fn truth(&self) -> Vec<String> {
        self.emulator.truth()
    }

    pub(super) async fn close(self) {
        self.life.abort();
        self.emulator.shutdown().await;
    }
}
