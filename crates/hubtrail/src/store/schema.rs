//! Opening the file: how SQLite is set up, and how an older log becomes a current one.

use std::fs::DirBuilder;
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::StoreError;
use super::search::patience;
use crate::ownership::open_or_create;

/// Marks the file as ours, so that another program's database is never touched.
const APPLICATION_ID: i64 = 0x4854_524c;

/// In order; `user_version` counts how many of them a file has.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_log.sql"),
    include_str!("../../migrations/0002_service.sql"),
    include_str!("../../migrations/0003_days.sql"),
    include_str!("../../migrations/0004_views.sql"),
    include_str!("../../migrations/0005_findings.sql"),
    include_str!("../../migrations/0006_sinks.sql"),
    include_str!("../../migrations/0007_looks.sql"),
    include_str!("../../migrations/0008_alerts.sql"),
    include_str!("../../migrations/0009_behaviour.sql"),
    include_str!("../../migrations/0010_hours.sql"),
    include_str!("../../migrations/0011_own_retention.sql"),
    include_str!("../../migrations/0012_channel_revision.sql"),
    include_str!("../../migrations/0013_own_budget.sql"),
    include_str!("../../migrations/0014_spans.sql"),
    include_str!("../../migrations/0015_shown.sql"),
    include_str!("../../migrations/0016_covering.sql"),
    include_str!("../../migrations/0017_owned.sql"),
];

/// Another process (the command line beside the service) commits in milliseconds.
const BUSY: Duration = Duration::from_secs(5);

pub(super) fn create_dir(dir: &Path) -> Result<(), StoreError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|error| StoreError::io("create the data directory", dir, error))
}

/// The connection that writes.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    create_file(path)?;
    let mut conn = connect(path)?;
    refuse_foreign(&conn, path)?;
    // FULL: in WAL mode, NORMAL may lose the last commits when the power fails, and a checkpoint that
    // readers or a person have already seen would go back.
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
         PRAGMA cache_size = -16384; PRAGMA journal_size_limit = 67108864;",
    )?;
    super::upgrading::wait_for_others(&mut conn)?;
    migrate(&mut conn, path)?;
    conn.busy_timeout(BUSY)?;
    Ok(conn)
}

/// A connection that reads. It uses no memory map: under one, a failing disk is a signal instead of an error.
pub(super) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let mut conn = connect(path)?;
    patience::attend(&mut conn)?;
    conn.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -8192;")?;
    Ok(conn)
}

pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let conn = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    conn.busy_timeout(BUSY)?;
    conn.set_prepared_statement_cache_capacity(64);
    // Plans do not depend on the values bound: SQLite would otherwise prepare a statement anew for each.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.execute_batch("PRAGMA trusted_schema = OFF")?;
    conn.execute_batch(SORT_IN_MEMORY)?;
    Ok(conn)
}

/// Names and records are personal data: the file is its owner's, and SQLite gives its journal the same mode and owner.
fn create_file(path: &Path) -> Result<(), StoreError> {
    match open_or_create(path) {
        Ok(_) => Ok(()),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
            ) =>
        {
            Err(StoreError::ReadOnly(path.to_owned()))
        }
        Err(error) => Err(StoreError::io("open the log", path, error)),
    }
}

/// Reads the header before anything is written. A file without anything in it becomes a log.
pub(super) fn refuse_foreign(conn: &Connection, path: &Path) -> Result<(), StoreError> {
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let is_new = tables == 0 && version(conn)? == 0 && application(conn)? == 0;
    if is_new { Ok(()) } else { refuse_all_but_logs(conn, path) }
}

/// As [`refuse_foreign`], where an empty file is none: what was to be copied is not in it.
pub(super) fn refuse_all_but_logs(conn: &Connection, path: &Path) -> Result<(), StoreError> {
    if application(conn)? != APPLICATION_ID {
        return Err(StoreError::NotALog(path.to_owned()));
    }
    refuse_newer(version(conn)?, path)
}

fn application(conn: &Connection) -> rusqlite::Result<i64> {
    conn.query_row("PRAGMA application_id", [], |row| row.get(0))
}

fn refuse_newer(found: i64, path: &Path) -> Result<(), StoreError> {
    let known = known_version();
    if found > known {
        return Err(StoreError::NewerSchema { path: path.to_owned(), found, known });
    }
    Ok(())
}

pub(super) fn version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.query_row("PRAGMA user_version", [], |row| row.get(0))
}

fn known_version() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

fn migrate(conn: &mut Connection, path: &Path) -> Result<(), StoreError> {
    if version(conn)? == known_version() {
        return Ok(());
    }
    sort_on_disk(conn, path)?;
    let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Read again: another process may have migrated while this one waited.
    let done = version(&transaction)?;
    refuse_newer(done, path)?;
    for migration in MIGRATIONS.iter().skip(usize::try_from(done).unwrap_or_default()) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", known_version())?;
    transaction.commit()?;
    conn.execute_batch(SORT_IN_MEMORY)?;
    Ok(())
}

const SORT_IN_MEMORY: &str = "PRAGMA temp_store = MEMORY";

/// What looks at every entry sorts them, and would need as much memory as they have; numbers and times are all that is
/// sorted. Beside the log there is room, and where the service runs there may be no other place to write to.
pub(super) fn sort_on_disk(conn: &Connection, path: &Path) -> Result<(), StoreError> {
    conn.execute_batch("PRAGMA temp_store = FILE")?;
    if let Some(dir) = path.parent().and_then(Path::to_str).filter(|dir| !dir.is_empty()) {
        conn.pragma_update(None, "temp_store_directory", dir)?;
    }
    Ok(())
}
