//! Exceptions: what is known to be innocent, until when, and why. A finding that one covers is kept and shown
//! as hidden, and counted; it waits for nobody.

use hubtrail_core::finding::Finding;
use hubtrail_core::time::UtcMs;

use crate::connector::{ConnectorId, Invalid};

/// Its number, which is the position of its first entry in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExceptionId(pub i64);

/// What is excepted. None: any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excepted {
    pub connector: Option<ConnectorId>,
    pub rule: Option<String>,
    /// A HubSpot user, who did all of it.
    pub person: Option<String>,
    /// HubSpot's id of an object, which all of it was done to.
    pub object: Option<String>,
    /// Of things that happen from here on …
    pub from: UtcMs,
    /// … and before this time.
    pub to: UtcMs,
    /// A time in which work is announced, and anything may be part of it.
    pub maintenance: bool,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    pub id: ExceptionId,
    pub what: Excepted,
    pub created_at: UtcMs,
    pub created_by: String,
    /// Somebody ended it before its time.
    pub ended: Option<(UtcMs, String)>,
    /// Findings that it has hidden.
    pub hidden: i64,
}

const MOST_CHARS: usize = 1_000;
/// Nobody remembers for longer why something was excepted.
const LONGEST_MS: i64 = 366 * 86_400_000;

impl Excepted {
    /// # Errors
    /// When it would hide everything for good, or says not why.
    pub fn check(&self) -> Result<(), Invalid> {
        let invalid = |field, reason: &str, fix| Invalid { field, reason: reason.to_owned(), fix };
        let length = self.reason.trim().chars().count();
        if !(1..=MOST_CHARS).contains(&length) {
            return Err(invalid(
                "reason",
                "an exception says why",
                "write a reason of up to 1000 characters",
            ));
        }
        if self.to <= self.from {
            return Err(invalid("until", "it ends before it begins", "give a later time"));
        }
        if self.to.since(self.from) > LONGEST_MS {
            return Err(invalid("until", "an exception is for a year at most", "give an earlier time"));
        }
        let is_narrow = self.rule.is_some() || self.person.is_some() || self.object.is_some();
        if !is_narrow && !self.maintenance {
            let fix = "name a rule, a person or an object, or make it a maintenance window";
            return Err(invalid("rule", "it would hide every finding", fix));
        }
        Ok(())
    }

    /// Whether all of a finding is excepted. What is not seen whole is not taken for innocent.
    #[must_use]
    pub fn covers(&self, connector: ConnectorId, finding: &Finding) -> bool {
        let events = || finding.evidence.iter().map(|proof| &proof.event);
        let is_whole = !finding.evidence.is_empty() && finding.evidence.len() == finding.events;
        self.connector.is_none_or(|own| own == connector)
            && self.rule.as_ref().is_none_or(|rule| *rule == finding.rule)
            && self.from <= finding.time
            && finding.last_seen < self.to
            && self.person.as_ref().is_none_or(|id| is_whole && events().all(|event| event.user_id == *id))
            && self.object.as_ref().is_none_or(|id| is_whole && events().all(|event| event.object_id == *id))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hubtrail_core::event::Event;
    use hubtrail_core::finding::{Actor, Evidence, FindingId, Severity};
    use hubtrail_core::identity::EventId;

    use super::*;

    fn finding(people: &[&str], objects: &[&str]) -> Finding {
        let pairs = people.iter().flat_map(|person| objects.iter().map(move |object| (person, object)));
        let evidence: Vec<_> = pairs
            .map(|(person, object)| {
                let json = format!(r#"{{"timestamp":100,"userId":"{person}","objectId":"{object}"}}"#);
                Evidence { id: EventId([0; 16]), event: Arc::new(Event::read(&json).unwrap()) }
            })
            .collect();
        Finding {
            id: FindingId([0; 16]),
            rule: "r".to_owned(),
            rule_version: String::new(),
            title: String::new(),
            severity: Severity::Low,
            watch: false,
            score: 1.0,
            quiet: false,
            actor: Actor::default(),
            time: UtcMs(100),
            first_seen: UtcMs(50),
            last_seen: UtcMs(200),
            reason: String::new(),
            response: String::new(),
            attack: Vec::new(),
            events: evidence.len(),
            evidence: Arc::new(evidence),
        }
    }

    fn any() -> Excepted {
        Excepted {
            connector: None,
            rule: None,
            person: None,
            object: None,
            from: UtcMs(0),
            to: UtcMs(1_000),
            maintenance: false,
            reason: "release night".to_owned(),
        }
    }

    #[test]
    fn it_covers_what_matches_in_everything_it_names() {
        let own = ConnectorId(1);
        let by = |person: &str| Excepted { person: Some(person.to_owned()), ..any() };
        let of = |object: &str| Excepted { object: Some(object.to_owned()), ..any() };
        let rule = |rule: &str| Excepted { rule: Some(rule.to_owned()), ..any() };
        for (excepted, covers) in [
            (rule("r"), true),
            (rule("s"), false),
            (by("7"), true),
            (by("8"), false),
            (of("40"), true),
            (Excepted { connector: Some(ConnectorId(2)), ..rule("r") }, false),
            (Excepted { to: UtcMs(200), ..rule("r") }, false),
            (Excepted { from: UtcMs(101), ..rule("r") }, false),
        ] {
            assert_eq!(excepted.covers(own, &finding(&["7"], &["40"])), covers, "{excepted:?}");
        }
        assert!(!by("7").covers(own, &finding(&["7", "8"], &["40"])), "somebody else had a hand in it");
        assert!(!of("40").covers(own, &finding(&["7"], &["40", "41"])), "something else was touched");
        let unseen = Finding { events: 5_000, ..finding(&["7"], &["40"]) };
        assert!(!by("7").covers(own, &unseen) && rule("r").covers(own, &unseen));
    }

    #[test]
    fn it_says_why_ends_and_does_not_hide_everything() {
        assert_eq!(any().check().unwrap_err().field, "rule");
        let window = Excepted { maintenance: true, ..any() };
        assert!(window.check().is_ok());
        assert_eq!(
            Excepted { reason: " ".to_owned(), ..window.clone() }.check().unwrap_err().field,
            "reason"
        );
        assert_eq!(Excepted { to: UtcMs(0), ..window.clone() }.check().unwrap_err().field, "until");
        assert_eq!(Excepted { to: UtcMs(i64::MAX), ..window }.check().unwrap_err().field, "until");
    }
}
