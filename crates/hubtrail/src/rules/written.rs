//! Rules that were written in the console: each text stands for a file of its own.

use hubtrail_core::detect::{Layer, Problem, RuleSet, Source};
use jiff::tz::TimeZone;

use super::Book;

const FOLDER: &str = "written/";
const ENDING: &str = ".yml";
/// A draft until it is saved.
const DRAFT: &str = "draft.yml";

/// What was understood of a draft.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// Under which it is kept, from the title of its first rule.
    pub name: Option<String>,
    /// Its rules by id, and whether each is on.
    pub rules: Vec<(String, bool)>,
    /// What they look for, in sentences.
    pub explained: Vec<String>,
    pub faults: Vec<Problem>,
}

/// The name of the file that a text is kept under.
#[must_use]
pub fn file(name: &str) -> String {
    format!("{FOLDER}{name}{ENDING}")
}

/// The name of a text that was written in the console; none for other files.
#[must_use]
pub fn name(file: &str) -> Option<&str> {
    file.strip_prefix(FOLDER)?.strip_suffix(ENDING)
}

impl Book {
    /// The rules with a draft among them, and what was understood of it. A draft of a rule that was written here
    /// stands in its place.
    #[must_use]
    pub fn with_draft(&self, text: &str, zone: &TimeZone) -> (Self, Draft) {
        let draft = Source { file: DRAFT.to_owned(), text: text.to_owned(), layer: Layer::Own };
        let (alone, _) = RuleSet::load(std::slice::from_ref(&draft), zone);
        let ids: Vec<&str> = alone.rules().iter().map(|rule| rule.id.as_str()).collect();
        let replaced = |source: &Source| {
            name(&source.file).is_some() && {
                let (own, _) = RuleSet::load(std::slice::from_ref(source), zone);
                own.rules().iter().any(|rule| ids.contains(&rule.id.as_str()))
            }
        };
        let mut sources: Vec<Source> =
            self.sources.iter().filter(|source| !replaced(source)).cloned().collect();
        sources.push(draft);
        let book = Self { sources, switches: self.switches.clone() };
        let (set, problems) = RuleSet::load(&book.sources, zone);
        let own = || set.rules().iter().filter(|rule| rule.origin.file == DRAFT);
        let told = Draft {
            name: own().next().map(|rule| slug(rule.name.as_deref().unwrap_or(&rule.title))),
            rules: own().map(|rule| (rule.id.clone(), rule.enabled)).collect(),
            explained: own().flat_map(|rule| set.explain(rule)).collect(),
            faults: problems.into_iter().filter(|problem| problem.file == DRAFT).collect(),
        };
        (book, told)
    }
}

/// Letters and digits only, so that it is a file's name anywhere.
fn slug(title: &str) -> String {
    let words = title.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.map(str::to_lowercase).collect::<Vec<_>>().join("_");
    if slug.is_empty() { "rule".to_owned() } else { slug.chars().take(80).collect() }
}
