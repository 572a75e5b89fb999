//! What surrounds the log: readers, counts, retention, connectors, copies, and refusals in plain words.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use hubtrail::connector::{ConnectorId, Settings};
use hubtrail::secret::{Context, Keyring};
use hubtrail::store::{
    Depth, Hours, NewConnector, NewGap, Position, Retention, RoleLock, Search, Span, Store, StoreError,
    Verification, Walk,
};
use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use proptest::prelude::*;
use secrecy::{ExposeSecret as _, SecretString};

use crate::store_support::{Log, NOW, Record, at, page, raw, times};

const HOUR: i64 = 3_600_000;

#[test]
fn a_reader_moves_forward_only_and_never_past_the_log() {
    let log = Log::new();
    log.append(&[at(1).seen(), at(2).seen(), at(3).seen()]);
    assert_eq!(log.store.reader_position("siem").unwrap(), None);
    assert_eq!(log.store.register_reader("siem", Position(1)).unwrap(), Position(1));
    log.store.ack("siem", Position(2)).unwrap();
    log.store.ack("siem", Position(1)).unwrap();
    assert_eq!(log.store.register_reader("siem", Position(0)).unwrap(), Position(2));
    let error = log.store.ack("siem", Position(4)).unwrap_err();
    assert!(matches!(error, StoreError::PastHead { position: 4, head: 3, .. }), "{error}");
    let readers = log.store.readers().unwrap();
    assert_eq!((readers[0].position, readers[0].lag), (Position(2), 1));
    log.store.remove_reader("siem").unwrap();
    assert!(log.store.readers().unwrap().is_empty());
}

#[test]
fn a_gap_is_one_gap_until_its_whole_range_is_read() {
    let log = Log::new();
    let gap = |from, to, reason: &str| NewGap {
        span: Span { from: UtcMs(from), to: UtcMs(to) },
        reason: reason.to_owned(),
    };
    let mut append = page(&log.acme, &[]);
    append.gaps = vec![gap(10, 10, "dense"), gap(20, 30, "dense")];
    log.store.append_blocking(append.clone()).unwrap();
    append.gaps = vec![gap(10, 10, "denser")];
    append.resolved = vec![Span { from: UtcMs(15), to: UtcMs(30) }];
    log.store.append_blocking(append).unwrap();
    let open = log.store.gaps(Some(log.acme.id), false).unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(
        (open[0].reason.as_str(), open[0].span.from, open[0].resolved_at),
        ("denser", UtcMs(10), None)
    );
    let ever = log.store.gaps(None, true).unwrap();
    assert_eq!(ever[1].resolved_at, Some(NOW));
    log.store.record_gaps(log.acme.id, Stream::Content, vec![gap(20, 30, "again")], NOW).unwrap();
    assert_eq!(log.store.facts().unwrap()[0].open_gaps, 2);
    let all = vec![Span { from: UtcMs(0), to: UtcMs(99) }];
    log.store.resolve_gaps(log.acme.id, Stream::Content, all, NOW).unwrap();
    assert!(log.store.gaps(None, false).unwrap().is_empty());
}

