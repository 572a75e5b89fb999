//! `docs/mapping.md` says what the encoders do, field by field, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{RAW, encoded, finding, found, recorded};
use crate::encode::{Format, MAPPING_VERSION, PRODUCT, VENDOR, VERSION};
use crate::event::Event;

const DOCUMENT: &str = include_str!("../../../../../docs/mapping.md");

/// The fields of a line: path and value, of a list its first element.
type Fields = BTreeMap<String, String>;

fn fields(format: Format, line: &str) -> Fields {
    match format {
        Format::Raw | Format::Ocsf | Format::Ecs | Format::Dnif => {
            let mut fields = Fields::new();
            flatten(&serde_json::from_str(line).unwrap(), String::new(), &mut fields);
            fields
        }
        Format::Cef => cef(line),
        Format::Leef => leef(line),
        Format::Csv => {
            let header = String::from_utf8(crate::encode::csv::header()).unwrap();
            let names = header.trim().split(',').map(str::to_owned).collect::<Vec<_>>();
            let cells = super::original::cells(line);
            assert_eq!(names.len(), cells.len());
            names.into_iter().zip(cells).filter(|(_, cell)| !cell.is_empty()).collect()
        }
    }
}

fn flatten(value: &Value, path: String, fields: &mut Fields) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(value, path, fields);
            }
        }
        Value::Array(items) => {
            for item in items {
                flatten(item, format!("{path}[]"), fields);
            }
        }
        Value::String(text) => _ = fields.entry(path).or_insert_with(|| text.clone()),
        other => _ = fields.entry(path).or_insert_with(|| other.to_string()),
    }
}

fn cef(line: &str) -> Fields {
    let (mut parts, mut part, mut escaped) = (Vec::new(), String::new(), false);
    let mut chars = line.chars();
    while let Some(c) = chars.next().filter(|_| parts.len() < 7) {
        match c {
            '\\' if !escaped => escaped = true,
            '|' if !escaped => parts.push(std::mem::take(&mut part)),
            c => {
                part.push(c);
                escaped = false;
            }
        }
        if parts.len() == 7 {
            break;
        }
    }
    let names = [
        "CEF",
        "Device Vendor",
        "Device Product",
        "Device Version",
        "Device Event Class ID",
        "Name",
        "Severity",
    ];
    let mut fields: Fields = names.iter().map(|name| (*name).to_owned()).zip(parts).collect();
    let extension = chars.as_str();
    let starts: Vec<usize> = extension
        .match_indices('=')
        .filter(|(at, _)| !extension[..*at].ends_with('\\') || extension[..*at].ends_with("\\\\"))
        .map(|(at, _)| extension[..at].rfind(' ').map_or(0, |space| space + 1))
        .collect();
    for (n, start) in starts.iter().enumerate() {
        let end = starts.get(n + 1).map_or(extension.len(), |next| next - 1);
        let (key, value) = extension[*start..end].split_once('=').unwrap();
        fields.insert(key.to_owned(), super::original::unescaped(value));
    }
    fields
}

fn leef(line: &str) -> Fields {
    let parts: Vec<&str> = line.splitn(7, '|').collect();
    let names = ["LEEF", "Vendor", "Product", "Version", "EventID", "Delimiter"];
    let mut fields: Fields =
        names.iter().zip(&parts).map(|(name, part)| ((*name).to_owned(), (*part).to_owned())).collect();
    for pair in parts[6].split('\t') {
        let (key, value) = pair.split_once('=').unwrap();
        fields.insert(key.to_owned(), super::original::pictured(value));
    }
    fields
}

