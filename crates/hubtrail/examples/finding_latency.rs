//! How long it takes from the commit of an event to its finding on the live stream, and from the start of the service
//! to the first finding over a log that is there already:
//! `cargo run --release --example finding_latency -- [FINDINGS] [EVENTS IN THE LOG] [DAYS]`.
//!
//! Events are appended at random moments, each of a person of its own, so that each raises a finding; a client over
//! real HTTP notes when it arrives. Everything is in one process.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use hubtrail::access::{Accounts, Actor, Role, TOKEN_PREFIX, digest, fresh, hint};
use hubtrail::clock::Clock;
use hubtrail::config::{Config, Layers};
use hubtrail::connector::{Connector, Settings};
use hubtrail::detect::READER;
use hubtrail::http::App;
use hubtrail::http::listen::Listener;
use hubtrail::hubspot::install_crypto;
use hubtrail::secret::Keyring;
use hubtrail::serve;
use hubtrail::store::{Append, NewConnector, NewToken, Store};
use hubtrail_core::identity::identify;
use hubtrail_core::page::Seen;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use rand::{RngExt as _, SeedableRng as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::value::RawValue;
use tempfile::TempDir;
use tokio::sync::oneshot;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;
type Moments = Arc<Mutex<HashMap<String, Instant>>>;

/// Tells of every redirect that is changed.
const WATCH: &str = "72744745-1b0a-4f2d-89fb-2d913dee4cef";
const PATIENCE: Duration = Duration::from_secs(1_800);
const DAY_MS: i64 = 86_400_000;
const PAGE: i64 = 500;

struct Place {
    dir: TempDir,
    store: Store,
    connector: Connector,
    token: SecretString,
}

#[tokio::main]
async fn main() -> Result<()> {
    install_crypto();
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<i64>());
    let findings = arguments.next().unwrap_or(Ok(500))?;
    let events = arguments.next().unwrap_or(Ok(100_000))?;
    let days = arguments.next().unwrap_or(Ok(365))?;
    let place = Place::new()?;
    let began = Instant::now();
    place.fill(events, days)?;
    println!("{events} events of {days} days appended in {:.0} s", began.elapsed().as_secs_f64());
    let began = Instant::now();
    let service = place.serve(Moments::default()).await?;
    wait("detection has read the log", || {
        let is_read = place.store.reader_position(READER).ok().flatten() == place.store.head().ok();
        is_read
            && place.store.detections().is_ok_and(|all| all.iter().all(|(_, known)| known.unjoined.is_none()))
    })
    .await;
    println!("looked at in {:.0} s", began.elapsed().as_secs_f64());
    service.end().await?;

    let arrived = Moments::default();
    let began = Instant::now();
    let service = place.serve(Arc::clone(&arrived)).await?;
    place.redirect(0)?;
    wait("the first finding", || held(&arrived).contains_key("0")).await;
    println!("from the start of the service to its first finding: {} ms", began.elapsed().as_millis());

    let mut dice = rand::rngs::StdRng::seed_from_u64(1);
    let mut took = Vec::new();
    for person in 1..=findings {
        tokio::time::sleep(Duration::from_millis(dice.random_range(5..60))).await;
        let committed = place.redirect(person)?;
        let name = person.to_string();
        wait("a finding", || held(&arrived).contains_key(&name)).await;
        took.extend(held(&arrived).get(&name).map(|at| at.saturating_duration_since(committed)));
    }
    took.sort_unstable();
    let at = |part: f64| took[((took.len() - 1) as f64 * part).round() as usize].as_secs_f64() * 1_000.0;
    println!(
        "from the commit of an event to its finding on the stream, {} findings: p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms",
        took.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
    service.end().await
}

impl Place {
    fn new() -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let store = Store::open(dir.path())?;
        let keyring = Keyring::open(dir.path(), None)?;
        // Nothing is collected: the events are put into the log here.
        let settings = Settings { paused: true, ..Settings::new("acme", "http://127.0.0.1:1")? };
        let now = Clock::system().now();
        let new = NewConnector { settings, created_at: now };
        let connector = store.add_connector(new, SecretString::from("pat-na1-unused"), &keyring)?;
        store.set_rule(WATCH, "Any redirect was changed", true, &Actor::command_line(), now)?;
        let token = fresh(TOKEN_PREFIX)?;
        let new = NewToken {
            name: "measurement".to_owned(),
            digest: digest(token.expose_secret()),
            hint: hint(&token),
            role: Role::Viewer,
            accounts: Accounts::All,
            expires_at: None,
        };
        store.create_token(new, &Actor::command_line(), now)?;
        Ok(Self { dir, store, connector, token })
    }

    /// Ordinary work of 200 people, evenly over the days.
    fn fill(&self, events: i64, days: i64) -> Result<()> {
        let mut dice = rand::rngs::StdRng::seed_from_u64(2);
        let start = Clock::system().now().minus(days * DAY_MS);
        let kinds = ["WEBSITE_PAGE", "BLOG_POST", "LANDING_PAGE", "HUBDB_TABLE", "EMAIL", "FILE"];
        for page in 0..events / PAGE {
            let records = (0..PAGE).map(|n| {
                let at = start.plus((page * PAGE + n) * days * DAY_MS / events);
                let kind = kinds[dice.random_range(0..kinds.len())];
                let verb = ["UPDATED", "PUBLISHED", "CREATED"][dice.random_range(0..3)];
                record(at, dice.random_range(1..200) + 1_000_000, verb, kind, dice.random_range(0..20_000))
            });
            self.append(&records.collect::<Result<Vec<_>>>()?)?;
        }
        Ok(())
    }

    fn append(&self, records: &[Seen]) -> Result<()> {
        let at = Clock::system().now();
        let ids = identify(&self.connector.account, Stream::Content, records);
        let append =
            Append { ids, records: records.to_vec(), ..Append::new(self.connector.id, Stream::Content, at) };
        self.store.append_blocking(append)?;
        Ok(())
    }

    /// A person changes a redirect, now. When it was committed.
    fn redirect(&self, person: i64) -> Result<Instant> {
        self.append(&[record(Clock::system().now(), person, "UPDATED", "URL_MAPPING", person)?])?;
        Ok(Instant::now())
    }

    async fn serve(&self, arrived: Moments) -> Result<Service> {
        let layers = Layers { data_dir: Some(self.dir.path().to_owned()), ..Layers::default() };
        let mut config = Config::from_layers(&layers)?;
        config.server.listen = "127.0.0.1:0".parse()?;
        let listener = Listener::bind(&config.server).await?;
        let url = format!("{}/api/v1/findings/stream", listener.url());
        let keyring = Keyring::open(self.dir.path(), None)?;
        let app = App::new(self.store.clone(), Clock::system(), Arc::new(config), keyring);
        let (stop, stopped) = oneshot::channel::<()>();
        let service = tokio::spawn(serve::run(app, listener, async { drop(stopped.await) }));
        let (ready, is_ready) = oneshot::channel();
        let client = tokio::spawn(follow(url, self.token.clone(), arrived, ready));
        is_ready.await?;
        Ok(Service { stop, service, client })
    }
}

