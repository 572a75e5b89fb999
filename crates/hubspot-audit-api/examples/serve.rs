//! Serves a small made-up history until it is stopped: `cargo run --example serve -- 127.0.0.1:8080`.

use std::error::Error;
use std::sync::Arc;

use hubspot_audit_api::emulator::limits::RateLimit;
use hubspot_audit_api::emulator::{Config, Emulator};
use hubspot_audit_api::query::{EVENT_TYPES, OBJECT_TYPES};
use hubspot_audit_api::record::Record;

/// 2026-03-01T09:00:00Z
const START_MS: i64 = 1_772_355_600_000;

fn history(events: usize) -> Vec<Record> {
    let record = |n: usize| Record {
        object_id: (100 + n % 40).to_string(),
        object_name: format!("Object {}", n % 40),
        object_type: OBJECT_TYPES[n % OBJECT_TYPES.len()].to_owned(),
        event: EVENT_TYPES[n / 3 % EVENT_TYPES.len()].to_owned(),
        user_id: (7_000 + n % 9).to_string(),
        full_name: format!("Person {}", n % 9),
        // Every third shares its millisecond with the one before.
        timestamp_ms: START_MS + (n as i64 - i64::from(n % 3 == 2)) * 1_500,
        meta: n.is_multiple_of(5).then(|| format!(r#"{{"rows":{n}}}"#)),
    };
    (0..events).map(record).collect()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let listen = arguments.next().unwrap_or_else(|| "127.0.0.1:0".to_owned()).parse()?;
    let events = arguments.next().map_or(Ok(1_000), |events| events.parse())?;
    let config = Config { listen, rate_limit: RateLimit::OFF, daily_limit: None, ..Config::default() };
    let token = config.token.clone();
    let history = history(events);
    let now_ms = history.last().map_or(START_MS, |record| record.timestamp_ms + 60_000);
    let emulator = Emulator::start(config, Arc::new(move || now_ms), history).await?;
    println!("listening on {} (token {token})", emulator.url());
    tokio::signal::ctrl_c().await?;
    emulator.shutdown().await;
    Ok(())
}
