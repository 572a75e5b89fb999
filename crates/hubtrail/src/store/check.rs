//! Whether the log is what it says it is: the file, the hash of every entry, and the counts that are
//! kept beside them.

use hubtrail_core::identity::leaf_hash;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::original::{self, original_columns, original_joins};
use super::{Position, Store, StoreError, days, schema, spans, writer};

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Entries spread over the whole log, and the structure of a file that is small: seconds, whatever its size.
    Sample,
    /// Every page of the file and every entry.
    Full,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub head: Position,
    pub schema: i64,
    pub bytes: u64,
    /// Entries whose hash was computed again.
    pub entries_checked: u64,
    /// What is wrong, in words; empty when all is well.
    pub problems: Vec<String>,
}

/// Of a long list of problems, the first ones say enough.
const MOST_PROBLEMS: usize = 20;
const SAMPLES: i64 = 10_000;
/// The structure of a larger file takes longer than a person who asks for a sample wants to wait.
const SMALL_BYTES: u64 = 256 << 20;

pub(super) const NEXT_LEAF: &str = concat!(
    "SELECT e.position, e.leaf, ",
    original_columns!(),
    " FROM entry e",
    original_joins!(),
    "WHERE e.position > ?1 ORDER BY e.position LIMIT 1"
);
pub(super) const LAST: &str = "SELECT max(position) FROM entry e";
const LAST_FINDING: &str = "SELECT max(position) FROM finding_entry";

impl Store {
    /// # Errors
    /// When the log cannot even be read; what is found wrong is in the report.
    pub fn check(&self, depth: Depth) -> Result<Report, StoreError> {
        self.examine(depth).map_err(|error| error.located(self.path()))
    }

    fn examine(&self, depth: Depth) -> Result<Report, StoreError> {
        let path = self.path();
        let bytes = std::fs::metadata(path).map_err(|error| StoreError::io("measure", path, error))?.len();
        // Of the text index, SQLite checks what a connection remembers: a new one remembers nothing.
        let conn = schema::open_reader(path)?;
        if depth == Depth::Full {
            schema::sort_on_disk(&conn, path)?;
        }
        let snapshot = conn.unchecked_transaction()?;
        let mut report = Report {
            head: writer::stored_head(&snapshot)?,
            schema: schema::version(&snapshot)?,
            bytes,
            ..Report::default()
        };
        check_file(&snapshot, depth, &mut report)?;
        check_leaves(&snapshot, depth, &mut report)?;
        check_findings(&snapshot, depth, &mut report)?;
        check_head(&snapshot, &mut report)?;
        if depth == Depth::Full {
            check_counts(&snapshot, &mut report)?;
        }
        report.problems.truncate(MOST_PROBLEMS);
        Ok(report)
    }
}

/// For copies: a damaged one must not be taken for a backup.
pub(super) fn refuse_damaged(conn: &Connection) -> Result<(), StoreError> {
    let found: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(StoreError::unreadable("its integrity check", found)) }
}

fn check_file(conn: &Connection, depth: Depth, report: &mut Report) -> Result<(), StoreError> {
    let sql = match depth {
        Depth::Sample if report.bytes > SMALL_BYTES => return Ok(()),
        Depth::Sample => "PRAGMA quick_check(20)",
        Depth::Full => "PRAGMA integrity_check(20)",
    };
    let mut statement = conn.prepare(sql)?;
    let found = statement.query_map([], |row| row.get::<_, String>(0))?;
    for line in found {
        let line = line?;
        if line != "ok" {
            report.problems.push(format!("the file is damaged: {line}"));
        }
    }
    if depth == Depth::Full && conn.prepare("PRAGMA foreign_key_check")?.exists([])? {
        report.problems.push("an entry refers to a stream or a name that is not there".to_owned());
    }
    Ok(())
}

