//! One record of the audit log, as HubSpot's server sends it.

use std::fmt::Write;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::time;
use crate::word::words;

/// The fields in the order in which HubSpot writes them. `timestamp` is written in the form that
/// the server is set to; inside it is a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    pub object_id: String,
    pub object_name: String,
    pub object_type: String,
    pub event: String,
    pub user_id: String,
    pub full_name: String,
    /// UTC milliseconds since 1970.
    pub timestamp_ms: i64,
    /// JSON text, so that numbers stay as they were written. None: the field is not sent.
    pub meta: Option<String>,
}

words! {
    /// HubSpot's own examples disagree about how `timestamp` is written.
    pub enum TimeForm {
        /// `"2024-03-10T14:32:18.120Z"`
        Iso = "iso",
        /// `"2024-03-10T14:32:18Z"` where the milliseconds are zero.
        IsoShort = "iso-short",
        /// `"1710081138120"`
        EpochString = "epoch-string",
        /// `1710081138120`
        EpochNumber = "epoch-number",
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("read record: {0}")]
    Json(#[from] serde_json::Error),
    #[error("read record: `timestamp` is {0}, which is neither ISO 8601 nor epoch milliseconds")]
    Time(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    object_id: String,
    #[serde(default)]
    object_name: String,
    object_type: String,
    event: String,
    user_id: String,
    #[serde(default)]
    full_name: String,
    timestamp: Box<RawValue>,
    meta: Option<Box<RawValue>>,
}

impl Record {
    /// Reads a record in any form that [`Record::write`] writes.
    ///
    /// # Errors
    /// When a field is missing or has the wrong type, or `timestamp` is no time.
    pub fn read(json: &str) -> Result<Self, Unreadable> {
        let wire: Wire = serde_json::from_str(json)?;
        let text = wire.timestamp.get();
        let (timestamp_ms, _) =
            time::read(text.trim_matches('"')).ok_or_else(|| Unreadable::Time(text.to_owned()))?;
        Ok(Self {
            object_id: wire.object_id,
            object_name: wire.object_name,
            object_type: wire.object_type,
            event: wire.event,
            user_id: wire.user_id,
            full_name: wire.full_name,
            timestamp_ms,
            meta: wire.meta.map(|meta| meta.get().to_owned()),
        })
    }

    /// The record as one JSON object on one line.
    #[must_use]
    pub fn write(&self, form: TimeForm) -> String {
        let mut json = String::with_capacity(256);
        json.push('{');
        for (name, value) in [
            ("objectId", &self.object_id),
            ("objectName", &self.object_name),
            ("objectType", &self.object_type),
            ("event", &self.event),
            ("userId", &self.user_id),
            ("fullName", &self.full_name),
        ] {
            let _ = write!(json, "\"{name}\":{},", quoted(value));
        }
        let ms = self.timestamp_ms;
        let _ = match form {
            TimeForm::Iso => write!(json, "\"timestamp\":\"{}\"", time::iso(ms)),
            TimeForm::IsoShort => write!(json, "\"timestamp\":\"{}\"", time::iso_short(ms)),
            TimeForm::EpochString => write!(json, "\"timestamp\":\"{ms}\""),
            TimeForm::EpochNumber => write!(json, "\"timestamp\":{ms}"),
        };
        if let Some(meta) = &self.meta {
            let _ = write!(json, ",\"meta\":{meta}");
        }
        json.push('}');
        json
    }
}

pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(ms: i64) -> Record {
        Record {
            object_id: "4065364319".into(),
            object_name: "My \"Landing\" Page".into(),
            object_type: "LANDING_PAGE".into(),
            event: "UPDATED".into(),
            user_id: "1011561".into(),
            full_name: "Zoë".into(),
            timestamp_ms: ms,
            meta: Some(r#"{"rows":9007199254740993}"#.into()),
        }
    }

    #[test]
    fn the_wire_form_is_pinned() {
        assert_eq!(
            record(1_583_792_674_000).write(TimeForm::Iso),
            r#"{"objectId":"4065364319","objectName":"My \"Landing\" Page","objectType":"LANDING_PAGE","event":"UPDATED","userId":"1011561","fullName":"Zoë","timestamp":"2020-03-09T22:24:34.000Z","meta":{"rows":9007199254740993}}"#
        );
        let bare = Record { meta: None, ..record(5) };
        assert!(bare.write(TimeForm::EpochNumber).ends_with(r#""timestamp":5}"#));
        assert!(record(0).write(TimeForm::IsoShort).contains(r#""timestamp":"1970-01-01T00:00:00Z""#));
        assert!(record(0).write(TimeForm::EpochString).contains(r#""timestamp":"0""#));
    }

    #[test]
    fn what_was_written_is_read_back_in_every_form() {
        for form in TimeForm::ALL {
            for ms in [0, 1, 1_583_792_674_672, 1_583_792_674_000] {
                assert_eq!(Record::read(&record(ms).write(*form)).unwrap(), record(ms), "{form}");
            }
        }
        assert!(Record::read(r#"{"objectId":"1"}"#).is_err());
        let text = record(0).write(TimeForm::EpochString).replace(r#""0""#, r#""soon""#);
        assert!(Record::read(&text).unwrap_err().to_string().contains("soon"));
    }
}