#[test]
fn walks_and_verifications_are_kept_newest_first() {
    let log = Log::new();
    for n in 0..3 {
        let walk =
            Walk { new: n, outcome: "ended".into(), ..Walk::new(WalkKind::Tail, None, Some(NOW), NOW) };
        log.store.record_walk(log.acme.id, Stream::Content, walk).unwrap();
    }
    let walks = log.store.walks(log.acme.id, Stream::Content, 2).unwrap();
    assert_eq!(walks.iter().map(|walk| walk.new).collect::<Vec<_>>(), [2, 1]);
    assert_eq!((walks[0].kind.as_str(), walks[0].from, walks[0].to), ("tail", None, Some(NOW)));
    let verification = Verification {
        from: Some(UtcMs(1)),
        to: None,
        began: NOW,
        ended: NOW.plus(5),
        compared: 10,
        missing: 0,
        surplus: 1,
        complete: true,
        note: "one was purged".into(),
    };
    log.store.record_verification(log.acme.id, Stream::Content, verification.clone()).unwrap();
    assert_eq!(log.store.verifications(log.acme.id, Stream::Content, 9).unwrap(), vec![verification.clone()]);
    assert_eq!(log.store.facts().unwrap()[0].verified, Some(verification));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_order_and_partition_gives_the_same_log_and_true_rollups(
        times_of in proptest::collection::vec(-3 * HOUR..3 * HOUR, 1..40),
        cuts in proptest::collection::vec((0..40_usize, 0..40_usize), 1..12),
        retire_before in -3 * HOUR..3 * HOUR,
    ) {
        let (sorted, shuffled) = (Log::new(), Log::new());
        let unique: std::collections::BTreeSet<i64> = times_of.iter().copied().collect();
        let records: Vec<_> = unique.iter().map(|ms| at(*ms).seen()).collect();
        sorted.append(&records);
        for (from, length) in cuts {
            let from = from.min(records.len());
            shuffled.append(&records[from..(from + length).min(records.len())]);
        }
        let reversed: Vec<_> = records.iter().rev().cloned().collect();
        shuffled.append(&reversed);
        let raws = |log: &Log| log.all().into_iter().map(|entry| (entry.event_id, entry.raw)).collect::<Vec<_>>();
        prop_assert_eq!(raws(&sorted), raws(&shuffled));
        prop_assert_eq!(raws(&sorted).len(), unique.len());

        let retention = Retention { before: UtcMs(retire_before), connectors: None, past_readers: false, past_sinks_before: None };
        shuffled.store.retire(&retention).unwrap();
        let kept: Vec<i64> = unique.iter().copied().filter(|ms| UtcMs(*ms) >= retention.before.hour()).collect();
        prop_assert_eq!(times(&shuffled.all()), kept.clone());
        let mut hours: BTreeMap<UtcMs, i64> = BTreeMap::new();
        kept.iter().for_each(|ms| *hours.entry(UtcMs(*ms).hour()).or_default() += 1);
        let histogram = shuffled.store.histogram(&Hours::default()).unwrap();
        prop_assert_eq!(histogram.iter().map(|total| (total.hour, total.entries)).collect::<BTreeMap<_, _>>(), hours);
        prop_assert_eq!(shuffled.store.check(Depth::Full).unwrap().problems, Vec::<String>::new());
    }
}

#[test]
fn totals_count_by_what_happened_to_what() {
    let log = Log::new();
    let deleted = Record { event: "DELETED", object_type: "FILE", ..at(HOUR) };
    log.append(&[at(1).seen(), at(2).seen(), deleted.seen(), raw("0")]);
    let totals = |hours: Hours| {
        let totals = log.store.totals(&hours).unwrap();
        totals
            .into_iter()
            .map(|total| (total.event_type, total.object_type, total.entries))
            .collect::<Vec<_>>()
    };
    let (updated, deleted) = (
        (Some("UPDATED".to_owned()), Some("BLOG_POST".to_owned()), 2),
        (Some("DELETED".to_owned()), Some("FILE".to_owned()), 1),
    );
    assert_eq!(totals(Hours::default()), [updated.clone(), (None, None, 1), deleted]);
    assert_eq!(totals(Hours { before: Some(UtcMs(HOUR)), ..Hours::default() }), [updated]);
    assert!(totals(Hours { connector: Some(ConnectorId(9)), ..Hours::default() }).is_empty());
}

#[test]
fn retention_takes_out_more_than_a_batch_and_the_names_that_nothing_uses_any_more() {
    let log = Log::new();
    let old: Vec<_> = (0..2_500_u32)
        .map(|n| Record { object: n, object_name: format!("old {n}"), ..at(i64::from(n)) }.seen())
        .collect();
    log.append(&old);
    log.append(&[at(HOUR).seen()]);
    let retention =
        Retention { before: UtcMs(HOUR), connectors: None, past_readers: false, past_sinks_before: None };
    let retired = log.store.retire(&retention).unwrap();
    assert_eq!((retired.entries, retired.hours), (2_500, 1));
    let named = Search { text: Some("old".to_owned()), ..Search::default() };
    assert!(log.store.search(&named).unwrap().is_empty());
    log.append(&old[..3]);
    assert_eq!(log.store.search(&named).unwrap().len(), 3);
    assert!(log.store.check(Depth::Full).unwrap().problems.is_empty());
}

#[test]
fn an_account_key_is_never_used_twice() {
    let log = Log::new();
    log.append(&[at(1).seen()]);
    assert_eq!(log.acme.account.0, "acme");
    log.store.remove_connector("acme", false).unwrap();
    assert!(log.store.connectors().unwrap().is_empty());
    assert_eq!(log.store.connectors_ever().unwrap()[0].sealed_token.0, b"");
    assert_eq!(log.all().len(), 1, "its entries stay");
    assert!(matches!(
        log.store.append_blocking(page(&log.acme, &[at(2).seen()])),
        Err(StoreError::UnknownConnector { .. })
    ));
    let again = log.add("acme");
    assert_eq!(again.account.0, "acme-2");
    log.append_to(&again, &[at(1).seen()]);
    log.store.remove_connector("acme", true).unwrap();
    assert_eq!(log.all().len(), 1, "only its own entries are erased");
    log.store.erase_connector(log.acme.id).unwrap();
    assert!(log.all().is_empty() && log.store.connectors_ever().unwrap().is_empty());
    assert_eq!(log.add("acme").account.0, "acme-3");
    assert!(log.store.check(Depth::Full).unwrap().problems.is_empty());
}

