//! The record can be had back from every encoding, byte for byte, whatever it says.

use proptest::prelude::*;
use serde_json::Value;

use super::{encoded, recorded};
use crate::encode::Format;
use crate::event::Event;
use crate::record_line::record_line;

/// What `docs/mapping.md` tells a reader to do, written without the encoders.
fn had_back(format: Format, line: &str) -> String {
    let json = || serde_json::from_str::<Value>(line).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match format {
        Format::Raw => line.to_owned(),
        Format::Ocsf => text(&json()["raw_data"]),
        Format::Ecs => text(&json()["event"]["original"]),
        Format::Dnif => text(&json()["$LogEvent"]),
        Format::Cef => unescaped(line.rsplit_once(" rawEvent=").unwrap().1),
        Format::Leef => pictured(line.rsplit_once("\toriginal=").unwrap().1),
        Format::Csv => {
            let cell = cells(line).pop().unwrap();
            cell.strip_prefix('\'').map(str::to_owned).unwrap_or(cell)
        }
    }
}

pub(super) fn unescaped(value: &str) -> String {
    let mut chars = value.chars();
    let mut text = String::new();
    while let Some(c) = chars.next() {
        text.push(match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some(escaped) => escaped,
                None => panic!("a value ends in an escape"),
            },
            c => c,
        });
    }
    text
}

pub(super) fn pictured(value: &str) -> String {
    let mut chars = value.chars();
    let mut text = String::new();
    while let Some(c) = chars.next() {
        match c {
            '␛' => text.extend(chars.next()),
            '␉' => text.push('\t'),
            '␊' => text.push('\n'),
            '␍' => text.push('\r'),
            c => text.push(c),
        }
    }
    text
}

pub(super) fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    cells.push(cell);
    cells
}

fn assert_had_back(raw: &str) {
    let read = Event::read(raw).map_err(|why| why.to_string());
    for format in Format::ALL {
        let line = encoded(format, true, recorded(raw, read.as_ref().map_err(String::as_str)));
        if format != Format::Csv {
            assert!(!line.contains(['\n', '\r']), "{format}: {line:?}");
        }
        let expected = if format == Format::Raw { record_line(raw).into_owned() } else { raw.to_owned() };
        assert_eq!(had_back(format, &line), expected, "{format}: {line}");
        if format.is_json() && (format != Format::Raw || read.is_ok()) {
            serde_json::from_str::<serde::de::IgnoredAny>(&line).unwrap();
        }
    }
}

#[test]
fn records_that_are_hard_to_carry() {
    for raw in [
        r#"{"timestamp":1,"objectName":"a|b=c\\d\"e","fullName":"=cmd|'/c'!A1"}"#,
        "{\n\t\"timestamp\": 1,\r\n\t\"objectName\": \"x\"\n}",
        r#"{"timestamp":"0","objectName":"👩‍💻 \ud83d\ude00 \ud800","fullName":"שלום עולם","meta":{"a":"\n\r\t"}}"#,
        r#"{"timestamp":1,"objectName":"␉␊␍␛ ␛␛␉","meta":"␛"}"#,
        r#"{"timestamp":1,"objectName":" rawEvent=x act=y	original=z"}"#,
        "-5",
        "'",
        "=1+1",
        "null",
        "not JSON at all \\",
    ] {
        assert_had_back(raw);
    }
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<String>(),
        prop::sample::select(vec![
            "|", "=", "\\", "\n", "\r", "\t", "\"", "'", ",", "😀", "\u{202e}", "ש", "␛", "␊", " act=",
            "\\n", "\0",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_record_of_any_texts(
        texts in prop::collection::vec(hostile(), 6), ms in any::<i64>(), blank in "[ \n\r\t]{0,3}", keyed in hostile(),
    ) {
        let text = |n: usize| serde_json::to_string(&texts[n]).unwrap();
        let raw = format!(
            "{{{blank}\"timestamp\":{ms},\"event\":{},{blank}\"objectType\":{},\"objectName\":{},\"fullName\":{},\
             \"userId\":{},\"objectId\":{},\"meta\":{{{}:1}}}}",
            text(0), text(1), text(2), text(3), text(4), text(5), serde_json::to_string(&keyed).unwrap(),
        );
        assert_had_back(&raw);
    }

    #[test]
    fn whatever_it_is(text in hostile()) {
        prop_assume!(!text.is_empty());
        // Only `raw` has no way to carry what is no record and has line breaks.
        let text = text.replace(['\n', '\r'], " ");
        assert_had_back(&text);
    }
}