fn check_leaves(conn: &Connection, depth: Depth, report: &mut Report) -> Result<(), StoreError> {
    let step = match depth {
        Depth::Sample => (report.head.0 / SAMPLES).max(1),
        Depth::Full => 1,
    };
    let mut statement = conn.prepare_cached(NEXT_LEAF)?;
    let mut after = 0;
    loop {
        let next = statement.query_row([after], |row| {
            let leaf: Vec<u8> = row.get(1)?;
            let is_untouched = original::read(row, 2).is_ok_and(|raw| leaf == leaf_hash(raw.as_bytes()));
            Ok((row.get::<_, i64>(0)?, is_untouched))
        });
        let Some((position, is_untouched)) = next.optional()? else { return Ok(()) };
        report.entries_checked += 1;
        if !is_untouched {
            report.problems.push(format!("entry {position} is not what was stored: its hash differs"));
        }
        after = position + step - 1;
    }
}

/// Of findings there are few: each is looked at when all is.
fn check_findings(conn: &Connection, depth: Depth, report: &mut Report) -> Result<(), StoreError> {
    for table in ["finding_entry", "exception_entry"] {
        let newest_first = format!("SELECT position, leaf, content FROM {table} ORDER BY position DESC");
        let mut statement = conn.prepare(&newest_first)?;
        let mut rows = statement.query([])?;
        let most = if depth == Depth::Full { usize::MAX } else { 1_000 };
        for _ in 0..most {
            let Some(row) = rows.next()? else { break };
            let position: i64 = row.get(0)?;
            let (leaf, content): (Vec<u8>, &[u8]) = (row.get(1)?, row.get_ref(2)?.as_bytes()?);
            report.entries_checked += 1;
            if leaf != leaf_hash(content) {
                report.problems.push(format!("entry {position} is not what was stored: its hash differs"));
            }
        }
    }
    Ok(())
}

fn check_head(conn: &Connection, report: &mut Report) -> Result<(), StoreError> {
    let last: Option<i64> = conn.query_row(LAST, [], |row| row.get(0))?;
    let last = last.max(conn.query_row(LAST_FINDING, [], |row| row.get(0))?);
    if last.is_some_and(|last| last > report.head.0) {
        report.problems.push(format!("the log ends before its newest entry ({})", last.unwrap_or_default()));
    }
    Ok(())
}

fn check_counts(conn: &Connection, report: &mut Report) -> Result<(), StoreError> {
    let hour_ms = 3_600_000;
    let wrong_hours: i64 = conn.query_row(
        "SELECT count(*) FROM (SELECT stream, hour, kind, entries FROM rollup EXCEPT \
         SELECT stream, timestamp - ((timestamp % ?1) + ?1) % ?1, coalesce(kind, 0), count(*) FROM entry GROUP BY 1, 2, 3)",
        params![hour_ms],
        |row| row.get(0),
    )?;
    if wrong_hours > 0 {
        report.problems.push(format!("{wrong_hours} hourly counts differ from the entries"));
    }
    let wrong_spans = spans::wrong(conn)?;
    if wrong_spans > 0 {
        report.problems.push(format!("{wrong_spans} counts of days and weeks differ from the hourly ones"));
    }
    for (side, sql) in [("people", days::WRONG_PERSONS), ("objects", days::WRONG_OBJECTS)] {
        let wrong_days: i64 = conn.query_row(sql, [], |row| row.get(0))?;
        if wrong_days > 0 {
            report.problems.push(format!("{wrong_days} daily counts of {side} differ from the entries"));
        }
    }
    let wrong_streams: i64 = conn.query_row(
        "SELECT count(*) FROM (SELECT id, entries, unparsed, future FROM stream WHERE entries > 0 EXCEPT \
         SELECT stream, count(*), sum(unparsed IS NOT NULL), sum(future) FROM entry GROUP BY stream)",
        [],
        |row| row.get(0),
    )?;
    let (rolled_up, counted, kept): (i64, i64, i64) = conn.query_row(
        "SELECT (SELECT coalesce(sum(entries), 0) FROM rollup), (SELECT count(*) FROM entry), \
         (SELECT coalesce(sum(entries), 0) FROM stream)",
        [],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    if wrong_streams > 0 || rolled_up != counted || kept != counted {
        report.problems.push("the counts of a stream differ from its entries".to_owned());
    }
    Ok(())
}
