//! `hubtrail status` tells what the log knows, and nothing more.

use hubtrail::store::{Failure, NewGap, Span, Verification};
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;

use crate::binary::Hubtrail;
use crate::store_support::{Log, NOW, at, page, raw};

#[test]
fn every_fact_of_a_stream_is_shown_to_people_and_to_programs() {
    let log = Log::new();
    let hubtrail = Hubtrail::over(log.dir.path());
    let before: serde_json::Value = serde_json::from_str(&hubtrail.prints(&["status", "--json"])).unwrap();
    assert_eq!((&before[0]["state"], &before[0]["entries"]), (&"not_started".into(), &0.into()));
    let mut append = page(&log.acme, &[at(1_709_000_000_000).seen(), raw("7")]);
    let span = Span { from: UtcMs(1_709_000_000_000), to: UtcMs(1_709_000_000_001) };
    append.gaps.push(NewGap { span, reason: "too many events in one millisecond".to_owned() });
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
        "acme · content: silent, nothing was heard of HubSpot for ",
        "`hubtrail collect acme` goes on",
        "2, of these 1 unreadable",
        "2024-02-27T02:13:20.000Z to 2024-02-27T02:13:20.001Z: too many events in one millisecond",
        "2 records compared, none missing, 1 that HubSpot no longer shows",
    ] {
        assert!(silent.contains(part), "{part} is not in:\n{silent}");
    }
    let failure = Failure {
        kind: "credentials".to_owned(),
        message: "the token was revoked".to_owned(),
        fix: "make a new service key".to_owned(),
        at: NOW,
    };
    log.store.set_failure(log.acme.id, Stream::Content, failure).unwrap();
    let failing: serde_json::Value =
        serde_json::from_str(&hubtrail.prints(&["status", "acme", "--json"])).unwrap();
    assert_eq!(failing[0]["state"], "failing");
    assert_eq!(failing[0]["error"]["fix"], "make a new service key");
    assert_eq!(failing[0]["newest_event"], "2024-02-27T02:13:20.000Z");
    assert!(hubtrail.prints(&["status"]).contains("make a new service key"));
}

#[test]
fn a_connector_that_is_not_there_is_an_error() {
    let log = Log::new();
    let hubtrail = Hubtrail::over(log.dir.path());
    assert!(hubtrail.fails(1, &["status", "globex"]).contains("`acme`"));
}
