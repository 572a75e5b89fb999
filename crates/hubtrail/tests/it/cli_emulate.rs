//! `hubtrail emulate`, with the real binary: how scripts find it, and that it serves what it says it has.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use crate::binary::Hubtrail;

/// An emulator of its own; it is killed when the test is over, however it ends.
struct Emulating {
    child: Child,
    address: String,
}

impl Emulating {
    fn start(hubtrail: &Hubtrail, flags: &[&str]) -> Self {
        let mut command = hubtrail.command(&[&["emulate"], flags].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let address = first.trim_end().strip_prefix("listening on http://").unwrap().to_owned();
        Self { child, address }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn truth(&self) -> Vec<String> {
        let mut line = TcpStream::connect(&self.address).unwrap();
        write!(line, "GET /emulator/truth HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = String::new();
        line.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        body.lines().map(str::to_owned).collect()
    }
}

impl Drop for Emulating {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

#[test]
fn what_it_has_is_what_is_collected_from_it_and_sigterm_ends_it_in_order() {
    let hubtrail = Hubtrail::new();
    let flags = ["--events", "700", "--scenario", "bulk", "--seed", "7", "--rate-limit", "off"];
    let odd = ["--cursor", "iso", "--after-bound", "inclusive", "--max-limit", "60", "--live", "600"];
    let mut emulator =
        Emulating::start(&hubtrail, &[&flags[..], &odd, &["--attack", "login-redirect@0"]].concat());
    let token = hubtrail.data_dir().with_extension("token");
    std::fs::write(&token, "pat-na1-emulator\n").unwrap();
    let url = emulator.url();
    hubtrail.prints(&[
        "connector",
        "add",
        "lab",
        "--base-url",
        &url,
        "--token-file",
        token.to_str().unwrap(),
    ]);
    let before = emulator.truth();
    hubtrail.prints(&["collect", "lab", "--once"]);
    let after = sorted(emulator.truth());
    let log: Vec<_> = hubtrail.prints(&["events", "--format", "raw"]).lines().map(str::to_owned).collect();
    assert!(before.len() >= 700, "{}", before.len());
    assert!(before.iter().any(|record| record.contains("signin.example.net")), "the attack happened");
    for record in &before {
        assert!(log.contains(record), "missing: {record}");
    }
    for record in &log {
        assert!(after.binary_search(record).is_ok(), "invented: {record}");
    }
    let pid = emulator.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(emulator.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_trace_is_served_as_recorded_or_moved_to_now() {
    let hubtrail = Hubtrail::new();
    let file = hubtrail.data_dir().with_extension("ndjson");
    let record = |at: i64| {
        format!(
            r#"{{"objectId":"1","objectName":"Home","objectType":"WEBSITE_PAGE","event":"UPDATED","userId":"7","fullName":"A B","timestamp":"{at}"}}"#
        )
    };
    std::fs::write(&file, format!("{}\n{}\n", record(1_710_000_000_000), record(1_710_000_060_000))).unwrap();
    let trace = ["--trace", file.to_str().unwrap()];
    let recorded = Emulating::start(&hubtrail, &trace).truth();
    assert_eq!(recorded.len(), 2);
    assert!(recorded[1].contains(r#""timestamp":"2024-03-09T16:01:00.000Z""#), "{recorded:?}");
    let moved = [&trace[..], &["--trace-now", "--end", "2026-03-01"]].concat();
    let moved = Emulating::start(&hubtrail, &moved).truth();
    assert!(moved[0].contains(r#""timestamp":"2026-02-28T23:59:00.000Z""#), "{moved:?}");
    let contradiction = [&["emulate"], &trace[..], &["--live", "5"]].concat();
    assert!(hubtrail.fails(2, &contradiction).contains("--live"));
    let missing = hubtrail.fails(1, &["emulate", "--trace", "/nowhere.ndjson"]);
    assert!(missing.contains("open trace /nowhere.ndjson"), "{missing}");
}
