//! Simulated hours of service with trouble put into some of them: what it takes in memory, descriptors and file size,
//! and whether the history of its status is what was done to it:
//! `cargo run --release --example soak -- [HOURS] [SPEED]`.
//!
//! One clock runs fast, for the service and for the emulated account. Both are in this process, so what grows with the
//! account's own events is in the figures. Ends with 1 when something grows, is lost or is not told; the log may grow with
//! its events, but each must not take more than one before it. Linux only.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use hubspot_audit_api::emulator::faults::Fault;
use hubspot_audit_api::emulator::{Config as Emulated, Emulator};
use hubspot_audit_api::record::Record;
use hubtrail::clock::Clock;
use hubtrail::config::{Config, Layers};
use hubtrail::connector::Settings;
use hubtrail::http::App;
use hubtrail::http::listen::Listener;
use hubtrail::hubspot::install_crypto;
use hubtrail::secret::Keyring;
use hubtrail::serve;
use hubtrail::status::{self, State};
use hubtrail::store::{NewConnector, Search, Store};
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, OpenFlags};
use secrecy::SecretString;
use tokio::sync::oneshot;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Between two events of the account.
const PACE_MS: i64 = 20_000;
const HISTORY: i64 = 5_000;
const LOOK_EVERY_MS: i64 = 15 * MINUTE_MS;
/// Troubles last from one minute of their hour to another.
const TROUBLE: std::ops::Range<i64> = 5..25;
const TROUBLES: [(Fault, State); 8] = [
    (Fault::Unavailable, State::Delayed),
    (Fault::Unauthenticated, State::ActionNeeded),
    (Fault::Truncated, State::Delayed),
    (Fault::MissingScope, State::ActionNeeded),
    (Fault::Reset, State::Delayed),
    (Fault::WrongPlan, State::ActionNeeded),
    (Fault::InvalidJson, State::Delayed),
    (Fault::BadGateway, State::Delayed),
];
/// What of the usage is compared.
type Measure = fn(&Usage) -> u64;

/// An hour of trouble, then two without.
const TROUBLE_EVERY: i64 = 3;
/// Of what was used after the first quarter.
const GROWTH: f64 = 1.15;
/// Of what an event took in the second quarter: pages are whole, and findings come when they come.
const GROWTH_OF_AN_EVENT: f64 = 1.4;

#[derive(Clone, Copy)]
struct Usage {
    resident_kib: u64,
    descriptors: usize,
    /// The log with what is still in its journal.
    log: u64,
    journal: u64,
    events: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
    install_crypto();
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u32>());
    let hours = i64::from(arguments.next().unwrap_or(Ok(24))?);
    let clock = Clock::at_speed(arguments.next().unwrap_or(Ok(100))?);
    let dir = tempfile::tempdir()?;
    let emulated = clock;
    let start = clock.now();
    let history = (0..HISTORY).map(|n| record(start.minus((HISTORY - n) * PACE_MS), n)).collect();
    let config = Emulated { daily_limit: None, ..Emulated::default() };
    let emulator = Emulator::start(config, Arc::new(move || emulated.now().0), history).await?;
    let store = Store::open(dir.path())?;
    let keyring = Keyring::open(dir.path(), None)?;
    let settings = Settings::new("acme", &emulator.url())?;
    let new = NewConnector { settings, created_at: start };
    let connector = store.add_connector(new, SecretString::from(Emulated::default().token), &keyring)?;

    let mut config =
        Config::from_layers(&Layers { data_dir: Some(dir.path().to_owned()), ..Layers::default() })?;
    config.server.listen = "127.0.0.1:0".parse()?;
    let listener = Listener::bind(&config.server).await?;
    let app = App::new(store.clone(), clock, Arc::new(config), keyring);
    let (stop, stopped) = oneshot::channel::<()>();
    let service = tokio::spawn(serve::run(app, listener, async { drop(stopped.await) }));
    let (usage, done) = live(&emulator, clock, start, hours, dir.path()).await?;
    // What was there at the end is collected before it is compared.
    clock.pause(5 * 60_000).await;
    let seen = status::history(&store, &connector, hours + 2, clock.now())?;
    drop(stop);
    service.await??;

    let mut wrong = grown(&usage);
    wrong.extend(untold(&seen[0].hours, &done));
    wrong.extend(lost(&emulator, &store)?);
    for reason in &wrong {
        println!("WRONG: {reason}");
    }
    println!("{hours} hours, {} hours of trouble, {} wrong", done.len(), wrong.len());
    if wrong.is_empty() { Ok(()) } else { Err("the soak found something".into()) }
}

