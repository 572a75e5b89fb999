//! A state as a shape and a word, coloured by what it asks of a person.

use std::fmt;

use askama::filters::HtmlSafe;

/// What a state asks of whoever reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tone {
    /// A person must do something.
    Act,
    /// It waits, and goes on by itself.
    Waiting,
    Paused,
    Good,
}

impl Tone {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Act => "act",
            Self::Waiting => "waiting",
            Self::Paused => "paused",
            Self::Good => "good",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Badge {
    pub(super) tone: Tone,
    pub(super) word: String,
}

impl HtmlSafe for Badge {}

impl fmt::Display for Badge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tone = self.tone.word();
        write!(f, r#"<span class="badge {tone}">{}"#, super::icon::drawn(&format!("s-{tone}"), "mark"))?;
        let word = askama::filters::escape(&self.word, askama::filters::Html).map_err(|_| fmt::Error)?;
        write!(f, "{word}</span>")
    }
}
