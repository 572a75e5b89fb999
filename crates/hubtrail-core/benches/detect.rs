//! How many events a second one core takes through the shipped rules, alone and with behaviour, from JSON to findings;
//! the memory it takes; and how soon it goes on after a restart: `just bench detect`. Figures, not a test: a table for people
//! on stderr, and a line of JSON for each row of it on stdout. With `busy` or `large` it is about one account only, with `rules`
//! about rules alone. Linux only.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot set up its scene must fail")]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hubtrail_core::detect::{BUDGET, Behaviour, Detector, LATENESS_MS, Layer, RuleSet, Settings, Source};
use hubtrail_core::event::Event;
use hubtrail_core::identity::EventId;
use hubtrail_core::time::UtcMs;
use jiff::tz::TimeZone;
use serde_json::json;

const EVENTS: usize = 1_000_000;
const START: UtcMs = UtcMs(1_772_445_600_000);
const SETTINGS: Settings = Settings { lateness_ms: LATENESS_MS, budget: BUDGET };

/// What an account does.
#[derive(Clone, Copy)]
struct Account {
    word: &'static str,
    name: &'static str,
    people: u64,
    per_day: u64,
}

const ACCOUNTS: [Account; 2] = [
    Account { word: "busy", name: "a very busy one, ten days", people: 500, per_day: 100_000 },
    Account { word: "large", name: "a very large one, a year", people: 10_000, per_day: 2_740 },
];

fn main() {
    let rules = Arc::new(shipped());
    let active = rules.rules().iter().filter(|rule| rule.raises).count();
    eprintln!("{EVENTS} events, {active} rules that raise findings, one core");
    let asked: Vec<_> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let is_asked = |word: &str| asked.iter().any(|asked| asked == word);
    let about = |account: &Account| !(is_asked("busy") || is_asked("large")) || is_asked(account.word);
    for account in ACCOUNTS.into_iter().filter(about) {
        eprintln!("{}: {} people, {} events a day", account.name, account.people, account.per_day);
        let lines = lines(account);
        let start = on_core();
        assert!(lines.iter().all(|line| Event::read(line).is_ok()));
        row(&account, "reading JSON only", on_core() - start, "");
        detect(&account, "rules", &lines, Detector::new(Arc::clone(&rules), LATENESS_MS));
        if is_asked("rules") {
            continue;
        }
        let before = resident_kib();
        let behaviour = Behaviour::new(SETTINGS);
        let detector = Detector::new(Arc::clone(&rules), LATENESS_MS).with_behaviour(behaviour);
        let detector = detect(&account, "rules and behaviour", &lines, detector);
        let mib = resident_kib().saturating_sub(before) / 1024;
        eprintln!("  memory of it: {mib} MiB");
        println!("{}", json!({ "account": account.name, "what": "memory", "mib": mib }));
        restart(&account, &detector, &rules, &lines);
    }
}

fn detect(account: &Account, what: &str, lines: &[String], mut detector: Detector) -> Detector {
    let (mut findings, mut most) = (0, 0);
    let start = on_core();
    for (number, line) in lines.iter().enumerate() {
        let event = Event::read(line).unwrap();
        detector.advance(event.timestamp);
        detector.observe(&event, id(number));
        if number % 1_000 == 999 {
            findings += detector.changes().len();
            most = most.max(detector.items());
        }
    }
    let more = format!("{findings} changes of findings, {most} items at most, {:?}", detector.overlooked());
    row(account, what, on_core() - start, &more);
    detector
}

fn id(number: usize) -> EventId {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&(number as u64).to_be_bytes());
    EventId(id)
}

/// Saves what was learned, and goes on from it and the events since.
fn restart(account: &Account, detector: &Detector, rules: &Arc<RuleSet>, lines: &[String]) {
    let start = on_core();
    let saved = detector.behaviour().unwrap().save().unwrap();
    let wrote = on_core() - start;
    let start = on_core();
    let behaviour = Behaviour::restore(SETTINGS, &saved).unwrap();
    let mut second = Detector::new(Arc::clone(rules), LATENESS_MS).with_behaviour(behaviour);
    let horizon = detector.horizon();
    let events: Vec<_> =
        lines.iter().enumerate().map(|(number, line)| (Event::read(line).unwrap(), id(number))).collect();
    let read = on_core() - start;
    let start = on_core();
    let now = events.last().unwrap().0.timestamp;
    let since = events.iter().filter(|(event, _)| event.timestamp >= horizon);
    second.rebuild(now, since.clone().map(|(event, id)| (event, *id)));
    let (restored, since) = ((on_core() - start).as_secs_f64(), since.count());
    let (kib, wrote) = (saved.len() / 1024, wrote.as_secs_f64());
    eprintln!(
        "  saved {kib} KiB in {wrote:.2} s; restored and {since} events since observed again in {restored:.2} s \
         (and {:.2} s reading all lines)",
        read.as_secs_f64(),
    );
    let row = json!({
        "account": account.name, "what": "restart", "saved_kib": kib, "saved_seconds": wrote, "since": since, "restored_seconds": restored,
    });
    println!("{row}");
}

fn row(account: &Account, what: &str, took: Duration, more: &str) {
    let seconds = took.as_secs_f64();
    eprintln!("  {what:<26} {seconds:>8.2} s {:>10.0} events/s  {more}", EVENTS as f64 / seconds);
    let Account { name, people, per_day, .. } = account;
    let row = json!({
        "account": name, "people": people, "per_day": per_day, "what": what, "events": EVENTS, "seconds": seconds,
    });
    println!("{row}");
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
fn lines(Account { people, per_day, .. }: Account) -> Vec<String> {
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
        at = at.plus(roll(2 * 86_400_000 / per_day).cast_signed());
        let object_type = if roll(40) == 0 { rare[roll(8) as usize] } else { types[roll(8) as usize] };
        let verb = if roll(50) == 0 { seldom[roll(2) as usize] } else { verbs[roll(8) as usize] };
        // A tenth of the people does most of the work.
        let (user, object) = (if roll(4) == 0 { roll(people) } else { roll(people / 10) }, roll(20_000));
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