/// Lets the account live, and puts trouble into some of its hours. What was used meanwhile, and what was done.
async fn live(
    emulator: &Emulator,
    clock: Clock,
    start: UtcMs,
    hours: i64,
    dir: &Path,
) -> Result<(Vec<Usage>, BTreeMap<UtcMs, State>)> {
    let (mut usage, mut done) = (Vec::new(), BTreeMap::new());
    let (mut pushed, mut looked) = (HISTORY, start);
    let mut trouble = None;
    loop {
        let now = clock.now();
        if now.since(start) >= hours * HOUR_MS {
            emulator.faults().clear();
            return Ok((usage, done));
        }
        while start.plus((pushed - HISTORY) * PACE_MS) < now {
            emulator.push(vec![record(start.plus((pushed - HISTORY) * PACE_MS), pushed)]);
            pushed += 1;
        }
        let hour = now.since(start.hour()) / HOUR_MS;
        let is_due = hour < hours
            && hour % TROUBLE_EVERY == 1
            && TROUBLE.contains(&(now.since(now.hour()) / MINUTE_MS));
        if is_due && trouble.is_none() {
            let at = usize::try_from(hour / TROUBLE_EVERY)? % TROUBLES.len();
            let (fault, state) = TROUBLES[at];
            done.insert(now.hour(), state);
            trouble = Some(fault);
            println!("{now}  {fault:?} from now on");
        }
        match trouble {
            Some(_) if !is_due => {
                emulator.faults().clear();
                trouble = None;
            }
            Some(fault) if emulator.faults().pending() < 1_000 => emulator.faults().extend([fault; 5_000]),
            _ => {}
        }
        if now.since(looked) >= LOOK_EVERY_MS {
            looked = now;
            let Usage { resident_kib, descriptors, log, journal, events } = look(dir)?;
            println!(
                "{now}  {} MiB, {descriptors} descriptors, log {} KiB and journal {} KiB for {events} events",
                resident_kib / 1024,
                log / 1024,
                journal / 1024
            );
            usage.push(Usage { resident_kib, descriptors, log, journal, events });
        }
        clock.pause(5_000).await;
    }
}

fn record(at: UtcMs, n: i64) -> Record {
    let (kinds, verbs) = (["WEBSITE_PAGE", "BLOG_POST", "FILE"], ["UPDATED", "PUBLISHED", "CREATED"]);
    let pick = |of: i64| usize::try_from(n / of % 3).unwrap_or_default();
    Record {
        object_id: (n % 700).to_string(),
        object_name: format!("Page {}", n % 700),
        object_type: kinds[pick(3)].to_owned(),
        event: verbs[pick(1)].to_owned(),
        user_id: (n % 25).to_string(),
        full_name: format!("Person {}", n % 25),
        timestamp_ms: at.0,
        meta: None,
    }
}

fn look(dir: &Path) -> Result<Usage> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let resident = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    let descriptors = fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    let path = dir.join("hubtrail.db");
    // The file itself grows by leaps, when the journal is moved into it.
    let conn = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let number = |sql: &str| -> Result<u64> {
        Ok(u64::try_from(conn.query_row(sql, [], |row| row.get::<_, i64>(0))?)?)
    };
    Ok(Usage {
        resident_kib: resident.unwrap_or_default(),
        descriptors,
        log: number("PRAGMA page_count")? * number("PRAGMA page_size")?,
        journal: fs::metadata(path.with_extension("db-wal")).map_or(0, |file| file.len()),
        events: number("SELECT head FROM log")?,
    })
}

/// What is used at the end beside what was used after the first quarter, each in the middle of a quarter's looks.
fn grown(usage: &[Usage]) -> Vec<String> {
    let quarter = usage.len() / 4;
    let middle = |of: Measure, from: usize| {
        let mut values: Vec<u64> = usage[from..from + quarter].iter().map(of).collect();
        values.sort_unstable();
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    let measures: [(&str, Measure); 3] = [
        ("memory (KiB)", |one| one.resident_kib),
        ("descriptors", |one| one.descriptors as u64),
        ("the journal (bytes)", |one| one.journal),
    ];
    let compare = |(name, of): (&str, Measure)| {
        let (early, late) = (middle(of, quarter), middle(of, usage.len() - quarter));
        println!("{name}: {early} after a quarter of the time, {late} at the end");
        (late as f64 > early as f64 * GROWTH + 2.0).then(|| format!("{name} grew from {early} to {late}"))
    };
    measures.into_iter().filter_map(compare).chain(swollen(usage)).collect()
}

/// What the log grew by for each event of the last quarter, beside one of the second.
fn swollen(usage: &[Usage]) -> Option<String> {
    let quarter = usage.len() / 4;
    let by_event = |from: usize, to: usize| {
        let (from, to) = (usage.get(from)?, usage.get(to)?);
        let events = to.events.checked_sub(from.events).filter(|events| *events > 0)?;
        Some(to.log.saturating_sub(from.log) as f64 / events as f64)
    };
    let last = usage.len().checked_sub(1)?;
    let Some((early, late)) = by_event(quarter, 2 * quarter).zip(by_event(last - quarter, last)) else {
        return Some("no events came to judge the log by".to_owned());
    };
    println!("the log (bytes an event): {early:.0} in the second quarter of the time, {late:.0} in the last");
    (late > early * GROWTH_OF_AN_EVENT)
        .then(|| format!("an event takes {late:.0} bytes of the log instead of {early:.0}"))
}

/// Where the history of the status is not what was done.
fn untold(hours: &[status::HourState], done: &BTreeMap<UtcMs, State>) -> Vec<String> {
    let wrong = hours.iter().filter_map(|told| {
        let expected = done.get(&told.hour).copied().unwrap_or(State::Active);
        (told.state != expected)
            .then(|| format!("{} is told as {}, and was {expected}", told.hour, told.state))
    });
    wrong.collect()
}

/// Records of the account that are not in the log exactly as often as it has them.
fn lost(emulator: &Emulator, store: &Store) -> Result<Vec<String>> {
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    emulator.truth().into_iter().for_each(|record| *counts.entry(record).or_default() += 1);
    for entry in store.search(&Search::default())? {
        *counts.entry(entry.raw).or_default() -= 1;
    }
    let wrong = counts.into_iter().filter(|(_, count)| *count != 0);
    Ok(wrong.map(|(record, count)| format!("{count:+} in the account: {record}")).take(20).collect())
}
