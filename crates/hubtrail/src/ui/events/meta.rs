//! What `meta` says, property by property, and what it said before where that can be told: by the record itself, or by
//! the event before it of the same object.

use hubtrail_core::sentence::harmless;
use serde_json::{Map, Value};

/// One property of `meta`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    /// None: not known. Empty: there was none.
    pub(super) before: Option<String>,
    pub(super) value: String,
}

impl Field {
    pub(super) fn changed(&self) -> bool {
        self.before.as_ref().is_some_and(|before| *before != self.value)
    }
}

/// How records write a change of a single property. HubSpot documents none of them.
const PAIRS: [(&str, &str); 6] = [
    ("before", "after"),
    ("from", "to"),
    ("old", "new"),
    ("oldValue", "newValue"),
    ("previous", "current"),
    ("previousValue", "currentValue"),
];

/// `previous` is the `meta` of the event before, if there is one.
pub(super) fn fields(meta: Option<&str>, previous: Option<&str>) -> Vec<Field> {
    let Some(meta) = meta else { return Vec::new() };
    let object = |text: &str| match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Some(fields),
        _ => None,
    };
    let Some(fields) = object(meta) else {
        return vec![Field { name: "meta".to_owned(), before: None, value: harmless(meta).into_owned() }];
    };
    let earlier = previous.and_then(object);
    fields.iter().map(|(name, value)| field(name, value, earlier.as_ref())).collect()
}

fn field(name: &str, value: &Value, earlier: Option<&Map<String, Value>>) -> Field {
    let told = harmless(name).into_owned();
    if let Some((before, after)) = pair(value) {
        return Field { name: told, before: Some(text(before)), value: text(after) };
    }
    // An event before that does not speak of the property says nothing about it. Numbers and lists often tell of
    // the change itself (rows, fields), not of how things are.
    let is_state = |value: &&Value| value.is_string() || value.is_boolean();
    let before =
        earlier.and_then(|earlier| earlier.get(name)).filter(|before| is_state(before) && is_state(&value));
    let before = before.map(text);
    Field { name: told, before, value: text(value) }
}

fn pair(value: &Value) -> Option<(&Value, &Value)> {
    let fields = value.as_object().filter(|fields| fields.len() == 2)?;
    PAIRS.iter().find_map(|(before, after)| Some((fields.get(*before)?, fields.get(*after)?)))
}

fn text(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    harmless(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(meta: &str, previous: Option<&str>) -> Vec<(String, Option<String>, String, bool)> {
        let fields = fields(Some(meta), previous);
        let all = fields.into_iter().map(|field| {
            let changed = field.changed();
            (field.name, field.before, field.value, changed)
        });
        all.collect()
    }

    #[test]
    fn what_it_was_before_is_told_by_the_record_or_by_the_event_before() {
        let own = |text: &str| Some(text.to_owned());
        assert_eq!(
            told(r#"{"title":{"from":"A","to":"B"}}"#, None),
            [("title".into(), own("A"), "B".into(), true)]
        );
        assert_eq!(
            told(
                r#"{"destination":"https://evil.example","style":302}"#,
                Some(r#"{"destination":"/home","style":301}"#)
            ),
            [
                ("destination".into(), own("/home"), "https://evil.example".into(), true),
                ("style".into(), None, "302".into(), false),
            ]
        );
        assert_eq!(told(r#"{"a":1}"#, Some(r#"{"b":1}"#)), [("a".into(), None, "1".into(), false)]);
        assert_eq!(told("[1]", Some("{}")), [("meta".into(), None, "[1]".into(), false)]);
        assert!(fields(None, None).is_empty());
    }
}
