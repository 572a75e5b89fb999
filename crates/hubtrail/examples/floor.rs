//! What no collector can go below: pages from a file, read with `serde_json`, their rows into a log's own tables in
//! transactions of a page, and nothing else. No requests, no judgement of pages, no digests, no look for duplicates,
//! no checkpoint: `cargo run --release --example floor -- PAGES DIR [PAGES-A-TRANSACTION]`.
//!
//! `just bench collect` runs it beside `hubtrail collect` and others.

use std::borrow::Cow;
use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use hubtrail::connector::Settings;
use hubtrail::secret::Keyring;
use hubtrail::store::{NewConnector, Store};
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, params};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::value::RawValue;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The stream that all rows belong to.
const STREAM: i64 = 1;
const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    results: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    #[serde(borrow)]
    timestamp: Cow<'a, str>,
    #[serde(borrow)]
    user_id: Cow<'a, str>,
    #[serde(borrow)]
    full_name: Cow<'a, str>,
    #[serde(borrow)]
    event: Cow<'a, str>,
    #[serde(borrow)]
    object_type: Cow<'a, str>,
    #[serde(borrow)]
    object_id: Cow<'a, str>,
    #[serde(borrow)]
    object_name: Cow<'a, str>,
    #[serde(borrow)]
    meta: Option<&'a RawValue>,
}

impl Record<'_> {
    /// What the log keeps of a record whose members stand in the emulator's order. Nobody looks whether they do.
    fn rest(&self) -> Cow<'static, str> {
        self.meta.map_or(Cow::Borrowed("=inteufs:"), |meta| format!("=inteufs*:\"meta\":{meta}").into())
    }
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (pages, dir) = arguments.next().zip(arguments.next()).ok_or("PAGES and DIR are missing")?;
    let together: usize = arguments.next().map_or(Ok(1), |text| text.parse())?;
    let mut floor = Floor::new(Path::new(&dir))?;
    let mut pages = BufReader::new(File::open(pages)?).lines();
    let mut open = 0;
    while let Some(page) = pages.next().transpose()? {
        if open == 0 {
            floor.conn.execute_batch("BEGIN IMMEDIATE")?;
        }
        floor.insert(&page)?;
        open = (open + 1) % together;
        if open == 0 {
            floor.conn.execute_batch("COMMIT")?;
        }
    }
    if open > 0 {
        floor.conn.execute_batch("COMMIT")?;
    }
    // Once: without it nobody reads what is there.
    floor.conn.execute("UPDATE log SET head = ?1", [floor.position])?;
    println!("{} entries", floor.position);
    Ok(())
}

struct Floor {
    conn: Connection,
    position: i64,
    kinds: Names,
    persons: Names,
    objects: Names,
}

