//! What every command works with: the configuration, the clock, and the way to the log and its key.

use std::future::pending;

use anyhow::Context;
use secrecy::SecretString;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tracing::level_filters::LevelFilter;
use zeroize::Zeroizing;

use super::failure::Failure;
use super::sealed;
use crate::clock::Clock;
use crate::config::{Config, Layers};
use crate::connector::Connector;
use crate::hubspot::{HubSpot, Options};
use crate::reach;
use crate::secret::Keyring;
use crate::store::Store;
use crate::telemetry;

pub struct Session {
    pub config: Config,
    pub clock: Clock,
}

impl Session {
    /// `least` is the level of what is logged when nobody asks for another.
    ///
    /// # Errors
    /// When the configuration cannot be read or says something impossible.
    pub fn start(layers: &Layers, least: LevelFilter, verbose: u8) -> anyhow::Result<Self> {
        let config = Config::from_layers(layers)?;
        telemetry::init(&config.log, least, verbose);
        Ok(Self { config, clock: Clock::system() })
    }

    /// The log; its directory is made when there is none.
    ///
    /// # Errors
    /// When it cannot be used.
    pub fn store(&self) -> anyhow::Result<Store> {
        Ok(Store::open(&self.config.storage.data_dir)?)
    }

    /// As [`Session::store`], for commands that only look: a mistyped directory is not made.
    ///
    /// # Errors
    /// Also when there is no log.
    pub fn existing_store(&self) -> anyhow::Result<Store> {
        let dir = &self.config.storage.data_dir;
        if !Store::exists(dir) {
            let what = format!("there is no log in {}", dir.display());
            let fix =
                "add a connector with `hubtrail connector add NAME`, or name the right one with --data-dir";
            return Err(Failure::new(what, fix).into());
        }
        self.store()
    }

    /// The key that seals tokens, made when there is none.
    ///
    /// # Errors
    /// When it cannot be read or made.
    pub fn keyring(&self) -> anyhow::Result<Keyring> {
        Ok(Keyring::open(&self.config.storage.data_dir, self.given_key()?)?)
    }

    /// The key of a log: where there is something to open, a new one could not.
    ///
    /// # Errors
    /// When it cannot be read or made.
    pub fn keyring_for(&self, store: &Store) -> anyhow::Result<Keyring> {
        if sealed::nothing(store)? { self.keyring() } else { self.existing_keyring() }
    }

    /// As [`Session::keyring`], to open what is sealed: a new key could not.
    ///
    /// # Errors
    /// Also when there is none.
    pub fn existing_keyring(&self) -> anyhow::Result<Keyring> {
        Ok(Keyring::open_existing(&self.config.storage.data_dir, self.given_key()?)?)
    }

    /// How to reach a connector's account, with its token unsealed.
    ///
    /// # Errors
    /// When the token cannot be unsealed.
    pub fn hubspot_options(&self, store: &Store, connector: &Connector) -> anyhow::Result<Options> {
        Ok(reach::options(store, connector, &self.config.network, &self.existing_keyring()?)?)
    }

    /// The client of a connector's account, with what was used of its calls today.
    ///
    /// # Errors
    /// When its settings cannot lead to any call.
    pub fn hubspot(&self, store: &Store, connector: &Connector) -> anyhow::Result<HubSpot> {
        let keyring = self.existing_keyring()?;
        Ok(reach::hubspot(store, connector, &self.config.network, &keyring, self.clock.now())?)
    }

    fn given_key(&self) -> anyhow::Result<Option<SecretString>> {
        let security = &self.config.security;
        match (&security.key, &security.key_file) {
            (Some(key), _) => Ok(Some(key.clone())),
            (None, None) => Ok(None),
            (None, Some(file)) => {
                let text = std::fs::read_to_string(file)
                    .with_context(|| format!("read the key file {}", file.display()))?;
                Ok(Some(SecretString::from(Zeroizing::new(text).trim())))
            }
        }
    }
}

/// For commands that ask HubSpot something and wait for the answer.
///
/// # Errors
/// When the operating system refuses what a runtime needs.
pub(super) fn wait_for<T>(work: impl Future<Output = T>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    Ok(runtime.context("start the runtime")?.block_on(work))
}

/// Threads that wait for the disk. Each may read the log over a connection of its own, and thousands of connectors begin
/// at once: without a limit of ours they would be hundreds, and what they took is not given back.
const WAITING_THREADS: usize = 32;

/// For commands that collect and answer until they are ended.
///
/// # Errors
/// When the operating system refuses what a runtime needs.
pub(super) fn service_runtime() -> anyhow::Result<Runtime> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).max_blocking_threads(WAITING_THREADS).enable_all();
    runtime.build().context("start the runtime")
}

/// Ready when the person at the keyboard, or the system, wants the command to end. Both are heard from this call on, and
/// not only when somebody waits.
pub(super) fn ended() -> impl Future<Output = ()> {
    let heard = [SignalKind::terminate(), SignalKind::interrupt()].map(signal);
    async move {
        // Without a handler nobody could end it but by force; then there is nothing to wait for.
        let [Ok(mut terminate), Ok(mut interrupt)] = heard else { return pending().await };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}
