//! Detection as it runs beside the collection: the same findings whatever order history comes in and however often
//! the process starts again, rules that are changed meanwhile, and records from the future.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hubtrail::access::Actor;
use hubtrail::clock::Clock;
use hubtrail::detect::{READER, Settings, keep};
use hubtrail::store::{FindingSearch, Store};
use hubtrail_core::page::Seen;
use hubtrail_core::time::UtcMs;
use tokio::task::JoinHandle;

use crate::store_support::{Log, NOW, Record, at, backfill_behind_the_tail};

const PATIENCE: Duration = Duration::from_secs(60);
const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

/// Detection that runs until it is dropped, as if its process had been ended.
struct Running(JoinHandle<()>);

impl Running {
    fn start(store: &Store, rules: Option<&Path>) -> Self {
        let settings = Settings { rules: rules.map(Path::to_path_buf), ..Settings::default() };
        Self(tokio::spawn(keep(store.clone(), Clock::system(), settings)))
    }

    async fn end(self) {
        self.0.abort();
        drop(self.0.await);
    }
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "in vain waited until {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn caught_up(store: &Store) {
    until("detection has caught up", || {
        let read = store.reader_position(READER).unwrap() == Some(store.head().unwrap());
        read && store.detections().unwrap().iter().all(|(_, known)| known.unjoined.is_none())
    })
    .await;
}

/// A month in which somebody deletes and unpublishes in bursts, and everybody else works.
fn month() -> Vec<Seen> {
    let mut records: Vec<Record> = Vec::new();
    for day in 0..30_i64 {
        let morning = NOW.0 - (30 - day) * DAY;
        for n in 0..40_i64 {
            let user = 10 + u32::try_from(n % 7).unwrap();
            let object = u32::try_from(100 + n).unwrap();
            records.push(Record { user, object, ..at(morning + n * 11 * MINUTE) });
        }
        if day % 6 == 2 {
            for n in 0..25_i64 {
                let object = u32::try_from(500 + n).unwrap();
                let (event, object_type) = ("UNPUBLISHED", "LANDING_PAGE");
                records.push(Record { event, object_type, user: 7, object, ..at(morning + n * 90_000) });
            }
        }
        if day % 9 == 4 {
            for n in 0..30_i64 {
                let object = u32::try_from(700 + n).unwrap();
                records.push(Record {
                    event: "DELETED",
                    user: 8,
                    object,
                    ..at(morning + DAY - 20 * MINUTE + n * MINUTE)
                });
            }
        }
    }
    records.sort_by_key(|record| record.ms);
    records.iter().map(Record::seen).collect()
}

/// All that is known of what was found, but for when and in how many versions it was told.
fn found(store: &Store) -> BTreeMap<String, (String, usize, UtcMs, UtcMs, Vec<String>)> {
    let search = FindingSearch { limit: 1_000, ..FindingSearch::default() };
    let kept = store.findings(&search).unwrap().into_iter();
    kept.map(|kept| {
        let finding = kept.finding;
        let evidence = store.evidence(finding.id).unwrap().into_iter().map(|proof| proof.raw).collect();
        (finding.id.to_string(), (finding.reason, finding.events, finding.time, finding.last_seen, evidence))
    })
    .collect()
}

async fn in_order() -> BTreeMap<String, (String, usize, UtcMs, UtcMs, Vec<String>)> {
    let log = Log::new();
    let detection = Running::start(&log.store, None);
    for records in month().chunks(100) {
        log.append(records);
    }
    caught_up(&log.store).await;
    detection.end().await;
    found(&log.store)
}

#[tokio::test]
async fn a_restart_anywhere_changes_nothing() {
    let whole = in_order().await;
    assert!(whole.len() >= 5, "{whole:?}");
    let log = Log::new();
    let pages = month();
    for (n, records) in pages.chunks(170).enumerate() {
        let detection = Running::start(&log.store, None);
        log.append(records);
        // Some of the processes end before they have done anything.
        if n % 3 != 1 {
            caught_up(&log.store).await;
        }
        detection.end().await;
    }
    let detection = Running::start(&log.store, None);
    caught_up(&log.store).await;
    let head = log.store.head().unwrap();
    detection.end().await;
    assert_eq!(found(&log.store), whole);
    let again = Running::start(&log.store, None);
    log.append(&[at(NOW.0 + DAY).seen()]);
    caught_up(&log.store).await;
    again.end().await;
    assert_eq!(log.store.head().unwrap().0, head.0 + 1, "what was told is not told again");
}

