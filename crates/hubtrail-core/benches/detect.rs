//! How many events a second one core takes through the shipped rules, from JSON to findings, and the
//! memory it takes. A table for people, not a test: `just bench detect`. Linux only.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot set up its scene must fail")]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hubtrail_core::detect::{Detector, LATENESS_MS, Layer, RuleSet, Source};
use hubtrail_core::event::Event;
use hubtrail_core::identity::EventId;
use hubtrail_core::time::UtcMs;
use jiff::tz::TimeZone;

const EVENTS: usize = 1_000_000;
const PEOPLE: u64 = 500;
/// What a very busy account does in a day.
const PER_DAY: u64 = 100_000;
const START: UtcMs = UtcMs(1_772_445_600_000);

fn main() {
    let rules = shipped();
    let active = rules.rules().iter().filter(|rule| rule.raises).count();
    println!(
        "{EVENTS} events of {PEOPLE} people, {PER_DAY} a day, {active} rules that raise findings, one core"
    );
    let lines = lines();
    let before = resident_kib();

    let start = on_core();
    let read = lines.iter().filter(|line| Event::read(line).is_ok()).count();
    row("reading JSON only", on_core() - start, read, "");

    let mut detector = Detector::new(Arc::new(rules), LATENESS_MS);
    let (mut findings, mut most) = (0, 0);
    let start = on_core();
    for (number, line) in lines.iter().enumerate() {
        let event = Event::read(line).unwrap();
        let mut id = [0; 16];
        id[..8].copy_from_slice(&(number as u64).to_be_bytes());
        detector.advance(event.timestamp);
        detector.observe(&event, EventId(id));
        if number % 1_000 == 999 {
            findings += detector.changes().len();
            most = most.max(detector.items());
        }
    }
    row("reading and detecting", on_core() - start, EVENTS, &format!("{findings} changes of findings"));
    let grown = resident_kib().saturating_sub(before) / 1024;
    println!("memory: {most} items at most, {grown} MiB more than before, {:?}", detector.overlooked());
}

fn row(what: &str, took: Duration, events: usize, more: &str) {
    let rate = events as f64 / took.as_secs_f64();
    println!("{what:<24} {:>8.2} s {rate:>10.0} events/s  {more}", took.as_secs_f64());
}

fn shipped() -> RuleSet {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let sources: Vec<_> = files
        .map(|path| Source {
            text: fs::read_to_string(&path).unwrap(),
            file: path.display().to_string(),
            layer: Layer::Shipped,
        })
        .collect();
    let (rules, problems) = RuleSet::load(&sources, &TimeZone::UTC);
    assert_eq!(problems, []);
    rules
}

/// Mostly content, some code, now and then everything else; each edit of a page is published.
fn lines() -> Vec<String> {
    let types = [
        "WEBSITE_PAGE",
        "WEBSITE_PAGE",
        "BLOG_POST",
        "LANDING_PAGE",
        "HUBDB_TABLE",
        "HUBDB_TABLE",
        "FILE",
        "EMAIL",
    ];
    let rare = [
        "TEMPLATE",
        "MODULE",
        "GLOBAL_MODULE",
        "CONTENT_SETTINGS",
        "URL_MAPPING",
        "JS",
        "CTA",
        "SERVERLESS_FUNCTION",
    ];
    let verbs =
        ["UPDATED", "UPDATED", "UPDATED", "UPDATED", "PUBLISHED", "PUBLISHED", "PUBLISHED", "CREATED"];
    let seldom = ["UNPUBLISHED", "DELETED"];
    let mut dice = 0x2545_f491_4f6c_dd1d_u64;
    let mut roll = |sides: u64| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        dice % sides
    };
    let mut at = START;
    let lines = (0..EVENTS).map(|_| {
        at = at.plus(roll(2 * 86_400_000 / PER_DAY).cast_signed());
        let object_type = if roll(40) == 0 { rare[roll(8) as usize] } else { types[roll(8) as usize] };
        let verb = if roll(50) == 0 { seldom[roll(2) as usize] } else { verbs[roll(8) as usize] };
        // A tenth of the people does most of the work.
        let (user, object) = (if roll(4) == 0 { roll(PEOPLE) } else { roll(PEOPLE / 10) }, roll(20_000));
        format!(
            r#"{{"objectId":"{}","objectName":"Page {object}","objectType":"{object_type}","event":"{verb}","userId":"{}","fullName":"Person {user}","timestamp":"{at}","meta":{{"path":"content/en/{object}.md","changed":["favicon","robotsTxt"]}}}}"#,
            40_000_000_000 + object,
            1_000_000 + user
        )
    });
    lines.collect()
}

/// Time that this process had a core for: other processes do not count.
fn on_core() -> Duration {
    let spent = fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    Duration::from_nanos(spent.split_whitespace().next().and_then(|ns| ns.parse().ok()).unwrap_or_default())
}

fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
