//! Behaviour as it runs beside the collection: learned from the log, told with numbers, within a budget, the same
//! after a restart and in whatever order history comes in, and taught by what people say.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hubtrail::access::Actor;
use hubtrail::clock::Clock;
use hubtrail::connector::AlertBudget;
use hubtrail::detect::{READER, Settings, keep};
use hubtrail::judgement::{Status, Verdict};
use hubtrail::store::{FindingSearch, Judged, KeptFinding, Store};
use hubtrail_core::finding::FindingId;
use hubtrail_core::page::Seen;
use hubtrail_core::time::UtcMs;
use tokio::task::JoinHandle;

use crate::store_support::{Log, NOW, Record, at, backfill_behind_the_tail};

const PATIENCE: Duration = Duration::from_secs(60);
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const DAYS: i64 = 45;

/// Asks what is usual: somebody touches a kind of thing that they never touched.
const RULE: &str = "title: Never touched\nid: 22222222-2222-4222-8222-222222222222\nlogsource: {product: hubspot}\ndetection:\n  s: {objectType: DOMAIN, behaviour.first_seen_user_type: true}\n  condition: s\nlevel: low\n";

struct Running(JoinHandle<()>);

impl Running {
    fn start(store: &Store, settings: Settings) -> Self {
        Self(tokio::spawn(keep(store.clone(), Clock::system(), settings)))
    }

    async fn end(self) {
        self.0.abort();
        drop(self.0.await);
    }
}

