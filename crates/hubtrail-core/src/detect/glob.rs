//! Sigma's texts: `*` and `?` stand for anything and any one character, a backslash takes that away.
//!
//! Case does not count unless the rule says so. Patterns are folded when a rule is loaded, subjects only
//! where folding can change something.

use std::borrow::Cow;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Any,
    One,
}

/// A compiled text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob {
    shape: Shape,
    cased: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Shape {
    Exact(String),
    Starts(String),
    Ends(String),
    Holds(String),
    Parts(Vec<Part>),
}

/// What `startswith`, `endswith` and `contains` put around a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Around {
    pub(super) before: bool,
    pub(super) after: bool,
}

impl Glob {
    /// A text with wildcards, as rules write it.
    pub(super) fn parse(text: &str, around: Around, cased: bool) -> Self {
        Self::build(parts(text), around, cased)
    }

    /// A text as it is, whatever it holds.
    pub(super) fn literal(text: &str, around: Around, cased: bool) -> Self {
        Self::build(vec![Part::Text(text.to_owned())], around, cased)
    }

    fn build(mut parts: Vec<Part>, around: Around, cased: bool) -> Self {
        if around.before && parts.first() != Some(&Part::Any) {
            parts.insert(0, Part::Any);
        }
        if around.after && (parts.last() != Some(&Part::Any) || parts.len() == 1 && !around.before) {
            parts.push(Part::Any);
        }
        if !cased {
            for part in &mut parts {
                if let Part::Text(text) = part {
                    *text = text.to_lowercase();
                }
            }
        }
        Self { shape: Shape::of(parts), cased }
    }

    pub(super) fn is_match(&self, subject: &str) -> bool {
        if let (Shape::Exact(text), false) = (&self.shape, self.cased)
            && subject.is_ascii()
        {
            return text.eq_ignore_ascii_case(subject);
        }
        let subject = if self.cased { Cow::Borrowed(subject) } else { folded(subject) };
        match &self.shape {
            Shape::Exact(text) => *text == subject,
            Shape::Starts(text) => subject.starts_with(text.as_str()),
            Shape::Ends(text) => subject.ends_with(text.as_str()),
            Shape::Holds(text) => subject.contains(text.as_str()),
            Shape::Parts(parts) => matches(parts, &subject),
        }
    }

    /// It is the text with nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        matches!(&self.shape, Shape::Exact(text) if text.is_empty())
    }

    /// The only text that can match, if there is only one; folded.
    pub(super) fn exact(&self) -> Option<String> {
        match &self.shape {
            Shape::Exact(text) => Some(text.to_lowercase()),
            _ => None,
        }
    }
}

impl Shape {
    fn of(parts: Vec<Part>) -> Self {
        match parts.as_slice() {
            [] => Self::Exact(String::new()),
            [Part::Text(text)] => Self::Exact(text.clone()),
            [Part::Text(text), Part::Any] => Self::Starts(text.clone()),
            [Part::Any, Part::Text(text)] => Self::Ends(text.clone()),
            [Part::Any, Part::Text(text), Part::Any] => Self::Holds(text.clone()),
            _ => Self::Parts(parts),
        }
    }
}

fn folded(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.to_lowercase())
    }
}

/// A backslash escapes `*`, `?` and, in front of those or of itself, another one; else it is a character.
fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let wildcard = match c {
            '\\' => {
                match chars.peek() {
                    Some('*' | '?' | '\\') => literal.extend(chars.next()),
                    _ => literal.push('\\'),
                }
                continue;
            }
            '*' => Part::Any,
            '?' => Part::One,
            c => {
                literal.push(c);
                continue;
            }
        };
        if !literal.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut literal)));
        }
        if !(wildcard == Part::Any && parts.last() == Some(&Part::Any)) {
            parts.push(wildcard);
        }
    }
    if !literal.is_empty() {
        parts.push(Part::Text(literal));
    }
    parts
}

/// Linear in practice: only the last `*` is ever gone back to.
fn matches(parts: &[Part], subject: &str) -> bool {
    let (mut part, mut rest) = (0, subject);
    let mut back: Option<(usize, &str)> = None;
    loop {
        let step = match parts.get(part) {
            Some(Part::Any) => {
                back = Some((part + 1, rest));
                Some(rest)
            }
            Some(Part::One) => next_char(rest),
            Some(Part::Text(text)) => rest.strip_prefix(text.as_str()),
            None if rest.is_empty() => return true,
            None => None,
        };
        match (step, back) {
            (Some(left), _) => (part, rest) = (part + 1, left),
            (None, Some((after, from))) => {
                let Some(shorter) = next_char(from) else { return false };
                back = Some((after, shorter));
                (part, rest) = (after, shorter);
            }
            (None, None) => return false,
        }
    }
}

fn next_char(text: &str) -> Option<&str> {
    let mut chars = text.chars();
    chars.next().map(|_| chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matched(pattern: &str, subject: &str) -> bool {
        Glob::parse(pattern, Around::default(), false).is_match(subject)
    }

    #[test]
    fn wildcards_escapes_and_case() {
        for (pattern, subject, expected) in [
            ("Login", "LOGIN", true),
            ("login*", "login page", true),
            ("*login", "the Login", true),
            ("*log?n*", "a logon b", true),
            ("log?n", "logn", false),
            (r"5\*", "5*", true),
            (r"5\*", "55", false),
            (r"a\\*", r"a\bc", true),
            (r"a\b", r"a\b", true),
            ("", "", true),
            ("", "x", false),
            ("*", "", true),
            ("a*b*c", "aXbXbXc", true),
            ("a*b*c", "aXbXbX", false),
            ("STRASSE*", "straße", false),
            ("ÉTÉ", "été", true),
        ] {
            assert_eq!(matched(pattern, subject), expected, "{pattern} {subject}");
        }
        assert!(!Glob::parse("Login", Around::default(), true).is_match("login"));
    }

    #[test]
    fn the_modifiers_put_wildcards_around() {
        let both = Around { before: true, after: true };
        assert!(Glob::parse("b", both, false).is_match("aBc"));
        assert!(Glob::parse("", both, false).is_match("anything"));
        assert!(Glob::literal("*", both, false).is_match("a*c"));
        assert!(!Glob::literal("*", both, false).is_match("abc"));
        assert!(Glob::parse("*", Around { before: false, after: true }, false).is_match("x"));
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_regular_expression(pattern in "[ab*?]{0,8}", subject in "[ab]{0,10}") {
            let expression: String = pattern
                .chars()
                .map(|c| match c { '*' => ".*".to_owned(), '?' => ".".to_owned(), c => c.to_string() })
                .collect();
            let expected = regex::Regex::new(&format!("^{expression}$")).unwrap().is_match(&subject);
            prop_assert_eq!(matched(&pattern, &subject), expected);
        }
    }
}