/// What a name in the tables stands for; of times both ways of writing one.
fn sources() -> BTreeMap<&'static str, Vec<String>> {
    let event = Event::read(RAW).unwrap();
    let finding = finding();
    let time = |at: crate::time::UtcMs| vec![at.to_string(), at.0.to_string()];
    let text = |text: &str| vec![text.to_owned()];
    BTreeMap::from([
        ("timestamp", time(event.timestamp)),
        ("event", text(&event.event)),
        ("objectType", text(&event.object_type)),
        ("objectId", text(&event.object_id)),
        ("objectName", text(&event.object_name)),
        ("userId", text(&event.user_id)),
        ("fullName", text(&event.full_name)),
        ("meta", text(event.meta.as_deref().unwrap())),
        ("record", vec![RAW.to_owned(), BROKEN.to_owned()]),
        ("record bytes", vec![RAW.len().to_string(), BROKEN.len().to_string()]),
        ("event id", text("h1-07070707070707070707070707070707")),
        ("position", vec!["9".to_owned(), "10".to_owned()]),
        ("connector", text("acme")),
        ("portal id", text("62515")),
        ("stream", text("content")),
        ("received", time(event.timestamp.plus(1_500))),
        ("e-mail", text("maria@example.com")),
        ("role", text("admin")),
        ("has left", text("true")),
        ("sentence", text(r#"Maria Keller published landing page “Sale | 50% = "best"”"#)),
        ("why", text(WHY)),
        ("finding id", text(&finding.id.to_string())),
        ("rule", text(&finding.rule)),
        ("rule version", text(&finding.rule_version)),
        ("title", text(&finding.title)),
        ("severity", text(finding.severity.as_str())),
        ("score", text(&finding.score.to_string())),
        ("time", time(finding.time)),
        ("first seen", time(finding.first_seen)),
        ("last seen", time(finding.last_seen)),
        ("reason", text(&finding.reason)),
        ("response", text(&finding.response)),
        ("events", text(&finding.events.to_string())),
        ("stage", text("grown")),
        ("techniques", text(&finding.attack.join(","))),
        ("technique", vec!["T1565.001".to_owned(), "T1565".to_owned()]),
        ("version of Hubtrail", text(VERSION)),
        ("vendor", text(VENDOR)),
        ("product", text(PRODUCT)),
        ("version of the mapping", text(MAPPING_VERSION)),
    ])
}

const BROKEN: &str = r#"{"objectId":7}"#;
const WHY: &str = "the record has no `timestamp`";

/// The fields that each kind of line has, by the name of its column.
fn scenes(format: Format) -> BTreeMap<&'static str, Fields> {
    let event = Event::read(RAW).unwrap();
    let finding = finding();
    let mut scenes = BTreeMap::from([("a finding", fields(format, &encoded(format, true, found(&finding))))]);
    if format != Format::Raw {
        scenes.insert("an event", fields(format, &encoded(format, true, recorded(RAW, Ok(&event)))));
        scenes.insert("unreadable", fields(format, &encoded(format, true, recorded(BROKEN, Err(WHY)))));
    }
    scenes
}

/// The rows of the table under a format's heading: field, then what is in each column.
fn table(format: Format) -> Vec<(String, BTreeMap<String, String>)> {
    let heading = format!("\n## `{format}`");
    let (_, section) = DOCUMENT.split_once(&heading).unwrap_or_else(|| panic!("no {heading}"));
    let section = section.split_once("\n## ").map_or(section, |(section, _)| section);
    let cells = |row: &str| -> Vec<String> {
        row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()
    };
    let mut rows = section.lines().filter(|line| line.starts_with('|'));
    let names = cells(rows.next().unwrap());
    let rows = rows.skip(1).map(|row| {
        let cells = cells(row);
        assert_eq!(cells.len(), names.len(), "{row}");
        let field = cells[0].trim_matches('`').to_owned();
        (field, names.iter().cloned().zip(cells).skip(1).collect())
    });
    rows.collect()
}

#[test]
fn each_table_has_the_fields_that_are_written_and_no_other() {
    for format in Format::ALL {
        let rows = table(format);
        for (kind, fields) in scenes(format) {
            let told: BTreeSet<&str> = rows
                .iter()
                .filter(|(_, cells)| cells[kind] != "–")
                .map(|(field, _)| field.as_str())
                .collect();
            let written: BTreeSet<&str> = fields.keys().map(String::as_str).collect();
            let missing: Vec<_> = written.difference(&told).collect();
            let invented: Vec<_> = told.difference(&written).collect();
            assert!(missing.is_empty() && invented.is_empty(), "{format}, {kind}: {missing:?}, {invented:?}");
        }
    }
}

/// A cell in backticks is a constant or the name of a source; any other says how the value comes about.
#[test]
fn each_field_has_the_value_that_its_table_names() {
    let sources = sources();
    let mut compared = 0;
    for format in Format::ALL {
        for (kind, fields) in scenes(format) {
            for (field, cells) in table(format) {
                let cell = &cells[kind];
                let named = cell.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
                let Some(named) = named.filter(|named| !named.contains('`')) else { continue };
                let expected = match serde_json::from_str(named) {
                    Ok(Value::String(text)) => vec![text],
                    Ok(constant) => vec![constant.to_string()],
                    Err(_) => sources.get(named).unwrap_or_else(|| panic!("no source {named}")).clone(),
                };
                let value = &fields[&field];
                assert!(expected.contains(value), "{format}, {kind}, {field}: {value} is not {named}");
                compared += 1;
            }
        }
    }
    assert!(compared > 150, "only {compared} cells name a source");
}
