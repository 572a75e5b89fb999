//! Findings in the log: entries in one sequence with the events, never changed, and how each is now.

use hubtrail::access::{Accounts, Actor};
use hubtrail::detect::READER;
use hubtrail::exception::Excepted;
use hubtrail::judgement::{Status, Verdict};
use hubtrail::store::{
    Cursor, Depth, FindingChange, FindingSearch, Judged, LogEntry, Owner, Position, Retention, Sight,
    StoreError,
};
use hubtrail_core::detect::Change;
use hubtrail_core::finding::FindingId;
use hubtrail_core::time::UtcMs;

use crate::findings_support::{MUCH_LATER, finding, record};
use crate::store_support::{Log, NOW, Record, at};

fn log() -> Log {
    let log = Log::new();
    let records: Vec<_> = (0..10).map(|n| Record { object: n, ..at(NOW.0 + i64::from(n)) }.seen()).collect();
    log.append(&records);
    log
}

fn all() -> FindingSearch {
    FindingSearch { limit: 100, ..FindingSearch::default() }
}

fn judged(id: FindingId, status: Status) -> Judged {
    Judged { status: Some(status), ..Judged::new(vec![id], NOW) }
}

#[test]
fn events_and_findings_are_one_sequence() {
    let log = log();
    let entries = log.all();
    let found = finding("r", &entries[..3]);
    record(&log.store, &log, Position(10), vec![Change::Raised(found.clone())]);
    log.append(&[at(NOW.0 + 100).seen()]);
    let read = log.store.log_after(Position(8), 100).unwrap();
    let positions: Vec<_> = read.entries.iter().map(|entry| entry.position().0).collect();
    assert_eq!((positions, read.up_to), (vec![9, 10, 11, 12], Position(12)));
    let LogEntry::Finding(entry) = &read.entries[2] else { panic!("{:?}", read.entries[2]) };
    assert_eq!((entry.change, entry.version, entry.status), (FindingChange::Raised, 1, Status::New));
    assert_eq!(entry.finding, found, "evidence and all");
    assert_eq!(
        log.store.log_after(Position(8), 2).unwrap().up_to,
        Position(10),
        "it goes on where it stopped"
    );
    let events = log.store.events_after(Position(10), 100).unwrap();
    assert_eq!((events.entries.len(), events.up_to), (1, Position(12)));
    assert_eq!(log.store.reader_position(READER).unwrap(), Some(Position(11)), "its own entries are read");
    assert_eq!(log.store.check(Depth::Full).unwrap().problems, Vec::<String>::new());
}

#[test]
fn being_told_twice_changes_nothing_and_more_evidence_is_a_version() {
    let log = log();
    let entries = log.all();
    let found = finding("r", &entries[..3]);
    let grown = finding("r", &entries[..6]);
    record(&log.store, &log, Position(10), vec![Change::Raised(found.clone())]);
    let again = record(&log.store, &log, Position(10), vec![Change::Raised(found.clone())]);
    assert_eq!((again.raised, again.grown), (0, 0));
    assert_eq!(log.store.head().unwrap(), Position(11));
    record(&log.store, &log, Position(10), vec![Change::Raised(grown.clone())]);
    let less = record(&log.store, &log, Position(10), vec![Change::Grown(found)]);
    assert_eq!((less.raised, less.grown), (0, 0), "a finding does not shrink");
    let whole = log.store.whole_finding(grown.id).unwrap().unwrap();
    assert_eq!((whole.now.version, whole.history.len(), whole.evidence.len()), (2, 2, 6));
    assert_eq!(whole.history[0].finding.evidence.len(), 3, "a version is as it was");
    assert_eq!(whole.history[1].finding, grown);
    let raw: Vec<_> = whole.evidence.iter().map(|proof| proof.raw.clone()).collect();
    assert_eq!(raw, entries[..6].iter().map(|entry| entry.raw.clone()).collect::<Vec<_>>());
}

