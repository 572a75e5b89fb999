//! `hubtrail demo`: an emulated HubSpot account, a connector to it, and the whole service over it.
//!
//! It uses what a real account would be collected with, and proves at the end that nothing is missing.

mod account;
mod proof;
mod screen;
mod visitor;

use std::future::pending;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, value_parser};
use secrecy::SecretString;
use tempfile::TempDir;
use tokio::sync::{mpsc, oneshot};

use super::Session;
use super::failure::Failure;
use super::session::{ended, service_runtime};
use crate::collect::{CollectError, Collector};
use crate::config::Config;
use crate::connector::{Connector, ConnectorId, RateLimit, Settings};
use crate::http::App;
use crate::http::listen::Listener;
use crate::moment::{NotALength, length_ms};
use crate::serve;
use crate::store::{NewConnector, RoleLock, Store};
use account::Account;
use proof::Proof;
use screen::Screen;

const CONNECTOR: &str = "demo";
const POLL_INTERVAL_MS: i64 = 1_000;
/// What still runs in the background at the end may take so long.
const BACKGROUND_GRACE: Duration = Duration::from_millis(500);

/// See it work: an emulated HubSpot account with history and live activity, collected as you watch
#[derive(Debug, Args)]
#[command(after_help = "\
Nothing to set up and nothing left behind: it keeps its data in a temporary directory, unless --data-dir names \
another, and listens on loopback only. Ctrl-C ends it and compares the log with the account, record by record.

Exit code 0: nothing is missing and nothing is doubled. 1: otherwise.")]
pub struct Demo {
    /// Where the console listens [default: 127.0.0.1:8787, or a free port when that one is taken]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
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
        let store = session.store()?;
        let _only = RoleLock::take(&session.config.storage.data_dir, "hubtrail demo")?;
        let runtime = service_runtime()?;
        let shown = runtime.block_on(Box::pin(self.show(session, &store, temporary)));
        runtime.shutdown_timeout(BACKGROUND_GRACE);
        shown
    }

    async fn show(&self, session: &Session, store: &Store, temporary: bool) -> anyhow::Result<ExitCode> {
        let mut screen = Screen::new(session.clock);
        let (config, listener) = self.listener(session).await?;
        let app = App::new(store.clone(), session.clock, Arc::new(config), session.keyring()?);
        screen.title(&visitor::address(&app, &listener.url())?)?;
        let account = Account::open(self, session.clock.now()).await?;
        let mut connector = connect(session, store, &account)?;
        screen.setting(&account, &session.config.storage.data_dir, temporary)?;
        let scene = Scene { account: &account, store, connector: connector.id };
        let proof = Box::pin(self.collect(session, &scene, app, listener, &mut screen)).await;
        // The account ends with the demo: nobody should go on asking for it.
        connector.settings.paused = true;
        store.update_connector(&connector)?;
        account.close().await;
        let proof = proof?;
        screen.summary(&proof)?;
        Ok(if proof.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// Where it was told to listen, or at the usual address, or anywhere when another program is there.
    async fn listener(&self, session: &Session) -> anyhow::Result<(Config, Listener)> {
        let mut config = session.config.clone();
        if let Some(listen) = self.listen {
            config.server.listen = listen;
            let listener = Listener::bind(&config.server).await?;
            return Ok((config, listener));
        }
        if let Ok(listener) = Listener::bind(&config.server).await {
            return Ok((config, listener));
        }
        config.server.listen.set_port(0);
        let listener = Listener::bind(&config.server).await?;
        Ok((config, listener))
    }

    /// Serves and collects until the person has had enough, then looks once more for what has just happened.
    async fn collect(
        &self,
        session: &Session,
        scene: &Scene<'_>,
        app: App,
        listener: Listener,
        screen: &mut Screen,
    ) -> anyhow::Result<Proof> {
        let (stop, stopped) = oneshot::channel::<()>();
        let mut serving = Box::pin(serve::run(app, listener, async { drop(stopped.await) }));
        let enough = async {
            match self.duration {
                Some(duration) => tokio::time::sleep(duration).await,
                None => pending().await,
            }
        };
        tokio::select! {
            lost = &mut serving => lost?,
            result = screen.watch(scene) => result?,
            () = ended() => {}
            () = enough => {}
        }
        scene.account.rest();
        screen.rest()?;
        drop(stop);
        serving.await?;
        let connector = scene.store.connector_by_id(scene.connector)?;
        let (tell, _) = mpsc::unbounded_channel();
        let hubspot = session.hubspot(scene.store, &connector)?;
        let collector = Collector::new(scene.store.clone(), hubspot, connector, session.clock, tell);
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
