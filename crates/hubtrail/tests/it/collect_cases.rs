//! Single stories of a collection: downtime, the future, versions that go, faults that no retry heals.

use std::time::Duration;

use hubspot_audit_api::emulator::behaviour::{Behaviour, Gone, OverLimit};
use hubspot_audit_api::emulator::faults::Fault;
use hubspot_audit_api::record::Record;
use hubtrail::collect::{CollectError, Tell};
use hubtrail::hubspot::ApiError;
use hubtrail::store::{Append, NewGap, Span};
use hubtrail_core::checkpoint::{Change, WalkKind, WalkPoint};
use hubtrail_core::event::Event;
use hubtrail_core::identity::identify;
use hubtrail_core::page::Seen;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use serde_json::value::RawValue;

use crate::lab::{Lab, record};

const DAY_MS: i64 = 86_400_000;

fn behaviour() -> Behaviour {
    Behaviour { max_limit: 1_000, ..Behaviour::default() }
}

fn some(from: i64, count: u64) -> Vec<Record> {
    (0..count).map(|n| record(from + i64::try_from(n / 2).unwrap() * 1_000, n % 4, n, n)).collect()
}

#[tokio::test]
async fn five_days_of_downtime_with_late_records_leave_no_hole() {
    let lab = Lab::new(behaviour(), 7, vec![]).await;
    let start = lab.clock.now().0;
    lab.emulator.push(some(start - 30 * DAY_MS, 60));
    lab.once(3).await.unwrap();
    // While nothing runs: new records, and such as were made before the stop but could not be seen then.
    lab.emulator.push(some(start - 5 * DAY_MS, 80));
    lab.emulator.push(vec![record(start - 30 * DAY_MS - 3_600_000, 5, 3, 7_001)]);
    lab.emulator.push(vec![record(start - 30 * DAY_MS + 5_500, 5, 4, 7_002)]);
    lab.once(3).await.unwrap();
    lab.assert_exact();
}

#[tokio::test]
async fn records_from_the_future_are_kept_and_do_not_move_the_checkpoint() {
    let lab = Lab::new(behaviour(), 7, vec![]).await;
    let now = lab.clock.now().0;
    lab.emulator.push(some(now - 3_600_000, 20));
    lab.emulator.push(some(now + 40 * DAY_MS, 20));
    lab.once(3).await.unwrap();
    lab.assert_exact();
    let since = lab.store.checkpoint(lab.connector.id, Stream::Content).unwrap().since.unwrap();
    assert!(since < lab.clock.now(), "{since}");
    // What happens next is older than the future and is collected all the same.
    lab.emulator.push(some(now - 1_800_000, 20));
    lab.once(3).await.unwrap();
    lab.assert_exact();
}

#[tokio::test]
async fn a_version_that_goes_away_moves_the_client_and_is_said() {
    let gone: Vec<Gone> = ["v3=410", "2026-09=404"].iter().map(|gone| gone.parse().unwrap()).collect();
    let mut lab = Lab::new(Behaviour { gone, ..behaviour() }, 7, vec![]).await;
    lab.emulator.push(some(lab.clock.now().0 - DAY_MS, 40));
    lab.once(1).await.unwrap();
    lab.assert_exact();
    let mut notes = Vec::new();
    while let Ok(tell) = lab.told.try_recv() {
        if let Tell::Note(note) = tell {
            notes.push(note);
        }
    }
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].contains("2026-03"), "{notes:?}");
}

