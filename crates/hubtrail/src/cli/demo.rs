//! `hubtrail demo`: an emulated HubSpot account, a connector to it, and its events as they arrive.
//!
//! It uses what a real account would be collected with, and proves at the end that nothing is missing.

mod account;
mod proof;
mod screen;

use std::future::pending;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, value_parser};
use secrecy::SecretString;
use tempfile::TempDir;
use tokio::sync::mpsc::unbounded_channel;

use super::Session;
use super::failure::Failure;
use super::session::{ended, wait_for};
use crate::collect::{CollectError, Collector};
use crate::connector::{Connector, ConnectorId, RateLimit, Settings};
use crate::moment::{NotALength, length_ms};
use crate::store::{NewConnector, RoleLock, Store};
use account::Account;
use proof::Proof;
use screen::Screen;

const CONNECTOR: &str = "demo";
const POLL_INTERVAL_MS: i64 = 1_000;

/// See it work: an emulated HubSpot account with history and live activity, collected as you watch
#[derive(Debug, Args)]
#[command(after_help = "\
Nothing to set up and nothing left behind: it keeps its data in a temporary directory, unless --data-dir names \
another, and listens on loopback only. Ctrl-C ends it and compares the log with the account, record by record.

Exit code 0: nothing is missing and nothing is doubled. 1: otherwise.")]
pub struct Demo {
    /// Where the emulated HubSpot listens; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Events in the account's history
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=1_000_000), default_value_t = 5_000)]
    events: u32,
    /// The same seed makes the same people and habits
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Events that happen per minute while you watch
    #[arg(long, value_name = "RATE", value_parser = value_parser!(u32).range(1..=60_000), default_value_t = 40)]
    rate: u32,
    /// End by itself after this time, such as 10s
    #[arg(long = "for", value_name = "LENGTH", value_parser = length)]
    duration: Option<Duration>,
}

fn length(text: &str) -> Result<Duration, NotALength> {
    Ok(Duration::from_millis(length_ms(text)?.unsigned_abs()))
}

/// The directory that was named, or one that goes away with its handle. A configured one is not for play.
///
/// # Errors
/// When there is no place for temporary files.
pub(super) fn data_dir(given: Option<PathBuf>) -> anyhow::Result<(Option<PathBuf>, Option<TempDir>)> {
    if given.is_some() {
        return Ok((given, None));
    }
    let temporary = tempfile::Builder::new().prefix("hubtrail-demo-").tempdir();
    let temporary = temporary.context("make a temporary directory")?;
    Ok((Some(temporary.path().to_owned()), Some(temporary)))
}

/// What the demo is about: an account, and where it is collected.
struct Scene<'a> {
    account: &'a Account,
    store: &'a Store,
    connector: ConnectorId,
}

impl Demo {
    /// # Errors
    /// When the address or the data directory cannot be used, or the log is not what the account has.
    pub(super) fn run(self, session: &Session, temporary: bool) -> anyhow::Result<ExitCode> {
        let mut screen = Screen::new(session.clock);
        screen.title()?;
        let store = session.store()?;
        let _only = RoleLock::take(&session.config.storage.data_dir, "hubtrail demo")?;
        wait_for(async {
            let account = Account::open(&self, session.clock.now()).await?;
            let mut connector = connect(session, &store, &account)?;
            screen.setting(&account, &session.config.storage.data_dir, temporary)?;
            let scene = Scene { account: &account, store: &store, connector: connector.id };
            let proof = Box::pin(self.collect(session, &scene, &connector, &mut screen)).await;
            // The account ends with the demo: nobody should go on asking for it.
            connector.settings.paused = true;
            store.update_connector(&connector)?;
            account.close().await;
            let proof = proof?;
            screen.summary(&proof)?;
            Ok(if proof.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        })?
    }

    /// Follows the account until the person has had enough, then looks once more for what has just happened.
    async fn collect(
        &self,
        session: &Session,
        scene: &Scene<'_>,
        connector: &Connector,
        screen: &mut Screen,
    ) -> anyhow::Result<Proof> {
        let (tell, told) = unbounded_channel();
        let (store, hubspot) = (scene.store.clone(), session.hubspot(scene.store, connector)?);
        let collector = Collector::new(store, hubspot, connector.clone(), session.clock, tell);
        let enough = async {
            match self.duration {
                Some(duration) => tokio::time::sleep(duration).await,
                None => pending().await,
            }
        };
        tokio::select! {
            result = collector.follow(pending()) => result.map_err(|error| said(&error))?,
            result = screen.watch(scene, told) => result?,
            () = ended() => {}
            () = enough => {}
        }
        scene.account.rest();
        screen.rest()?;
        tokio::select! {
            result = collector.once() => drop(result.map_err(|error| said(&error))?),
            () = ended() => return Err(Failure::new("interrupted before the end", "run it again").into()),
        }
        screen.new_events(scene)?;
        Ok(Proof::of(scene, None)?)
    }
}

fn connect(session: &Session, store: &Store, account: &Account) -> anyhow::Result<Connector> {
    let settings = Settings {
        poll_interval_ms: POLL_INTERVAL_MS,
        rate_limit: RateLimit::Off,
        ..Settings::new(CONNECTOR, &account.url())?
    };
    let new = NewConnector { settings, created_at: session.clock.now() };
    let token = SecretString::from(account.token.clone());
    store
        .add_connector(new, token, &session.keyring()?)
        .with_context(|| format!("use {} for the demo", session.config.storage.data_dir.display()))
}

fn said(error: &CollectError) -> anyhow::Error {
    Failure::new(error.to_string(), error.fix()).into()
}
