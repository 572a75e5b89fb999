//! Every format over the same scene, and what must hold for all of them.

mod mapping;
mod original;

use std::sync::Arc;

use super::{Account, Encoding, Format, Found, Item, Person, Recorded, Stage};
use crate::event::Event;
use crate::finding::{Actor, Evidence, Finding, FindingId, Severity};
use crate::identity::EventId;
use crate::stream::Stream;
use crate::time::UtcMs;

pub(super) const RAW: &str = r#"{"objectId":"4065364319","objectName":"Sale | 50% = \"best\"","fullName":"Maria Keller","event":"PUBLISHED","userId":"1011561","timestamp":"2024-03-10T14:32:18.123Z","objectType":"LANDING_PAGE","meta":{"fields":["slug"]}}"#;
const ACCOUNT: Account<'_> = Account { connector: "acme", portal_id: Some(62_515) };
const PERSON: Person<'_> = Person { email: Some("maria@example.com"), role: Some("admin"), gone: true };

pub(super) fn recorded<'a>(raw: &'a str, event: Result<&'a Event, &'a str>) -> Recorded<'a> {
    let time = event.map_or(UtcMs(1_710_081_138_123), |event| event.timestamp);
    Recorded {
        id: EventId([7; 16]),
        position: Some(9),
        stream: Stream::Content,
        account: ACCOUNT,
        time,
        seen_at: Some(time.plus(1_500)),
        raw,
        event,
        person: Some(PERSON),
    }
}

pub(super) fn finding() -> Finding {
    let event = Event::read(RAW).unwrap();
    Finding {
        id: FindingId::of("rule", "1011561", EventId([7; 16])),
        rule: "7f3b1c9e-mass-unpublish".to_owned(),
        rule_version: "c0ffee".to_owned(),
        title: "Many pages | taken down".to_owned(),
        severity: Severity::High,
        watch: false,
        score: 7.5,
        quiet: false,
        actor: Actor { id: event.user_id.clone(), name: event.full_name.clone() },
        time: event.timestamp,
        first_seen: event.timestamp.minus(60_000),
        last_seen: event.timestamp,
        reason: "Maria Keller unpublished 12 pages in 4 minutes".to_owned(),
        response: "Ask them, and restore the pages.".to_owned(),
        attack: vec!["T1565.001".to_owned(), "T1485".to_owned()],
        events: 12,
        evidence: Arc::new(vec![Evidence { id: EventId([7; 16]), event: Arc::new(event) }]),
    }
}

pub(super) fn found(finding: &Finding) -> Found<'_> {
    Found { position: Some(10), account: ACCOUNT, finding, stage: Stage::Grown, person: Some(PERSON) }
}

pub(super) fn encoded<'a>(format: Format, original: bool, item: impl Into<Item<'a>>) -> String {
    let mut line = Vec::new();
    Encoding { format, original }.encode(&item.into(), &mut line);
    String::from_utf8(line).unwrap()
}

#[test]
fn a_format_is_known_by_its_name_and_no_other() {
    for format in Format::ALL {
        assert_eq!(format.to_string().parse(), Ok(format));
    }
    let refused = "xml".parse::<Format>().unwrap_err().to_string();
    assert!(Format::ALL.iter().all(|format| refused.contains(format.as_str())), "{refused}");
}

/// The lines of one event, one finding and one unreadable record, as receivers get them.
#[test]
fn the_lines_are_as_they_were() {
    let read = Event::read(RAW).unwrap();
    let finding = finding();
    let broken = r#"{"objectId":7}"#;
    let items: [Item<'_>; 3] = [
        recorded(RAW, Ok(&read)).into(),
        recorded(broken, Err("the record has no `timestamp`")).into(),
        found(&finding).into(),
    ];
    for format in Format::ALL {
        let encoding = Encoding::with_original(format);
        let mut text = encoding.header();
        items.iter().for_each(|item| encoding.encode_line(item, &mut text));
        let text = String::from_utf8(text).unwrap();
        insta::assert_snapshot!(format!("encoded_{format}"), text);
    }
}

#[test]
fn what_is_not_known_is_left_out_and_never_empty() {
    let event = Event::read(r#"{"timestamp":0}"#).unwrap();
    let bare = Recorded {
        position: None,
        account: Account::default(),
        seen_at: None,
        person: None,
        ..recorded(r#"{"timestamp":0}"#, Ok(&event))
    };
    for format in [Format::Ocsf, Format::Ecs, Format::Dnif] {
        let line = encoded(format, false, bare);
        assert!(!line.contains("\"\"") && !line.contains("null"), "{line}");
    }
    for format in [Format::Cef, Format::Leef] {
        let line = encoded(format, false, bare);
        assert!(!line.contains("= ") && !line.contains("=\t") && !line.ends_with('='), "{line}");
    }
}

#[test]
fn a_type_that_is_not_known_keeps_its_name() {
    let raw = r#"{"timestamp":0,"event":"MADE_PRIVATE","objectType":"HOLOGRAM","objectName":"x","userId":7}"#;
    let event = Event::read(raw).unwrap();
    for format in [Format::Ocsf, Format::Dnif, Format::Cef, Format::Leef, Format::Csv] {
        let line = encoded(format, false, recorded(raw, Ok(&event)));
        assert!(line.contains("MADE_PRIVATE") && line.contains("HOLOGRAM"), "{line}");
    }
    let ocsf = encoded(Format::Ocsf, false, recorded(raw, Ok(&event)));
    assert!(ocsf.contains(r#""activity_id":99,"activity_name":"MADE_PRIVATE""#), "{ocsf}");
    let ecs = encoded(Format::Ecs, false, recorded(raw, Ok(&event)));
    assert!(
        ecs.contains(r#""action":"hologram-made-private""#) && ecs.contains(r#""type":["info"]"#),
        "{ecs}"
    );
    let dnif = encoded(Format::Dnif, false, recorded(raw, Ok(&event)));
    assert!(dnif.contains(r#""$PStatus":"OTHER""#), "{dnif}");
}
