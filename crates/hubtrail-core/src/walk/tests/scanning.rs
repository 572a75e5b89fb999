//! A server that looks at a piece of its history in each request: most of its pages are empty, and have a cursor.

use super::model::{Hostile, Log, Quirks, record};
use super::*;

/// Two bursts with a silence between them, at a server that looks at so much time in each request.
fn scanned(silence: i64, scans: i64) -> Hostile {
    let burst = |at: i64| (0..20).map(move |n| record(at + i64::from(n), n % 6, n, ""));
    let records = burst(1_000).chain(burst(1_000 + silence)).collect();
    Hostile::new(records, Quirks { scans: Some(scans), ..Quirks::default() })
}

#[test]
fn however_many_pages_are_empty_what_lies_behind_them_is_read() {
    let mut server = scanned(500_000, 1_000);
    let (mut log, outcome) = walked(&mut server, 7);
    assert_eq!((outcome, log.gaps.len()), (Outcome::Ended, 0));
    log.assert_equals(&server);
    let asked = server.requests;
    assert_eq!(log.walk(&mut server, WalkKind::Tail, window(Some(501_000), None), 7), Outcome::Ended);
    assert!(
        server.requests - asked < 20,
        "{} requests to see that there is nothing",
        server.requests - asked
    );
}

#[test]
fn what_the_log_has_from_behind_many_empty_pages_does_not_make_them_the_end() {
    let mut server = scanned(500_000, 1_000);
    let mut log = Log::default();
    log.walk(&mut server, WalkKind::Tail, window(Some(501_010), None), 7);
    assert_eq!(log.entries.len(), 10);
    let mut outcomes = Vec::new();
    while outcomes.len() < 10 && outcomes.last() != Some(&Outcome::Ended) {
        let point = log.checkpoint.interrupted(WalkKind::Range, None, None).unwrap_or(window(None, None));
        outcomes.push(log.walk(&mut server, WalkKind::Range, point, 7));
    }
    assert_eq!(outcomes.last(), Some(&Outcome::Ended), "{outcomes:?}");
    log.assert_equals(&server);
    assert_eq!(log.withdrawn, None, "an empty page with a cursor leaves nothing out yet");
}

#[test]
fn cursors_that_never_lead_to_what_is_there_fail_the_walk() {
    let mut server = scanned(500_000, 1);
    let (log, outcome) = walked(&mut server, 7);
    assert_eq!(outcome, Outcome::Failed(Failure::NeverArrives(UtcMs(1_019))));
    assert_eq!(log.checkpoint.since, None, "nothing is taken for read");
}
