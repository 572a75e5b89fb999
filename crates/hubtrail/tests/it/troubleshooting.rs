//! Every row of `docs/troubleshooting.md` happens, is told as it is written there, and is over by itself.

use std::collections::{BTreeMap, BTreeSet};

use hubtrail::hubspot::{ConnectionReport, HubSpot, Options, Timeouts, test_connection};
use hubtrail_core::time::UtcMs;
use secrecy::SecretString;
use std::time::Duration;

mod collecting;
mod fake;
mod network;
mod refusals;
mod settings;

pub(crate) const TOKEN: &str = "pat-na1-troubleshooting";
/// 2026-11-22T00:00:00Z by the emulated account's clock, and by ours.
const NOW: UtcMs = UtcMs(1_795_305_600_000);
const ACCOUNT: i64 = 4_711_001;

/// A row, as a person reads it.
struct Row {
    stage: String,
    message: String,
    fix: String,
}

fn page() -> &'static str {
    include_str!("../../../../docs/troubleshooting.md")
}

/// The rows that have an anchor, by it. Without a column of stages the stage is empty.
fn rows() -> BTreeMap<String, Row> {
    let mut rows = BTreeMap::new();
    for line in page().lines().filter(|line| line.starts_with("| <a id=")) {
        let cells: Vec<&str> = line
            .trim_matches('|')
            .split(" | ")
            .map(|cell| cell.trim().trim_end_matches('|').trim())
            .collect();
        let code = cells[0].split('`').nth(1).unwrap().to_owned();
        assert!(cells[0].contains(&format!("<a id=\"{code}\"></a>")), "{line}");
        let (stage, rest) = if cells.len() == 5 { (cells[1], &cells[2..]) } else { ("", &cells[1..]) };
        let row = Row { stage: stage.to_owned(), message: rest[0].to_owned(), fix: rest[2].to_owned() };
        assert!(rows.insert(code.clone(), row).is_none(), "{code} has two rows");
    }
    rows
}

/// Whether the text is what is written, `…` standing for anything.
fn reads_as(text: &str, written: &str) -> bool {
    let mut parts = written.split('…').map(str::trim);
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    for (n, part) in parts.iter().enumerate() {
        let is_last = n + 1 == parts.len();
        let at = if is_last && !part.is_empty() { rest.rfind(part) } else { rest.find(part) };
        let Some(at) = at else { return false };
        rest = &rest[at + part.len()..];
        if is_last && part.is_empty() {
            return true;
        }
    }
    rest.is_empty()
}

fn assert_told(code: &str, stage: &str, message: &str, fix: &str) {
    let rows = rows();
    let row = rows.get(code).unwrap_or_else(|| panic!("{code} has no row"));
    assert!(
        row.stage.split(" or ").any(|written| written == stage),
        "{code}: {stage} instead of {}",
        row.stage
    );
    assert!(reads_as(message, &row.message), "{code}: “{message}” instead of “{}”", row.message);
    assert!(reads_as(fix, &row.fix), "{code}: “{fix}” instead of “{}”", row.fix);
}

fn assert_fails(report: &ConnectionReport, code: &str) {
    let (stage, trouble) = report.trouble().unwrap_or_else(|| panic!("{code} is not found: {report:?}"));
    assert_eq!(trouble.code, code, "{trouble:?}");
    assert_told(code, stage.label(), &trouble.problem, &trouble.fix);
    assert!(!serde_json::to_string(report).unwrap().contains(TOKEN), "{code} tells the token");
}

fn options(base_url: &str) -> Options {
    Options {
        timeouts: Timeouts {
            connect: Duration::from_secs(5),
            headers: Duration::from_secs(5),
            idle: Duration::from_secs(5),
            total: Duration::from_secs(20),
        },
        ..Options::new(base_url, SecretString::from(TOKEN))
    }
}

async fn tested(options: &Options) -> ConnectionReport {
    test_connection(options, Some(ACCOUNT), NOW, None).await
}

/// One failure after another, each followed by a test that passes.
async fn assert_recovers(options: &Options, code: &str) {
    let report = tested(options).await;
    assert!(report.passed, "{code} is over: {}", report.message);
    assert!(HubSpot::new(options, NOW).is_ok());
}

#[test]
fn every_row_is_caused_and_every_reference_leads_to_one() {
    let rows = rows();
    let caused: BTreeSet<&str> = [settings::CAUSED, network::CAUSED, refusals::CAUSED, collecting::CAUSED]
        .concat()
        .into_iter()
        .collect();
    let written: BTreeSet<&str> = rows.keys().map(String::as_str).collect();
    assert_eq!(caused, written);
    assert!(rows.len() >= 20);
    for reference in page().split("](#").skip(1) {
        let anchor = reference.split(')').next().unwrap();
        assert!(rows.contains_key(anchor), "{anchor} leads nowhere");
    }
    let dnif = page().split("## If you come from DNIF").nth(1).unwrap();
    assert_eq!(dnif.lines().filter(|line| line.starts_with("| ")).count(), 13, "a header and all its rows");
}

#[test]
fn a_text_reads_as_it_is_written() {
    for (text, written, same) in [
        ("a b", "a b", true),
        ("a b", "a", false),
        ("the token is empty: copy", "the token …", true),
        ("x (y) end", "x … end", true),
        ("x (y) end", "x … en", false),
        ("x (y) end", "z …", false),
        ("HTTP 401, \"no\"", "HTTP 401…", true),
    ] {
        assert_eq!(reads_as(text, written), same, "{text} / {written}");
    }
}
