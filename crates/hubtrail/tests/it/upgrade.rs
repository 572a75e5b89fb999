//! A data directory as the first schema made it, opened by today's program: everything is there, and goes the ways
//! that operators take with it.

mod release;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hubtrail::store::{Depth, NewGap, Position, RoleLock, Search, Span, Verification, Walk};
use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use rusqlite::Connection;
use rusqlite::types::Value;

use crate::binary::{Hubtrail, text};
use crate::store_support::{Log, NOW, at, page, raw};

const FIRST_SCHEMA: &str = include_str!("../../migrations/0001_log.sql");
const APPLICATION_ID: i64 = 0x4854_524c;
const RAW: [&str; 3] = ["events", "--format", "raw"];

type Rows = Vec<Vec<Value>>;
/// The columns and rows of each table.
pub(crate) type Tables = BTreeMap<String, (String, Rows)>;

/// The tables of the first schema, each with its columns. The text indexes follow from `person` and `object`.
fn tables(conn: &Connection) -> BTreeMap<String, String> {
    let mut statement = conn
        .prepare(
            "SELECT t.name, group_concat('\"' || c.name || '\"', ', ' ORDER BY c.cid) \
             FROM sqlite_schema t, pragma_table_info(t.name) c \
             WHERE t.type = 'table' AND t.name NOT LIKE '%_text%' AND t.name NOT LIKE 'sqlite_%' GROUP BY t.name",
        )
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn rows(conn: &Connection, table: &str, columns: &str) -> Rows {
    let mut statement = conn.prepare(&format!("SELECT {columns} FROM \"{table}\"")).unwrap();
    let width = statement.column_count();
    let read = statement.query_map([], |row| (0..width).map(|at| row.get(at)).collect()).unwrap();
    let mut rows: Rows = read.map(Result::unwrap).collect();
    rows.sort_by_key(|row| format!("{row:?}"));
    rows
}

/// What a collector leaves behind: entries, some of them unreadable, a gap, walks, a proof, and a reader.
pub(crate) fn a_log_with_everything() -> Log {
    let log = Log::new();
    fill(&log);
    log
}

fn fill(log: &Log) {
    log.append(&[at(1_000).seen(), at(2_000).seen(), raw(r#"{"timestamp":"soon"}"#)]);
    log.append(&(3_000..3_200).map(|ms| at(ms).seen()).collect::<Vec<_>>());
    let gap = NewGap { span: Span { from: UtcMs(10), to: UtcMs(20) }, reason: "dense".to_owned() };
    log.store.append_blocking(hubtrail::store::Append { gaps: vec![gap], ..page(&log.acme, &[]) }).unwrap();
    let walk = Walk { new: 3, outcome: "ended".into(), ..Walk::new(WalkKind::Tail, None, Some(NOW), NOW) };
    log.store.record_walk(log.acme.id, Stream::Content, walk).unwrap();
    let verification = Verification {
        from: None,
        to: Some(NOW),
        began: NOW,
        ended: NOW,
        compared: 203,
        missing: 0,
        surplus: 0,
        complete: true,
        note: String::new(),
    };
    log.store.record_verification(log.acme.id, Stream::Content, verification).unwrap();
    log.store.register_reader("siem", Position(2)).unwrap();
}

/// The rows of today's log under the first schema, beside the same key.
pub(crate) fn as_the_first_schema_made_it(log: &Log, dir: &Path) -> Tables {
    std::fs::create_dir_all(dir).unwrap();
    std::fs::copy(log.dir.path().join("secret.key"), dir.join("secret.key")).unwrap();
    let old = Connection::open(dir.join("hubtrail.db")).unwrap();
    old.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA journal_mode = WAL;").unwrap();
    old.execute_batch(FIRST_SCHEMA).unwrap();
    old.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    old.execute("ATTACH ?1 AS today", [with_whole_records(log, dir).to_str().unwrap()]).unwrap();
    let tables = tables(&old);
    old.execute_batch("DELETE FROM log").unwrap();
    for (table, columns) in tables.iter().filter(|(table, _)| !matches!(table.as_str(), "failure" | "calls"))
    {
        old.execute_batch(&format!(
            "INSERT INTO \"{table}\" ({columns}) SELECT {columns} FROM today.\"{table}\""
        ))
        .unwrap();
    }
    old.execute_batch(
        "INSERT INTO failure SELECT id, 'retry', 'hubspot is not available', 'wait', 1 FROM stream; \
         INSERT INTO calls SELECT id, '{}' FROM connector; DETACH today;",
    )
    .unwrap();
    let read = |(table, columns): (String, String)| {
        let rows = rows(&old, &table, &columns);
        assert!(!rows.is_empty(), "the scene has no {table}");
        (table, (columns, rows))
    };
    tables.into_iter().map(read).collect()
}

/// Today's log, but with each record as the first schema kept it.
fn with_whole_records(log: &Log, dir: &Path) -> PathBuf {
    let path = dir.with_extension("today.db");
    log.store.backup(&path).unwrap();
    let today = Connection::open(&path).unwrap();
    today.execute_batch("DROP TRIGGER entry_is_immutable").unwrap();
    for entry in log.store.search(&Search::default()).unwrap() {
        today.execute("UPDATE entry SET raw = ?1 WHERE position = ?2", (entry.raw, entry.position)).unwrap();
    }
    path
}

pub(crate) fn assert_all_there(dir: &Path, before: &Tables) {
    let conn = Connection::open(dir.join("hubtrail.db")).unwrap();
    // What stood in the way of a walk is found again by the next one.
    for (table, (columns, rows_before)) in before.iter().filter(|(table, _)| *table != "failure") {
        assert_eq!(&rows(&conn, table, columns), rows_before, "{table} in {}", dir.display());
    }
}

#[test]
fn what_the_first_schema_holds_is_there_after_an_upgrade_a_restore_and_a_move() {
    let log = a_log_with_everything();
    let place = tempfile::tempdir().unwrap();
    let old = place.path().join("old");
    let before = as_the_first_schema_made_it(&log, &old);

    let upgraded = Hubtrail::over(&old);
    let events = upgraded.prints(&RAW);
    assert_eq!(events, Hubtrail::over(log.dir.path()).prints(&RAW));
    assert_eq!(events.lines().count(), 203);
    assert_all_there(&old, &before);
    assert_eq!(upgraded.prints(&["events", "--text", "nal", "--format", "raw"]).lines().count(), 202);

    let (file, restored) = (place.path().join("backup.db"), place.path().join("restored"));
    upgraded.prints(&["backup", file.to_str().unwrap()]);
    let elsewhere = Hubtrail::over(&restored);
    elsewhere.prints(&["restore", file.to_str().unwrap()]);
    std::fs::copy(old.join("secret.key"), restored.join("secret.key")).unwrap();
    assert_all_there(&restored, &before);

    let moved = place.path().join("moved");
    std::fs::rename(&old, &moved).unwrap();
    assert_all_there(&moved, &before);
    for dir in [&restored, &moved] {
        let hubtrail = Hubtrail::over(dir);
        assert_eq!(hubtrail.prints(&RAW), events);
        let doctor = hubtrail.run(&["doctor", "--json", "--full"]);
        let checks: serde_json::Value = serde_json::from_slice(&doctor.stdout).unwrap();
        let verdict = |what: &str| {
            checks.as_array().unwrap().iter().find(|it| it["what"] == what).unwrap()["verdict"].clone()
        };
        assert_eq!((verdict("log"), verdict("key of acme")), ("ok".into(), "ok".into()), "{checks}");
        let store = hubtrail::store::Store::open(dir).unwrap();
        assert_eq!(store.check(Depth::Full).unwrap().problems, Vec::<String>::new());
        assert_eq!(store.head().unwrap(), Position(203), "new entries go on behind the old ones");
    }
}

#[test]
fn a_log_of_a_newer_program_is_refused_by_every_way_in_and_left_as_it_is() {
    let log = a_log_with_everything();
    let backup = log.dir.path().join("backup.db");
    log.store.backup(&backup).unwrap();
    let dir = log.dir.path().to_owned();
    let Log { dir: _kept, store, .. } = log;
    drop(store);
    for file in [dir.join("hubtrail.db"), backup.clone()] {
        Connection::open(file).unwrap().pragma_update(None, "user_version", 99).unwrap();
    }
    let before = std::fs::read(dir.join("hubtrail.db")).unwrap();
    let hubtrail = Hubtrail::over(&dir);
    let elsewhere = dir.join("elsewhere");
    let restore = Hubtrail::over(&elsewhere).run(&["restore", backup.to_str().unwrap()]);
    let ways = [&["events"][..], &["serve"], &["collect", "acme", "--once"], &["backup", "other.db"]];
    let refused =
        ways.map(|arguments| hubtrail.fails(1, arguments)).into_iter().chain([text(&restore.stderr)]);
    for said in refused {
        assert!(said.contains("was written by a newer Hubtrail (schema 99, this one knows"), "{said}");
        assert!(said.contains("upgrade this Hubtrail"), "{said}");
    }
    assert!(!elsewhere.join("hubtrail.db").exists());
    assert!(std::fs::read(dir.join("hubtrail.db")).unwrap() == before, "refused and changed");
}

/// Only root can make what belongs to another; as somebody else there is nothing to give away.
#[cfg(unix)]
#[test]
fn what_root_makes_belongs_to_the_owner_of_the_data_directory() {
    use std::os::unix::fs::{MetadataExt as _, chown};
    let place = tempfile::tempdir().unwrap();
    let (dir, copy) = (place.path().join("data"), place.path().join("copy"));
    std::fs::create_dir(&dir).unwrap();
    std::fs::create_dir(&copy).unwrap();
    let me = std::fs::metadata(&dir).unwrap().uid();
    let theirs = if me == 0 { 65_534 } else { me };
    for dir in [&dir, &copy] {
        chown(dir, Some(theirs), None).unwrap();
    }
    let hubtrail = Hubtrail::over(&dir);
    let token = place.path().join("token");
    std::fs::write(&token, "pat-na1-1").unwrap();
    let add = ["connector", "add", "acme", "--base-url", "http://127.0.0.1:1", "--token-file"];
    hubtrail.run(&[add.as_slice(), &[token.to_str().unwrap()]].concat());
    drop(RoleLock::take(&dir, "a test").unwrap());
    let backup = place.path().join("backup.db");
    hubtrail.prints(&["backup", backup.to_str().unwrap()]);
    assert_eq!(std::fs::metadata(&backup).unwrap().uid(), me, "a backup is whoever took it");
    Hubtrail::over(&copy).prints(&["restore", backup.to_str().unwrap()]);
    let mut names = Vec::new();
    for dir in [&dir, &copy] {
        for file in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
            assert_eq!(file.metadata().unwrap().uid(), theirs, "{}", file.path().display());
            names.push(file.file_name().into_string().unwrap());
        }
    }
    for name in ["hubtrail.db", "hubtrail.lock", "secret.key"] {
        assert!(names.iter().any(|other| other == name), "{name}: {names:?}");
    }
}