#[tokio::test]
async fn what_a_person_must_mend_ends_the_walk_at_once_and_moves_nothing() {
    let lab = Lab::new(behaviour(), 7, vec![]).await;
    lab.emulator.push(some(lab.clock.now().0 - DAY_MS, 40));
    for (fault, kind) in
        [(Fault::Unauthenticated, "credentials"), (Fault::MissingScope, "scope"), (Fault::WrongPlan, "plan")]
    {
        lab.emulator.faults().push(fault);
        let error = lab.once(1).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(!error.fix().is_empty());
        let facts = lab.store.facts().unwrap();
        assert_eq!(facts[0].failures[0].kind, kind);
        assert_eq!(facts[0].checkpoint.since, None);
    }
    lab.once(1).await.unwrap();
    lab.assert_exact();
    assert_eq!(lab.store.facts().unwrap()[0].failures, vec![], "it heals by itself");
}

#[tokio::test]
async fn a_walk_that_stops_halfway_keeps_its_pages_and_moves_nothing() {
    let lab = Lab::new(behaviour(), 7, vec![]).await;
    lab.emulator.push(some(lab.clock.now().0 - DAY_MS, 40));
    lab.emulator.faults().extend([Fault::Drip, Fault::Drip, Fault::Drip, Fault::MissingScope]);
    assert_eq!(lab.once(1).await.unwrap_err().kind(), "scope");
    let checkpoint = lab.store.checkpoint(lab.connector.id, Stream::Content).unwrap();
    assert_eq!((checkpoint.since, checkpoint.completed.len()), (None, 0));
    assert!(checkpoint.walks.contains_key(&WalkKind::Backfill));
    assert!((7..40).contains(&lab.log().len()), "{}", lab.log().len());
    lab.once(1).await.unwrap();
    lab.assert_exact();
}

#[tokio::test]
async fn a_page_that_is_not_believed_is_kept_and_moves_nothing() {
    let lab = Lab::new(behaviour(), 7, vec![]).await;
    lab.emulator.push(some(lab.clock.now().0 - DAY_MS, 40));
    let since = || lab.store.checkpoint(lab.connector.id, Stream::Content).unwrap().since;
    lab.emulator.faults().extend([Fault::Unordered, Fault::MissingScope]);
    assert_eq!(lab.once(1).await.unwrap_err().kind(), "scope");
    assert_eq!((lab.log().len(), since()), (7, None));
    lab.emulator.faults().push(Fault::Drip);
    lab.emulator.faults().extend([Fault::Unordered; 6]);
    assert_eq!(lab.once(1).await.unwrap_err().kind(), "not_credible");
    assert_eq!(since(), None);
    lab.once(1).await.unwrap();
    lab.assert_exact();
}

#[tokio::test]
async fn a_page_that_cannot_be_stored_moves_nothing() {
    let lab = Lab::new(behaviour(), 7, vec![]).await;
    lab.emulator.push(some(lab.clock.now().0 - DAY_MS, 40));
    let disk = rusqlite::Connection::open(lab.store.path()).unwrap();
    disk.execute_batch(
        "CREATE TRIGGER full BEFORE INSERT ON entry WHEN (SELECT object_id FROM object WHERE id = new.object) = '20' \
         BEGIN SELECT raise(ABORT, 'no room'); END",
    )
    .unwrap();
    assert_eq!(lab.once(1).await.unwrap_err().kind(), "log");
    let held = lab.log().iter().map(|record| Event::read(record).unwrap().timestamp).max();
    let checkpoint = lab.store.checkpoint(lab.connector.id, Stream::Content).unwrap();
    assert_eq!((checkpoint.since, checkpoint.walks[&WalkKind::Backfill].newest), (None, held));
    disk.execute_batch("DROP TRIGGER full").unwrap();
    lab.once(1).await.unwrap();
    lab.assert_exact();
}

#[tokio::test]
async fn what_cannot_be_read_is_an_entry_as_well() {
    let lab = Lab::new(behaviour(), 7, vec![]).await;
    lab.emulator.push(some(lab.clock.now().0 - DAY_MS, 40));
    lab.emulator.faults().extend([Fault::RecordNumber, Fault::RecordNull, Fault::RecordWithoutTime]);
    lab.once(1).await.unwrap();
    lab.assert_exact();
    let facts = lab.store.facts().unwrap();
    assert_eq!((facts[0].entries, facts[0].unparsed), (43, 3));
}

