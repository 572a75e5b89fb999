//! The rules in force beside the shipped ones: the operator's files as they were last understood, what is not
//! understood of what is there now, and which rules people switched on or off.

use hubtrail_core::time::UtcMs;
use rusqlite::{Row, params};

use super::audit::{self, NewAudit};
use super::{Store, StoreError};
use crate::access::Actor;

/// A rule file of the operator's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFile {
    pub file: String,
    pub text: String,
}

/// Something in a rule file that cannot be honoured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleProblem {
    pub file: String,
    pub line: u32,
    pub column: u32,
    pub reason: String,
    pub fix: String,
    pub found_at: UtcMs,
}

/// A rule that somebody switched on or off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSetting {
    pub rule: String,
    pub enabled: bool,
    pub at: UtcMs,
    pub by: String,
}

impl Store {
    /// The operator's own files, by name.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn rule_files(&self) -> Result<Vec<RuleFile>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT file, text FROM rule_file ORDER BY file")?;
            let files =
                statement.query_map([], |row| Ok(RuleFile { file: row.get(0)?, text: row.get(1)? }))?;
            Ok(files.collect::<Result<_, _>>()?)
        })
    }

    /// From here on these files are in force, and nothing is wrong with them.
    ///
    /// # Errors
    /// When it could not be stored.
    pub fn put_rule_files(&self, files: Vec<RuleFile>) -> Result<(), StoreError> {
        self.write(move |writer| {
            writer.conn.execute_batch("DELETE FROM rule_file; DELETE FROM rule_problem;")?;
            let mut insert =
                writer.conn.prepare_cached("INSERT INTO rule_file (file, text) VALUES (?1, ?2)")?;
            for RuleFile { file, text } in files {
                insert.execute(params![file, text])?;
            }
            Ok(())
        })
    }

    /// # Errors
    /// When the log cannot be read.
    pub fn rule_problems(&self) -> Result<Vec<RuleProblem>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT file, line, column, reason, fix, found_at FROM rule_problem ORDER BY id";
            let mut statement = conn.prepare_cached(sql)?;
            let problems = statement.query_map([], problem)?;
            Ok(problems.collect::<Result<_, _>>()?)
        })
    }

    /// What is wrong with the files now, in place of what was.
    ///
    /// # Errors
    /// When it could not be stored.
    pub fn put_rule_problems(&self, problems: Vec<RuleProblem>) -> Result<(), StoreError> {
        self.write(move |writer| {
            writer.conn.execute_batch("DELETE FROM rule_problem")?;
            let sql = "INSERT INTO rule_problem (file, line, column, reason, fix, found_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let mut insert = writer.conn.prepare_cached(sql)?;
            for RuleProblem { file, line, column, reason, fix, found_at } in problems {
                insert.execute(params![file, line, column, reason, fix, found_at.0])?;
            }
            Ok(())
        })
    }

    /// By rule.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn rule_settings(&self) -> Result<Vec<RuleSetting>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT rule, enabled, at, by FROM rule_setting ORDER BY rule";
            let mut statement = conn.prepare_cached(sql)?;
            let settings = statement.query_map([], |row| {
                Ok(RuleSetting {
                    rule: row.get(0)?,
                    enabled: row.get(1)?,
                    at: UtcMs(row.get(2)?),
                    by: row.get(3)?,
                })
            })?;
            Ok(settings.collect::<Result<_, _>>()?)
        })
    }

    /// Switches a rule, and notes who did. Whether there is such a rule is for the caller to know; `title` is
    /// for the audit trail.
    ///
    /// # Errors
    /// When it could not be stored.
    pub fn set_rule(
        &self,
        rule: &str,
        title: &str,
        enabled: bool,
        by: &Actor,
        at: UtcMs,
    ) -> Result<RuleSetting, StoreError> {
        let setting = RuleSetting { rule: rule.to_owned(), enabled, at, by: by.name.clone() };
        let action = if enabled { "rule.enable" } else { "rule.disable" };
        let entry = NewAudit::by(by, action, rule).detail(title);
        self.write(move |writer| {
            let sql = "INSERT INTO rule_setting (rule, enabled, at, by) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (rule) \
                       DO UPDATE SET enabled = excluded.enabled, at = excluded.at, by = excluded.by";
            let row = params![setting.rule, setting.enabled, setting.at.0, setting.by];
            writer.conn.prepare_cached(sql)?.execute(row)?;
            audit::append(&writer.conn, &entry, at)?;
            Ok(setting)
        })
    }
}

fn problem(row: &Row<'_>) -> rusqlite::Result<RuleProblem> {
    Ok(RuleProblem {
        file: row.get(0)?,
        line: row.get(1)?,
        column: row.get(2)?,
        reason: row.get(3)?,
        fix: row.get(4)?,
        found_at: UtcMs(row.get(5)?),
    })
}