#[test]
fn connectors_are_found_by_name_and_keep_their_token_sealed() {
    let log = Log::new();
    let keyring = Keyring::open(log.dir.path(), None).unwrap();
    let context = Context { account: &log.acme.account, field: Context::TOKEN };
    let mut acme = log.store.connector(" ACME ").unwrap();
    assert_eq!(acme, log.acme);
    assert_eq!(keyring.unseal(context, &acme.sealed_token).unwrap().expose_secret(), "pat-na1-1");
    let error = log.store.connector("nobody").unwrap_err();
    assert!(error.to_string().contains("`acme`"), "{error}");
    let settings = Settings::new("Acme", "http://localhost:2").unwrap();
    let again = NewConnector { settings, created_at: NOW };
    let error = log.store.add_connector(again, SecretString::from("t"), &keyring).unwrap_err();
    assert!(matches!(error, StoreError::DuplicateName(_)), "{error}");
    let other = log.add("other");
    acme.settings.name = "renamed".to_owned();
    acme.settings.page_size = 7;
    acme.settings.labels = vec!["emea".to_owned(), "new shop".to_owned()];
    let stale = acme.clone();
    let mut acme = log.store.update_connector(&acme).unwrap();
    assert_eq!((acme.revision, &acme.settings), (stale.revision + 1, &stale.settings));
    log.store.note_account(acme.id, Some(62_515), Some("Europe/Berlin".to_owned())).unwrap();
    (acme.portal_id, acme.time_zone) = (Some(62_515), Some("Europe/Berlin".to_owned()));
    assert_eq!(log.store.connector("renamed").unwrap(), acme, "what HubSpot says is no change");
    let late = log.store.update_connector(&stale).unwrap_err();
    assert!(matches!(late, StoreError::Conflict { .. }), "{late}");
    acme.settings.name = other.settings.name;
    assert!(matches!(log.store.update_connector(&acme), Err(StoreError::DuplicateName(_))));
    acme.settings.page_size = 0;
    assert!(matches!(log.store.update_connector(&acme), Err(StoreError::Invalid(_))));
    let file = fs::read(log.store.path()).unwrap();
    assert!(!file.windows(9).any(|bytes| bytes == b"pat-na1-1"));
}

#[test]
fn what_a_file_declares_is_changed_there_only() {
    let log = Log::new();
    let mut acme =
        log.store.declare_connector(&log.acme, None, Some(Path::new("/etc/hubtrail.toml"))).unwrap();
    assert!(acme.declared && !log.acme.declared && acme.revision > log.acme.revision);
    acme.settings.paused = true;
    for refused in [
        log.store.update_connector(&acme).unwrap_err(),
        log.store.remove_connector("acme", true).unwrap_err(),
    ] {
        assert!(refused.to_string().contains("declared in /etc/hubtrail.toml"), "{refused}");
    }
    let free = log.store.declare_connector(&acme, None, None).unwrap();
    assert!(free.settings.paused && !free.declared);
    log.store.remove_connector("acme", true).unwrap();
    assert!(log.store.connectors_ever().unwrap().is_empty());
}

#[test]
fn a_backup_taken_while_writing_restores_to_one_state_of_the_log() {
    let log = Log::new();
    let target = log.dir.path().join("backup.db");
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            for n in 0..200 {
                log.append(&[at(2 * n).seen(), at(2 * n + 1).seen()]);
            }
        });
        log.store.backup(&target).unwrap();
        writing.join().unwrap();
    });
    assert!(matches!(log.store.backup(&target), Err(StoreError::Exists(_))));
    let elsewhere = log.dir.path().join("elsewhere");
    Store::restore(&target, &elsewhere).unwrap();
    let restored = Store::open(&elsewhere).unwrap();
    let entries = restored.entries_after(Position(0), usize::MAX).unwrap();
    assert_eq!(entries.len() % 2, 0, "pages are whole");
    assert_eq!(entries, log.store.entries_after(Position(0), entries.len()).unwrap());
    assert!(restored.check(Depth::Full).unwrap().problems.is_empty());
    assert!(matches!(Store::restore(&target, &elsewhere), Err(StoreError::Exists(_))));
    let left: Vec<_> =
        fs::read_dir(log.dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".partial")), "{left:?}");
}

