//! YAML as a tree in which every value knows its place, so that a problem can name its line.
//!
//! Anchors, aliases and tags are refused: a rule says what it means where it says it, and a small file
//! cannot grow into a large one. Nothing here knows about Sigma.

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::problem::{Fault, Place};

/// Rules are a few kilobytes; a file beyond this is not one.
const MAX_BYTES: usize = 1 << 20;
const MAX_DEPTH: usize = 40;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// As written.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Key {
    pub(super) place: Place,
    pub(super) name: String,
}

impl Node {
    pub(super) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }

    /// A scalar as it is written; none for lists, maps and nothing.
    pub(super) fn scalar(&self) -> Option<String> {
        match &self.value {
            Value::Bool(truth) => Some(truth.to_string()),
            Value::Number(text) | Value::Text(text) => Some(text.clone()),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        let Value::Map(members) = &self.value else { return None };
        members.iter().find(|(key, _)| key.name == name).map(|(_, node)| node)
    }

    /// The items of a list, or the value itself as the only one.
    pub(super) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }
}

/// The documents of a file.
pub(super) fn documents(text: &str) -> Result<Vec<Node>, Fault> {
    if text.len() > MAX_BYTES {
        let reason = format!("the file has more than {MAX_BYTES} bytes");
        return Err(Fault::new(Place { line: 1, column: 1 }, reason, "split it into several rule files"));
    }
    let mut documents = Vec::new();
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let place = Place { line: error.marker().line(), column: error.marker().col() + 1 };
            Fault::new(
                place,
                format!("not YAML: {}", error.info()),
                "mend the indentation or the quotes there",
            )
        })?;
        if let Some(document) = builder.take(event, place(span))? {
            documents.push(document);
        }
    }
    documents.retain(|document| document.value != Value::Null);
    Ok(documents)
}

fn place(span: Span) -> Place {
    Place { line: span.start.line(), column: span.start.col() + 1 }
}

/// A list or map that is still open.
enum Open {
    List(Place, Vec<Node>),
    Map(Place, Vec<(Key, Node)>, Option<Key>),
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, at: Place) -> Result<Option<Node>, Fault> {
        match event {
            Event::Scalar(_, _, anchor, tag) if anchor > 0 || tag.is_some() => Err(indirect(at)),
            Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag)
                if anchor > 0 || tag.is_some() =>
            {
                Err(indirect(at))
            }
            Event::Alias(_) => Err(indirect(at)),
            Event::Scalar(text, style, ..) => self.scalar(&text, style, at),
            Event::SequenceStart(..) => self.start(Open::List(at, Vec::new()), at),
            Event::MappingStart(..) => self.start(Open::Map(at, Vec::new(), None), at),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List(place, items)) => self.put(Node { place, value: Value::List(items) }),
                Some(Open::Map(place, members, _)) => self.put(Node { place, value: Value::Map(members) }),
                None => Ok(None),
            },
            _ => Ok(None),
        }
    }

    fn start(&mut self, open: Open, at: Place) -> Result<Option<Node>, Fault> {
        if self.open.len() >= MAX_DEPTH {
            let reason = format!("nested deeper than {MAX_DEPTH} levels");
            return Err(Fault::new(at, reason, "write the rule with fewer levels"));
        }
        if let Some(Open::Map(_, _, None)) = self.open.last() {
            return Err(Fault::new(at, "a key that is a list or a map", "use a text as key"));
        }
        self.open.push(open);
        Ok(None)
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, at: Place) -> Result<Option<Node>, Fault> {
        if let Some(Open::Map(_, members, key @ None)) = self.open.last_mut() {
            if let Some((first, _)) = members.iter().find(|(key, _)| key.name == text) {
                let reason = format!("`{text}` stands twice, first in line {}", first.place.line);
                return Err(Fault::new(at, reason, "keep one of them"));
            }
            *key = Some(Key { place: at, name: text.to_owned() });
            return Ok(None);
        }
        let value = if style == ScalarStyle::Plain { plain(text) } else { Value::Text(text.to_owned()) };
        self.put(Node { place: at, value })
    }

    /// Answers with the node when it is a whole document.
    fn put(&mut self, node: Node) -> Result<Option<Node>, Fault> {
        match self.open.last_mut() {
            None => return Ok(Some(node)),
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Map(_, members, key)) => match key.take() {
                Some(key) => members.push((key, node)),
                None => return Err(Fault::new(node.place, "a value without a key", "give it a key")),
            },
        }
        Ok(None)
    }
}

fn indirect(at: Place) -> Fault {
    Fault::new(at, "anchors, aliases and tags are not read", "write the value out where it is used")
}

/// What a scalar without quotes is, by YAML 1.2's core schema.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_number(text) => Value::Number(text.to_owned()),
        _ => Value::Text(text.to_owned()),
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.chars().any(|c| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '-' | '+'))
        && digits.parse::<f64>().is_ok_and(f64::is_finite)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Node {
        documents(text).unwrap().remove(0)
    }

    #[test]
    fn values_know_their_kind_and_their_place() {
        let node = one("a: 1\nb:\n  - x\n  - '2'\n  - ~\n  - true\n  - 10m\n");
        assert_eq!(node.get("a").unwrap().value, Value::Number("1".to_owned()));
        let list = node.get("b").unwrap();
        let kinds: Vec<_> = list.items().iter().map(Node::kind).collect();
        assert_eq!(kinds, ["a text", "a text", "nothing", "true or false", "a text"]);
        assert_eq!(list.items()[1].place, Place { line: 4, column: 5 });
    }

    #[test]
    fn what_a_rule_must_not_hold_is_refused_with_its_line() {
        for (text, line, reason) in [
            ("a: 1\na: 2\n", 2, "`a` stands twice, first in line 1"),
            ("a: &x 1\nb: *x\n", 1, "anchors, aliases and tags are not read"),
            ("a: !!str 1\n", 1, "anchors, aliases and tags are not read"),
            ("? [a]\n: 1\n", 1, "a key that is a list or a map"),
        ] {
            let fault = documents(text).unwrap_err();
            assert_eq!((fault.place.line, fault.reason.as_str()), (line, reason), "{text}");
        }
        assert!(documents("a: 'open\n").unwrap_err().reason.starts_with("not YAML"));
        let deep = "[".repeat(100);
        assert!(documents(&deep).unwrap_err().reason.starts_with("nested deeper"));
    }

    #[test]
    fn a_file_may_hold_several_documents_and_empty_ones() {
        assert_eq!(documents("---\na: 1\n---\n---\nb: 2\n").unwrap().len(), 2);
        assert_eq!(documents("# only words\n").unwrap().len(), 0);
    }
}