struct Service {
    stop: oneshot::Sender<()>,
    service: tokio::task::JoinHandle<std::result::Result<(), serve::PartLost>>,
    client: tokio::task::JoinHandle<Result<()>>,
}

impl Service {
    async fn end(self) -> Result<()> {
        drop(self.stop);
        self.client.abort();
        self.service.await??;
        Ok(())
    }
}

fn record(at: UtcMs, person: i64, verb: &str, kind: &str, object: i64) -> Result<Seen> {
    let json = format!(
        r#"{{"objectId":"{object}","objectName":"Page {object}","objectType":"{kind}","event":"{verb}","userId":"{person}","fullName":"Person {person}","timestamp":"{at}"}}"#
    );
    Ok(Seen::read(RawValue::from_string(json)?))
}

fn held(moments: &Moments) -> std::sync::MutexGuard<'_, HashMap<String, Instant>> {
    moments.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn wait(what: &str, done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < PATIENCE, "in vain waited for {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Notes when each finding arrives, by the person that it is about, for as long as there are any.
async fn follow(
    url: String,
    token: SecretString,
    arrived: Moments,
    ready: oneshot::Sender<()>,
) -> Result<()> {
    let client = reqwest::Client::builder().build()?;
    let reply = client.get(url).bearer_auth(token.expose_secret()).send().await?.error_for_status()?;
    let mut chunks = reply.bytes_stream();
    let mut text = Vec::new();
    let mut ready = Some(ready);
    while let Some(chunk) = chunks.next().await {
        text.extend_from_slice(&chunk?);
        let now = Instant::now();
        // The first block says where the stream begins.
        ready.take().map(|ready| ready.send(()));
        while let Some(end) = text.windows(2).position(|two| two == b"\n\n") {
            let block: Vec<u8> = text.drain(..end + 2).collect();
            let block = String::from_utf8_lossy(&block);
            let Some(data) = block.lines().find_map(|line| line.strip_prefix("data: ")) else { continue };
            let news: serde_json::Value = serde_json::from_str(data)?;
            if let Some(person) = news["finding"]["actor"]["id"].as_str() {
                held(&arrived).entry(person.to_owned()).or_insert(now);
            }
        }
    }
    Ok(())
}
