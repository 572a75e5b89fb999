//! Examples that a rule brings along (`hubtrail.examples`): events, and how many findings they raise.

use super::problem::Fault;
use super::yaml::{Node, Value};
use crate::event::Event;
use crate::time::UtcMs;

/// A Monday morning, from which the times of examples are counted.
const START: UtcMs = UtcMs(1_772_445_600_000);
const MAX_EVENTS: usize = 2_000;
const KEYS: &str =
    "event, objectType, objectId, objectName, userId, fullName, meta, at, after, times and every";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What it shows.
    pub name: String,
    pub raises: usize,
    pub events: Vec<Event>,
}

pub(super) fn examples(node: &Node) -> Result<Vec<Example>, Fault> {
    node.items().iter().map(example).collect()
}

fn example(node: &Node) -> Result<Example, Fault> {
    let fault = |reason: &str, fix: &str| Fault::new(node.place, format!("example: {reason}"), fix);
    let Value::Map(members) = &node.value else {
        return Err(fault("not a map", "give it `name`, `raises` and `events`"));
    };
    if let Some((key, _)) =
        members.iter().find(|(key, _)| !["name", "raises", "events"].contains(&key.name.as_str()))
    {
        return Err(Fault::new(
            key.place,
            format!("example: `{}` is not known", key.name),
            "use name, raises and events",
        ));
    }
    let name =
        node.get("name").and_then(Node::scalar).ok_or_else(|| fault("no name", "say what it shows"))?;
    let raises = node.get("raises").and_then(Node::scalar).and_then(|number| number.parse().ok());
    let raises =
        raises.ok_or_else(|| fault("no `raises`", "say how many findings there are, such as 1 or 0"))?;
    let blocks = node.get("events").ok_or_else(|| fault("no events", "add `events`"))?;
    let mut events = Vec::new();
    for block in blocks.items() {
        add(block, &mut events)?;
    }
    Ok(Example { name, raises, events })
}

/// One line of an example: an event, or several alike.
fn add(node: &Node, events: &mut Vec<Event>) -> Result<(), Fault> {
    let Value::Map(members) = &node.value else {
        return Err(Fault::new(
            node.place,
            "an event that is not a map",
            "write {event: DELETED, objectType: FILE}",
        ));
    };
    let mut block = Block::default();
    for (key, value) in members {
        block.set(&key.name, value).map_err(|reason| {
            Fault::new(key.place, format!("example: `{}` {reason}", key.name), format!("an event has {KEYS}"))
        })?;
    }
    if events.len() + block.times > MAX_EVENTS {
        return Err(Fault::new(node.place, "an example with too many events", "use fewer"));
    }
    let last = events.last().map_or(START, |event: &Event| event.timestamp);
    let start = block.at.unwrap_or_else(|| last.plus(block.after_ms.unwrap_or(0)));
    for time in 0..block.times {
        let number = events.len() + 1;
        let at = start.plus(block.every_ms.saturating_mul(i64::try_from(time).unwrap_or(i64::MAX)));
        let or = |text: &String, other: String| if text.is_empty() { other } else { text.clone() };
        let object_id = or(&block.object_id, (1_000 + number).to_string());
        events.push(Event {
            timestamp: at,
            user_id: or(&block.user_id, "1".to_owned()),
            full_name: or(&block.full_name, format!("Person {}", or(&block.user_id, "1".to_owned()))),
            event: block.event.clone(),
            object_type: block.object_type.clone(),
            object_name: or(&block.object_name, format!("Object {object_id}")),
            object_id,
            meta: block.meta.clone(),
        });
    }
    Ok(())
}

struct Block {
    event: String,
    object_type: String,
    object_id: String,
    object_name: String,
    user_id: String,
    full_name: String,
    meta: Option<String>,
    at: Option<UtcMs>,
    after_ms: Option<i64>,
    every_ms: i64,
    times: usize,
}

impl Default for Block {
    fn default() -> Self {
        Self {
            event: String::new(),
            object_type: String::new(),
            object_id: String::new(),
            object_name: String::new(),
            user_id: String::new(),
            full_name: String::new(),
            meta: None,
            at: None,
            after_ms: None,
            every_ms: 60_000,
            times: 1,
        }
    }
}

impl Block {
    fn set(&mut self, name: &str, value: &Node) -> Result<(), &'static str> {
        if name == "meta" {
            self.meta = Some(json(value).to_string());
            return Ok(());
        }
        let text = value.scalar().ok_or("needs a value")?;
        match name {
            "event" => self.event = text,
            "objectType" => self.object_type = text,
            "objectId" => self.object_id = text,
            "objectName" => self.object_name = text,
            "userId" => self.user_id = text,
            "fullName" => self.full_name = text,
            "at" => self.at = Some(text.parse().map_err(|_| "is not a time")?),
            "after" => self.after_ms = Some(duration_ms(&text).ok_or("is not a length such as 5m")?),
            "every" => self.every_ms = duration_ms(&text).ok_or("is not a length such as 30s")?,
            "times" => self.times = text.parse().map_err(|_| "is not a number")?,
            _ => return Err("is not known"),
        }
        Ok(())
    }
}

/// Sigma's lengths of time (`90s`, `10m`, `2h`, `1d`), and milliseconds (`500ms`).
pub(super) fn duration_ms(text: &str) -> Option<i64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let unit_ms = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(unit_ms)
}

fn json(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(truth) => (*truth).into(),
        Value::Number(text) => text.parse().map_or_else(|_| text.clone().into(), serde_json::Value::Number),
        Value::Text(text) => text.clone().into(),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(members) => members
            .iter()
            .map(|(key, value)| (key.name.clone(), json(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}
