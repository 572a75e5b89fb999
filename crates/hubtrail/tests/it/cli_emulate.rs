//! The whole way with the real binary: emulate, connect, collect, search, verify.

use std::io::{BufRead, BufReader};
use std::process::Command;

use crate::binary::{Hubtrail, Running};

struct Emulator {
    running: Running,
    url: String,
}

impl Emulator {
    fn start(hubtrail: &Hubtrail, arguments: &[&str]) -> Self {
        let arguments = [&["emulate", "--listen", "127.0.0.1:0", "--rate-limit", "off"], arguments].concat();
        let mut running = Running::start(hubtrail.command(&arguments));
        let mut first = String::new();
        BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let url = first.trim().strip_prefix("listening on ").unwrap().to_owned();
        Self { running, url }
    }

    fn truth(&self) -> Vec<String> {
        let url = format!("{}/emulator/truth", self.url);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        hubtrail::hubspot::install_crypto();
        let text = runtime.block_on(async {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            client.get(url).send().await.unwrap().text().await.unwrap()
        });
        sorted(&text)
    }
}

fn sorted(lines: &str) -> Vec<String> {
    let mut lines: Vec<_> = lines.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

fn connect(hubtrail: &Hubtrail, emulator: &Emulator) {
    let token = hubtrail.data_dir().with_file_name("token.txt");
    std::fs::write(&token, "pat-na1-emulator\n").unwrap();
    let token = token.to_str().unwrap();
    let arguments = ["connector", "add", "lab", "--base-url", &emulator.url, "--token-file", token];
    let added = hubtrail.prints(&[&arguments[..], &["--rate-limit", "off"]].concat());
    assert!(!added.contains("fail"), "{added}");
}

#[test]
fn what_was_collected_is_what_the_emulator_has() {
    let hubtrail = Hubtrail::new();
    let emulator = Emulator::start(
        &hubtrail,
        &["--events", "700", "--seed", "7", "--max-limit", "50", "--cursor", "opaque"],
    );
    connect(&hubtrail, &emulator);
    hubtrail.prints(&["collect", "lab", "--once"]);
    let truth = emulator.truth();
    assert_eq!(truth.len(), 700);
    assert_eq!(sorted(&hubtrail.prints(&["events", "--format", "raw"])), truth);
    assert!(hubtrail.prints(&["verify", "lab", "--since", "3650d"]).contains("all 700 events"));
    let status: serde_json::Value = serde_json::from_str(&hubtrail.prints(&["status", "--json"])).unwrap();
    assert_eq!((&status[0]["state"], &status[0]["total"]), (&"active".into(), &700.into()));
    assert_eq!(status[0]["last_verify"]["missing"], 0);
}

#[test]
fn what_happens_while_it_is_watched_is_collected_as_well_and_sigterm_ends_it_in_order() {
    let hubtrail = Hubtrail::new();
    let mut emulator =
        Emulator::start(&hubtrail, &["--events", "300", "--live", "1200", "--attack", "login-redirect@0"]);
    connect(&hubtrail, &emulator);
    let before = emulator.truth();
    assert!(before.len() > 300, "{}", before.len());
    assert!(before.iter().any(|record| record.contains("signin.example.net")), "the attack has begun");
    hubtrail.prints(&["collect", "lab", "--once"]);
    let after = emulator.truth();
    let log = sorted(&hubtrail.prints(&["events", "--format", "raw"]));
    assert!(before.iter().all(|record| log.binary_search(record).is_ok()), "nothing is missing");
    assert!(log.iter().all(|record| after.binary_search(record).is_ok()), "nothing is made up");
    let child = &mut emulator.running.0;
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_trace_is_served_as_it_was_recorded() {
    let hubtrail = Hubtrail::new();
    let trace = hubtrail.data_dir().with_file_name("trace.ndjson");
    let line = r#"{"objectId":"12","objectName":"a, b","fullName":"Ada","event":"UPDATED","userId":"7","timestamp":"2024-03-10T14:32:18.123Z","objectType":"FILE"}"#;
    std::fs::write(&trace, format!("{line}\n{line}\n")).unwrap();
    let emulator = Emulator::start(&hubtrail, &["--trace", trace.to_str().unwrap()]);
    connect(&hubtrail, &emulator);
    hubtrail.prints(&["collect", "lab", "--once"]);
    let csv = hubtrail.prints(&["events", "--format", "csv"]);
    let twins =
        csv.lines().skip(1).filter(|line| line.contains("2024-03-10T14:32:18.123Z,UPDATED,FILE,12,\"a, b\""));
    assert_eq!(twins.count(), 2, "{csv}");
}

#[test]
fn a_trace_can_be_moved_in_time_and_what_lies_ahead_comes_in_its_time() {
    let hubtrail = Hubtrail::new();
    let trace = hubtrail.data_dir().with_file_name("trace.ndjson");
    let line = |ms: i64| {
        format!(
            "{{\"objectId\":\"12\",\"event\":\"UPDATED\",\"userId\":\"7\",\"timestamp\":{ms},\"objectType\":\"FILE\"}}\n"
        )
    };
    let hour = 3_600_000;
    std::fs::write(&trace, [0, hour, 2 * hour].map(|ms| line(1_710_000_000_000 + ms)).concat()).unwrap();
    let trace = ["--trace", trace.to_str().unwrap(), "--end"];
    let moved = Emulator::start(&hubtrail, &[&trace[..], &["2026-03-01", "--trace-now"]].concat()).truth();
    let times = ["2026-02-28T22:00:00.000Z", "2026-02-28T23:00:00.000Z", "2026-03-01T00:00:00.000Z"];
    assert_eq!(moved.len(), 3);
    assert!(moved.iter().zip(times).all(|(record, time)| record.contains(time)), "{moved:?}");
    let halfway = Emulator::start(&hubtrail, &[&trace[..], &["1710003600000"]].concat());
    assert_eq!(halfway.truth().len(), 2);
    let fast = Emulator::start(&hubtrail, &[&trace[..], &["1710003600000", "--speed", "1e9"]].concat());
    while fast.truth().len() < 3 {}
    let contradiction = [&["emulate"], &trace[..2], &["--live", "5"]].concat();
    assert!(hubtrail.fails(2, &contradiction).contains("--live"));
}

#[test]
fn what_the_emulator_cannot_be_told_is_refused_with_the_choice() {
    let hubtrail = Hubtrail::new();
    for (arguments, reason) in [
        (["--cursor", "number"], "[possible values: epoch-ms, iso, opaque]"),
        (["--scenario", "chaos"], "company"),
        (["--fault-kinds", "explode"], "truncated"),
        (["--late-share", "2"], "from 0 to 1"),
        (["--empty-every", "1"], "nothing to collect"),
        (["--attack", "phishing@1"], "mass-unpublish"),
        (["--attack", "login-redirect@soon"], "minutes in"),
        (["--time-zone", "Nowhere"], "Europe/Berlin"),
        (["--speed", "0"], "above 0"),
        (["--rate-limit", "fast"], "190/10"),
    ] {
        let error = hubtrail.fails(2, &[&["emulate"], arguments.as_slice()].concat());
        assert!(error.contains(reason), "{error}");
    }
    let missing = hubtrail.fails(1, &["emulate", "--trace", "/no/such/trace"]);
    assert!(missing.starts_with("error: open trace /no/such/trace"), "{missing}");
}
