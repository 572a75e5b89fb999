//! Walks over a model of HubSpot's server that is as awkward as its documentation allows.

use proptest::prelude::*;

use super::*;
use crate::checkpoint::Checkpoint;
use crate::page::{Bound, Order};

mod model;
mod scanning;

use model::{Cursor, Fault, Hostile, Log, Quirks, record};

fn window(from: Option<i64>, to: Option<i64>) -> WalkPoint {
    WalkPoint::new(from.map(UtcMs), to.map(UtcMs), UtcMs(10_000_000))
}

fn walked(server: &mut Hostile, page_size: u32) -> (Log, Outcome) {
    let mut log = Log::default();
    let outcome = log.walk(server, WalkKind::Backfill, window(None, None), page_size);
    (log, outcome)
}

#[test]
fn an_empty_account_is_read_to_its_end() {
    let (log, outcome) = walked(&mut Hostile::new(vec![], Quirks::default()), 100);
    assert_eq!((outcome, log.gaps.len()), (Outcome::Ended, 0));
    assert_eq!(log.checkpoint.since, None);
}

#[test]
fn ties_at_every_page_edge_are_read_with_either_bound() {
    for inclusive in [true, false] {
        for page_size in [1, 2, 3, 7] {
            let records = (0..40).map(|n| record(1_000 + i64::from(n / 4), n % 3, n, "")).collect();
            let mut server = Hostile::new(records, Quirks { inclusive, ..Quirks::default() });
            let (log, outcome) = walked(&mut server, page_size);
            assert_eq!(outcome, Outcome::Ended, "inclusive {inclusive}, {page_size} a page");
            log.assert_equals(&server);
        }
    }
}

#[test]
fn a_dense_instant_that_no_page_can_hold_is_read_in_slices() {
    for inclusive in [true, false] {
        let records =
            (0..300).map(|n| record(5_000, n % 6, n, "")).chain((0..5).map(|n| record(5_500 + n, 1, 1, "")));
        let quirks = Quirks { inclusive, most: Some(40), ..Quirks::default() };
        let mut server = Hostile::new(records.collect(), quirks);
        let (log, outcome) = walked(&mut server, 100);
        assert_eq!(outcome, Outcome::Ended);
        assert_eq!(log.gaps, vec![]);
        log.assert_equals(&server);
    }
}

#[test]
fn a_tail_does_not_slice_the_same_newest_instant_every_few_seconds() {
    let records = (0..300).map(|n| record(5_000, n % 6, n, "")).collect();
    let mut server = Hostile::new(records, Quirks { most: Some(40), ..Quirks::default() });
    let mut log = Log::default();
    log.walk(&mut server, WalkKind::Tail, window(Some(0), None), 100);
    log.assert_equals(&server);
    let asked = server.requests;
    assert_eq!(log.walk(&mut server, WalkKind::Tail, window(Some(4_000), None), 100), Outcome::Ended);
    assert!(server.requests - asked < 15, "{} requests", server.requests - asked);
    log.walk(&mut server, WalkKind::Sweep, window(Some(0), None), 100);
    assert!(server.requests - asked > 50, "a sweep proves it again");
}

#[test]
fn values_that_nobody_documented_are_found_in_another_dimension() {
    let mut records: Vec<String> = (0..90).map(|n| record(5_000, n % 6, n, "")).collect();
    for n in 0..70 {
        records.push(
            record(5_000, 1, 1_000 + n, "")
                .replace("BLOG_POST", "BRAND_NEW")
                .replace("CREATED", "TELEPORTED"),
        );
    }
    let mut server = Hostile::new(records, Quirks { most: Some(20), ..Quirks::default() });
    let (log, outcome) = walked(&mut server, 100);
    assert_eq!(outcome, Outcome::Ended);
    log.assert_equals(&server);
}

