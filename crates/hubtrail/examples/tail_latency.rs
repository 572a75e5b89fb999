//! How long it takes from the moment HubSpot's API shows an event to its arrival on the live tail:
//! `cargo run --release --example tail_latency -- [EVENTS] [SECONDS]`.
//!
//! An emulated account, `hubtrail serve` and a client of its event stream, over real HTTP in one process. The
//! events come at random moments, as many as are asked for in so many seconds; both at usual and at shortest poll interval.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use hubspot_audit_api::emulator::{Config as Account, Emulator};
use hubspot_audit_api::record::Record;
use hubtrail::access::{Accounts, Actor, Role, TOKEN_PREFIX, digest, fresh, hint};
use hubtrail::clock::Clock;
use hubtrail::config::{Config, Layers};
use hubtrail::connector::Settings;
use hubtrail::http::App;
use hubtrail::http::listen::Listener;
use hubtrail::secret::Keyring;
use hubtrail::serve;
use hubtrail::store::{NewConnector, NewToken, Store};
use rand::{RngExt as _, SeedableRng as _};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::oneshot;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;
type Moments = Arc<Mutex<HashMap<u64, Instant>>>;

/// Longer than any poll interval: what has not arrived by then never will.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let events = arguments.next().map_or(Ok(1_000), |text| text.parse())?;
    let seconds = arguments.next().map_or(Ok(100.0), |text| text.parse())?;
    drop(rustls::crypto::ring::default_provider().install_default());
    println!("{:>13}  {:>7}  {:>9}  {:>9}  {:>9}", "poll interval", "events", "p50", "p99", "longest");
    for poll_interval_ms in [10_000, 1_000] {
        let mut took = measure(poll_interval_ms, events, seconds).await?;
        took.sort_unstable();
        let at = |part: f64| took.get(((took.len() - 1) as f64 * part).round() as usize).copied();
        let shown = |part| at(part).map_or_else(String::new, |took| format!("{} ms", took.as_millis()));
        println!(
            "{:>11} s  {:>7}  {:>9}  {:>9}  {:>9}",
            poll_interval_ms / 1_000,
            took.len(),
            shown(0.5),
            shown(0.99),
            shown(1.0)
        );
    }
    Ok(())
}

async fn measure(poll_interval_ms: i64, events: u64, seconds: f64) -> Result<Vec<Duration>> {
    let clock = Clock::system();
    let account = Emulator::start(Account::default(), Arc::new(move || clock.now().0), Vec::new()).await?;
    let dir = tempfile::tempdir()?;
    let store = Store::open(dir.path())?;
    let keyring = Keyring::open(dir.path(), None)?;
    let settings = Settings { poll_interval_ms, ..Settings::new("acme", &account.url())? };
    let hubspot_token = SecretString::from(Account::default().token);
    store.add_connector(NewConnector { settings, created_at: clock.now() }, hubspot_token, &keyring)?;
    let token = token(&store, clock)?;
    let layers = Layers { data_dir: Some(dir.path().to_owned()), ..Layers::default() };
    let mut config = Config::from_layers(&layers)?;
    config.server.listen = "127.0.0.1:0".parse()?;
    let listener = Listener::bind(&config.server).await?;
    let url = format!("{}/api/v1/events/stream?from=0", listener.url());
    let app = App::new(store, clock, Arc::new(config), keyring);
    let (stop, stopped) = oneshot::channel::<()>();
    let service = tokio::spawn(serve::run(app, listener, async { drop(stopped.await) }));

    let arrived = Moments::default();
    let client = tokio::spawn(follow(url, token, arrived.clone()));
    let has_arrived = |event| held(&arrived).contains_key(&event);
    // The first one shows that everything runs.
    show(&account, clock, 0);
    wait(|| has_arrived(0)).await;
    let shown = show_all(&account, clock, events, seconds).await;
    wait(|| held(&arrived).len() as u64 > events).await;

    drop(stop);
    client.abort();
    service.await??;
    account.shutdown().await;
    let arrived = held(&arrived);
    Ok(shown.iter().filter_map(|(event, at)| Some(arrived.get(event)?.duration_since(*at))).collect())
}

fn held(moments: &Moments) -> std::sync::MutexGuard<'_, HashMap<u64, Instant>> {
    moments.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn wait(done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !done() && begun.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn token(store: &Store, clock: Clock) -> Result<SecretString> {
    let token = fresh(TOKEN_PREFIX)?;
    let new = NewToken {
        name: "measurement".to_owned(),
        digest: digest(token.expose_secret()),
        hint: hint(&token),
        role: Role::Viewer,
        accounts: Accounts::All,
        expires_at: None,
    };
    store.create_token(new, &Actor::command_line(), clock.now())?;
    Ok(token)
}

/// From now on HubSpot's API has it.
fn show(account: &Emulator, clock: Clock, event: u64) -> Instant {
    let record = Record {
        object_id: event.to_string(),
        object_name: format!("Page {event}"),
        object_type: "LANDING_PAGE".to_owned(),
        event: "UPDATED".to_owned(),
        user_id: "7".to_owned(),
        full_name: "Maria Keller".to_owned(),
        timestamp_ms: clock.now().0,
        meta: None,
    };
    account.push(vec![record]);
    Instant::now()
}

async fn show_all(account: &Emulator, clock: Clock, events: u64, seconds: f64) -> HashMap<u64, Instant> {
    let mut dice = rand::rngs::StdRng::seed_from_u64(1);
    let mut offsets: Vec<f64> = (0..events).map(|_| dice.random_range(0.0..seconds)).collect();
    offsets.sort_by(f64::total_cmp);
    let begun = tokio::time::Instant::now();
    let mut shown = HashMap::new();
    for (event, offset) in (1..).zip(offsets) {
        tokio::time::sleep_until(begun + Duration::from_secs_f64(offset)).await;
        shown.insert(event, show(account, clock, event));
    }
    shown
}

/// Notes when each event arrives, for as long as there are any.
async fn follow(url: String, token: SecretString, arrived: Moments) -> Result<()> {
    let client = reqwest::Client::builder().build()?;
    let reply = client.get(url).bearer_auth(token.expose_secret()).send().await?.error_for_status()?;
    let mut chunks = reply.bytes_stream();
    let mut text = Vec::new();
    while let Some(chunk) = chunks.next().await {
        text.extend_from_slice(&chunk?);
        let now = Instant::now();
        while let Some(end) = text.windows(2).position(|two| two == b"\n\n") {
            let block: Vec<u8> = text.drain(..end + 2).collect();
            let block = String::from_utf8_lossy(&block);
            let Some(data) = block.lines().find_map(|line| line.strip_prefix("data: ")) else { continue };
            let event: serde_json::Value = serde_json::from_str(data)?;
            if let Some(number) = event["objectId"].as_str().and_then(|id| id.parse().ok()) {
                held(&arrived).entry(number).or_insert(now);
            }
        }
    }
    Ok(())
}