#[test]
fn a_verdict_says_who_and_when_and_what_grows_afterwards_is_marked() {
    let log = log();
    let entries = log.all();
    let found = finding("r", &entries[..3]);
    record(&log.store, &log, Position(10), vec![Change::Raised(found.clone())]);
    let ann = Actor { name: "ann".to_owned(), ..Actor::command_line() };
    let close =
        Judged { note: Some("a release".to_owned()), ..judged(found.id, Status::Closed(Verdict::Expected)) };
    let kept = log.store.judge(close, &ann).unwrap().remove(0);
    assert_eq!((kept.status, kept.grown_since_judged), (Status::Closed(Verdict::Expected), false));
    assert_eq!(log.store.findings_waiting().unwrap(), []);
    let owner = Some(Owner::Somebody("bob".to_owned()));
    log.store.judge(Judged { owner, ..Judged::new(vec![found.id], NOW) }, &ann).unwrap();
    record(&log.store, &log, Position(10), vec![Change::Grown(finding("r", &entries[..5]))]);
    let whole = log.store.whole_finding(found.id).unwrap().unwrap();
    assert!(whole.now.grown_since_judged);
    assert_eq!((whole.now.status, whole.now.owner.as_deref()), (kept.status, Some("bob")));
    let said: Vec<_> = whole.history.iter().map(|entry| (entry.change, entry.by.as_deref())).collect();
    assert_eq!(
        said,
        [
            (FindingChange::Raised, None),
            (FindingChange::Judged, Some("ann")),
            (FindingChange::Assigned, Some("ann")),
            (FindingChange::Grown, None)
        ]
    );
    assert_eq!(whole.history[1].note.as_deref(), Some("a release"));
    assert_eq!(whole.history[1].finding.evidence.len(), 3, "what it was when it was judged");
    let stale = Judged { seen: Some(Sight::Exactly(kept.changed)), ..judged(found.id, Status::New) };
    assert!(matches!(log.store.judge(stale, &ann), Err(StoreError::FindingChanged(_))));
}

#[test]
fn what_grows_while_somebody_looks_can_be_judged_and_what_others_said_is_seen_first() {
    let log = log();
    let entries = log.all();
    let found = finding("r", &entries[..3]);
    record(&log.store, &log, Position(10), vec![Change::Raised(found.clone())]);
    let seen = log.store.finding(found.id).unwrap().unwrap().changed;
    let as_seen = |status| Judged { seen: Some(Sight::AsOf(seen)), ..judged(found.id, status) };
    record(&log.store, &log, Position(10), vec![Change::Grown(finding("r", &entries[..5]))]);
    let (ann, bob) = (Actor::command_line(), Actor { name: "bob".to_owned(), ..Actor::command_line() });
    let kept = log.store.judge(as_seen(Status::Closed(Verdict::Expected)), &ann).unwrap().remove(0);
    assert_eq!(kept.status, Status::Closed(Verdict::Expected));
    assert!(kept.grown_since_judged, "the verdict is of what was seen, and says so");
    let late = log.store.judge(as_seen(Status::Closed(Verdict::Malicious)), &bob);
    assert!(matches!(late, Err(StoreError::FindingChanged(_))));
    let never = Judged { seen: Some(Sight::AsOf(Position(1))), ..judged(found.id, Status::New) };
    assert!(matches!(log.store.judge(never, &bob), Err(StoreError::FindingChanged(_))));
}

#[test]
fn many_are_judged_together_or_none() {
    let log = log();
    let entries = log.all();
    let (one, two) = (finding("a", &entries[..2]), finding("b", &entries[2..4]));
    let changes = [&one, &two].map(|found| Change::Raised(found.clone())).to_vec();
    record(&log.store, &log, Position(10), changes);
    let both = |ids: Vec<FindingId>| Judged { findings: ids, ..judged(one.id, Status::Acknowledged) };
    let unknown = FindingId([9; 16]);
    let error = log.store.judge(both(vec![one.id, unknown]), &Actor::command_line()).unwrap_err();
    assert!(matches!(error, StoreError::NoFinding(_)));
    assert_eq!(log.store.finding(one.id).unwrap().unwrap().status, Status::New);
    let stranger = Actor { accounts: Accounts::Some([].into()), ..Actor::command_line() };
    assert!(matches!(log.store.judge(both(vec![one.id]), &stranger), Err(StoreError::NoFinding(_))));
    log.store.judge(both(vec![one.id, two.id]), &Actor::command_line()).unwrap();
    let open = FindingSearch { statuses: vec![Status::Acknowledged], ..all() };
    assert_eq!(log.store.findings(&open).unwrap().len(), 2);
}

