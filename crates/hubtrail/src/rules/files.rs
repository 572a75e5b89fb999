//! The operator's own rule files, brought into the log whenever they change. What is not understood in full does
//! not come into force: it is told of, and what was understood before stays.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use hubtrail_core::detect::{Problem, RuleSet, Source};
use hubtrail_core::time::UtcMs;
use jiff::tz::TimeZone;

use super::{RulesError, find, read, shipped};
use crate::store::{RuleFile, RuleProblem, Store, StoreError};

/// A file or a directory that is looked at again and again.
#[derive(Debug)]
pub struct Files {
    path: Option<PathBuf>,
    seen: Option<Vec<Stamp>>,
}

/// By which a changed file is known without reading it.
type Stamp = (PathBuf, Option<SystemTime>, u64);

impl Files {
    #[must_use]
    pub fn new(path: Option<PathBuf>) -> Self {
        Self { path, seen: None }
    }

    /// Looks whether anything has changed, and brings it into the log. Whether other rules are in force now.
    ///
    /// # Errors
    /// When the log cannot be used. What is wrong with the files is noted in the log.
    pub fn look(&mut self, store: &Store, now: UtcMs) -> Result<bool, StoreError> {
        let stamps = self.path.as_deref().map(stamps).unwrap_or_default();
        if self.seen.as_ref() == Some(&stamps) {
            return Ok(false);
        }
        let sources = match self.path.as_deref().map(read) {
            None | Some(Err(RulesError::Empty(_))) => Ok(Vec::new()),
            Some(read) => read,
        };
        let changed = match sources {
            Ok(sources) => take(store, sources, now)?,
            Err(error) => {
                let file = self.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
                let fix = "make it readable, or change `rules` in [detection]".to_owned();
                note(
                    store,
                    vec![RuleProblem {
                        file,
                        line: 1,
                        column: 1,
                        reason: error.to_string(),
                        fix,
                        found_at: now,
                    }],
                )?;
                false
            }
        };
        self.seen = Some(stamps);
        Ok(changed)
    }
}

fn stamps(path: &Path) -> Vec<Stamp> {
    let mut files = Vec::new();
    // What cannot be looked at is read, and told of then.
    if find(path, &mut files).is_err() {
        return vec![(path.to_owned(), None, 0)];
    }
    files.sort();
    let stamp = |file: PathBuf| match fs::metadata(&file) {
        Ok(known) => (file, known.modified().ok(), known.len()),
        Err(_) => (file, None, 0),
    };
    files.into_iter().map(stamp).collect()
}

fn take(store: &Store, own: Vec<Source>, now: UtcMs) -> Result<bool, StoreError> {
    let sources: Vec<_> = shipped().chain(own.iter().cloned()).collect();
    let (_, problems) = RuleSet::load(&sources, &TimeZone::UTC);
    let held = store.rule_files()?;
    // With nothing that was understood before, what is understood now is better than nothing.
    let is_usable = |source: &&Source| {
        problems.is_empty() || held.is_empty() && !problems.iter().any(|problem| problem.file == source.file)
    };
    let files: Vec<_> = own.iter().filter(is_usable).map(file).collect();
    let changes = files != held && (problems.is_empty() || held.is_empty());
    if changes {
        tracing::info!(files = files.len(), "rules of your own are in force");
        store.put_rule_files(files)?;
    }
    note(store, problems.into_iter().map(|problem| noted(problem, now)).collect())?;
    Ok(changes)
}

fn file(source: &Source) -> RuleFile {
    RuleFile { file: source.file.clone(), text: source.text.clone() }
}

fn noted(problem: Problem, found_at: UtcMs) -> RuleProblem {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let (line, column) = (number(problem.place.line), number(problem.place.column));
    RuleProblem { file: problem.file, line, column, reason: problem.reason, fix: problem.fix, found_at }
}

/// Each problem is told of once, for as long as it lasts.
fn note(store: &Store, problems: Vec<RuleProblem>) -> Result<(), StoreError> {
    let held = store.rule_problems()?;
    let is_known = |problem: &RuleProblem| {
        held.iter().any(|held| RuleProblem { found_at: problem.found_at, ..held.clone() } == *problem)
    };
    let new: Vec<_> = problems.iter().filter(|problem| !is_known(problem)).collect();
    for problem in &new {
        let RuleProblem { file, line, column, reason, fix, .. } = problem;
        tracing::error!(fix, "a rule file is not in force: {file}:{line}:{column}: {reason}");
    }
    if new.is_empty() && held.len() == problems.len() {
        return Ok(());
    }
    store.put_rule_problems(problems)
}
