//! `hubtrail normalize` from outside: no data directory, every line comes out again, and what is wrong is told.

use std::io::Write;
use std::process::{Output, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::binary::{Hubtrail, text};

const RECORD: &str = r#"{"objectId":"12","objectName":"a, b","fullName":"Ada","event":"UPDATED","userId":"7","timestamp":"2024-03-10T14:32:18.123Z","objectType":"FILE"}"#;

fn normalize(arguments: &[&str], input: &[u8]) -> Output {
    let hubtrail = Hubtrail::new();
    let mut child = hubtrail
        .command(&[&["normalize"], arguments].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(!hubtrail.data_dir().exists(), "it works without a data directory");
    output
}

#[test]
fn nothing_is_lost_and_each_bad_line_is_told_with_its_number_and_reason() {
    let unknown = RECORD.replace("FILE", "HOLOGRAM");
    let input = format!("{RECORD}\n\n{{\"objectId\":7}}\n{unknown}\nno JSON\n{RECORD}\n").into_bytes();
    let output = normalize(&["--format", "ocsf"], &[&input[..], b"\xff\xfe\n"].concat());
    let (out, said) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{said}");
    for told in [
        "line 3 is unreadable: the record has no `timestamp`",
        "line 5 is unreadable: the record is not a JSON object",
        "line 7 is unreadable: it is not UTF-8",
        "6 lines: 2 PAD, 1 OTHER, 1 PER, 2 NLF",
    ] {
        assert!(said.contains(told), "{said}");
    }
    let events: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let classes: Vec<_> = events.iter().map(|event| event["class_uid"].as_i64().unwrap()).collect();
    assert_eq!(classes, [3004, 0, 3004, 0, 3004, 0]);
    assert_eq!(events[1]["time"], events[0]["time"], "at the time of the record before it");
    assert_eq!((&events[3]["raw_data"], &events[0]["raw_data"]), (&"no JSON".into(), &RECORD.into()));
    let ids: std::collections::HashSet<_> =
        events.iter().map(|event| event["metadata"]["uid"].to_string()).collect();
    assert_eq!(ids.len(), 6, "twins have ids of their own");
}

#[test]
fn the_same_file_gives_the_same_lines_packed_or_not() {
    let input = format!("{RECORD}\n{RECORD}\n");
    let plain =
        normalize(&["--format", "leef", "--connector", "acme", "--portal-id", "62515"], input.as_bytes());
    assert_eq!(plain.status.code(), Some(0));
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(input.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let again = normalize(&["--format", "leef", "--connector", "acme", "--portal-id", "62515"], &packed);
    assert_eq!(plain.stdout, again.stdout);
    let lines = text(&plain.stdout);
    assert!(lines.contains("\tconnector=acme\tportalId=62515\t"), "{lines}");
    let bare = normalize(&["--format", "leef", "--no-original"], input.as_bytes());
    assert!(!text(&bare.stdout).contains("original="));
}
