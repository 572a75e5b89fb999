//! A record of HubSpot's audit log, read leniently: HubSpot's types drift, and a record that we
//! cannot read must never cost the page it came with.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::time::UtcMs;

/// A record normalised into our type. Missing texts are empty; only the time is required.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub timestamp: UtcMs,
    pub user_id: String,
    pub full_name: String,
    pub event: String,
    pub object_type: String,
    pub object_id: String,
    pub object_name: String,
    /// `meta` as sent; none when it is missing, null or empty.
    pub meta: Option<String>,
}

/// Why a record cannot be read as an event. It is kept verbatim all the same.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("the record is not a JSON object")]
    NotAnObject,
    #[error("the record has no `timestamp`")]
    NoTimestamp,
    #[error("`timestamp` is {0}")]
    BadTimestamp(#[from] crate::time::NotATime),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(borrow)]
    timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    user_id: Option<&'a RawValue>,
    #[serde(borrow)]
    full_name: Option<&'a RawValue>,
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    #[serde(borrow)]
    object_type: Option<&'a RawValue>,
    #[serde(borrow)]
    object_id: Option<&'a RawValue>,
    #[serde(borrow)]
    object_name: Option<&'a RawValue>,
    #[serde(borrow)]
    meta: Option<&'a RawValue>,
}

impl Event {
    /// Reads one element of `results`.
    ///
    /// # Errors
    /// When there is no object or no time in it, which is all that ordering and identity need.
    pub fn read(raw: &str) -> Result<Self, Unreadable> {
        if !raw.trim_start().starts_with('{') {
            return Err(Unreadable::NotAnObject);
        }
        let wire: Wire<'_> = serde_json::from_str(raw).map_err(|_| Unreadable::NotAnObject)?;
        let timestamp = match wire.timestamp.map(text) {
            None => return Err(Unreadable::NoTimestamp),
            Some(value) if value.is_empty() => return Err(Unreadable::NoTimestamp),
            Some(value) => value.parse::<UtcMs>()?,
        };
        let field = |value: Option<&RawValue>| value.map(text).unwrap_or_default().into_owned();
        Ok(Self {
            timestamp,
            user_id: field(wire.user_id),
            full_name: field(wire.full_name),
            event: field(wire.event),
            object_type: field(wire.object_type),
            object_id: field(wire.object_id),
            object_name: field(wire.object_name),
            meta: wire.meta.map(RawValue::get).filter(|meta| !is_empty(meta)).map(str::to_owned),
        })
    }
}

/// The text of a JSON value: strings decoded, null empty, anything else as written.
///
/// A string that Rust cannot hold (a lone surrogate) stays in its escaped form.
fn text(value: &RawValue) -> Cow<'_, str> {
    let raw = value.get();
    if raw == "null" {
        return Cow::Borrowed("");
    }
    let Some(inner) = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Cow::Borrowed(raw);
    };
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    serde_json::from_str::<String>(raw).map_or(Cow::Borrowed(inner), Cow::Owned)
}

fn is_empty(meta: &str) -> bool {
    let mut rest = meta.chars().filter(|c| !c.is_ascii_whitespace());
    let shape: String = rest.by_ref().take(3).collect();
    meta == "null" || matches!(shape.as_str(), "{}" | "[]" | "\"\"")
}

#[cfg(test)]
mod hostile;

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENTED: &str = r#"{"objectId":"4065364319","objectName":"My Landing Page","fullName":"John Doe","event":"UPDATED",
        "userId":"1011561","timestamp":"1583792674672","objectType":"LANDING_PAGE"}"#;

    #[test]
    fn the_documented_example_is_read() {
        let event = Event::read(DOCUMENTED).unwrap();
        assert_eq!(event.timestamp, UtcMs(1_583_792_674_672));
        assert_eq!(event.user_id, "1011561");
        assert_eq!(event.object_name, "My Landing Page");
        assert_eq!(event.meta, None);
    }

    #[test]
    fn times_and_ids_may_be_numbers_and_texts_may_be_missing() {
        let event =
            Event::read(r#"{"timestamp":1583792674672,"userId":7,"objectId":9007199254740993,"meta":[]}"#)
                .unwrap();
        assert_eq!(event.timestamp, UtcMs(1_583_792_674_672));
        assert_eq!((event.user_id.as_str(), event.object_id.as_str()), ("7", "9007199254740993"));
        assert_eq!((event.event.as_str(), event.meta), ("", None));
    }

    #[test]
    fn a_lone_surrogate_does_not_cost_the_record() {
        let event =
            Event::read(r#"{"timestamp":"0","objectName":"a\ud800b","fullName":"\u00e9\n"}"#).unwrap();
        assert_eq!(event.object_name, r"a\ud800b");
        assert_eq!(event.full_name, "é\n");
    }

    #[test]
    fn what_has_no_time_is_unreadable_and_says_why() {
        for (raw, why) in [
            ("42", "the record is not a JSON object"),
            ("null", "the record is not a JSON object"),
            ("{}", "the record has no `timestamp`"),
            (r#"{"timestamp":null}"#, "the record has no `timestamp`"),
        ] {
            assert_eq!(Event::read(raw).unwrap_err().to_string(), why, "{raw}");
        }
        assert!(Event::read(r#"{"timestamp":"soon"}"#).unwrap_err().to_string().contains("`soon`"));
    }
}
