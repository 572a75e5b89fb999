//! A record as one line of text, with every token as HubSpot sent it.
//!
//! Only line breaks outside strings, and the indentation around them, are left out. Nothing is
//! parsed into values and written again: that would change numbers, escapes and key order.

use std::borrow::Cow;

/// The record on one line. JSON allows no break inside a string; should one be there, it becomes a space.
#[must_use]
pub fn record_line(record: &str) -> Cow<'_, str> {
    if !record.contains(['\n', '\r']) {
        return Cow::Borrowed(record);
    }
    let mut line = String::with_capacity(record.len());
    let mut rest = record;
    while let Some(c) = rest.chars().next() {
        let (taken, left) = match c {
            '"' => rest.split_at(string_end(rest)),
            c if is_blank(c) => rest.split_at(rest.find(|c| !is_blank(c)).unwrap_or(rest.len())),
            _ => rest.split_at(rest.find(|c| c == '"' || is_blank(c)).unwrap_or(rest.len())),
        };
        let broken = taken.contains(['\n', '\r']);
        match (broken, c) {
            (false, _) => line.push_str(taken),
            (true, '"') => line.push_str(&taken.replace(['\n', '\r'], " ")),
            (true, _) => {}
        }
        rest = left;
    }
    Cow::Owned(line)
}

const fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// Where the string that opens `text` ends, its closing quote included.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    #[test]
    fn breaks_and_indentation_go_and_all_else_stays_as_sent() {
        for (sent, line) in [
            (r#"{"a": 1.0e+2, "b" :"x  y"}"#, r#"{"a": 1.0e+2, "b" :"x  y"}"#),
            ("{\n  \"a\": 1,\r\n\t\"b\": [ 2,\n 3 ]\n}\n", r#"{"a": 1,"b": [ 2,3 ]}"#),
            (
                "{\n\"a\\\"\\n  \\\\\": \"\\u00e9 {  \",\n\"b\":1}",
                "{\"a\\\"\\n  \\\\\": \"\\u00e9 {  \",\"b\":1}",
            ),
            ("\n 42 \n", "42"),
        ] {
            assert_eq!(record_line(sent), line);
        }
    }

    /// A JSON text as a list of tokens, with arbitrary blanks between them.
    fn value() -> impl Strategy<Value = Vec<String>> {
        let leaf = prop_oneof![
            Just(vec!["null".to_owned()]),
            any::<f64>()
                .prop_filter("JSON has no infinities", |n| n.is_finite())
                .prop_map(|n| vec![n.to_string()]),
            any::<String>().prop_map(|text| vec![serde_json::to_string(&text).unwrap()]),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(|items| joined("[", items, "]")),
                prop::collection::vec((any::<String>(), inner), 0..4).prop_map(|members| {
                    let members = members.into_iter().map(|(key, value)| {
                        [vec![serde_json::to_string(&key).unwrap(), ":".to_owned()], value].concat()
                    });
                    joined("{", members, "}")
                }),
            ]
        })
    }

    fn joined(open: &str, parts: impl IntoIterator<Item = Vec<String>>, close: &str) -> Vec<String> {
        let mut tokens = vec![open.to_owned()];
        for (at, part) in parts.into_iter().enumerate() {
            if at > 0 {
                tokens.push(",".to_owned());
            }
            tokens.extend(part);
        }
        tokens.push(close.to_owned());
        tokens
    }

    proptest! {
        #[test]
        fn the_tokens_are_the_same_and_there_is_no_break(
            tokens in value(),
            blanks in prop::collection::vec(prop::sample::select(vec!["", " ", "\n", "\r\n  ", "\t", " \n "]), 1..40),
        ) {
            let spaced: String =
                tokens.iter().zip(blanks.iter().cycle()).flat_map(|(token, blank)| [token.as_str(), *blank]).collect();
            let sent = RawValue::from_string(spaced.clone()).unwrap();
            let line = record_line(sent.get());
            prop_assert!(!line.contains(['\n', '\r']));
            let kept = tokens.iter().zip(blanks.iter().cycle()).flat_map(|(token, blank)| {
                [token.as_str(), if blank.contains('\n') { "" } else { *blank }]
            });
            let kept: String = kept.collect();
            prop_assert_eq!(line.trim(), kept.trim());
            prop_assert_eq!(record_line(&line), &*line);
        }

        #[test]
        fn whatever_it_is_given_it_answers_with_one_line(text in any::<String>()) {
            prop_assert!(!record_line(&text).contains(['\n', '\r']));
        }
    }
}
