//! The rules as they are in force: what is shipped, the operator's own files as they were last understood, and
//! over both what people switched on or off. All of it is in the log, so that whoever detects and whoever
//! shows rules mean the same.

use hubtrail_core::detect::{Layer, RuleSet, Source};
use jiff::tz::TimeZone;

use super::{shipped, written};
use crate::store::{Store, StoreError};

/// All that the rules in force follow from.
#[derive(Clone, Debug)]
pub struct Book {
    pub(super) sources: Vec<Source>,
    pub(super) switches: Vec<(String, bool)>,
}

impl Book {
    /// # Errors
    /// When the log cannot be read.
    pub fn read(store: &Store) -> Result<Self, StoreError> {
        let own = store.rule_files()?.into_iter();
        let own = own.map(|file| Source { file: file.file, text: file.text, layer: Layer::Own });
        let written = store.own_rules()?.into_iter();
        let written = written.map(|rule| Source {
            file: written::file(&rule.name),
            text: rule.text,
            layer: Layer::Own,
        });
        let switches = store.rule_settings()?.into_iter();
        Ok(Self {
            sources: shipped().chain(own).chain(written).collect(),
            switches: switches.map(|setting| (setting.rule, setting.enabled)).collect(),
        })
    }

    /// For an account in this time zone. What is not understood was told of when it was read.
    #[must_use]
    pub fn rules(&self, zone: &TimeZone) -> RuleSet {
        let (set, _) = RuleSet::load(&self.sources, zone);
        set.switched(self.switches.iter().map(|(rule, enabled)| (rule.as_str(), *enabled)))
    }

    /// The text of a rule file, by its name.
    #[must_use]
    pub fn text(&self, file: &str) -> Option<&str> {
        self.sources.iter().find(|source| source.file == file).map(|source| source.text.as_str())
    }
}
