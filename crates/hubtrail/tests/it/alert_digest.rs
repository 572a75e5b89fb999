//! The summary of a day or a week: what it tells of findings that the log has, once.

use hubtrail::notify::{Digest, Item, Pace, Route, Service, Settings, make_digests};
use hubtrail::secret::Keyring;
use hubtrail::store::{Entry, NewChannel, Position};
use hubtrail_core::detect::Change;
use hubtrail_core::finding::{Finding, Severity};
use hubtrail_core::time::UtcMs;
use secrecy::SecretString;

use crate::findings_support::{finding, record};
use crate::store_support::{Log, NOW, Record, at};

const DAY: i64 = 86_400_000;
/// A Monday, some minutes after eight in the morning.
const MORNING: &str = "2024-03-11T08:04:00Z";

fn channel(log: &Log, name: &str, route: Route) {
    let keyring = Keyring::open(log.dir.path(), None).unwrap();
    let settings =
        Settings { name: name.to_owned(), service: Service::Teams {}, route, pace: Pace::default() };
    let secret = Some(SecretString::from("https://example.webhook.office.com/planted"));
    let created_at = NOW.minus(30 * DAY);
    log.store.add_channel(NewChannel { settings, secret, created_at }, &keyring).unwrap();
}

/// What each channel is told, by its name.
fn told(log: &Log, name: &str, now: UtcMs) -> Vec<Item> {
    let channels = log.store.channels().unwrap();
    let id = channels.iter().find(|channel| channel.name() == name).unwrap().id;
    let due = log.store.due_messages(now.plus(DAY)).unwrap().into_iter();
    due.filter(|message| message.channel == id).flat_map(|message| message.story.items).collect()
}

fn found(log: &Log) -> Vec<Finding> {
    let days_ago = [0, 0, 0, 3];
    let records = days_ago
        .iter()
        .zip(1..)
        .map(|(days, n)| Record { object: n, ..at(NOW.0 - DAY / 24 - days * DAY + i64::from(n)) }.seen());
    log.append(&records.collect::<Vec<_>>());
    let mut entries: Vec<Entry> = log.all();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.timestamp));
    let found = |rule: &str, at: usize| finding(rule, &entries[at..=at]);
    vec![
        Finding { severity: Severity::Critical, ..found("grave", 0) },
        Finding { severity: Severity::Low, ..found("small", 1) },
        Finding { quiet: true, ..found("quiet", 2) },
        Finding { severity: Severity::Medium, ..found("old", 3) },
    ]
}

#[test]
fn it_tells_the_findings_of_its_time_the_gravest_first_and_how_each_account_is_once() {
    let log = Log::new();
    let route = |digest| Route { digest, ..Route::default() };
    channel(&log, "daily", route(Digest::Daily));
    channel(&log, "weekly", route(Digest::Weekly));
    channel(&log, "none", Route::default());
    let findings = found(&log);
    record(&log.store, &log, Position(4), findings.iter().cloned().map(Change::Raised).collect());
    let now: UtcMs = MORNING.parse().unwrap();
    let channels = log.store.channels().unwrap();
    make_digests(&log.store, &channels, now).unwrap();

    let daily = told(&log, "daily", now);
    let titles: Vec<&str> = daily.iter().map(|item| item.title.as_str()).collect();
    assert_eq!(
        titles[0], "2 findings since 2024-03-10T08:00:00.000Z",
        "neither what is quiet nor what is old"
    );
    assert_eq!(daily[0].text, "1 critical, 1 low");
    assert_eq!(titles[1..3], ["critical: Rule grave", "low: Rule small"]);
    assert_eq!(daily[1].text, "1 events (new)");
    assert_eq!(daily[1].path, format!("findings/{}", findings[0].id));
    assert!(titles[3].starts_with("acme: ") && titles.len() == 4, "{titles:?}");
    assert!(daily[3].text.starts_with("4 events in the log."), "{}", daily[3].text);

    let weekly = told(&log, "weekly", now);
    assert_eq!(weekly[0].title, "3 findings since 2024-03-04T08:00:00.000Z");
    assert_eq!(weekly[0].text, "1 critical, 1 medium, 1 low");
    assert_eq!(told(&log, "none", now), []);

    make_digests(&log.store, &channels, now.plus(60_000)).unwrap();
    assert_eq!(told(&log, "daily", now).len(), daily.len(), "what was told is not told again");
}

#[test]
fn it_is_about_the_accounts_that_the_channel_is_about() {
    let log = Log::new();
    let other = log.add("globex");
    channel(&log, "daily", Route { digest: Digest::Daily, accounts: vec![other.id], ..Route::default() });
    let findings = found(&log);
    record(&log.store, &log, Position(4), findings.into_iter().map(Change::Raised).collect());
    let now: UtcMs = MORNING.parse().unwrap();
    make_digests(&log.store, &log.store.channels().unwrap(), now).unwrap();
    let items = told(&log, "daily", now);
    assert_eq!(items[0].title, "0 findings since 2024-03-10T08:00:00.000Z");
    assert_eq!(items[0].text, "nothing was found");
    assert!(items[1].title.starts_with("globex: ") && items.len() == 2, "{items:?}");
}
