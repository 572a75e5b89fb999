//! CSV (RFC 4180), safe to open in a spreadsheet: events and findings in one table.
//!
//! A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@` as a formula, and page names come from
//! strangers: such a cell gets a leading apostrophe, and so does one that has an apostrophe there, so that whoever
//! takes one away has the text.

use super::{Found, Item, Recorded, message};

/// HubSpot's own field names, between what Hubtrail adds.
const HEADER: [&str; 17] = [
    "position",
    "connector",
    "timestamp",
    "event",
    "objectType",
    "objectId",
    "objectName",
    "userId",
    "fullName",
    "meta",
    "email",
    "kind",
    "id",
    "severity",
    "message",
    "unreadable",
    "original",
];

pub(super) fn header() -> Vec<u8> {
    format!("{}\r\n", HEADER.join(",")).into_bytes()
}

pub(super) fn encode(item: &Item<'_>, original: bool, to: &mut Vec<u8>) {
    let position = match item {
        Item::Event(Recorded { position, .. }) | Item::Finding(Found { position, .. }) => position,
    };
    to.extend_from_slice(position.map(|at| at.to_string()).unwrap_or_default().as_bytes());
    let mut cells = |texts: [&str; HEADER.len() - 1]| {
        for text in texts {
            to.push(b',');
            cell(text, to);
        }
    };
    let message = message(item);
    match item {
        Item::Event(recorded) => {
            let read = recorded.event.ok();
            let field = |of: fn(&crate::event::Event) -> &str| read.map_or("", of);
            cells([
                recorded.account.connector,
                &recorded.time.to_string(),
                field(|event| &event.event),
                field(|event| &event.object_type),
                field(|event| &event.object_id),
                field(|event| &event.object_name),
                field(|event| &event.user_id),
                field(|event| &event.full_name),
                field(|event| event.meta.as_deref().unwrap_or_default()),
                recorded.email().unwrap_or_default(),
                "event",
                &recorded.id.to_string(),
                "",
                &message,
                recorded.event.err().unwrap_or_default(),
                recorded.original(original).unwrap_or_default(),
            ]);
        }
        Item::Finding(Found { account, finding, stage, person, .. }) => cells([
            account.connector,
            &finding.time.to_string(),
            stage.as_str(),
            "",
            &finding.rule,
            &finding.title,
            &finding.actor.id,
            &finding.actor.name,
            "",
            person.and_then(|person| person.email).unwrap_or_default(),
            "finding",
            &finding.id.to_string(),
            finding.severity.as_str(),
            &message,
            "",
            "",
        ]),
    }
}

/// One cell. Commas and line ends are the caller's.
pub fn cell(text: &str, to: &mut Vec<u8>) {
    let quoted = text.contains(['"', ',', '\r', '\n']);
    if quoted {
        to.push(b'"');
    }
    if text.starts_with(['=', '+', '-', '@', '\'', '\t', '\r', '\n']) {
        to.push(b'\'');
    }
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('"') {
        to.extend_from_slice(before.as_bytes());
        to.extend_from_slice(b"\"\"");
        rest = after;
    }
    to.extend_from_slice(rest.as_bytes());
    if quoted {
        to.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn a_formula_stays_text() {
        for (text, written) in [
            ("=1+1", "'=1+1"),
            ("@sum", "'@sum"),
            ("-5", "'-5"),
            ("+a,b", "\"'+a,b\""),
            ("\tx", "'\tx"),
            ("'a", "''a"),
            ("a=b", "a=b"),
        ] {
            let mut line = Vec::new();
            cell(text, &mut line);
            assert_eq!(String::from_utf8(line).unwrap(), written);
        }
    }
}
