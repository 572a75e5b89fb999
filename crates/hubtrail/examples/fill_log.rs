//! A log with as many events as asked for, without collecting them: histories of emulated accounts, appended as their
//! pages would be: `cargo run --release --example fill_log -- DIR EVENTS [ACCOUNTS]`.
//!
//! `just bench search` asks such a log. Its connectors are paused: there is nobody whom they could ask.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use hubspot_audit_api::emulator::scenario::{ScenarioConfig, history};
use hubspot_audit_api::record::TimeForm;
use hubtrail::clock::Clock;
use hubtrail::connector::Settings;
use hubtrail::secret::Keyring;
use hubtrail::store::{Append, NewConnector, Store};
use hubtrail_core::identity::identify;
use hubtrail_core::page::Seen;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use secrecy::SecretString;
use serde_json::value::RawValue;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// More than a page: nobody waits for the first of them. Twins on both sides of an edge count once, which is some in a million.
const TOGETHER: usize = 5_000;
const TELL_EVERY: Duration = Duration::from_secs(20);

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (dir, events) = arguments.next().zip(arguments.next()).ok_or("DIR and EVENTS are missing")?;
    let events: usize = events.parse()?;
    let accounts: usize = arguments.next().map_or(Ok(10), |text| text.parse())?;
    let dir = Path::new(&dir);
    let store = Store::open(dir)?;
    let keyring = Keyring::open(dir, None)?;
    let now = Clock::system().now();
    let (began, mut told, mut done) = (Instant::now(), Instant::now(), 0);
    for account in 0..accounts {
        let share = events / accounts + usize::from(account < events % accounts);
        let settings = Settings {
            paused: true,
            ..Settings::new(&format!("account-{}", account + 1), "http://127.0.0.1:1")?
        };
        let new = NewConnector { settings, created_at: now };
        let connector = store.add_connector(new, SecretString::from("pat-na1-nobody"), &keyring)?;
        let seed = account as u64 + 1;
        let of = ScenarioConfig { account: seed, ..ScenarioConfig::new(seed, share, now.0) };
        let records = history(&of);
        for records in records.chunks(TOGETHER) {
            let seen = records.iter().map(|record| read(&record.write(TimeForm::Iso)));
            let records = seen.collect::<Result<Vec<_>>>()?;
            let newest = records.last().and_then(|seen| Some(seen.event.as_ref().ok()?.timestamp));
            done += store
                .append_blocking(Append {
                    ids: identify(&connector.account, Stream::Content, &records),
                    records,
                    ..Append::new(connector.id, Stream::Content, newest.unwrap_or(UtcMs(now.0)))
                })?
                .new;
            if told.elapsed() > TELL_EVERY {
                told = Instant::now();
                eprintln!("{done} of {events} events after {} s", began.elapsed().as_secs());
            }
        }
    }
    println!("{done} events of {accounts} accounts in {} s", began.elapsed().as_secs());
    Ok(())
}

fn read(json: &str) -> Result<Seen> {
    Ok(Seen::read(RawValue::from_string(json.to_owned())?))
}
