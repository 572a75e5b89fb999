//! `hubtrail status` tells what the log knows, and nothing more.

use hubtrail::store::{Failure, NewGap, Span, Verification};
use hubtrail_core::checkpoint::{Change, WalkKind, Withdrawn};
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;

use crate::binary::Hubtrail;
use crate::store_support::{Log, NOW, at, page, raw};

#[test]
fn every_fact_of_a_stream_is_shown_to_people_and_to_programs() {
    let log = Log::new();
    let hubtrail = Hubtrail::over(log.dir.path());
    let before: serde_json::Value = serde_json::from_str(&hubtrail.prints(&["status", "--json"])).unwrap();
    assert_eq!((&before[0]["state"], &before[0]["total"]), (&"inactive".into(), &0.into()));
    let mut append = page(&log.acme, &[at(1_709_000_000_000).seen(), raw("7")]);
    let span = Span { from: UtcMs(1_709_000_000_000), to: UtcMs(1_709_000_000_001) };
    append.gaps.push(NewGap { span, reason: "too many events in one millisecond".to_owned() });
    append.changes.push(Change::Withdrawn(Withdrawn { held: UtcMs(1_708_000_000_000), seen_at: NOW }));
    log.store.append_blocking(append).unwrap();
    let verification = Verification {
        from: None,
        to: None,
        began: NOW,
        ended: NOW,
        compared: 2,
        missing: 0,
        surplus: 1,
        complete: true,
        note: String::new(),
    };
    log.store.record_verification(log.acme.id, Stream::Content, verification).unwrap();
    let silent = hubtrail.prints(&["status"]);
    for part in [
        "acme · content: Inactive; nobody has collected it for ",
        "`hubtrail collect acme` this one; it goes on from where it stopped",
        "2 in all, 0 in the last 24 hours, 1 unreadable",
        "2024-02-27T02:13:20.000Z to 2024-02-27T02:13:20.001Z: too many events in one millisecond",
        "HubSpot no longer shows entries of 2024-02-15T12:26:40.000Z that we hold",
        "2 records compared, none missing, 1 that HubSpot no longer shows",
    ] {
        assert!(silent.contains(part), "{part} is not in:\n{silent}");
    }
    stand_in_the_way(&log);
    let failing: serde_json::Value =
        serde_json::from_str(&hubtrail.prints(&["status", "acme", "--json"])).unwrap();
    assert_eq!(failing[0]["state"], "action_needed");
    assert_eq!(
        (&failing[0]["label"], &failing[0]["fix"]),
        (&"Action needed: the token".into(), &"make a new service key".into())
    );
    assert_eq!(
        (&failing[0]["errors"][0]["code"], &failing[0]["errors"][0]["walk"]),
        (&"token-revoked".into(), &"sweep".into())
    );
    assert_eq!(failing[0]["newest_event"], "2024-02-27T02:13:20.000Z");
    assert_eq!(failing[0]["withdrawn"]["oldest"], "2024-02-15T12:26:40.000Z");
    assert!(hubtrail.prints(&["status"]).contains("make a new service key"));
}

#[test]
fn a_connector_that_is_not_there_is_an_error() {
    let log = Log::new();
    let hubtrail = Hubtrail::over(log.dir.path());
    assert!(hubtrail.fails(1, &["status", "globex"]).contains("`acme`"));
}

#[test]
fn the_states_are_a_filter_and_a_spreadsheet() {
    let log = Log::new();
    let hubtrail = Hubtrail::over(log.dir.path());
    stand_in_the_way(&log);
    assert_eq!(hubtrail.prints(&["status", "--state", "active"]), "");
    let csv = hubtrail.prints(&["status", "--format", "csv", "--state", "action-needed"]);
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].starts_with("connector,labels,stream,state,label,"), "{csv}");
    assert!(
        lines[1].starts_with("acme,,content,action_needed,Action needed: the token,the token was revoked,"),
        "{csv}"
    );
    let columns = |line: &str| line.split(',').count();
    assert_eq!(columns(lines[0]), columns(lines[1]));
    assert!(hubtrail.fails(2, &["status", "--state", "red"]).contains("the states are active, backfilling"));
}

fn stand_in_the_way(log: &Log) {
    let failure = Failure {
        walk: WalkKind::Sweep,
        kind: "credentials".to_owned(),
        code: "token-revoked".to_owned(),
        message: "the token was revoked".to_owned(),
        fix: "make a new service key".to_owned(),
        began: NOW,
        at: NOW,
        until: None,
    };
    log.store.set_failure(log.acme.id, Stream::Content, failure).unwrap();
}