#[tokio::test]
async fn an_instant_beyond_reach_is_a_gap_in_the_log_and_an_error() {
    let lab = Lab::new(Behaviour { max_limit: 10, ..Behaviour::default() }, 10, vec![]).await;
    let at = lab.clock.now().0 - DAY_MS;
    let row = |n: i64| Record { meta: Some(format!(r#"{{"row":{n}}}"#)), ..record(at, 1, 1, 1) };
    lab.emulator.push((0..50).map(row).collect());
    lab.emulator.push(some(at + 10_000, 20));
    let Err(CollectError::Gaps(gaps)) = lab.once(1).await else { panic!("the gap is not told") };
    let open = lab.store.gaps(None, false).unwrap();
    assert_eq!((gaps.len(), open.len()), (1, 1));
    assert!(gaps[0].from <= UtcMs(at) && UtcMs(at) <= gaps[0].to);
    assert_eq!((open[0].span.from, open[0].span.to), (gaps[0].from, gaps[0].to));
    lab.assert_exact_but_for_gaps(false, "");
}

#[tokio::test]
async fn every_fault_in_the_middle_of_a_walk_costs_no_record() {
    for fault in Fault::ALL.iter().copied().filter(|fault| !matches!(fault, Fault::LyingEmpty | Fault::Hole))
    {
        let lab = Lab::new(behaviour(), 7, vec![]).await;
        lab.emulator.push(some(lab.clock.now().0 - DAY_MS, 40));
        lab.emulator.faults().extend([Fault::Unavailable, fault]);
        lab.once(4).await.unwrap_or_else(|error| panic!("{fault}: {error}"));
        lab.assert_exact();
    }
}

#[tokio::test]
async fn an_empty_page_or_a_hole_that_lies_is_seen_through_where_the_log_knows_better() {
    for fault in [Fault::LyingEmpty, Fault::Hole] {
        let lab = Lab::new(behaviour(), 7, vec![]).await;
        lab.emulator.push(some(lab.clock.now().0 - DAY_MS, 40));
        lab.once(1).await.unwrap();
        lab.emulator.faults().extend([fault, fault]);
        lab.range(UtcMs(lab.clock.now().0 - 2 * DAY_MS)).await.unwrap();
        lab.assert_exact();
    }
}

#[tokio::test]
async fn an_account_that_refuses_for_good_is_named_with_hubspots_words() {
    let lab = Lab::new(behaviour(), 7, vec![]).await;
    lab.emulator.faults().extend([Fault::MissingScope]);
    let error = lab.once(1).await.unwrap_err();
    let CollectError::HubSpot(ApiError::Scope { missing, said }) = &error else { panic!("{error}") };
    assert_eq!(missing, &["content"]);
    assert!(said.correlation_id.is_some());
}

#[tokio::test]
async fn following_collects_history_and_news_beside_each_other() {
    let lab = Lab::new(behaviour(), 50, vec![]).await;
    let now = lab.clock.now().0;
    lab.emulator.push(some(now - 20 * DAY_MS, 400));
    let collector = lab.collector();
    let stop = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        lab.emulator.push(some(lab.clock.now().0, 30));
        for _ in 0..200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            if lab.log().len() == 430 {
                break;
            }
        }
    };
    Box::pin(collector.follow(stop)).await.unwrap();
    lab.assert_exact();
}

/// What an earlier process left behind.
async fn left_behind(lab: &Lab, kind: WalkKind, point: WalkPoint, gaps: Vec<NewGap>) {
    let mut append = Append::new(lab.connector.id, Stream::Content, lab.clock.now());
    append.changes = vec![Change::Progress { kind, point }];
    append.gaps = gaps;
    lab.store.append(append).await.unwrap();
}

#[tokio::test]
async fn a_history_that_was_begun_alone_does_not_keep_the_tail_waiting() {
    let lab = Lab::new(behaviour(), 2, vec![]).await;
    let now = lab.clock.now();
    lab.emulator.push(some(now.0 - 20 * DAY_MS, 600));
    left_behind(&lab, WalkKind::Backfill, WalkPoint::new(None, None, now), vec![]).await;
    let stop = async {
        loop {
            let checkpoint = lab.store.checkpoint(lab.connector.id, Stream::Content).unwrap();
            if checkpoint.since.is_some() {
                let history = checkpoint.walks.get(&WalkKind::Backfill).expect("it is still under way");
                assert!(history.to.is_some(), "it ends where the tail began");
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    Box::pin(lab.collector().follow(stop)).await.unwrap();
}

#[tokio::test]
async fn what_stands_in_the_way_of_the_first_page_is_kept_for_the_status() {
    let lab = Lab::new(behaviour(), 7, vec![]).await;
    lab.emulator.faults().extend([Fault::MissingScope; 50]);
    let stop = async {
        loop {
            let facts = lab.store.facts().unwrap();
            if let Some(failure) = facts.first().and_then(|facts| facts.failures.first()) {
                assert_eq!(failure.kind, "scope");
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    Box::pin(lab.collector().follow(stop)).await.unwrap();
}

#[tokio::test]
async fn a_range_does_not_go_on_with_the_walk_of_another_one() {
    let lab = Lab::new(behaviour(), 7, vec![]).await;
    let now = lab.clock.now();
    lab.emulator.push(some(now.0 - 20 * DAY_MS, 40));
    lab.once(1).await.unwrap();
    let from = Some(now.minus(30 * DAY_MS));
    let passed = WalkPoint { newest: Some(now.minus(DAY_MS)), ..WalkPoint::new(from, None, now) };
    left_behind(&lab, WalkKind::Range, passed, vec![]).await;
    lab.emulator.push(vec![record(now.0 - 19 * DAY_MS, 3, 3, 9_001)]);
    lab.range(now.minus(25 * DAY_MS)).await.unwrap();
    lab.assert_exact();
}

#[tokio::test]
async fn a_gap_that_an_interrupted_run_left_is_no_success_of_the_next_and_closes_when_it_is_read() {
    let lab = Lab::new(behaviour(), 7, vec![]).await;
    let now = lab.clock.now();
    lab.emulator.push(some(now.0 - 20 * DAY_MS, 40));
    let at = now.minus(20 * DAY_MS);
    let gap = NewGap { span: Span { from: at, to: at.plus(999) }, reason: "too dense".to_owned() };
    let from = now.minus(30 * DAY_MS);
    let passed = WalkPoint { newest: Some(at.plus(9_000)), ..WalkPoint::new(Some(from), None, now) };
    left_behind(&lab, WalkKind::Range, passed, vec![gap]).await;
    assert!(matches!(lab.range(from).await, Err(CollectError::Gaps(gaps)) if gaps.len() == 1));
    lab.range(from).await.unwrap();
    lab.assert_exact();
}

#[tokio::test]
async fn a_gap_at_the_newest_instant_closes_when_it_is_read() {
    let lab = Lab::new(behaviour(), 7, vec![]).await;
    let at = lab.clock.now().minus(DAY_MS);
    lab.emulator.push(vec![record(at.0, 1, 1, 1)]);
    let gap = NewGap { span: Span { from: at, to: at.plus(999) }, reason: "too dense".to_owned() };
    let nothing_yet = WalkPoint::new(None, None, at);
    left_behind(&lab, WalkKind::Backfill, nothing_yet, vec![gap]).await;
    lab.once(1).await.unwrap();
    assert_eq!(lab.store.gaps(None, false).unwrap(), vec![]);
}

#[tokio::test]
async fn verify_does_without_the_filters_that_hubspot_refuses() {
    let lab = Lab::new(Behaviour { refuse_unknown: true, ..behaviour() }, 7, vec![]).await;
    let now = lab.clock.now().0;
    lab.emulator.push(some(now - DAY_MS, 40));
    lab.emulator.push(vec![Record { event: "ARCHIVED".to_owned(), ..record(now - DAY_MS, 1, 1, 1) }]);
    lab.once(1).await.unwrap();
    let verdict = lab.collector().verify(None, UtcMs(now)).await.unwrap();
    assert_eq!((verdict.agrees(), verdict.verification.compared), (true, 41));
}

#[tokio::test]
async fn verify_agrees_with_an_exact_log_and_names_what_is_missing() {
    let lab = Lab::new(behaviour(), 7, vec![]).await;
    let now = lab.clock.now().0;
    lab.emulator.push(some(now - DAY_MS, 40));
    lab.once(1).await.unwrap();
    let verdict = lab.collector().verify(None, UtcMs(now)).await.unwrap();
    assert!(verdict.agrees());
    assert_eq!((verdict.verification.compared, verdict.verification.surplus), (40, 0));
    lab.emulator.push(vec![record(now - DAY_MS + 10, 3, 3, 3)]);
    let verdict = lab.collector().verify(None, UtcMs(now)).await.unwrap();
    assert_eq!((verdict.agrees(), verdict.verification.missing), (false, 1));
    assert_eq!(lab.store.verifications(lab.connector.id, Stream::Content, 10).unwrap().len(), 2);
}

#[tokio::test]
async fn verify_takes_what_hubspot_let_go_with_its_age_for_no_difference_and_what_it_skips_for_one() {
    let lab = Lab::new(behaviour(), 7, vec![]).await;
    let now = lab.clock.now().0;
    lab.emulator.push(some(now - DAY_MS, 40));
    lab.once(1).await.unwrap();
    let ours = |at: i64| {
        let raw = format!(r#"{{"timestamp":{at},"event":"UPDATED","objectId":"only-ours"}}"#);
        let records = vec![Seen::read(RawValue::from_string(raw).unwrap())];
        let ids = identify(&lab.connector.account, Stream::Content, &records);
        let page = Append { ids, records, ..Append::new(lab.connector.id, Stream::Content, UtcMs(now)) };
        lab.store.append_blocking(page).unwrap();
    };
    let verify = async || {
        let verdict = lab.collector().verify(None, UtcMs(now)).await.unwrap();
        (verdict.agrees(), verdict.verification.surplus, verdict.unexplained)
    };
    ours(now - 2 * DAY_MS);
    assert_eq!(verify().await, (true, 1, 0), "HubSpot's oldest record is younger");
    ours(now - DAY_MS + 1);
    assert_eq!(verify().await, (false, 2, 1));
}

#[tokio::test]
async fn a_restart_remembers_the_calls_made_today() {
    let lab = Lab::new(behaviour(), 7, vec![]).await;
    lab.emulator.push(some(lab.clock.now().0 - DAY_MS, 40));
    assert_eq!(lab.store.spent(lab.connector.id).unwrap(), None);
    lab.once(1).await.unwrap();
    let spent = lab.store.spent(lab.connector.id).unwrap().unwrap();
    assert_eq!(spent.calls.values().sum::<u64>(), lab.emulator.stats().pages);
    lab.store.remove_connector("acme", true).unwrap();
    assert_eq!(lab.store.spent(lab.connector.id).unwrap(), None);
}

#[tokio::test]
async fn a_page_size_that_hubspot_refuses_is_halved_until_it_fits() {
    let behaviour = Behaviour { max_limit: 30, over_limit: OverLimit::Error, ..Behaviour::default() };
    let lab = Lab::new(behaviour, 100, vec![]).await;
    lab.emulator.push(some(lab.clock.now().0 - DAY_MS, 200));
    lab.once(1).await.unwrap();
    lab.assert_exact();
}
