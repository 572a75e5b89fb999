//! Whoever opens a log while another process brings it up to date waits for that, and finds it done.

use std::thread;
use std::time::Duration;

use rusqlite::Connection;

/// The log is held all the while that it is brought up to date: about a minute for ten million events.
const MOST: Duration = Duration::from_secs(15 * 60);
const STEP: Duration = Duration::from_millis(100);
/// From when on the wait is more than a moment.
const TELL: i32 = 20;

/// Until the connection is given another time to wait. Only who writes waits, and in a current log nobody does.
pub(super) fn wait_for_others(conn: &mut Connection) -> rusqlite::Result<()> {
    conn.busy_handler(Some(wait))
}

fn wait(tries: i32) -> bool {
    if tries == TELL {
        tracing::warn!("another process holds the log, and may be bringing it up to date: waiting for it");
    }
    thread::sleep(STEP);
    STEP.saturating_mul(tries.unsigned_abs()) < MOST
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use rusqlite::TransactionBehavior;

    use super::super::{Store, schema};
    use super::*;

    const FIRST_SCHEMA: &str = include_str!("../../migrations/0001_log.sql");

    fn an_old_log(path: &Path) {
        std::fs::write(path, "").unwrap();
        let conn = schema::connect(path).unwrap();
        conn.execute_batch("PRAGMA journal_mode = WAL;").unwrap();
        conn.execute_batch(FIRST_SCHEMA).unwrap();
        conn.pragma_update(None, "application_id", 0x4854_524c).unwrap();
        conn.pragma_update(None, "user_version", 1).unwrap();
    }

    /// A migration that ran twice would fail: its tables are there already.
    #[test]
    fn whoever_opens_an_older_log_waits_for_the_one_who_brings_it_up_to_date() {
        const A_COMMIT: Duration = Duration::from_secs(5);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("hubtrail.db");
        an_old_log(&path);
        let mut another = schema::connect(&path).unwrap();
        let held = another.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        let opened = |path: PathBuf| thread::spawn(move || schema::open(&path).unwrap());
        let both = [opened(path.clone()), opened(path.clone())];
        thread::sleep(A_COMMIT + Duration::from_secs(1));
        assert!(both.iter().all(|one| !one.is_finished()), "it takes longer than a commit");
        drop(held);
        let new = tempfile::tempdir().unwrap();
        let newest = Store::open(new.path()).unwrap().read(|conn| Ok(schema::version(conn)?)).unwrap();
        for one in both {
            let conn = one.join().unwrap();
            assert_eq!(schema::version(&conn).unwrap(), newest);
            let timeout: i64 = conn.query_row("PRAGMA busy_timeout", [], |row| row.get(0)).unwrap();
            assert_eq!(timeout, 5_000, "the wait for a commit is short again");
        }
    }
}