#[test]
fn findings_are_found_page_by_page_from_any_side() {
    let log = log();
    let entries = log.all();
    let changes = (0..9).map(|n| Change::Raised(finding(["a", "b", "c"][n % 3], &entries[n..=n]))).collect();
    record(&log.store, &log, Position(10), changes);
    let mut search = FindingSearch { limit: 2, ..FindingSearch::default() };
    let mut times = Vec::new();
    loop {
        let page = log.store.findings(&search).unwrap();
        times.extend(page.iter().map(|kept| kept.finding.time.0 - NOW.0));
        let Some(last) = page.last() else { break };
        search.from = Some(last.cursor());
    }
    assert_eq!(times, [8, 7, 6, 5, 4, 3, 2, 1, 0]);
    let count = |search: FindingSearch| log.store.findings(&search).unwrap().len();
    assert_eq!(count(FindingSearch { rules: vec!["a".to_owned(), "b".to_owned()], ..all() }), 6);
    assert_eq!(
        count(FindingSearch { actors: vec!["7".to_owned()], rules: vec!["c".to_owned()], ..all() }),
        3
    );
    assert_eq!(count(FindingSearch { actors: vec!["7".to_owned(), "7".to_owned()], ..all() }), 9);
    assert_eq!(count(FindingSearch { rules: vec!["a".to_owned(), "a".to_owned()], ..all() }), 3);
    let acme = log.acme.id;
    assert_eq!(count(FindingSearch { connectors: Some(vec![acme, acme]), ..all() }), 9);
    assert_eq!(count(FindingSearch { connectors: Some(vec![]), ..all() }), 0);
    assert_eq!(count(FindingSearch { after: Some(NOW.plus(4)), before: Some(NOW.plus(7)), ..all() }), 3);
    let from = Cursor { timestamp: NOW.plus(4), position: Position(0) };
    assert_eq!(count(FindingSearch { from: Some(from), ..all() }), 4);
}

#[test]
fn an_exception_hides_and_counts_and_ends() {
    let log = log();
    let entries = log.all();
    let rule_a = |to| Excepted {
        connector: Some(log.acme.id),
        rule: Some("a".to_owned()),
        person: None,
        object: None,
        from: UtcMs(0).max(NOW.minus(1_000)),
        to,
        maintenance: false,
        reason: "the yearly clean-up".to_owned(),
    };
    let by = Actor::command_line();
    let made = log.store.add_exception(rule_a(MUCH_LATER), &by, NOW).unwrap();
    let (hidden, seen) = (finding("a", &entries[..2]), finding("b", &entries[..2]));
    let recorded = record(
        &log.store,
        &log,
        log.store.head().unwrap(),
        vec![Change::Raised(hidden.clone()), Change::Raised(seen.clone())],
    );
    assert_eq!((recorded.raised, recorded.hidden), (2, 1));
    assert_eq!(log.store.findings_waiting().unwrap(), [(log.acme.id, 1)], "what is hidden waits for nobody");
    assert_eq!(log.store.finding(hidden.id).unwrap().unwrap().exception, Some(made.id));
    assert_eq!(log.store.exception(made.id).unwrap().unwrap().hidden, 1);
    let visible = log.store.findings(&FindingSearch { hidden: Some(false), ..all() }).unwrap();
    assert_eq!(visible.iter().map(|kept| kept.finding.id).collect::<Vec<_>>(), [seen.id]);
    let stranger = Actor { accounts: Accounts::Some([].into()), ..by.clone() };
    assert!(matches!(log.store.end_exception(made.id, &stranger, NOW), Err(StoreError::NoException(_))));
    assert_eq!(log.store.end_exception(made.id, &by, NOW).unwrap().ended.unwrap().1, "operator");
    let grown = finding("a", &entries[..5]);
    record(&log.store, &log, log.store.head().unwrap(), vec![Change::Grown(grown)]);
    assert_eq!(log.store.finding(hidden.id).unwrap().unwrap().exception, None, "it goes on, and is seen");
    assert_eq!(log.store.findings_waiting().unwrap(), [(log.acme.id, 2)]);
    // What was seen is not hidden afterwards.
    log.store.add_exception(Excepted { rule: Some("b".to_owned()), ..rule_a(MUCH_LATER) }, &by, NOW).unwrap();
    record(&log.store, &log, log.store.head().unwrap(), vec![Change::Grown(finding("b", &entries[..6]))]);
    assert_eq!(log.store.finding(seen.id).unwrap().unwrap().exception, None);
}

