//! What retention takes out of the log, and what it must leave.

use hubtrail::config::Storage;
use hubtrail::connector::Keep;
use hubtrail::retention::retire;
use hubtrail::store::{Depth, Position, Retention};
use hubtrail_core::checkpoint::Change;
use hubtrail_core::time::UtcMs;

use crate::store_support::{Log, NOW, at, page, times};

const HOUR: i64 = 3_600_000;

#[test]
fn what_a_sweep_will_read_again_is_not_taken_out() {
    let log = Log::new();
    log.append(&[at(HOUR).seen(), at(40 * HOUR).seen(), at(60 * HOUR).seen()]);
    let mut append = page(&log.acme, &[]);
    append.changes = vec![Change::TailFrom { since: UtcMs(60 * HOUR) }];
    log.store.append_blocking(append).unwrap();
    let retention = Retention {
        before: UtcMs(900 * HOUR),
        connectors: None,
        past_readers: false,
        past_sinks_before: None,
    };
    assert_eq!(log.store.retire(&retention).unwrap().entries, 1);
    assert_eq!(times(&log.all()), [40 * HOUR, 60 * HOUR], "they would come back as something new");
}

#[test]
fn retention_waits_for_the_slowest_reader_unless_told_not_to() {
    let log = Log::new();
    log.append(&[at(1).seen(), at(HOUR).seen(), at(2 * HOUR).seen()]);
    log.store.register_reader("fast", Position(3)).unwrap();
    log.store.register_reader("slow", Position(1)).unwrap();
    let mut retention = Retention {
        before: UtcMs(2 * HOUR + 5),
        connectors: None,
        past_readers: false,
        past_sinks_before: None,
    };
    let retired = log.store.retire(&retention).unwrap();
    assert_eq!((retired.entries, retired.hours, retired.held_back), (1, 1, 1));
    assert_eq!(retired.slowest_reader.as_deref(), Some("slow"));
    assert_eq!(times(&log.all()), [HOUR, 2 * HOUR]);
    retention.past_readers = true;
    assert_eq!(log.store.retire(&retention).unwrap().entries, 1);
    assert_eq!(times(&log.all()), [2 * HOUR]);
    assert_eq!(log.append(&[at(3 * HOUR).seen()]).head, Position(4), "no position is used twice");
}

const DAY: i64 = 24 * HOUR;

fn storage(log: &Log, retention_days: Option<u32>) -> Storage {
    Storage { data_dir: log.dir.path().to_owned(), retention_days, sink_wait_days: None }
}

fn keep(log: &Log, name: &str, retention: Keep) {
    let mut connector = log.store.connector(name).unwrap();
    connector.settings.retention = retention;
    let kept = log.store.update_connector(&connector).unwrap();
    assert_eq!((kept.settings.retention, kept.revision), (retention, connector.revision + 1));
}

/// How many days ago what is left of each account happened.
fn left(log: &Log, names: &[&str]) -> Vec<Vec<i64>> {
    let ever = log.store.connectors_ever().unwrap();
    let of = |name: &&str| {
        let id = ever.iter().find(|connector| connector.name() == *name).unwrap().id;
        let own = log.all().into_iter().filter(|entry| entry.connector == id).collect::<Vec<_>>();
        times(&own).into_iter().map(|ms| (NOW.0 - ms) / DAY).collect()
    };
    names.iter().map(of).collect()
}

#[test]
fn an_account_with_a_retention_of_its_own_leaves_those_of_the_others_alone() {
    let log = Log::new();
    let names = ["acme", "brief", "ever"];
    let ages: Vec<_> = [500, 300, 60, 20].iter().map(|days| at(NOW.0 - days * DAY).seen()).collect();
    for connector in [log.acme.clone(), log.add("brief"), log.add("ever")] {
        log.append_to(&connector, &ages);
    }
    assert!(retire(&log.store, &storage(&log, None), NOW).unwrap().is_empty(), "nothing is due");
    keep(&log, "brief", Keep::Days(30));
    keep(&log, "ever", Keep::Forever);
    let taken = retire(&log.store, &storage(&log, None), NOW).unwrap();
    assert_eq!(taken.iter().map(|(days, it)| (*days, it.entries)).collect::<Vec<_>>(), [(30, 3)]);
    let all = vec![500, 300, 60, 20];
    assert_eq!(left(&log, &names), [all.clone(), vec![20], all.clone()]);
    let taken = retire(&log.store, &storage(&log, Some(400)), NOW).unwrap();
    let taken: Vec<_> = taken.iter().map(|(days, it)| (*days, it.entries)).collect();
    assert_eq!(taken, [(30, 0), (400, 1)]);
    assert_eq!(left(&log, &names), [vec![300, 60, 20], vec![20], all.clone()]);
    keep(&log, "ever", Keep::AsOthers);
    retire(&log.store, &storage(&log, Some(400)), NOW).unwrap();
    assert_eq!(left(&log, &names)[2], [300, 60, 20], "as the others again");
    assert_eq!(log.store.check(Depth::Full).unwrap().problems, Vec::<String>::new());
}

#[test]
fn a_short_retention_of_its_own_waits_for_sweeps_and_readers_as_the_common_one_does() {
    let log = Log::new();
    let brief = log.add("brief");
    keep(&log, "brief", Keep::Days(1));
    let times_of = [NOW.0 - 6 * DAY, NOW.0 - 3 * DAY - 2 * HOUR, NOW.0 - 3 * DAY];
    log.append_to(&brief, &times_of.map(|ms| at(ms).seen()));
    let mut append = page(&brief, &[]);
    append.changes = vec![Change::TailFrom { since: UtcMs(NOW.0 - 3 * DAY) }];
    log.store.append_blocking(append).unwrap();
    log.store.register_reader("siem", Position(0)).unwrap();
    let settings = storage(&log, None);
    let (_, waits) = retire(&log.store, &settings, NOW).unwrap().remove(0);
    assert_eq!((waits.entries, waits.slowest_reader.as_deref()), (0, Some("siem")));
    log.store.ack("siem", Position(3)).unwrap();
    assert_eq!(retire(&log.store, &settings, NOW).unwrap()[0].1.entries, 1);
    assert_eq!(times(&log.all()), times_of[1..], "a sweep would bring them back as something new");
    let again = log.append_to(&brief, &times_of[1..].iter().map(|ms| at(*ms).seen()).collect::<Vec<_>>());
    assert_eq!((again.new, again.duplicate), (0, 2));
    log.store.remove_connector("brief", false).unwrap();
    assert_eq!(retire(&log.store, &settings, NOW).unwrap()[0].1.entries, 2, "nobody sweeps it any more");
    assert!(log.all().is_empty());
}
