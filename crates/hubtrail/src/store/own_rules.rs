//! Rules that people wrote in the console. Each is a text that was understood when it was saved.

use hubtrail_core::time::UtcMs;
use rusqlite::params;

use super::audit::{self, NewAudit};
use super::{Store, StoreError};
use crate::access::Actor;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnRule {
    pub name: String,
    pub text: String,
    pub at: UtcMs,
    pub by: String,
}

impl Store {
    /// By name.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn own_rules(&self) -> Result<Vec<OwnRule>, StoreError> {
        self.read(|conn| {
            let mut statement =
                conn.prepare_cached("SELECT name, text, at, by FROM own_rule ORDER BY name")?;
            let rules = statement.query_map([], |row| {
                Ok(OwnRule { name: row.get(0)?, text: row.get(1)?, at: UtcMs(row.get(2)?), by: row.get(3)? })
            })?;
            Ok(rules.collect::<Result<_, _>>()?)
        })
    }

    /// Saves a text in the place of an older one of the same name, and switches its rules on or off: by the switches
    /// those who detect see that something has changed.
    ///
    /// # Errors
    /// When it was not stored.
    pub fn put_own_rule(
        &self,
        name: &str,
        text: &str,
        switches: Vec<(String, bool)>,
        by: &Actor,
        at: UtcMs,
    ) -> Result<(), StoreError> {
        let (name, text, who) = (name.to_owned(), text.to_owned(), by.name.clone());
        let entry = NewAudit::by(by, "rule.write", name.clone());
        self.write(move |writer| {
            let conn = &writer.conn;
            let sql = "INSERT INTO own_rule (name, text, at, by) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (name) \
                       DO UPDATE SET text = excluded.text, at = excluded.at, by = excluded.by";
            conn.prepare_cached(sql)?.execute(params![name, text, at.0, who])?;
            let sql = "INSERT INTO rule_setting (rule, enabled, at, by) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (rule) \
                       DO UPDATE SET enabled = excluded.enabled, at = excluded.at, by = excluded.by";
            for (rule, enabled) in switches {
                conn.prepare_cached(sql)?.execute(params![rule, enabled, at.0, who])?;
            }
            audit::append(conn, &entry, at)
        })
    }

    /// Whether there was one. What its rules have found stays.
    ///
    /// # Errors
    /// When it was not removed.
    pub fn delete_own_rule(
        &self,
        name: &str,
        rules: Vec<String>,
        by: &Actor,
        at: UtcMs,
    ) -> Result<bool, StoreError> {
        let name = name.to_owned();
        let entry = NewAudit::by(by, "rule.remove", name.clone());
        self.write(move |writer| {
            let conn = &writer.conn;
            let was = conn.prepare_cached("DELETE FROM own_rule WHERE name = ?1")?.execute([&name])? > 0;
            for rule in rules {
                conn.prepare_cached("DELETE FROM rule_setting WHERE rule = ?1")?.execute([rule])?;
            }
            if was {
                audit::append(conn, &entry, at)?;
            }
            Ok(was)
        })
    }
}
