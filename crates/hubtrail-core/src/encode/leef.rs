//! IBM's Log Event Extended Format 2.0: a header between bars, then `key=value` pairs between tabs.
//!
//! LEEF has no escapes, and most values are JSON, which others must find as it is. So only what would break a line or
//! a pair is replaced, by its picture: `␉`, `␊`, `␍`. Where a text has one of these itself, `␛` stands before it.

use super::{
    Found, Item, MAPPING_VERSION, OF_AN_EVENT, OURS, PRODUCT, Recorded, VENDOR, VERSION, message, out_of_ten,
};
use crate::event::Event;

pub(super) fn encode(item: &Item<'_>, original: bool, to: &mut Vec<u8>) {
    match item {
        Item::Event(recorded) => event(recorded, original, to),
        Item::Finding(found) => finding(found, to),
    }
}

fn event(recorded: &Recorded<'_>, original: bool, to: &mut Vec<u8>) {
    let class = match recorded.event {
        Ok(Event { event, .. }) if event.is_empty() => "UNKNOWN",
        Ok(Event { event, .. }) => event,
        Err(_) => "UNREADABLE",
    };
    header(to, [VENDOR, PRODUCT, MAPPING_VERSION, class]);
    let mut pairs = Pairs { to, any: false };
    pairs.number("devTime", recorded.time.0);
    pairs.text("cat", recorded.stream.as_str());
    pairs.number("sev", i64::from(out_of_ten(OF_AN_EVENT)));
    pairs.text("eventId", &recorded.id.to_string());
    match recorded.event {
        Ok(event) => read(event, recorded, &mut pairs),
        Err(reason) => pairs.text("unreadable", reason),
    }
    pairs.text("connector", recorded.account.connector);
    if let Some(portal_id) = recorded.account.portal_id {
        pairs.number("portalId", portal_id);
    }
    pairs.text("message", &message::of_event(recorded));
    pairs.text("original", recorded.original(original).unwrap_or_default());
}

fn read(event: &Event, recorded: &Recorded<'_>, pairs: &mut Pairs<'_>) {
    pairs.text("action", &event.event);
    pairs.text("usrName", if event.full_name.is_empty() { &event.user_id } else { &event.full_name });
    pairs.text("userId", &event.user_id);
    pairs.text("userEmail", recorded.email().unwrap_or_default());
    pairs.text("objectType", &event.object_type);
    pairs.text("objectId", &event.object_id);
    pairs.text("objectName", &event.object_name);
    pairs.text("meta", event.meta.as_deref().unwrap_or_default());
}

fn finding(found: &Found<'_>, to: &mut Vec<u8>) {
    let finding = found.finding;
    let actor = &finding.actor;
    header(to, [OURS, OURS, VERSION, &finding.rule]);
    let mut pairs = Pairs { to, any: false };
    pairs.number("devTime", finding.time.0);
    pairs.text("cat", "finding");
    pairs.number("sev", i64::from(out_of_ten(finding.severity)));
    pairs.text("eventId", &finding.id.to_string());
    pairs.text("action", found.stage.as_str());
    pairs.text("title", &finding.title);
    pairs.text("severity", finding.severity.as_str());
    pairs.text("ruleVersion", &finding.rule_version);
    pairs.text("usrName", if actor.name.is_empty() { &actor.id } else { &actor.name });
    pairs.text("userId", &actor.id);
    pairs.text("userEmail", found.person.and_then(|person| person.email).unwrap_or_default());
    pairs.text("firstSeen", &finding.first_seen.to_string());
    pairs.text("lastSeen", &finding.last_seen.to_string());
    pairs.number("events", i64::try_from(finding.events).unwrap_or(i64::MAX));
    pairs.text("techniques", &finding.attack.join(","));
    pairs.text("response", &finding.response);
    pairs.text("connector", found.account.connector);
    if let Some(portal_id) = found.account.portal_id {
        pairs.number("portalId", portal_id);
    }
    pairs.text("message", &message::of_finding(found));
}

/// A bar or a break in a field would end it, and nothing can be put in front of it.
fn header(to: &mut Vec<u8>, fields: [&str; 4]) {
    to.extend_from_slice(b"LEEF:2.0|");
    for field in fields {
        to.extend(field.bytes().map(|byte| match byte {
            b'|' => b'/',
            b'\n' | b'\r' | b'\t' => b' ',
            byte => byte,
        }));
        to.push(b'|');
    }
    to.extend_from_slice(b"x09|");
}

/// The pairs of a line. One without a value is left out.
struct Pairs<'a> {
    to: &'a mut Vec<u8>,
    any: bool,
}

impl Pairs<'_> {
    fn text(&mut self, key: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        if self.any {
            self.to.push(b'\t');
        }
        self.any = true;
        self.to.extend_from_slice(key.as_bytes());
        self.to.push(b'=');
        if !value.contains(['\t', '\n', '\r', TAB, BREAK, RETURN, ESCAPE]) {
            self.to.extend_from_slice(value.as_bytes());
            return;
        }
        let mut put = |c: char| self.to.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        for c in value.chars() {
            match c {
                '\t' => put(TAB),
                '\n' => put(BREAK),
                '\r' => put(RETURN),
                TAB | BREAK | RETURN | ESCAPE => {
                    put(ESCAPE);
                    put(c);
                }
                c => put(c),
            }
        }
    }

    fn number(&mut self, key: &str, value: i64) {
        self.text(key, &value.to_string());
    }
}

const TAB: char = '␉';
const BREAK: char = '␊';
const RETURN: char = '␍';
const ESCAPE: char = '␛';
