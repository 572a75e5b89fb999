//! Events as CSV (RFC 4180), safe to open in a spreadsheet.
//!
//! A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@` as a formula, and page names come
//! from strangers: such a cell gets a leading apostrophe. Programs that must have the exact text read `--format raw`.

use std::io::{self, Write};

use hubtrail_core::event::Event;

use crate::store::Position;

/// HubSpot's own field names, after what Hubtrail adds.
const HEADER: [&str; 10] = [
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
];

pub(crate) fn header(to: &mut impl Write) -> io::Result<()> {
    write!(to, "{}\r\n", HEADER.join(","))
}

pub(crate) fn line(
    to: &mut impl Write,
    position: Position,
    connector: &str,
    event: &Event,
) -> io::Result<()> {
    let timestamp = event.timestamp.to_string();
    write!(to, "{}", position.0)?;
    for text in [
        connector,
        &timestamp,
        &event.event,
        &event.object_type,
        &event.object_id,
        &event.object_name,
        &event.user_id,
        &event.full_name,
        event.meta.as_deref().unwrap_or_default(),
    ] {
        to.write_all(b",")?;
        cell(to, text)?;
    }
    to.write_all(b"\r\n")
}

/// One cell. Commas and line ends are the caller's.
pub(crate) fn cell(to: &mut impl Write, text: &str) -> io::Result<()> {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { "'" } else { "" };
    if text.contains(['"', ',', '\r', '\n']) {
        write!(to, "\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        write!(to, "{guard}{text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hubtrail_core::time::UtcMs;
    use proptest::prelude::*;

    fn written(text: &str) -> String {
        let mut cell_bytes = Vec::new();
        cell(&mut cell_bytes, text).unwrap();
        String::from_utf8(cell_bytes).unwrap()
    }

    #[test]
    fn a_line_has_a_cell_for_each_name_in_the_header() {
        let event = Event {
            timestamp: UtcMs(1_710_081_138_123),
            user_id: "7".to_owned(),
            full_name: "Keller, Maria".to_owned(),
            event: "UPDATED".to_owned(),
            object_type: "BLOG_POST".to_owned(),
            object_id: "42".to_owned(),
            object_name: "The \"best\" deal".to_owned(),
            meta: Some("{\"a\":1}".to_owned()),
        };
        let mut bytes = Vec::new();
        header(&mut bytes).unwrap();
        line(&mut bytes, Position(9), "main", &event).unwrap();
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "position,connector,timestamp,event,objectType,objectId,objectName,userId,fullName,meta\r\n\
             9,main,2024-03-10T14:32:18.123Z,UPDATED,BLOG_POST,42,\"The \"\"best\"\" deal\",7,\"Keller, Maria\",\"{\"\"a\"\":1}\"\r\n"
        );
    }

    #[test]
    fn a_formula_stays_text() {
        assert_eq!(written("=HYPERLINK(\"//x\",1)"), "\"'=HYPERLINK(\"\"//x\"\",1)\"");
        assert_eq!(written("@SUM(1)"), "'@SUM(1)");
        assert_eq!(written("a=b"), "a=b");
    }

    proptest! {
        #[test]
        fn a_cell_reads_back_as_its_text(text in "[a-z=\",\r\n@é-]{0,12}") {
            let cell = written(&text);
            let inner = match cell.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
                Some(quoted) => quoted.replace("\"\"", "\""),
                None => {
                    prop_assert!(!cell.contains(['"', ',', '\r', '\n']));
                    cell
                }
            };
            prop_assert_eq!(inner.strip_prefix('\'').unwrap_or(&inner), text);
        }
    }
}
