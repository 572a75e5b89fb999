//! Which entries a sink gets. What is not named is not limited.

use hubtrail_core::event::Event;
use hubtrail_core::finding::Severity;
use hubtrail_core::stream::Stream;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::connector::{ConnectorId, Invalid};

/// Which entries it gets; an empty list limits nothing
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Selection {
    /// Numbers of connectors.
    #[schema(value_type = Vec<i64>)]
    pub accounts: Vec<ConnectorId>,
    #[schema(value_type = Vec<String>, example = json!(["content"]))]
    pub streams: Vec<Stream>,
    /// HubSpot's words, in any case. Records that could not be read have none.
    #[schema(example = json!(["DOMAIN", "URL_MAPPING"]))]
    pub object_types: Vec<String>,
    #[schema(example = json!(["DELETED"]))]
    pub event_types: Vec<String>,
    /// Whether it gets events.
    pub events: bool,
    /// Whether it gets findings.
    pub findings: bool,
    /// Of findings.
    #[schema(value_type = Vec<String>, example = json!(["high", "critical"]))]
    pub severities: Vec<Severity>,
}

impl Default for Selection {
    fn default() -> Self {
        Self {
            accounts: Vec::new(),
            streams: Vec::new(),
            object_types: Vec::new(),
            event_types: Vec::new(),
            events: true,
            findings: true,
            severities: Vec::new(),
        }
    }
}

/// What an entry is about, as far as a selection asks.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// None: the record could not be read.
    Event {
        connector: ConnectorId,
        stream: Stream,
        event: Option<&'a Event>,
    },
    Finding {
        connector: ConnectorId,
        severity: Severity,
    },
}

impl Selection {
    #[must_use]
    pub fn takes(&self, subject: Subject<'_>) -> bool {
        match subject {
            Subject::Event { connector, stream, event } => {
                self.events
                    && among(&self.accounts, &connector)
                    && among(&self.streams, &stream)
                    && word(&self.object_types, event.map(|event| event.object_type.as_str()))
                    && word(&self.event_types, event.map(|event| event.event.as_str()))
            }
            Subject::Finding { connector, severity } => {
                self.findings && among(&self.accounts, &connector) && among(&self.severities, &severity)
            }
        }
    }

    /// # Errors
    /// When it takes nothing at all.
    pub fn check(&self) -> Result<(), Invalid> {
        if self.events || self.findings {
            return Ok(());
        }
        Err(Invalid {
            field: "select",
            reason: "it takes neither events nor findings".to_owned(),
            fix: "take one of them",
        })
    }
}

fn among<T: PartialEq>(wanted: &[T], value: &T) -> bool {
    wanted.is_empty() || wanted.contains(value)
}

fn word(wanted: &[String], value: Option<&str>) -> bool {
    wanted.is_empty() || value.is_some_and(|value| wanted.iter().any(|one| one.eq_ignore_ascii_case(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: &str, object: &str) -> Event {
        let json = format!(r#"{{"timestamp":1,"event":"{kind}","objectType":"{object}"}}"#);
        Event::read(&json).unwrap()
    }

    #[test]
    fn each_filter_narrows_and_none_takes_all() {
        let deleted = event("DELETED", "DOMAIN");
        let subject = |event| Subject::Event { connector: ConnectorId(1), stream: Stream::Content, event };
        let finding = |severity| Subject::Finding { connector: ConnectorId(1), severity };
        let all = Selection::default();
        assert!(all.takes(subject(Some(&deleted))) && all.takes(subject(None)));
        assert!(all.takes(finding(Severity::Low)));
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        for (narrow, takes) in [
            (Selection { accounts: vec![ConnectorId(2)], ..all.clone() }, false),
            (Selection { accounts: vec![ConnectorId(1)], ..all.clone() }, true),
            (Selection { event_types: words(&["deleted", "CREATED"]), ..all.clone() }, true),
            (Selection { event_types: words(&["CREATED"]), ..all.clone() }, false),
            (Selection { object_types: words(&["URL_MAPPING"]), ..all.clone() }, false),
            (Selection { object_types: words(&["domain"]), ..all.clone() }, true),
            (Selection { events: false, ..all.clone() }, false),
        ] {
            assert_eq!(narrow.takes(subject(Some(&deleted))), takes, "{narrow:?}");
        }
        let domains = Selection { object_types: words(&["DOMAIN"]), ..all.clone() };
        assert!(!domains.takes(subject(None)), "what could not be read is of no type");
        let severe = Selection { severities: vec![Severity::High], ..all };
        assert!(severe.takes(finding(Severity::High)) && !severe.takes(finding(Severity::Low)));
    }

    #[test]
    fn a_selection_of_nothing_is_refused() {
        let nothing = Selection { events: false, findings: false, ..Selection::default() };
        assert_eq!(nothing.check().unwrap_err().field, "select");
        assert_eq!(Selection::default().check(), Ok(()));
    }
}