async fn caught_up(store: &Store) {
    let began = Instant::now();
    loop {
        let read = store.reader_position(READER).unwrap() == Some(store.head().unwrap());
        if read && store.detections().unwrap().iter().all(|(_, known)| known.unjoined.is_none()) {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "detection does not catch up");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The first day at midnight: long enough ago that nothing is dated in the future.
fn midnight() -> i64 {
    (NOW.0.div_euclid(DAY) - 70) * DAY
}

/// Four people who do the same every morning.
fn quiet(days: std::ops::Range<i64>) -> Vec<Record> {
    let work = [
        ("UPDATED", "WEBSITE_PAGE"),
        ("PUBLISHED", "BLOG_POST"),
        ("UPDATED", "TEMPLATE"),
        ("UPDATED", "URL_MAPPING"),
    ];
    let mut records = Vec::new();
    for day in days {
        for (n, (event, object_type)) in work.into_iter().enumerate() {
            let n = i64::try_from(n).unwrap();
            let start = midnight() + day * DAY + 9 * HOUR + (17 * n + day * 7 % 50) * MINUTE;
            for act in 0..3 {
                let (user, object) = (u32::try_from(n + 1).unwrap(), u32::try_from((day + act) % 9).unwrap());
                records.push(Record { event, object_type, user, object, ..at(start + 4 * act * MINUTE) });
            }
        }
    }
    records.sort_by_key(|record| record.ms);
    records
}

/// Somebody who publishes posts takes the account's settings apart at night.
fn takeover(day: i64) -> Vec<Record> {
    let night = midnight() + day * DAY + 23 * HOUR;
    let acts = [
        ("UPDATED", "DOMAIN"),
        ("DELETED", "DOMAIN"),
        ("UPDATED", "CONTENT_SETTINGS"),
        ("CREATED", "SERVERLESS_FUNCTION"),
    ];
    let acts = acts.into_iter().zip(0_u32..);
    acts.map(|((event, object_type), n)| {
        let ms = night + i64::from(n) * MINUTE;
        Record { event, object_type, user: 2, object: 900 + n, ..at(ms) }
    })
    .collect()
}

/// The quiet, the takeover and some days more.
fn story() -> Vec<Seen> {
    let mut records = quiet(0..DAYS + 4);
    records.extend(takeover(DAYS));
    records.sort_by_key(|record| record.ms);
    records.iter().map(Record::seen).collect()
}

fn kept(store: &Store) -> Vec<KeptFinding> {
    store.findings(&FindingSearch { limit: 1_000, ..FindingSearch::default() }).unwrap()
}

/// All that is told of what was found, but for when and in how many versions.
fn found(store: &Store) -> BTreeMap<String, (String, bool, u64, usize, UtcMs)> {
    let kept = kept(store).into_iter().filter(|kept| !kept.withdrawn && kept.absorbed_by.is_none());
    kept.map(|KeptFinding { finding, .. }| {
        let told = (finding.reason, finding.quiet, finding.score.to_bits(), finding.events, finding.time);
        (finding.id.to_string(), told)
    })
    .collect()
}

fn unusual(store: &Store) -> Vec<KeptFinding> {
    kept(store).into_iter().filter(|kept| kept.finding.is_behaviour() && !kept.finding.quiet).collect()
}

async fn in_order() -> Log {
    let log = Log::new();
    let detection = Running::start(&log.store, Settings::default());
    for records in story().chunks(60) {
        log.append(records);
    }
    caught_up(&log.store).await;
    detection.end().await;
    log
}

#[tokio::test]
async fn what_is_unusual_for_a_person_is_told_with_numbers_and_the_rate_beside_the_budget() {
    let log = in_order().await;
    let unusual = unusual(&log.store);
    assert_eq!(unusual.len(), 1, "{unusual:#?}");
    let finding = &unusual[0].finding;
    assert_eq!((finding.actor.id.as_str(), finding.events), ("2", 4));
    assert!(
        finding.reason.contains("sessions since") && finding.reason.contains("UTC"),
        "{}",
        finding.reason
    );
    let rates = log.store.alert_rates().unwrap();
    assert_eq!(rates.len(), 1);
    let learned = rates[0].learned;
    assert!(learned.is_ready && learned.people == 4 && learned.days > 40, "{learned:?}");
    assert!((learned.budget - 5.0).abs() < f64::EPSILON && learned.expected <= 5.0, "{learned:?}");
    let alerts = kept(&log.store).into_iter().filter(|kept| {
        kept.finding.alert() == hubtrail_core::detect::Alert::WithinBudget
            && kept.finding.time.0 > midnight() + (DAYS + 4) * DAY - 30 * DAY
    });
    assert_eq!(rates[0].raised, i64::try_from(alerts.count()).unwrap());
}

#[tokio::test]
async fn a_restart_anywhere_finds_the_same_and_tells_nothing_twice() {
    let whole = found(&in_order().await.store);
    let log = Log::new();
    for (n, records) in story().chunks(47).enumerate() {
        let detection = Running::start(&log.store, Settings::default());
        log.append(records);
        // Some of the processes end before they have done anything.
        if n % 3 != 1 {
            caught_up(&log.store).await;
        }
        detection.end().await;
    }
    let detection = Running::start(&log.store, Settings::default());
    caught_up(&log.store).await;
    detection.end().await;
    assert_eq!(found(&log.store), whole);
    let head = log.store.head().unwrap();
    let detection = Running::start(&log.store, Settings::default());
    caught_up(&log.store).await;
    detection.end().await;
    assert_eq!(log.store.head().unwrap(), head, "what was told is not told again");
}

#[tokio::test]
async fn history_behind_the_present_teaches_and_finds_the_same() {
    let whole = found(&in_order().await.store);
    let log = Log::new();
    let detection = Running::start(&log.store, Settings::default());
    let records = story();
    backfill_behind_the_tail(&log, &records, 40).await;
    caught_up(&log.store).await;
    detection.end().await;
    assert_eq!(found(&log.store), whole);
    assert!(log.store.alert_rates().unwrap()[0].learned.is_ready, "it has learned from what was backfilled");
}

#[tokio::test]
async fn a_budget_of_nothing_leaves_only_what_stands_outside_it() {
    let log = Log::new();
    let detection = Running::start(&log.store, Settings { alert_budget: 0.0, ..Settings::default() });
    let mut records = quiet(0..DAYS + 8);
    // What happens again and again fills any budget.
    (0..8).for_each(|n| records.extend(takeover(20 + 3 * n)));
    records.sort_by_key(|record| record.ms);
    log.append(&records.iter().map(Record::seen).collect::<Vec<_>>());
    caught_up(&log.store).await;
    detection.end().await;
    let rate = log.store.alert_rates().unwrap()[0];
    assert!(rate.learned.budget.abs() < f64::EPSILON && rate.learned.expected < 1.0, "{rate:?}");
    let hidden = kept(&log.store).into_iter().filter(KeptFinding::is_hidden).count();
    assert!(hidden > 0, "what is below the line is kept for who looks for it");
}

/// The budget of an account in force, as it is shown beside what was raised.
async fn until_budget(store: &Store, budget: f64) {
    let began = Instant::now();
    while (store.alert_rates().unwrap()[0].learned.budget - budget).abs() > f64::EPSILON {
        assert!(began.elapsed() < PATIENCE, "never {budget}: {:?}", store.alert_rates().unwrap());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn another_budget_of_one_account_is_in_force_with_its_next_day_while_the_others_keep_theirs() {
    let log = Log::new();
    let other = log.add("globex");
    let detection = Running::start(&log.store, Settings { alert_budget: 3.0, ..Settings::default() });
    let days = |days| quiet(days).iter().map(Record::seen).collect::<Vec<_>>();
    log.append(&days(0..DAYS));
    log.append_to(&other, &days(0..DAYS));
    caught_up(&log.store).await;
    until_budget(&log.store, 3.0).await;
    let mut acme = log.store.connector("acme").unwrap();
    acme.settings.alert_budget = AlertBudget::Alerts(1);
    log.store.update_connector(&acme).unwrap();
    for day in DAYS..DAYS + 4 {
        log.append(&days(day..day + 1));
        log.append_to(&other, &days(day..day + 1));
        caught_up(&log.store).await;
        // Settings are looked at once a second.
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    until_budget(&log.store, 1.0).await;
    detection.end().await;
    let rates = log.store.alert_rates().unwrap();
    let globex = rates.iter().find(|rate| rate.connector == other.id).unwrap();
    assert!((globex.learned.budget - 3.0).abs() < f64::EPSILON && globex.learned.is_ready, "{globex:?}");
    assert!(
        rates.iter().all(|rate| rate.learned.is_ready),
        "nothing that was learned is forgotten: {rates:?}"
    );
}

/// Whether the rule speaks of the same deed again, days after somebody judged the first.
async fn speaks_again(verdict: Option<Verdict>, restart: bool) -> bool {
    let log = Log::new();
    let rules = tempfile::tempdir().unwrap();
    std::fs::write(rules.path().join("own.yml"), RULE).unwrap();
    let settings = || Settings { rules: Some(rules.path().to_owned()), ..Settings::default() };
    let mut detection = Running::start(&log.store, settings());
    wait_for_rules(&log.store).await;
    let mut records = quiet(0..DAYS + 1);
    records.extend(takeover(DAYS));
    records.sort_by_key(|record| record.ms);
    log.append(&records.iter().map(Record::seen).collect::<Vec<_>>());
    // What is watched is told of after some minutes of the account's time, or of ours.
    caught_up(&log.store).await;
    let told = Instant::now();
    while unusual(&log.store).is_empty() {
        assert!(told.elapsed() < PATIENCE, "the takeover is not told of");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    if let Some(verdict) = verdict {
        let ids: Vec<FindingId> = kept(&log.store).iter().map(|kept| kept.finding.id).collect();
        let judged = Judged {
            status: Some(Status::Closed(verdict)),
            ..Judged::new(ids, UtcMs(midnight() + DAYS * DAY + 23 * HOUR + 30 * MINUTE))
        };
        log.store.judge(judged, &Actor::command_line()).unwrap();
    }
    if restart {
        detection.end().await;
        detection = Running::start(&log.store, settings());
    }
    log.append(&quiet(DAYS + 1..DAYS + 6).iter().map(Record::seen).collect::<Vec<_>>());
    caught_up(&log.store).await;
    let before = spoken(&log.store);
    let again = Record { object_type: "DOMAIN", user: 2, ..at(midnight() + (DAYS + 6) * DAY) };
    log.append(&[again.seen()]);
    caught_up(&log.store).await;
    detection.end().await;
    spoken(&log.store) > before
}

fn spoken(store: &Store) -> usize {
    let rules = vec!["22222222-2222-4222-8222-222222222222".to_owned()];
    store.findings(&FindingSearch { rules, limit: 100, ..FindingSearch::default() }).unwrap().len()
}

async fn wait_for_rules(store: &Store) {
    let began = Instant::now();
    while store.rule_files().unwrap().is_empty() {
        assert!(began.elapsed() < PATIENCE, "the rule is not in force");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn what_an_alert_rests_on_teaches_only_when_somebody_says_it_was_expected() {
    for restart in [false, true] {
        assert!(speaks_again(None, restart).await, "open, restart {restart}");
        assert!(speaks_again(Some(Verdict::Malicious), restart).await, "malicious, restart {restart}");
        assert!(!speaks_again(Some(Verdict::Expected), restart).await, "expected, restart {restart}");
    }
}