#[tokio::test]
async fn history_that_comes_in_behind_the_present_is_looked_at_in_order_of_time() {
    let whole = in_order().await;
    let log = Log::new();
    let detection = Running::start(&log.store, None);
    let records = month();
    backfill_behind_the_tail(&log, &records, 130).await;
    caught_up(&log.store).await;
    detection.end().await;
    assert_eq!(found(&log.store), whole);
}

#[tokio::test]
async fn a_record_from_the_future_moves_nothing() {
    let log = Log::new();
    let detection = Running::start(&log.store, None);
    let burst: Vec<_> = (0..20).map(|n| unpublished(n, NOW.0 + i64::from(n) * 1_000)).collect();
    log.append(&[at(NOW.0 + 400 * DAY).seen()]);
    caught_up(&log.store).await;
    log.append(&burst);
    caught_up(&log.store).await;
    detection.end().await;
    assert!(found(&log.store).values().any(|(_, events, ..)| *events == 20), "{:?}", found(&log.store));
}

fn unpublished(object: u32, ms: i64) -> Seen {
    Record { event: "UNPUBLISHED", object_type: "LANDING_PAGE", object, ..at(ms) }.seen()
}

#[tokio::test]
async fn a_rule_that_is_switched_on_tells_of_what_comes_from_then_on() {
    let log = Log::new();
    let detection = Running::start(&log.store, None);
    let redirect = |ms| Record { object_type: "URL_MAPPING", ..at(ms) }.seen();
    log.append(&[redirect(NOW.0)]);
    caught_up(&log.store).await;
    let watch = "72744745-1b0a-4f2d-89fb-2d913dee4cef";
    let told = || {
        let search = FindingSearch { rules: vec![watch.to_owned()], limit: 10, ..FindingSearch::default() };
        log.store.findings(&search).unwrap().len()
    };
    assert_eq!(told(), 0);
    log.store.set_rule(watch, "Any redirect", true, &Actor::command_line(), NOW).unwrap();
    let mut n = 0;
    // From the moment at which it is noticed on.
    until("a redirect is told of", || {
        n += 1;
        log.append(&[redirect(NOW.0 + 7_200_000 * n)]);
        std::thread::sleep(Duration::from_millis(20));
        told() > 0
    })
    .await;
    let trail = log.store.audit_trail(&hubtrail::store::AuditSearch {
        within: hubtrail::access::Accounts::All,
        connector: None,
        actor: None,
        action: Some("rule".to_owned()),
        before: None,
        limit: 10,
    });
    assert_eq!(trail.unwrap()[0].action, "rule.enable");
    detection.end().await;
}

const OWN: &str = "title: Own\nid: 11111111-1111-4111-8111-111111111111\nlogsource: {product: hubspot}\ndetection:\n  s: {event: RESTORE}\n  condition: s\nlevel: low\n";

#[tokio::test]
async fn own_rules_are_read_again_and_a_broken_file_leaves_the_last_good_ones_in_force() {
    let log = Log::new();
    let dir = tempfile::tempdir().unwrap();
    let file: PathBuf = dir.path().join("own.yml");
    std::fs::write(&file, OWN).unwrap();
    let detection = Running::start(&log.store, Some(dir.path()));
    until("the rule is in force", || log.store.rule_files().unwrap().len() == 1).await;
    std::fs::write(&file, OWN.replace("condition: s", "condition: nobody")).unwrap();
    until("the problem is noted", || !log.store.rule_problems().unwrap().is_empty()).await;
    let problem = log.store.rule_problems().unwrap().remove(0);
    assert!(problem.file.ends_with("own.yml") && problem.line == 6, "{problem:?}");
    assert_eq!(log.store.rule_files().unwrap()[0].text, OWN, "what was understood stays");
    log.append(&[Record { event: "RESTORE", ..at(NOW.0) }.seen()]);
    caught_up(&log.store).await;
    let own = FindingSearch {
        rules: vec!["11111111-1111-4111-8111-111111111111".to_owned()],
        limit: 10,
        ..FindingSearch::default()
    };
    assert_eq!(log.store.findings(&own).unwrap().len(), 1);
    std::fs::write(&file, OWN.replace("title: Own", "title: Own again")).unwrap();
    until("the mended file is in force", || log.store.rule_problems().unwrap().is_empty()).await;
    assert!(log.store.rule_files().unwrap()[0].text.contains("Own again"));
    std::fs::remove_file(&file).unwrap();
    until("the file is gone", || log.store.rule_files().unwrap().is_empty()).await;
    detection.end().await;
}