#[test]
fn evidence_outlives_the_entries_and_goes_with_its_finding() {
    let log = log();
    let entries = log.all();
    let found = finding("r", &entries[..3]);
    record(&log.store, &log, Position(10), vec![Change::Raised(found.clone())]);
    let everything =
        Retention { before: MUCH_LATER, connectors: None, past_readers: false, past_sinks_before: None };
    assert_eq!(log.store.retire(&everything).unwrap().entries, 10);
    let proofs = log.store.evidence(found.id).unwrap();
    assert_eq!(proofs.len(), 3);
    assert_eq!(proofs[0].raw, entries[0].raw);
    assert_eq!(log.store.findings_proved_by(entries[1].timestamp, entries[1].event_id).unwrap(), [found.id]);
    log.store.note_look(found.id, "maria", NOW).unwrap();
    assert_eq!(log.store.retire_findings(NOW).unwrap(), 0);
    assert_eq!(log.store.looks(found.id).unwrap().len(), 1);
    log.store.register_reader("behind", Position(10)).unwrap();
    assert_eq!(log.store.retire_findings(MUCH_LATER).unwrap(), 0, "a reader has not heard of it yet");
    log.store.ack("behind", Position(11)).unwrap();
    assert_eq!(log.store.retire_findings(MUCH_LATER).unwrap(), 1);
    assert_eq!((log.store.finding(found.id).unwrap(), log.store.evidence(found.id).unwrap()), (None, vec![]));
    assert_eq!(log.store.looks(found.id).unwrap(), vec![], "who looked at it goes with it");
}

#[test]
fn a_finding_that_is_part_of_another_leaves_the_queue_and_an_erased_account_leaves_nothing() {
    let log = log();
    let entries = log.all();
    let (one, two) = (finding("a", &entries[..2]), finding("a", &entries[4..6]));
    let changes = vec![
        Change::Raised(one.clone()),
        Change::Raised(two.clone()),
        Change::Absorbed { id: two.id, by: one.id },
    ];
    assert_eq!(record(&log.store, &log, Position(10), changes).absorbed, 1);
    assert_eq!(log.store.findings(&all()).unwrap().len(), 1);
    assert_eq!(log.store.findings_waiting().unwrap(), [(log.acme.id, 1)]);
    assert_eq!(log.store.findings(&FindingSearch { absorbed: true, ..all() }).unwrap().len(), 2);
    log.store.note_look(two.id, "maria", NOW).unwrap();
    let history = log.store.whole_finding(two.id).unwrap().unwrap().history;
    assert_eq!(history.last().unwrap().change, FindingChange::Absorbed(one.id));
    log.store.remove_connector("acme", true).unwrap();
    assert_eq!(log.store.findings(&FindingSearch { absorbed: true, ..all() }).unwrap(), vec![]);
    assert_eq!(log.store.evidence(one.id).unwrap(), vec![]);
    assert_eq!(log.store.looks(two.id).unwrap(), vec![]);
}
