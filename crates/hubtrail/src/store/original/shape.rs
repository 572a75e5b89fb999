//! Which members stand in a record, in which order and form: a letter each, as `intefus*`.

use std::fmt::Write as _;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Said;

/// How a member is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Quoted,
    /// As a number is: the text by itself.
    Bare,
    /// `2024-03-10T14:32:18.120Z`, with a fraction of three digits.
    Iso,
    /// The same, without the fraction where it is zero.
    ShortIso,
    /// Epoch milliseconds in quotes.
    QuotedMs,
    Ms,
}

const REST: char = '*';
const WHOLE: usize = 7;
const MEMBERS: &[(char, &str, Form)] = &[
    ('i', "objectId", Form::Quoted),
    ('I', "objectId", Form::Bare),
    ('n', "objectName", Form::Quoted),
    ('t', "objectType", Form::Quoted),
    ('e', "event", Form::Quoted),
    ('u', "userId", Form::Quoted),
    ('U', "userId", Form::Bare),
    ('f', "fullName", Form::Quoted),
    ('s', "timestamp", Form::Iso),
    ('S', "timestamp", Form::ShortIso),
    ('q', "timestamp", Form::QuotedMs),
    ('m', "timestamp", Form::Ms),
];

/// Letters of [`MEMBERS`], and at most one place where the rest stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shape(String);

impl Shape {
    pub(super) fn read(text: &str) -> Option<Self> {
        let is_known = |letter| letter == REST || MEMBERS.iter().any(|member| member.0 == letter);
        (text.chars().all(is_known) && text.matches(REST).count() <= 1).then(|| Self(text.to_owned()))
    }

    /// None: it is no object. All that cannot be told from the columns, and what stands between, is the rest.
    pub(super) fn of(raw: &str, said: &Said<'_>) -> Option<Self> {
        let Members(members) = serde_json::from_str(raw).ok()?;
        let letters: Vec<_> = members.iter().map(|(key, value)| letter(key, value.get(), said)).collect();
        let Some(first) = letters.iter().position(Option::is_none) else {
            return Some(Self(letters.into_iter().flatten().collect()));
        };
        let behind = letters.iter().rposition(Option::is_none)? + 1;
        let (before, after) = (letters[..first].iter().flatten(), letters[behind..].iter().flatten());
        Some(Self(before.chain([&REST]).chain(after).collect()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn has_rest(&self) -> bool {
        self.0.contains(REST)
    }

    /// It leaves out all that the columns say.
    pub(super) fn is_whole(&self) -> bool {
        self.0.chars().filter(|letter| *letter != REST).count() == WHOLE
    }

    /// What stands in the record before and behind its rest.
    pub(super) fn around(&self, said: &Said<'_>) -> (String, String) {
        let (mut before, mut after) = (String::with_capacity(256), String::new());
        before.push('{');
        let mut to = &mut before;
        for (nth, letter) in self.0.chars().enumerate() {
            if nth > 0 {
                to.push(',');
            }
            if letter == REST {
                to = &mut after;
            } else if let Some((_, key, form)) = MEMBERS.iter().find(|member| member.0 == letter) {
                push_text(to, key);
                to.push(':');
                push(to, *form, value(key, said), said);
            }
        }
        to.push('}');
        (before, after)
    }
}

fn letter(key: &str, written: &str, said: &Said<'_>) -> Option<char> {
    let mut would_be = String::new();
    MEMBERS.iter().filter(|member| member.1 == key).find_map(|(letter, key, form)| {
        would_be.clear();
        push(&mut would_be, *form, value(key, said), said);
        (would_be == written).then_some(*letter)
    })
}

fn value<'s>(key: &str, said: &Said<'s>) -> &'s str {
    match key {
        "objectId" => said.object_id,
        "objectName" => said.object_name,
        "objectType" => said.object_type,
        "event" => said.event_type,
        "userId" => said.user_id,
        "fullName" => said.full_name,
        _ => "",
    }
}

fn push(to: &mut String, form: Form, value: &str, said: &Said<'_>) {
    let at = said.timestamp;
    // Writing to a string does not fail.
    let _ = match form {
        Form::Quoted => return push_text(to, value),
        Form::Bare => return to.push_str(value),
        Form::Iso => write!(to, "\"{at}\""),
        Form::ShortIso if at.0.rem_euclid(1_000) == 0 => {
            let text = at.to_string();
            write!(to, "\"{}\"", text.replacen(".000Z", "Z", 1))
        }
        Form::ShortIso => write!(to, "\"{at}\""),
        Form::QuotedMs => write!(to, "\"{}\"", at.0),
        Form::Ms => write!(to, "{}", at.0),
    };
}

/// A JSON string, as most programs write it.
fn push_text(to: &mut String, text: &str) {
    if text.bytes().any(|byte| byte < b' ' || matches!(byte, b'"' | b'\\')) {
        to.push_str(&serde_json::Value::from(text).to_string());
    } else {
        to.extend(["\"", text, "\""]);
    }
}

/// The members of an object in their order; a map would lose it.
struct Members<'r>(Vec<(String, &'r RawValue)>);

impl<'r> Deserialize<'r> for Members<'r> {
    fn deserialize<D: Deserializer<'r>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

struct InOrder;

impl<'r> Visitor<'r> for InOrder {
    type Value = Members<'r>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'r>>(self, mut map: A) -> Result<Members<'r>, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}