#[test]
fn what_is_no_backup_is_not_restored() {
    let log = Log::new();
    let to = log.dir.path().join("to");
    let missing = Store::restore(&log.dir.path().join("missing"), &to).unwrap_err();
    assert!(missing.to_string().contains("missing"), "{missing}");
    let text = log.dir.path().join("text");
    fs::write(
        &text,
        "not a database, although it is long enough to have a header of one hundred bytes. ".repeat(9),
    )
    .unwrap();
    assert!(matches!(Store::restore(&text, &to), Err(StoreError::NotALog(_))));
    fs::write(&text, "").unwrap();
    assert!(matches!(Store::restore(&text, &to), Err(StoreError::NotALog(_))), "a copy that never began");
    log.append(&(0..500).map(|ms| at(ms).seen()).collect::<Vec<_>>());
    let backup = log.dir.path().join("backup.db");
    log.store.backup(&backup).unwrap();
    let mut bytes = fs::read(&backup).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4_096].fill(0xA5);
    fs::write(&backup, bytes).unwrap();
    let error = Store::restore(&backup, &to).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    assert!(!to.join("hubtrail.db").exists());
}

#[test]
fn a_file_that_cannot_be_used_is_refused_in_words_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let refused = |dir: &Path| Store::open(dir).map(drop).unwrap_err();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let error = refused(&file);
    assert!(error.to_string().contains("data directory"), "{error}");

    let path = dir.path().join("hubtrail.db");
    fs::write(&path, "something else entirely ".repeat(50)).unwrap();
    let error = refused(dir.path());
    assert!(matches!(error, StoreError::NotALog(_)), "{error:?}");
    assert!(fs::read_to_string(&path).unwrap().starts_with("something else"));

    fs::remove_file(&path).unwrap();
    let foreign = rusqlite::Connection::open(&path).unwrap();
    foreign.execute_batch("CREATE TABLE t (x)").unwrap();
    drop(foreign);
    assert!(matches!(refused(dir.path()), StoreError::NotALog(_)));

    fs::remove_file(&path).unwrap();
    drop(Store::open(dir.path()).unwrap());
    let newer = rusqlite::Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let error = refused(dir.path());
    assert!(matches!(error, StoreError::NewerSchema { found: 99, .. }), "{error:?}");
    assert!(error.to_string().contains("upgrade"), "{error}");
}

#[test]
fn a_damaged_file_is_reported_and_says_what_to_do() {
    let log = Log::new();
    log.append(&(0..2_000).map(|ms| at(ms).seen()).collect::<Vec<_>>());
    let Log { dir, store, .. } = log;
    let path = store.path().to_owned();
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    // Behind the pages that every open reads.
    let from = 4_096 * 160;
    let to = bytes.len() - 4_096;
    bytes[from..to].fill(0x5A);
    fs::write(&path, bytes).unwrap();
    let store = Store::open(dir.path()).unwrap();
    let error = store.search(&Search::default()).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains("hubtrail restore"), "{error}");
    match store.check(Depth::Sample) {
        Ok(report) => assert!(!report.problems.is_empty()),
        Err(error) => assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}"),
    }
}

#[test]
fn a_writer_that_another_process_keeps_out_says_so() {
    let log = Log::new();
    let other = rusqlite::Connection::open(log.store.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = log.store.append_blocking(page(&log.acme, &[at(1).seen()])).unwrap_err();
    assert!(matches!(error, StoreError::Busy(_)), "{error:?}");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(log.append(&[at(1).seen()]).new, 1);
}

#[test]
fn the_second_collector_is_refused_by_the_name_of_the_first() {
    let dir = tempfile::tempdir().unwrap();
    let first = RoleLock::take(dir.path(), "hubtrail serve").unwrap();
    let error = RoleLock::take(dir.path(), "hubtrail collect").unwrap_err().to_string();
    let holder = format!("`hubtrail serve` (pid {}) already collects into", std::process::id());
    assert!(error.starts_with(&holder), "{error}");
    drop(first);
    RoleLock::take(dir.path(), "hubtrail collect").unwrap();
}

#[cfg(unix)]
#[test]
fn the_log_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("a/b");
    let store = Store::open(&data).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&data), mode(store.path())), (0o700, 0o600));
}
