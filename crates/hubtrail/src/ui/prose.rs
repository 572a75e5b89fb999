//! A sentence of Hubtrail's own about what happened or what to do, as HTML: words between backticks are set as
//! code. What strangers wrote in it is escaped like everything else.

use std::fmt;

use askama::filters::{Html, HtmlSafe, escape};
use hubtrail_core::sentence::harmless;

use super::fields::sentence;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Prose(String);

impl Prose {
    pub(super) fn new(text: &str) -> Self {
        Self(harmless(&sentence(text)).into_owned())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl HtmlSafe for Prose {}

impl fmt::Display for Prose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = self.0.matches('`').count() / 2;
        for (at, piece) in self.0.split('`').enumerate() {
            let piece = escape(piece, Html).map_err(|_| fmt::Error)?;
            match (at % 2 == 1 && at / 2 < pairs, at > 0 && at / 2 >= pairs && at % 2 == 1) {
                (true, _) => write!(f, "<code>{piece}</code>")?,
                (_, true) => write!(f, "`{piece}")?,
                _ => write!(f, "{piece}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Prose;

    #[test]
    fn code_is_set_as_code_and_nothing_else_is_markup() {
        for (text, html) in [
            (
                "give it to `hubtrail connector token NAME`",
                "Give it to <code>hubtrail connector token NAME</code>.",
            ),
            ("a <b> & `c<d>`", "A &#60;b&#62; &#38; <code>c&#60;d&#62;</code>."),
            ("one ` alone", "One ` alone."),
            ("`a` and ` alone", "<code>a</code> and ` alone."),
            ("hubspot does not answer", "HubSpot does not answer."),
            ("https://api.hubapi.com can be asked", "https://api.hubapi.com can be asked."),
            ("", ""),
        ] {
            assert_eq!(Prose::new(text).to_string(), html);
        }
    }
}
