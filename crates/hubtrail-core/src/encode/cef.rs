//! ArcSight Common Event Format: a header between bars, then `key=value` pairs.
//!
//! A header escapes `|` and `\` and has no line breaks; a value escapes `=`, `\` and line breaks, so that it reads
//! back as it was. No name that people gave stands in the header: some readers know its escapes badly.

use super::{
    Found, Item, MAPPING_VERSION, OF_AN_EVENT, OURS, PRODUCT, Recorded, VENDOR, VERSION, message, out_of_ten,
};
use crate::event::Event;
use crate::sentence::{noun, verb};

pub(super) fn encode(item: &Item<'_>, original: bool, to: &mut Vec<u8>) {
    match item {
        Item::Event(recorded) => event(recorded, original, to),
        Item::Finding(found) => finding(found, to),
    }
}

fn event(recorded: &Recorded<'_>, original: bool, to: &mut Vec<u8>) {
    let (class, name) = match recorded.event {
        Ok(event) => (if event.event.is_empty() { "UNKNOWN" } else { &event.event }, name(event)),
        Err(_) => ("UNREADABLE", "unreadable record".to_owned()),
    };
    header(to, [VENDOR, PRODUCT, MAPPING_VERSION, class, &name], out_of_ten(OF_AN_EVENT));
    let mut pairs = Pairs { to, any: false };
    pairs.number("rt", recorded.time.0);
    pairs.shown("externalId", &recorded.id);
    pairs.text("cat", recorded.stream.as_str());
    match recorded.event {
        Ok(event) => read(event, recorded, &mut pairs),
        Err(reason) => {
            pairs.text("outcome", "unknown");
            pairs.text("reason", reason);
        }
    }
    pairs.labelled("cs5", "connector", recorded.account.connector);
    if let Some(portal_id) = recorded.account.portal_id {
        pairs.number("deviceExternalId", portal_id);
    }
    pairs.text("msg", &message::of_event(recorded));
    pairs.text("rawEvent", recorded.original(original).unwrap_or_default());
}

/// `landing page published`
fn name(event: &Event) -> String {
    format!("{} {}", noun(&event.object_type), verb(&event.event))
}

fn read(event: &Event, recorded: &Recorded<'_>, pairs: &mut Pairs<'_>) {
    pairs.text("outcome", "success");
    pairs.text("act", &event.event);
    pairs.text("suid", &event.user_id);
    pairs.text("suser", &event.full_name);
    pairs.labelled("cs1", "objectType", &event.object_type);
    pairs.labelled("cs2", "objectName", &event.object_name);
    pairs.labelled("cs3", "objectId", &event.object_id);
    pairs.labelled("cs4", "meta", event.meta.as_deref().unwrap_or_default());
    pairs.labelled("cs6", "userEmail", recorded.email().unwrap_or_default());
}

fn finding(found: &Found<'_>, to: &mut Vec<u8>) {
    let finding = found.finding;
    header(to, [OURS, OURS, VERSION, &finding.rule, &finding.title], out_of_ten(finding.severity));
    let mut pairs = Pairs { to, any: false };
    pairs.number("rt", finding.time.0);
    pairs.number("start", finding.first_seen.0);
    pairs.number("end", finding.last_seen.0);
    pairs.shown("externalId", &finding.id);
    pairs.text("cat", "finding");
    pairs.text("act", found.stage.as_str());
    pairs.text("suid", &finding.actor.id);
    pairs.text("suser", &finding.actor.name);
    pairs.number("cnt", i64::try_from(finding.events).unwrap_or(i64::MAX));
    pairs.labelled("cs1", "severity", finding.severity.as_str());
    pairs.labelled("cs2", "ruleVersion", &finding.rule_version);
    pairs.labelled("cs3", "techniques", &finding.attack.join(","));
    pairs.labelled("cs4", "response", &finding.response);
    pairs.labelled("cs5", "connector", found.account.connector);
    let email = found.person.and_then(|person| person.email);
    pairs.labelled("cs6", "userEmail", email.unwrap_or_default());
    if let Some(portal_id) = found.account.portal_id {
        pairs.number("deviceExternalId", portal_id);
    }
    pairs.text("msg", &message::of_finding(found));
}

fn header(to: &mut Vec<u8>, fields: [&str; 5], severity: u8) {
    to.extend_from_slice(b"CEF:0");
    for field in fields {
        to.push(b'|');
        for byte in field.bytes() {
            match byte {
                b'|' | b'\\' => to.extend_from_slice(&[b'\\', byte]),
                b'\n' | b'\r' => to.push(b' '),
                byte => to.push(byte),
            }
        }
    }
    to.push(b'|');
    to.extend_from_slice(severity.to_string().as_bytes());
    to.push(b'|');
}

/// The pairs of a line. One without a value is left out.
struct Pairs<'a> {
    to: &'a mut Vec<u8>,
    any: bool,
}

impl Pairs<'_> {
    fn key(&mut self, key: &str) {
        if self.any {
            self.to.push(b' ');
        }
        self.any = true;
        self.to.extend_from_slice(key.as_bytes());
        self.to.push(b'=');
    }

    fn text(&mut self, key: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        self.key(key);
        let mut rest = value.as_bytes();
        while let Some(at) = rest.iter().position(|byte| matches!(byte, b'=' | b'\\' | b'\n' | b'\r')) {
            self.to.extend_from_slice(&rest[..at]);
            let escaped = match rest[at] {
                b'\n' => b'n',
                b'\r' => b'r',
                byte => byte,
            };
            self.to.extend_from_slice(&[b'\\', escaped]);
            rest = &rest[at + 1..];
        }
        self.to.extend_from_slice(rest);
    }

    fn labelled(&mut self, key: &str, label: &str, value: &str) {
        if !value.is_empty() {
            self.text(key, value);
            self.key(key);
            // `cs1Label=`
            self.to.pop();
            self.to.extend_from_slice(b"Label=");
            self.to.extend_from_slice(label.as_bytes());
        }
    }

    fn number(&mut self, key: &str, value: i64) {
        self.text(key, &value.to_string());
    }

    fn shown(&mut self, key: &str, value: &impl ToString) {
        self.text(key, &value.to_string());
    }
}
