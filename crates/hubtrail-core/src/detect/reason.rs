//! Why a finding was raised, as a sentence with numbers: a rule's template, filled in from its evidence.

use std::fmt::Write;

use super::problem::{Fault, Place};
use super::tally::Tally;
use crate::sentence::{Sentence, harmless, noun, verb};
use crate::time::{UtcMs, spoken};

/// How many names a sentence holds.
const NAMES: usize = 3;
const PLACES: &str = "{who}, {count}, {span}, {window}, {kinds}, {kind_count}, {objects}, {object_count}, {object}, {did}, \
    {changed}, {hour} and {rules}";

/// A template that was checked when its rule was loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reason(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Blank(Blank),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blank {
    Who,
    Count,
    Span,
    Window,
    Kinds,
    KindCount,
    Objects,
    ObjectCount,
    Object,
    Did,
    Changed,
    Hour,
    Rules,
}

impl Blank {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "who" => Self::Who,
            "count" => Self::Count,
            "span" => Self::Span,
            "window" => Self::Window,
            "kinds" => Self::Kinds,
            "kind_count" => Self::KindCount,
            "objects" => Self::Objects,
            "object_count" => Self::ObjectCount,
            "object" => Self::Object,
            "did" => Self::Did,
            "changed" => Self::Changed,
            "hour" => Self::Hour,
            "rules" => Self::Rules,
            _ => return None,
        })
    }
}

/// What a sentence is made from.
pub(super) struct Facts<'a> {
    pub(super) tally: &'a Tally,
    pub(super) raised: UtcMs,
    pub(super) window_ms: i64,
    /// Titles of the rules that a correlation found together.
    pub(super) rules: &'a [&'a str],
}

impl Reason {
    pub(super) fn parse(text: &str, place: Place) -> Result<Self, Fault> {
        let mut pieces = Vec::new();
        let mut rest = text.trim();
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else {
                return Err(Fault::new(place, "`{` without `}` in the reason", "close it"));
            };
            let blank = Blank::parse(name).ok_or_else(|| {
                Fault::new(
                    place,
                    format!("the reason has no `{{{name}}}` to fill in"),
                    format!("use {PLACES}"),
                )
            })?;
            pieces.extend([Piece::Text(before.to_owned()), Piece::Blank(blank)]);
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self(pieces))
    }

    pub(super) fn empty() -> Self {
        Self(Vec::new())
    }

    pub(super) fn filled(&self, facts: &Facts<'_>) -> String {
        self.0.iter().fold(String::new(), |mut sentence, piece| {
            match piece {
                Piece::Text(text) => sentence.push_str(text),
                Piece::Blank(blank) => sentence.push_str(&facts.value(*blank)),
            }
            sentence
        })
    }
}

impl Facts<'_> {
    fn value(&self, blank: Blank) -> String {
        let tally = self.tally;
        let (first, last) = (tally.first(), tally.last.as_deref());
        match blank {
            Blank::Who => last.map_or_else(String::new, |last| Sentence::of(last).who.into_owned()),
            Blank::Did => last.map_or_else(String::new, |last| verb(&last.event).into_owned()),
            Blank::Count => tally.acts().to_string(),
            Blank::Span => first
                .zip(last)
                .map_or_else(String::new, |(first, last)| spoken(last.timestamp.since(first.timestamp))),
            Blank::Window => spoken(self.window_ms),
            Blank::Kinds => self.kinds(),
            Blank::KindCount => tally.kinds().count().to_string(),
            Blank::Objects => self.objects(),
            Blank::ObjectCount => tally.objects().to_string(),
            Blank::Object => last.map_or_else(String::new, |last| Sentence::of(last).what),
            Blank::Changed => self.changed(),
            Blank::Hour => {
                let text = self.raised.to_string();
                text.get(11..16).map_or_else(String::new, |hour| format!("{hour} UTC"))
            }
            Blank::Rules => {
                listed(self.rules.iter().map(|title| harmless(title).into_owned()).collect(), usize::MAX)
            }
        }
    }

    /// `4 landing pages, 2 templates and 1 file`.
    fn kinds(&self) -> String {
        let mut types: Vec<_> = self.tally.kinds().collect();
        types.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let words = types.into_iter().map(|(kind, count)| match count {
            1 => format!("1 {}", noun(kind)),
            count => format!("{count} {}", plural(&noun(kind))),
        });
        listed(words.collect(), usize::MAX)
    }

    fn objects(&self) -> String {
        let mut words: Vec<_> = self.tally.named().map(|event| Sentence::of(event).what).collect();
        let all = self.tally.objects();
        if all > NAMES + 1 {
            words.truncate(NAMES);
            words.push(format!("{} more", all - NAMES));
        }
        listed(words, usize::MAX)
    }

    fn changed(&self) -> String {
        match self.tally.changed() {
            keys if keys.is_empty() => "settings".to_owned(),
            keys => listed(keys.iter().cloned().collect(), 6),
        }
    }
}

pub(super) fn plural(noun: &str) -> String {
    match noun {
        "call-to-action" => "calls-to-action".to_owned(),
        "case study" => "case studies".to_owned(),
        "website settings" => noun.to_owned(),
        _ => format!("{noun}s"),
    }
}

/// `a, b and c`, or `a, b and 7 more`.
pub(super) fn listed(mut words: Vec<String>, most: usize) -> String {
    let left = words.len().saturating_sub(most);
    if left > 1 {
        words.truncate(most);
        words.push(format!("{left} more"));
    }
    let last = words.pop();
    let mut text = words.join(", ");
    if let Some(last) = last {
        let joint = if text.is_empty() { "" } else { " and " };
        let _ = write!(text, "{joint}{last}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_end_with_and() {
        let words = |n: usize| (1..=n).map(|i| i.to_string()).collect::<Vec<_>>();
        assert_eq!(listed(words(0), 3), "");
        assert_eq!(listed(words(1), 3), "1");
        assert_eq!(listed(words(3), 3), "1, 2 and 3");
        assert_eq!(listed(words(4), 3), "1, 2, 3 and 4");
        assert_eq!(listed(words(9), 3), "1, 2, 3 and 6 more");
    }

    #[test]
    fn a_blank_that_cannot_be_filled_is_refused() {
        let place = Place { line: 3, column: 1 };
        assert!(Reason::parse("{who} did {count}", place).is_ok());
        assert_eq!(
            Reason::parse("{whom}", place).unwrap_err().reason,
            "the reason has no `{whom}` to fill in"
        );
        assert_eq!(Reason::parse("{who", place).unwrap_err().place.line, 3);
    }
}
