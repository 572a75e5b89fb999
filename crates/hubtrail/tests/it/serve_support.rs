//! `hubtrail serve` as a process of its own, beside an emulated account that lives by the wall clock.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hubspot_audit_api::emulator::limits::RateLimit;
use hubspot_audit_api::emulator::{Config, Emulator};
use hubspot_audit_api::record::Record;
use hubtrail::clock::Clock;
use hubtrail::store::{Search, Store};

use crate::binary::{Hubtrail, Running};
use crate::lab::record;

pub(crate) const TOKEN: &str = "pat-na1-token-of-a-service";
/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn now() -> i64 {
    Clock::system().now().0
}

/// So many records, a second apart, the newest a minute ago.
pub(crate) fn history(count: i64) -> Vec<Record> {
    let newest = now() - 60_000;
    (0..count).map(|n| record(newest - n * 1_000, 7, 2, n.unsigned_abs())).collect()
}

pub(crate) async fn account(change: impl FnOnce(&mut Config), history: Vec<Record>) -> Emulator {
    let mut config = Config {
        token: TOKEN.to_owned(),
        rate_limit: RateLimit::OFF,
        daily_limit: None,
        ..Config::default()
    };
    change(&mut config);
    Emulator::start(config, Arc::new(now), history).await.unwrap()
}

/// Asks again until it is so.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "in vain waited until {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A data directory, and what is needed to work with it from outside.
pub(crate) struct Place {
    pub(crate) hubtrail: Hubtrail,
    dir: tempfile::TempDir,
}

/// The process that serves. It ends with the test.
pub(crate) struct Served {
    pub(crate) url: String,
    running: Running,
    log: PathBuf,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { hubtrail: Hubtrail::new(), dir: tempfile::tempdir().unwrap() }
    }

    /// A file beside the data directory.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub(crate) fn add(&self, name: &str, url: &str, token: &str, more: &[&str]) {
        let file = self.file("token", token);
        let fixed =
            ["connector", "add", name, "--base-url", url, "--token-file", &file, "--rate-limit", "off"];
        self.hubtrail.prints(&[&fixed[..], &["--poll-interval", "1s"], more].concat());
    }

    pub(crate) fn serve(&self, more: &[&str]) -> Served {
        let log = self.dir.path().join("serve.log");
        let arguments = [&["serve", "--listen", "127.0.0.1:0"], more].concat();
        let mut command = self.hubtrail.command(&arguments);
        let file = File::options().create(true).append(true).open(&log).unwrap();
        let mut running = Running(command.stdout(Stdio::piped()).stderr(file).spawn().unwrap());
        let mut line = String::new();
        BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said = || std::fs::read_to_string(&log).unwrap();
        assert!(line.starts_with("listening on http://127.0.0.1:"), "{line}{}", said());
        let url = line.trim().trim_start_matches("listening on ").to_owned();
        Served { url, running, log }
    }

    pub(crate) fn store(&self) -> Store {
        Store::open(self.hubtrail.data_dir()).unwrap()
    }
}

impl Served {
    /// What it has said so far.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(mut self) {
        self.running.0.kill().unwrap();
        self.running.0.wait().unwrap();
    }

    /// Ends it as a service manager does.
    pub(crate) fn terminate(mut self) -> std::process::ExitStatus {
        let pid = self.running.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let began = Instant::now();
        loop {
            if let Some(status) = self.running.0.try_wait().unwrap() {
                return status;
            }
            assert!(began.elapsed() < PATIENCE, "it does not end: {}", self.said());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Every record of the log as HubSpot sent it, sorted.
pub(crate) fn records(store: &Store) -> Vec<String> {
    let entries = store.search(&Search::default()).unwrap();
    let mut records: Vec<_> = entries.into_iter().map(|entry| entry.raw).collect();
    records.sort();
    records
}

pub(crate) fn truth(emulator: &Emulator) -> Vec<String> {
    let mut truth = emulator.truth();
    truth.sort();
    truth
}
