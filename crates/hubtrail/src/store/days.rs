//! Entries per day of each person and object: who is busy, and what is changed a lot, told without counting.

use std::collections::HashMap;

use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, params};

use super::StoreError;

mod busy;

pub use busy::{Busy, Lively};
#[cfg(test)]
pub(super) use busy::{newest_of, of_days, on_day};

pub const DAY_MS: i64 = 86_400_000;

/// What is added up while entries go in or are taken out: by the start of the day and the number of the name.
#[derive(Default)]
pub(super) struct Days {
    persons: HashMap<(UtcMs, i64), i64>,
    objects: HashMap<(UtcMs, i64), i64>,
}

impl Days {
    pub(super) fn count(&mut self, at: UtcMs, person: i64, object: i64) {
        let day = at.minus(at.0.rem_euclid(DAY_MS));
        *self.persons.entry((day, person)).or_default() += 1;
        *self.objects.entry((day, object)).or_default() += 1;
    }

    pub(super) fn add_to(&self, conn: &Connection, stream: i64) -> Result<(), StoreError> {
        for (sql, days) in [(ADD_PERSON, &self.persons), (ADD_OBJECT, &self.objects)] {
            let mut add = conn.prepare_cached(sql)?;
            for ((day, number), entries) in days {
                add.execute(params![stream, day.0, number, entries])?;
            }
        }
        Ok(())
    }

    /// A day without entries has no row.
    pub(super) fn take_from(&self, conn: &Connection, stream: i64) -> Result<(), StoreError> {
        for (add, drop, days) in
            [(ADD_PERSON, DROP_PERSON, &self.persons), (ADD_OBJECT, DROP_OBJECT, &self.objects)]
        {
            let (mut add, mut drop) = (conn.prepare_cached(add)?, conn.prepare_cached(drop)?);
            for ((day, number), entries) in days {
                add.execute(params![stream, day.0, number, -entries])?;
                drop.execute(params![stream, day.0, number])?;
            }
        }
        Ok(())
    }
}

/// Days that say what the entries do not, and days that are missing.
macro_rules! wrong_days {
    ($what:literal) => {
        concat!(
            "WITH kept AS (SELECT stream, day, ",
            $what,
            ", entries FROM ",
            $what,
            "_day), \
             counted AS (SELECT stream, timestamp - ((timestamp % 86400000) + 86400000) % 86400000, ",
            $what,
            ", count(*) \
             FROM entry WHERE ",
            $what,
            " IS NOT NULL GROUP BY 1, 2, 3) \
             SELECT count(*) FROM (SELECT * FROM (SELECT * FROM kept EXCEPT SELECT * FROM counted) \
             UNION ALL SELECT * FROM (SELECT * FROM counted EXCEPT SELECT * FROM kept))"
        )
    };
}

const ADD_PERSON: &str = "INSERT INTO person_day (stream, day, person, entries) VALUES (?1, ?2, ?3, ?4) \
     ON CONFLICT (stream, day, person) DO UPDATE SET entries = entries + excluded.entries";
const ADD_OBJECT: &str = "INSERT INTO object_day (stream, day, object, entries) VALUES (?1, ?2, ?3, ?4) \
     ON CONFLICT (stream, day, object) DO UPDATE SET entries = entries + excluded.entries";
const DROP_PERSON: &str =
    "DELETE FROM person_day WHERE stream = ?1 AND day = ?2 AND person = ?3 AND entries <= 0";
const DROP_OBJECT: &str =
    "DELETE FROM object_day WHERE stream = ?1 AND day = ?2 AND object = ?3 AND entries <= 0";

/// For the check of the whole log.
pub(super) const WRONG_PERSONS: &str = wrong_days!("person");
pub(super) const WRONG_OBJECTS: &str = wrong_days!("object");
