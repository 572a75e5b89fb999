//! How bad a finding is when it is true, as a shape, a word and a colour.

use std::fmt;

use askama::filters::HtmlSafe;
use hubtrail_core::finding::Severity;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Risk(pub(super) Severity);

impl Risk {
    /// The name of its colour and its shape.
    pub(super) const fn key(self) -> &'static str {
        match self.0 {
            Severity::Informational => "informational",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self.0 {
            Severity::Informational => "Informational",
            Severity::Low => "Low",
            Severity::Medium => "Medium",
            Severity::High => "High",
            Severity::Critical => "Critical",
        }
    }
}

impl HtmlSafe for Risk {}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (base, key, word) = (super::asset::base(), self.key(), self.word());
        write!(
            f,
            r#"<span class="risk {key}"><svg class="mark" aria-hidden="true"><use href="{base}/icons.svg#r-{key}"/></svg>{word}</span>"#
        )
    }
}
