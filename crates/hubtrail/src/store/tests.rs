//! What only the inside can show: query plans, a disk that fills up, and a crash between two commits.

use std::fs;
use std::path::Path;

use hubtrail_core::identity::identify;
use hubtrail_core::page::{Order, Seen};
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use proptest::prelude::*;
use secrecy::SecretString;
use serde_json::value::RawValue;
use tempfile::TempDir;

use super::search::lane::{self, Breadth, Key, Part};
use super::search::spread::{BY_HOUR, OF_HOURS};
use super::search::{aliases, facets as counted};
use super::*;
use crate::connector::{Connector, Settings};
use crate::secret::Keyring;

fn log() -> (TempDir, Store, Connector) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let keyring = Keyring::open(dir.path(), None).unwrap();
    let settings = Settings::new("acme", "http://127.0.0.1:1").unwrap();
    let new = NewConnector { settings, created_at: UtcMs(0) };
    let acme = store.add_connector(new, SecretString::from("t"), &keyring).unwrap();
    (dir, store, acme)
}

fn page(acme: &Connector, records: std::ops::Range<i64>, filler: &str) -> Append {
    let record = |n: i64| {
        let json = format!(r#"{{"timestamp":{n},"objectId":{n},"objectName":"page {n}","meta":"{filler}"}}"#);
        Seen::read(RawValue::from_string(json).unwrap())
    };
    let records: Vec<Seen> = records.map(record).collect();
    Append {
        ids: identify(&acme.account, Stream::Content, &records),
        records,
        ..Append::new(acme.id, Stream::Content, UtcMs(0))
    }
}

fn assert_sound(store: &Store) {
    assert_eq!(store.check(Depth::Full).unwrap().problems, Vec::<String>::new());
}

/// The steps that SQLite takes for a query, with nothing bound.
fn plan(store: &Store, sql: &str) -> Vec<String> {
    let steps = store.read(|conn| {
        let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
        let unbound = rusqlite::params_from_iter(vec![None::<i64>; statement.parameter_count()]);
        Ok(statement.query_map(unbound, |row| row.get(3))?.collect::<Result<_, _>>()?)
    });
    steps.unwrap()
}

#[test]
fn no_query_scans_the_log() {
    let (_dir, store, _) = log();
    let mut queries = vec![
        entry::AT,
        entry::OF_EVENT,
        entry::AFTER,
        append::HELD,
        append::HELD_UNPARSED,
        facts::OLDEST,
        pace::NEWEST,
        removal::UNREAD,
        removal::OLDEST_FEW,
        removal::FORGET_PERSON,
        removal::FORGET_OBJECT,
        check::NEXT_LEAF,
        check::LAST,
        finding::AFTER,
        finding::EVIDENCE,
        replay::IN_TIME,
        replay::OF_KIND,
    ];
    for key in [Key::Stream, Key::Kind, Key::Person, Key::Object] {
        for order in [Order::OldestFirst, Order::NewestFirst] {
            for breadth in [Breadth::Kind, Breadth::Names] {
                queries.extend([Part::Instant, Part::Range].map(|part| lane::sql(key, order, part, breadth)));
            }
        }
    }
    for sql in queries {
        let steps = plan(&store, sql);
        assert!(steps.iter().any(|step| step.starts_with("SEARCH e")), "{sql}: {steps:?}");
        for step in &steps {
            let is_of_the_question = step.starts_with("SCAN json_each");
            assert!(is_of_the_question || !step.starts_with("SCAN"), "{sql}: {steps:?}");
            assert!(!step.contains("TEMP B-TREE"), "{sql}: {steps:?}");
        }
    }
}

#[test]
fn histograms_facets_and_timelines_come_from_a_key_or_an_index() {
    let (_dir, store, _) = log();
    for sql in [
        BY_HOUR,
        OF_HOURS,
        spans::WITHIN,
        spans::ALL_WITHIN,
        spans::ALL_HOURS,
        aliases::OF_PERSON,
        aliases::OF_OBJECT,
        counted::KIND,
        counted::PERSON,
        counted::OBJECT,
        days::of_days(Side::People),
        days::of_days(Side::Objects),
        days::on_day(Side::People),
        days::on_day(Side::Objects),
        days::newest_of(Side::People),
        days::newest_of(Side::Objects),
    ] {
        let steps = plan(&store, sql);
        let is_fine = |step: &String| !step.starts_with("SCAN") || step.starts_with("SCAN json_each");
        assert!(!steps.is_empty() && steps.iter().all(is_fine), "{sql}: {steps:?}");
    }
}

/// What every page asks, however long the log is.
#[test]
fn hours_and_what_waits_are_looked_up_by_account() {
    let (_dir, store, _) = log();
    for (sql, wanted) in [
        (rollup::OF_HOURS, "SEARCH r USING PRIMARY KEY (stream=? AND hour>? AND hour<?)"),
        (rollup::OF_KINDS, "SEARCH r USING PRIMARY KEY (stream=? AND hour>? AND hour<?)"),
        (finding::WAITING, "quiet=? AND absorbed_by=?)"),
        (finding::OPEN, "quiet=? AND absorbed_by=?)"),
    ] {
        let steps = plan(&store, sql);
        assert!(steps.iter().any(|step| step.contains(wanted)), "{sql}: {steps:?}");
    }
}

#[test]
fn findings_come_from_an_index_in_their_order() {
    let (_dir, store, _) = log();
    let columns =
        [None, Some("connector"), Some("status"), Some("rule"), Some("actor"), Some("owner"), Some("id")];
    let queries = columns
        .into_iter()
        .flat_map(|column| [false, true].map(|is_shown| finding::search_sql(column, is_shown)))
        .chain([finding::BY_ID, finding::OVER, finding::STANDING, exceptions::IN_FORCE].map(str::to_owned));
    for sql in queries {
        let steps = plan(&store, &sql);
        let is_fine = |step: &String| {
            (!step.starts_with("SCAN") || step.contains("COVERING INDEX finding_standing"))
                && !step.contains("TEMP B-TREE")
        };
        assert!(!steps.is_empty() && steps.iter().all(is_fine), "{sql}: {steps:?}");
    }
}

#[test]
fn findings_of_somebody_are_counted_from_their_own_index() {
    let (_dir, store, _) = log();
    for (columns, index) in [
        (["rule"].as_slice(), "finding_by_rule (rule=?"),
        (&["actor"], "finding_by_actor (actor=?"),
        (&["owner"], "finding_by_owner (owner=?"),
        (&["id"], "sqlite_autoindex_finding_1 (id=?"),
        (&["rule", "owner", "id"], "(id=?"),
    ] {
        let steps = plan(&store, &finding::standing_of(columns));
        assert!(steps.iter().any(|step| step.contains(index)), "{columns:?}: {steps:?}");
    }
}

#[test]
fn findings_about_an_object_come_from_its_times_alone() {
    let (_dir, store, _) = log();
    let steps = plan(&store, finding::OF_OBJECT).join("\n");
    for wanted in ["COVERING INDEX entry_by_object (object=?)", "evidence_by_event (timestamp=?)"] {
        assert!(steps.contains(wanted), "{wanted}: {steps}");
    }
    assert!(!steps.contains("SCAN entry") && !steps.contains("SCAN v"), "{steps}");
}

#[test]
fn a_lane_is_bounded_by_its_index_at_both_ends() {
    let (_dir, store, _) = log();
    for (part, bounds) in [
        (Part::Range, "(object=? AND timestamp>? AND timestamp<?)"),
        (Part::Instant, "(object=? AND timestamp=? AND rowid>?)"),
    ] {
        let sql = lane::sql(Key::Object, Order::OldestFirst, part, Breadth::Names);
        let sql = format!("EXPLAIN QUERY PLAN {sql}");
        let plan =
            store.read(|conn| Ok(conn.query_row(&sql, [0; 5], |row| row.get::<_, String>(3))?)).unwrap();
        assert!(plan.contains(bounds), "{plan}");
    }
}

#[test]
fn a_job_that_fails_takes_no_neighbour_with_it() {
    let (_dir, store, acme) = log();
    let (hold, held) = std::sync::mpsc::sync_channel::<()>(0);
    let (answers, results) = std::sync::mpsc::channel();
    // While the first job waits, the others queue up and share one transaction with each other.
    store.inner.writer.submit(move |_| Ok(held.recv().is_ok()), |_| {});
    for n in 0..5_i64 {
        let answers = answers.clone();
        let append = page(&acme, n..n + 1, "");
        let work = move |writer: &mut writer::Writer| {
            let appended = writer.append(&append)?;
            if n == 2 {
                writer.conn.execute_batch("INSERT INTO nowhere VALUES (1)")?;
            }
            Ok(appended.head.0)
        };
        store.inner.writer.submit(work, move |result| answers.send((n, result.ok())).unwrap());
    }
    hold.send(()).unwrap();
    drop(answers);
    let results: Vec<_> = results.iter().collect();
    assert_eq!(results, [(0, Some(1)), (1, Some(2)), (2, None), (3, Some(3)), (4, Some(4))]);
    let times: Vec<_> = store.search(&Search::default()).unwrap().iter().map(|e| e.timestamp.0).collect();
    assert_eq!(times, [0, 1, 3, 4]);
    assert_sound(&store);
}

#[test]
fn a_full_disk_is_named_and_loses_nothing() {
    let (_dir, store, acme) = log();
    store.append_blocking(page(&acme, 0..10, "")).unwrap();
    let limit = |pages: Option<i64>| {
        store
            .write(move |writer| {
                let now: i64 = writer.conn.query_row("PRAGMA page_count", [], |row| row.get(0))?;
                let sql = format!("PRAGMA max_page_count = {}", pages.unwrap_or(now + 8));
                Ok(writer.conn.query_row(&sql, [], |row| row.get::<_, i64>(0))?)
            })
            .unwrap()
    };
    limit(None);
    let filler = "x".repeat(2_000);
    let error = store.append_blocking(page(&acme, 100..200, &filler)).unwrap_err();
    assert!(matches!(error, StoreError::DiskFull(_)), "{error:?}");
    assert!(error.to_string().contains("free some space"), "{error}");
    assert_eq!(store.head().unwrap(), Position(10));
    assert_sound(&store);
    limit(Some(1 << 30));
    assert_eq!(store.append_blocking(page(&acme, 100..200, &filler)).unwrap().head, Position(110));
    assert_sound(&store);
}

/// Whoever copies the file of a service that was stopped has everything.
#[test]
fn what_is_closed_is_in_one_file() {
    for _ in 0..20 {
        let (dir, store, acme) = log();
        store.append_blocking(page(&acme, 0..200, "")).unwrap();
        store.search(&Search::default()).unwrap();
        drop(store);
        assert!(!dir.path().join(format!("{FILE}-wal")).exists(), "the journal is moved and gone");
        let copy = tempfile::tempdir().unwrap();
        fs::copy(dir.path().join(FILE), copy.path().join(FILE)).unwrap();
        assert_eq!(Store::open(copy.path()).unwrap().search(&Search::default()).unwrap().len(), 200);
    }
}

#[test]
fn an_entry_cannot_be_changed_and_a_position_cannot_go_back() {
    let (_dir, store, acme) = log();
    store.append_blocking(page(&acme, 0..2, "")).unwrap();
    store.ack("sink", Position(2)).unwrap();
    store
        .write(|writer| {
            writer.conn.execute_batch(
                "INSERT INTO finding_entry VALUES (3, 1, x'00', 0, x'00', '{}'); \
                 INSERT INTO evidence VALUES (x'00', 0, x'00', 3, 1, '{}'); \
                 INSERT INTO exception_entry VALUES (4, 4, 0, x'00', '{}');",
            )?;
            Ok(())
        })
        .unwrap();
    for sql in [
        "UPDATE entry SET raw = '{}'",
        "UPDATE kind SET event_type = ''",
        "UPDATE person SET full_name = ''",
        "UPDATE object SET object_name = ''",
        "UPDATE finding_entry SET content = ''",
        "UPDATE evidence SET raw = ''",
        "UPDATE exception_entry SET content = ''",
        "UPDATE reader SET position = 1",
    ] {
        let error = store.write(move |writer| Ok(writer.conn.execute_batch(sql)?)).unwrap_err();
        assert!(error.to_string().contains("immutable") || error.to_string().contains("never"), "{error}");
    }
}

/// A log of five entries behind the back of which this was done.
fn tampered(sql: &str) -> (TempDir, Store) {
    let (dir, store, acme) = log();
    store.append_blocking(page(&acme, 0..5, "")).unwrap();
    drop(store);
    let conn = Connection::open(dir.path().join(FILE)).unwrap();
    conn.execute_batch(sql).unwrap();
    drop(conn);
    let store = Store::open(dir.path()).unwrap();
    (dir, store)
}

#[test]
fn what_was_tampered_with_is_found() {
    let (_dir, store) = tampered(
        "DROP TRIGGER entry_is_immutable; UPDATE entry SET raw = raw || ' ' WHERE position = 4; \
         DROP TRIGGER object_is_immutable; UPDATE object SET object_name = 'another' WHERE object_name = 'page 1'; \
         UPDATE rollup SET entries = entries + 1; DELETE FROM object_day WHERE object = 2",
    );
    let problems = store.check(Depth::Full).unwrap().problems;
    assert!(problems.iter().any(|problem| problem.starts_with("entry 4 ")), "{problems:?}");
    assert!(problems.iter().any(|problem| problem.starts_with("entry 2 ")), "its name: {problems:?}");
    assert!(problems.iter().any(|problem| problem.contains("hourly counts")), "{problems:?}");
    assert!(problems.iter().any(|problem| problem.contains("days and weeks")), "{problems:?}");
    assert!(problems.iter().any(|problem| problem.contains("1 daily counts of objects")), "{problems:?}");
}

#[test]
fn a_record_whose_name_is_lost_is_an_error_and_not_another_record() {
    let (_dir, store) =
        tampered("PRAGMA foreign_keys = OFF; DELETE FROM object WHERE object_name = 'page 1'");
    let found = |limit| store.search(&Search { limit: Some(limit), ..Search::default() });
    assert_eq!(found(1).unwrap().len(), 1, "what is before it reads as ever");
    let error = found(3).unwrap_err();
    assert!(error.to_string().contains("hubtrail doctor"), "{error}");
    assert!(store.log_after(Position(0), 3).is_err());
    assert!(!store.check(Depth::Full).unwrap().problems.is_empty());
}

/// The files as a power failure would leave them, with the journal cut off anywhere.
fn crash(from: &Path, to: &Path, kept: f64) {
    fs::create_dir_all(to).unwrap();
    fs::copy(from.join(FILE), to.join(FILE)).unwrap();
    let mut journal = fs::read(from.join(format!("{FILE}-wal"))).unwrap();
    journal.truncate((journal.len() as f64 * kept) as usize);
    fs::write(to.join(format!("{FILE}-wal")), journal).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn after_a_crash_the_log_is_whole_up_to_a_commit_and_goes_on(kept in 0.0..=1.0) {
        let (dir, store, acme) = log();
        for n in 0..20 {
            store.append_blocking(page(&acme, n * 5..n * 5 + 5, "")).unwrap();
        }
        let crashed = dir.path().join("crashed");
        crash(dir.path(), &crashed, kept);
        // Before the first checkpoint of the journal, even the tables may be only in it.
        let after = Store::open(&crashed).unwrap();
        let head = after.head().unwrap();
        prop_assert_eq!(head.0 % 5, 0, "a page is there whole or not at all");
        prop_assert!(after.check(Depth::Full).unwrap().problems.is_empty());
        if kept >= 1.0 {
            prop_assert_eq!(head, Position(100));
        }
        if after.connector("acme").is_ok() {
            let again = after.append_blocking(page(&acme, 0..100, "")).unwrap();
            prop_assert_eq!((again.duplicate as i64, again.head), (head.0, Position(100)));
        }
    }
}
