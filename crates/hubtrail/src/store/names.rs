//! Strings that repeat (what happened, who, to what) are stored once per stream and referred to by
//! number. The writer remembers the numbers it met, so that most records cost no look-up.

use std::collections::HashMap;

use hubtrail_core::event::Event;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::StoreError;

/// Beyond this the memory is dropped, and filled again by what is in use.
const MOST_REMEMBERED: usize = 50_000;

/// The numbers by which an entry refers to its strings.
#[derive(Clone, Copy)]
pub(super) struct Refs {
    pub(super) kind: i64,
    pub(super) person: i64,
    pub(super) object: i64,
}

#[derive(Default)]
pub(super) struct Names {
    kinds: Numbers,
    persons: Numbers,
    objects: Numbers,
}

impl Names {
    pub(super) fn refs(&mut self, conn: &Connection, stream: i64, event: &Event) -> Result<Refs, StoreError> {
        Ok(Refs {
            kind: self.kinds.number(conn, &KIND, stream, &event.event, &event.object_type)?,
            person: self.persons.number(conn, &PERSON, stream, &event.user_id, &event.full_name)?,
            object: self.objects.number(conn, &OBJECT, stream, &event.object_id, &event.object_name)?,
        })
    }
}

struct Sql {
    find: &'static str,
    insert: &'static str,
}

const KIND: Sql = Sql {
    find: "SELECT id FROM kind WHERE stream = ?1 AND event_type = ?2 AND object_type = ?3",
    insert: "INSERT INTO kind (stream, event_type, object_type) VALUES (?1, ?2, ?3)",
};
const PERSON: Sql = Sql {
    find: "SELECT id FROM person WHERE stream = ?1 AND user_id = ?2 AND full_name = ?3",
    insert: "INSERT INTO person (stream, user_id, full_name) VALUES (?1, ?2, ?3)",
};
const OBJECT: Sql = Sql {
    find: "SELECT id FROM object WHERE stream = ?1 AND object_id = ?2 AND object_name = ?3",
    insert: "INSERT INTO object (stream, object_id, object_name) VALUES (?1, ?2, ?3)",
};

/// Keyed by both strings, in one text that is built without allocating for a hit.
#[derive(Default)]
struct Numbers {
    known: HashMap<String, i64>,
    key: String,
}

impl Numbers {
    fn number(
        &mut self,
        conn: &Connection,
        sql: &Sql,
        stream: i64,
        id: &str,
        name: &str,
    ) -> Result<i64, StoreError> {
        self.key.clear();
        // The length keeps `a` + `bc` apart from `ab` + `c`.
        for part in [stream.to_string().as_str(), ".", id.len().to_string().as_str(), ".", id, name] {
            self.key.push_str(part);
        }
        if let Some(number) = self.known.get(&self.key) {
            return Ok(*number);
        }
        let row = params![stream, id, name];
        let found = conn.prepare_cached(sql.find)?.query_row(row, |row| row.get(0)).optional()?;
        let number = match found {
            Some(number) => number,
            None => {
                conn.prepare_cached(sql.insert)?.execute(row)?;
                conn.last_insert_rowid()
            }
        };
        if self.known.len() >= MOST_REMEMBERED {
            self.known.clear();
        }
        self.known.insert(self.key.clone(), number);
        Ok(number)
    }
}
