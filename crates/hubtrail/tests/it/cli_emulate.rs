//! The whole way with the real binary: emulate, connect, collect, search, verify.

use std::io::{BufRead, BufReader};

use crate::binary::{Hubtrail, Running};

struct Emulator {
    _running: Running,
    url: String,
}

impl Emulator {
    fn start(hubtrail: &Hubtrail, arguments: &[&str]) -> Self {
        let arguments = [&["emulate", "--listen", "127.0.0.1:0", "--rate-limit", "off"], arguments].concat();
        let mut running = Running::start(hubtrail.command(&arguments));
        let mut first = String::new();
        BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let url = first.trim().strip_prefix("listening on ").unwrap().to_owned();
        Self { _running: running, url }
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
    assert_eq!((&status[0]["state"], &status[0]["entries"]), (&"current".into(), &700.into()));
    assert_eq!(status[0]["verified"]["missing"], 0);
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
fn what_the_emulator_cannot_be_told_is_refused_with_the_choice() {
    let hubtrail = Hubtrail::new();
    for (arguments, reason) in [
        (["--cursor", "number"], "epoch-ms, iso, opaque"),
        (["--scenario", "chaos"], "company"),
        (["--fault", "explode"], "truncated"),
        (["--late", "2"], "from 0 to 1"),
        (["--speed", "0"], "above 0"),
        (["--rate-limit", "fast"], "190/10"),
    ] {
        let error = hubtrail.fails(2, &[&["emulate"], arguments.as_slice()].concat());
        assert!(error.contains(reason), "{error}");
    }
    let missing = hubtrail.fails(1, &["emulate", "--trace", "/no/such/trace"]);
    assert!(missing.starts_with("error: open trace /no/such/trace"), "{missing}");
}
