//! Which entries a sink gets, as its form holds it. What is ticked in full, or left blank, limits nothing.

use std::str::FromStr;

use hubtrail_core::finding::Severity;
use hubtrail_core::stream::Stream;

use crate::connector::ConnectorId;
use crate::http::Problem;
use crate::sink::Selection;
use crate::ui::fields::Fields;

#[derive(Default, PartialEq, Eq)]
pub(super) struct Chosen {
    /// None: all.
    pub(super) accounts: Option<Vec<String>>,
    pub(super) events: bool,
    pub(super) findings: bool,
    pub(super) streams: Vec<String>,
    pub(super) event_types: String,
    pub(super) object_types: String,
    pub(super) severities: Vec<String>,
}

fn streams() -> Vec<String> {
    Stream::ALL.iter().map(ToString::to_string).collect()
}

fn severities() -> Vec<String> {
    Severity::ALL.iter().map(ToString::to_string).collect()
}

impl Chosen {
    pub(super) fn holding(select: &Selection) -> Self {
        let or_all = |own: Vec<String>, all: Vec<String>| if own.is_empty() { all } else { own };
        let accounts: Vec<_> = select.accounts.iter().map(ToString::to_string).collect();
        Self {
            accounts: (!accounts.is_empty()).then_some(accounts),
            events: select.events,
            findings: select.findings,
            streams: or_all(select.streams.iter().map(ToString::to_string).collect(), streams()),
            event_types: select.event_types.join(", "),
            object_types: select.object_types.join(", "),
            severities: or_all(select.severities.iter().map(ToString::to_string).collect(), severities()),
        }
    }

    pub(super) fn of(fields: &Fields) -> Self {
        Self {
            accounts: (fields.text("select.accounts") == "some").then(|| fields.all("account")),
            events: fields.has("select.events"),
            findings: fields.has("select.findings"),
            streams: fields.all("select.streams"),
            event_types: fields.text("select.eventTypes"),
            object_types: fields.text("select.objectTypes"),
            severities: fields.all("select.severities"),
        }
    }

    pub(super) fn limits(&self) -> bool {
        *self != Self::holding(&Selection::default())
    }

    pub(super) fn has_account(&self, key: &str) -> bool {
        self.accounts.iter().flatten().any(|own| own == key)
    }

    pub(super) fn has_stream(&self, key: &str) -> bool {
        self.streams.iter().any(|own| own == key)
    }

    pub(super) fn has_severity(&self, key: &str) -> bool {
        self.severities.iter().any(|own| own == key)
    }

    pub(super) fn read(&self) -> Result<Selection, Problem> {
        let accounts = match &self.accounts {
            // Of the API none means all, and nobody who ticks none means that.
            Some(keys) if keys.is_empty() => return Err(none_ticked("select.accounts", "choose all")),
            Some(keys) => {
                let ids = keys.iter().map(|key| key.parse().map(ConnectorId)).collect::<Result<_, _>>();
                ids.map_err(|_| none_ticked("select.accounts", "choose all"))?
            }
            None => Vec::new(),
        };
        Ok(Selection {
            accounts,
            streams: match (self.events, self.streams.is_empty()) {
                (true, true) => return Err(none_ticked("select.streams", "take no events")),
                _ => among(&self.streams, &Stream::ALL, |own, stream| own == stream.as_str()),
            },
            object_types: words(&self.object_types),
            event_types: words(&self.event_types),
            events: self.events,
            findings: self.findings,
            severities: match (self.findings, self.severities.is_empty()) {
                (true, true) => return Err(none_ticked("select.severities", "take no findings")),
                _ => among(&self.severities, &Severity::ALL, |own, one| Severity::from_str(own) == Ok(*one)),
            },
        })
    }
}

fn none_ticked(field: &str, or: &str) -> Problem {
    Problem::invalid(field, "none is ticked", format!("tick at least one, or {or}"))
}

/// Those that are ticked; all of them limit nothing, as none does.
fn among<T: Copy>(ticked: &[String], all: &[T], is: impl Fn(&str, &T) -> bool) -> Vec<T> {
    let own: Vec<T> = all.iter().filter(|one| ticked.iter().any(|own| is(own, one))).copied().collect();
    if own.len() == all.len() { Vec::new() } else { own }
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| c == ',' || c == ';' || c.is_whitespace());
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_reads_back_and_what_limits_nothing_says_so() {
        let all = Selection::default();
        let chosen = Chosen::holding(&all);
        assert!(!chosen.limits() && chosen.severities.len() == 5 && chosen.has_stream("content"));
        assert_eq!(chosen.read().unwrap(), all);
        let some = Selection {
            accounts: vec![ConnectorId(3), ConnectorId(1)],
            object_types: vec!["DOMAIN".to_owned(), "URL_MAPPING".to_owned()],
            severities: vec![Severity::High, Severity::Critical],
            events: false,
            ..all
        };
        let chosen = Chosen::holding(&some);
        assert!(chosen.limits() && chosen.has_account("3") && !chosen.has_severity("low"));
        assert_eq!(chosen.object_types, "DOMAIN, URL_MAPPING");
        assert_eq!(chosen.read().unwrap(), some);
    }

    #[test]
    fn whoever_ticks_none_does_not_mean_all() {
        let usual = || Chosen::holding(&Selection::default());
        for (chosen, field) in [
            (Chosen { accounts: Some(Vec::new()), ..usual() }, "select.accounts"),
            (Chosen { accounts: Some(vec!["acme".to_owned()]), ..usual() }, "select.accounts"),
            (Chosen { severities: Vec::new(), ..usual() }, "select.severities"),
            (Chosen { streams: Vec::new(), ..usual() }, "select.streams"),
        ] {
            assert_eq!(chosen.read().unwrap_err().field.as_deref(), Some(field));
        }
        let events = Chosen { findings: false, severities: Vec::new(), ..usual() };
        assert!(events.read().unwrap().severities.is_empty());
    }
}