impl Floor {
    /// The log's schema is the log's own, and so are the settings of the connection that writes.
    fn new(dir: &Path) -> Result<Self> {
        let store = Store::open(dir)?;
        let settings = Settings::new("floor", "http://127.0.0.1:1")?;
        let new = NewConnector { settings, created_at: UtcMs(0) };
        store.add_connector(new, SecretString::from("pat-na1-floor"), &Keyring::open(dir, None)?)?;
        let path = store.path().to_owned();
        drop(store);
        let conn = Connection::open(path)?;
        conn.set_prepared_statement_cache_capacity(64);
        conn.execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -16384; \
             PRAGMA wal_autocheckpoint = 4096; PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY;",
        )?;
        conn.execute("INSERT INTO stream (connector, code) SELECT id, ?1 FROM connector", [STREAM])?;
        Ok(Self {
            conn,
            position: 0,
            kinds: Names::new("INSERT INTO kind (stream, event_type, object_type) VALUES (?1, ?2, ?3)"),
            persons: Names::new("INSERT INTO person (stream, user_id, full_name) VALUES (?1, ?2, ?3)"),
            objects: Names::new("INSERT INTO object (stream, object_id, object_name) VALUES (?1, ?2, ?3)"),
        })
    }

    fn insert(&mut self, page: &str) -> Result<()> {
        let page: Page<'_> = serde_json::from_str(page)?;
        let mut hours = HashMap::<(i64, i64), i64>::new();
        let mut person_days = HashMap::<(i64, i64), i64>::new();
        let mut object_days = HashMap::<(i64, i64), i64>::new();
        for raw in page.results {
            let record: Record<'_> = serde_json::from_str(raw.get())?;
            let at = record.timestamp.parse::<UtcMs>()?.0;
            let kind = self.kinds.number(&self.conn, &record.event, &record.object_type)?;
            let person = self.persons.number(&self.conn, &record.user_id, &record.full_name)?;
            let object = self.objects.number(&self.conn, &record.object_id, &record.object_name)?;
            self.position += 1;
            let (id, leaf) = stand_ins(self.position);
            self.conn.prepare_cached(ENTRY)?.execute(params![
                self.position,
                STREAM,
                at,
                kind,
                person,
                object,
                false,
                at,
                None::<String>,
                id,
                leaf,
                record.rest(),
            ])?;
            let day = at - at.rem_euclid(DAY_MS);
            *hours.entry((at - at.rem_euclid(HOUR_MS), kind)).or_default() += 1;
            *person_days.entry((day, person)).or_default() += 1;
            *object_days.entry((day, object)).or_default() += 1;
        }
        for (sql, sums) in [(HOURS, &hours), (PERSON_DAYS, &person_days), (OBJECT_DAYS, &object_days)] {
            let mut statement = self.conn.prepare_cached(sql)?;
            for ((time, number), entries) in sums {
                statement.execute(params![STREAM, time, number, entries])?;
            }
        }
        self.add_spans(&hours)
    }

    fn add_spans(&self, hours: &HashMap<(i64, i64), i64>) -> Result<()> {
        let mut spans = HashMap::<(i64, i64, i64), i64>::new();
        for ((hour, kind), entries) in hours {
            for days in [1, 7, 91] {
                *spans.entry((days, hour - hour.rem_euclid(days * DAY_MS), *kind)).or_default() += entries;
            }
        }
        let mut statement = self.conn.prepare_cached(SPANS)?;
        for ((days, start, kind), entries) in spans {
            statement.execute(params![STREAM, days, start, kind, entries])?;
        }
        Ok(())
    }
}

const ENTRY: &str = "INSERT INTO entry (position, stream, timestamp, kind, person, object, future, seen_at, unparsed, \
                     event_id, leaf, raw) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
const HOURS: &str = "INSERT INTO rollup (stream, hour, kind, entries) VALUES (?1, ?2, ?3, ?4) \
     ON CONFLICT (stream, hour, kind) DO UPDATE SET entries = entries + excluded.entries";
const SPANS: &str = "INSERT INTO rollup_span (stream, days, start, kind, entries) VALUES (?1, ?2, ?3, ?4, ?5) \
     ON CONFLICT (stream, days, start, kind) DO UPDATE SET entries = entries + excluded.entries";
const PERSON_DAYS: &str = "INSERT INTO person_day (stream, day, person, entries) VALUES (?1, ?2, ?3, ?4) \
     ON CONFLICT (stream, day, person) DO UPDATE SET entries = entries + excluded.entries";
const OBJECT_DAYS: &str = "INSERT INTO object_day (stream, day, object, entries) VALUES (?1, ?2, ?3, ?4) \
     ON CONFLICT (stream, day, object) DO UPDATE SET entries = entries + excluded.entries";

/// As long as the digests that stand there in a real log, and as spread, but for nothing.
fn stand_ins(position: i64) -> ([u8; 16], [u8; 32]) {
    let mut bytes = [0; 32];
    for (place, part) in (0_u32..).zip(bytes.chunks_exact_mut(8)) {
        let mixed = position.wrapping_mul(0x9E37_79B9_7F4A_7C15_u64.cast_signed()).rotate_left(place * 17);
        part.copy_from_slice(&mixed.to_be_bytes());
    }
    let mut id = [0; 16];
    id.copy_from_slice(&bytes[..16]);
    (id, bytes)
}

/// The numbers of strings that repeat.
struct Names {
    insert: &'static str,
    known: HashMap<String, HashMap<String, i64>>,
}

impl Names {
    fn new(insert: &'static str) -> Self {
        Self { insert, known: HashMap::new() }
    }

    fn number(&mut self, conn: &Connection, id: &str, name: &str) -> Result<i64> {
        if let Some(number) = self.known.get(id).and_then(|names| names.get(name)) {
            return Ok(*number);
        }
        conn.prepare_cached(self.insert)?.execute(params![STREAM, id, name])?;
        let number = conn.last_insert_rowid();
        self.known.entry(id.to_owned()).or_default().insert(name.to_owned(), number);
        Ok(number)
    }
}
