//! Draft.
use hubspot_audit_api::emulator::scenario::{Scenario, ScenarioConfig};
use hubspot_audit_api::emulator::{Config, Emulator};
use std::collections::HashMap;
use std::sync::Arc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "emulate").collect();
    let get: HashMap<&str, &str> = args.chunks(2).map(|c| (c[0].as_str(), c[1].as_str())).collect();
    let mut config = Config::default();
    config.listen = get.get("--listen").unwrap_or(&"127.0.0.1:0").parse()?;
    if let Some(v) = get.get("--token") {
        config.token = v.to_string();
    }
    if let Some(v) = get.get("--scopes") {
        config.scopes = v.split(',').map(str::to_owned).collect();
    }
    if let Some(v) = get.get("--rate-limit") {
        config.rate_limit = v.parse()?;
    }
    if let Some(v) = get.get("--daily-limit") {
        config.daily_limit = Some(v.parse()?);
    }
    if let Some(v) = get.get("--cursor") {
        config.behaviour.cursor = v.parse()?;
    }
    if let Some(v) = get.get("--arrays") {
        config.behaviour.arrays = v.parse()?;
    }
    let events: usize = get.get("--events").unwrap_or(&"1000").parse()?;
    let seed: u64 = get.get("--seed").unwrap_or(&"1").parse()?;
    config.seed = seed;
    let now =
        || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    let scenario = Scenario::new(&ScenarioConfig::new(seed, events, now()));
    let emulator = Emulator::start(config, Arc::new(now), scenario.records).await?;
    println!("listening on {}", emulator.url());
    tokio::signal::ctrl_c().await?;
    Ok(())
}
