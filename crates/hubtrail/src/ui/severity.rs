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
        let (key, word) = (self.key(), self.word());
        let mark = super::icon::drawn(&format!("r-{key}"), "mark");
        write!(f, r#"<span class="risk {key}">{mark}{word}</span>"#)
    }
}
