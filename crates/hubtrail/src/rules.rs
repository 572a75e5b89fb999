//! Where rules come from: the pack that is part of the binary, and directories of the user's own.

mod files;
mod in_force;
pub mod written;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use hubtrail_core::detect::{Layer, Problem, RuleSet, Source};
use jiff::tz::TimeZone;

pub use files::Files;
pub use in_force::Book;

#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    #[error("read rules from {}: {source} (check the path given to --rules)", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} holds no rule files (use files named *.yml)", .0.display())]
    Empty(PathBuf),
}

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../rules/", $name, ".yml")))),*]
    };
}

/// The pack, by file name; a test holds it against the directory.
pub const SHIPPED: &[(&str, &str)] = shipped![
    "active_file_uploaded",
    "blog_or_knowledge_base_deleted",
    "building_blocks",
    "burnt_landing_page",
    "campaign_in_a_rush",
    "campaign_removed",
    "code_of_many_kinds",
    "code_then_publish",
    "deletions_across_kinds",
    "destroyed_and_altered",
    "domain_and_redirect",
    "domain_changed",
    "domain_disconnected",
    "domains_changed",
    "entry_redirected",
    "file_flood",
    "foreign_script_added",
    "function_and_redirect",
    "function_and_template",
    "function_burst",
    "function_changed_once",
    "home_page_taken_offline",
    "lure_published",
    "many_deletions",
    "many_unpublished",
    "mass_change",
    "mass_deletion",
    "mass_publication",
    "mass_unpublishing",
    "new_pages_published",
    "outreach_deleted",
    "program_uploaded",
    "protection_changed",
    "protections_changed",
    "protections_stripped",
    "redirect_burst",
    "redirect_changed_once",
    "script_then_code",
    "settings_spree",
    "shared_code_spree",
    "slow_deletion",
    "slow_unpublishing",
    "structure_deleted",
    "suspicious_destination",
    "table_rows_deleted",
    "watch_domains",
    "watch_functions",
    "watch_redirects",
    "watch_settings",
    "watch_shared_code",
    "wide_spree",
];

/// The shipped pack as sources.
pub fn shipped() -> impl Iterator<Item = Source> {
    SHIPPED.iter().map(|(name, text)| Source {
        file: format!("rules/{name}.yml"),
        text: (*text).to_owned(),
        layer: Layer::Shipped,
    })
}

/// A rule file, or all in a directory and its folders, in the order of their names.
///
/// # Errors
/// When the path cannot be read or has no rule files.
pub fn read(path: &Path) -> Result<Vec<Source>, RulesError> {
    let mut files = Vec::new();
    find(path, &mut files)?;
    if files.is_empty() {
        return Err(RulesError::Empty(path.to_owned()));
    }
    files.sort();
    let sources = files.into_iter().map(|file| {
        let text =
            fs::read_to_string(&file).map_err(|source| RulesError::Read { path: file.clone(), source })?;
        Ok(Source { file: file.display().to_string(), text, layer: Layer::Own })
    });
    sources.collect()
}

fn find(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), RulesError> {
    let failed = |source| RulesError::Read { path: path.to_owned(), source };
    if !fs::metadata(path).map_err(failed)?.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let is_rule = entry.path().extension().is_some_and(|ending| ending == "yml" || ending == "yaml");
        // A link is not followed into: it could lead in a circle.
        if is_rule || entry.file_type().map_err(failed)?.is_dir() {
            find(&entry.path(), files)?;
        }
    }
    Ok(())
}

/// The shipped pack with the user's own rules over it.
///
/// # Errors
/// When a file of the user's cannot be read.
pub fn load(own: Option<&Path>, zone: &TimeZone) -> Result<(RuleSet, Vec<Problem>), RulesError> {
    let mut sources: Vec<_> = shipped().collect();
    if let Some(path) = own {
        sources.extend(read(path)?);
    }
    Ok(RuleSet::load(&sources, zone))
}