#[test]
fn what_cannot_be_told_apart_is_a_gap_and_never_silent() {
    let records = (0..50).map(|n| record(5_000, 0, 0, &format!(r#""meta":{{"row":{n}}},"#))).collect();
    let mut server = Hostile::new(records, Quirks { most: Some(10), ..Quirks::default() });
    let (log, outcome) = walked(&mut server, 10);
    assert_eq!(outcome, Outcome::Ended);
    assert_eq!(log.gaps, vec![Gap { from: UtcMs(5_000), to: UtcMs(5_999) }]);
    assert!(log.entries.len() < 50);
}

#[test]
fn a_refused_filter_value_leaves_the_others_to_prove_completeness() {
    let records = (0..200).map(|n| record(5_000, n % 6, n, "")).collect();
    let quirks = Quirks { most: Some(25), refuses: Some("CASE_STUDY"), ..Quirks::default() };
    let mut server = Hostile::new(records, quirks);
    let (log, outcome) = walked(&mut server, 100);
    assert_eq!((outcome, log.gaps.len()), (Outcome::Ended, 0));
    log.assert_equals(&server);
}

#[test]
fn a_page_that_an_earlier_walk_was_sent_hides_nothing_that_came_since() {
    let records = |first: u32| (first..20).map(|n| record(1_000 + i64::from(n), 0, n, "")).collect();
    let mut server = Hostile::new(records(1), Quirks::default());
    let (mut log, _) = walked(&mut server, 40);
    let mut late = Hostile::new(records(0), Quirks::default());
    let request = PageRequest {
        bound: Bound::Oldest,
        before: None,
        limit: 40,
        order: Order::OldestFirst,
        filter: Filter::default(),
    };
    late.previous = server.answer(&request).unwrap();
    late.faults = vec![Some(Fault::Repeat)].into();
    log.walk(&mut late, WalkKind::Deep, window(Some(0), None), 40);
    log.assert_equals(&late);
}

#[test]
fn a_cursor_that_has_expired_is_dropped_for_the_time_before_it() {
    let records = (0..30).map(|n| record(1_000 + i64::from(n / 4), n % 3, n, "")).collect();
    let quirks = Quirks { cursor: Cursor::Opaque, expired: true, ..Quirks::default() };
    let mut server = Hostile::new(records, quirks);
    server.faults = vec![Some(Fault::EmptyWithCursor), None, Some(Fault::EmptyWithCursor)].into();
    let (log, outcome) = walked(&mut server, 7);
    assert_eq!(outcome, Outcome::Ended);
    log.assert_equals(&server);
}

#[test]
fn records_that_hubspot_no_longer_serves_are_believed_gone_the_second_time() {
    let records: Vec<String> = (0..20).map(|n| record(1_000 + i64::from(n), 0, n, "")).collect();
    let mut server = Hostile::new(records, Quirks::default());
    let (mut log, _) = walked(&mut server, 5);
    server.forget_before(1_010);
    let first = log.walk(&mut server, WalkKind::Range, window(Some(1_000), None), 5);
    assert_eq!(first, Outcome::Failed(Failure::NotCredible(Doubt::LeftOut { held: UtcMs(1_000) })));
    let second = log.walk(&mut server, WalkKind::Range, window(Some(1_000), None), 5);
    assert_eq!((second, log.withdrawn, log.entries.len()), (Outcome::Ended, Some(UtcMs(1_000)), 20));
}

#[test]
fn records_from_the_future_are_kept_and_move_nothing() {
    let mut records: Vec<String> = (0..20).map(|n| record(1_000 + i64::from(n), 0, n, "")).collect();
    records.extend((0..20).map(|n| record(90_000 + i64::from(n), 0, n, "")));
    let mut server = Hostile::new(records, Quirks { now: 2_000, ..Quirks::default() });
    let mut log = Log::default();
    let point = WalkPoint::new(None, None, UtcMs(2_000));
    assert_eq!(log.walk(&mut server, WalkKind::Backfill, point, 7), Outcome::Ended);
    log.assert_equals(&server);
    assert_eq!(log.checkpoint.since, Some(UtcMs(2_000)));
    let mut stopped = Log::default();
    stopped.walk_pages(&mut server, WalkKind::Backfill, point, 7, 5);
    assert_eq!(stopped.checkpoint.walks[&WalkKind::Backfill].newest, Some(UtcMs(2_000)));
}

#[test]
fn an_interrupted_walk_resumes_where_its_last_page_was_stored() {
    let records = (0..60).map(|n| record(1_000 + i64::from(n / 3), 0, n, "")).collect();
    let mut server = Hostile::new(records, Quirks::default());
    let mut log = Log::default();
    log.walk_pages(&mut server, WalkKind::Backfill, window(None, None), 7, 3);
    let point = log.checkpoint.interrupted(WalkKind::Backfill, None, None).unwrap();
    assert!(point.newest.is_some());
    let asked = server.requests;
    log.walk(&mut server, WalkKind::Backfill, point, 7);
    log.assert_equals(&server);
    assert!(server.requests - asked < 12, "it did not start over");
}

#[test]
fn the_seconds_grain_of_a_bound_costs_no_record() {
    let dense = (0..130).map(|n| record(5_300 + i64::from(n / 50) * 200, n % 6, n, ""));
    let after = (0..40).map(|n| record(5_950 + i64::from(n) * 30, n % 6, 500 + n, ""));
    for inclusive in [true, false] {
        let quirks = Quirks { inclusive, grain: 1_000, most: Some(25), ..Quirks::default() };
        let mut server = Hostile::new(dense.clone().chain(after.clone()).collect(), quirks);
        let (log, outcome) = walked(&mut server, 25);
        assert_eq!((outcome, log.gaps.len()), (Outcome::Ended, 0), "inclusive {inclusive}");
        log.assert_equals(&server);
    }
}

#[test]
fn an_end_that_only_one_page_claims_is_not_believed_of_a_history() {
    let records = (0..40).map(|n| record(1_000 + i64::from(n), 0, n, "")).collect();
    let mut server = Hostile::new(records, Quirks::default());
    server.faults = [Some(Fault::Empty), Some(Fault::Empty)].into();
    let (log, outcome) = walked(&mut server, 7);
    assert_eq!(outcome, Outcome::Ended);
    log.assert_equals(&server);
}

#[test]
fn an_empty_page_with_a_cursor_is_not_the_end() {
    let records = (0..40).map(|n| record(1_000 + i64::from(n), 0, n, "")).collect();
    let mut server = Hostile::new(records, Quirks::default());
    server.faults = [Some(Fault::EmptyWithCursor); 3].into();
    let (log, outcome) = walked(&mut server, 7);
    assert_eq!(outcome, Outcome::Ended);
    log.assert_equals(&server);
}

#[test]
fn a_walk_that_fails_moves_nothing_and_goes_on_where_it_was() {
    let records = (0..40).map(|n| record(1_000 + i64::from(n), 0, n, "")).collect();
    let mut server = Hostile::new(records, Quirks::default());
    // The first page is asked for twice.
    server.faults = [vec![None; 3], vec![Some(Fault::Reverse); 6]].concat().into();
    let (mut log, outcome) = walked(&mut server, 7);
    assert!(matches!(outcome, Outcome::Failed(Failure::NotCredible(Doubt::Unordered { .. }))), "{outcome:?}");
    assert_eq!((log.checkpoint.since, log.checkpoint.completed.len()), (None, 0));
    let point = log.checkpoint.interrupted(WalkKind::Backfill, None, None).unwrap();
    assert_eq!(point.newest, Some(UtcMs(1_012)));
    assert_eq!(log.walk(&mut server, WalkKind::Backfill, point, 7), Outcome::Ended);
    log.assert_equals(&server);
}

#[test]
fn two_passes_prove_nothing_while_the_second_still_brings_something() {
    let strange = |n: u32, object_type: &str| {
        record(5_000, 0, n, "").replace("CREATED", "TELEPORTED").replace("BLOG_POST", object_type)
    };
    let records = (0..60)
        .map(|n| record(5_000, n, n, ""))
        .chain((60..75).map(|n| strange(n, "BLOG_POST")))
        .chain((75..90).map(|n| strange(n, "BRAND_NEW")))
        .chain((90..150).map(|n| record(5_000, n, n, "")));
    let mut server = Hostile::new(records.collect(), Quirks { most: Some(50), ..Quirks::default() });
    let (log, outcome) = walked(&mut server, 100);
    assert_eq!((outcome, log.gaps.len()), (Outcome::Ended, 0));
    log.assert_equals(&server);
}

#[test]
fn a_server_that_heeds_its_bound_less_than_before_leaves_a_gap_that_is_named() {
    let times = [5_300, 5_300, 5_300, 5_300, 5_800, 7_000, 7_001];
    let records = (0..).zip(times).map(|(n, at)| record(at, n % 6, n, "")).collect();
    let mut server = Hostile::new(records, Quirks { grain: 1_000, ..Quirks::default() });
    let mut log = Log::default();
    (0..5).for_each(|_| log.server.heeds_milliseconds());
    assert_eq!(log.walk(&mut server, WalkKind::Backfill, window(None, None), 3), Outcome::Ended);
    assert_eq!(log.gaps, vec![Gap { from: UtcMs(5_300), to: UtcMs(6_299) }]);
    assert_eq!(log.entries.len(), times.len() - 1);
}

#[test]
fn a_bound_that_counts_in_minutes_leaves_a_gap_that_is_named() {
    let times = [5_300, 5_300, 5_300, 5_300, 30_000, 70_000, 70_001];
    let records = (0..).zip(times).map(|(n, at)| record(at, n % 6, n, "")).collect();
    let mut server = Hostile::new(records, Quirks { grain: 60_000, ..Quirks::default() });
    let mut log = Log::default();
    assert_eq!(log.walk(&mut server, WalkKind::Backfill, window(None, None), 3), Outcome::Ended);
    assert_eq!(log.gaps, vec![Gap { from: UtcMs(5_300), to: UtcMs(65_300) }]);
    assert_eq!(log.entries.len(), times.len() - 1);
}

fn quirks() -> impl Strategy<Value = Quirks> {
    let cursor = prop_oneof![Just(Cursor::Ms), Just(Cursor::Iso), Just(Cursor::Opaque)];
    let grain = prop_oneof![4 => Just(1), 1 => Just(1_000)];
    let most = prop_oneof![2 => Just(None), 1 => (3usize..30).prop_map(Some)];
    (any::<bool>(), cursor, grain, most, any::<bool>(), any::<bool>()).prop_map(
        |(inclusive, cursor, grain, most, last_cursor, unparsed)| Quirks {
            inclusive,
            cursor,
            grain,
            most,
            last_cursor,
            unparsed,
            ..Quirks::default()
        },
    )
}

/// Bursts of records that share instants, spread over some seconds, with twins among them.
fn history() -> impl Strategy<Value = Vec<String>> {
    let one = (0i64..400, 0u32..8, 0u32..5, prop_oneof![9 => Just(0u32), 1 => Just(1)]);
    prop::collection::vec(one, 0..160).prop_map(|steps| {
        let mut at = 1_000;
        let mut records = Vec::new();
        for (n, (gap, kind, object, twin)) in (0u32..).zip(steps) {
            at += if gap < 280 { 0 } else { gap - 279 };
            let object = if twin == 1 { 7 } else { object * 1_000 + n };
            for _ in 0..=twin {
                records.push(record(at, kind, object, ""));
            }
        }
        records
    })
}

fn fault() -> impl Strategy<Value = Option<Fault>> {
    prop_oneof![
        6 => Just(None),
        1 => Just(Some(Fault::Repeat)),
        1 => Just(Some(Fault::Empty)),
        1 => Just(Some(Fault::EmptyWithCursor)),
        1 => Just(Some(Fault::Hole)),
        1 => Just(Some(Fault::Reverse)),
    ]
}

proptest! {
    #[test]
    fn the_log_equals_the_truth_or_names_a_gap(
        quirks in quirks(), records in history(), page_size in prop_oneof![Just(1u32), Just(2), Just(7), Just(100)],
    ) {
        let mut server = Hostile::new(records, quirks);
        let (log, outcome) = walked(&mut server, page_size);
        prop_assert_eq!(outcome, Outcome::Ended);
        if log.gaps.is_empty() {
            log.assert_equals(&server);
        } else {
            prop_assert!(server.has_instant_beyond_reach(), "{:?} without need", log.gaps);
        }
    }

    #[test]
    fn faults_cost_requests_and_no_record(
        quirks in quirks(), records in history(), faults in prop::collection::vec(fault(), 0..80),
    ) {
        let mut server = Hostile::new(records, Quirks { most: None, ..quirks });
        server.faults = faults.into();
        let mut log = Log::default();
        for _ in 0..40 {
            let point = log.checkpoint.interrupted(WalkKind::Backfill, None, None).unwrap_or(window(None, None));
            if log.walk(&mut server, WalkKind::Backfill, point, 7) == Outcome::Ended && server.faults.is_empty() {
                break;
            }
        }
        let last = log.walk(&mut server, WalkKind::Range, window(None, None), 7);
        prop_assert_eq!(last, Outcome::Ended);
        log.assert_equals(&server);
    }

    #[test]
    fn since_never_moves_back_and_late_records_are_caught(
        quirks in quirks(), records in history(), late in prop::collection::vec((0usize..160, 1i64..15_000), 0..20),
    ) {
        let mut server = Hostile::new(records, Quirks { most: None, ..quirks });
        server.hide(&late);
        let mut log = Log::default();
        let mut since = None;
        loop {
            let last = !server.pass(1_500);
            let from = log.checkpoint.since.map(|since| since.minus(15_000).0);
            let began = UtcMs(server.quirks.now);
            log.walk(&mut server, WalkKind::Tail, WalkPoint { began, ..window(from, None) }, 7);
            prop_assert!(log.checkpoint.since >= since);
            since = log.checkpoint.since;
            if last {
                break;
            }
        }
        log.assert_equals(&server);
    }
}
