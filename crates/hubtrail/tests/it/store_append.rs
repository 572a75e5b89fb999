//! Appending: exactly once, whole or not at all, and as it was sent.

use hubtrail::connector::ConnectorId;
use hubtrail::store::{Append, Position, Store, StoreError};
use hubtrail_core::checkpoint::{Change, Checkpoint, WalkKind, WalkPoint};
use hubtrail_core::identity::leaf_hash;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;

use crate::store_support::{Log, NOW, at, event, page, raw, times};

#[test]
fn a_page_read_again_adds_nothing_and_each_new_record_once() {
    let log = Log::new();
    let first = log.append(&[at(1).seen(), at(2).seen()]);
    assert_eq!((first.new, first.duplicate, first.head), (2, 0, Position(2)));
    assert_eq!(first.new_times, [UtcMs(1), UtcMs(2)]);
    let again = log.append(&[at(1).seen(), at(2).seen(), at(3).seen()]);
    assert_eq!((again.new, again.duplicate, again.head), (1, 2, Position(3)));
    assert_eq!(times(&log.all()), [1, 2, 3]);
}

#[test]
fn true_twins_are_two_entries() {
    let log = Log::new();
    assert_eq!(log.append(&[at(5).seen(), at(5).seen()]).new, 2);
    assert_eq!(log.append(&[at(5).seen()]).duplicate, 1);
    assert_eq!(log.all().len(), 2);
}

#[test]
fn a_record_is_kept_byte_for_byte_with_its_leaf_hash_and_its_first_names() {
    let log = Log::new();
    let odd = "{ \"timestamp\" : 1710081138123,\n\t\"userId\":7, \"fullName\":\"\\u00c9va\", \"objectId\":9007199254740993}";
    log.append(&[raw(odd)]);
    log.append(&[raw(&odd.replace("\\u00c9va", "Eva"))]);
    let entries = log.all();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].raw, odd);
    assert_eq!(entries[0].leaf, leaf_hash(odd.as_bytes()));
    assert_eq!(event(&entries[0]).full_name, "Éva");
    assert_eq!(entries[0].seen_at, NOW);
    assert_eq!(
        log.store.entry_of_event(entries[0].timestamp, entries[0].event_id).unwrap().as_ref(),
        Some(&entries[0])
    );
    assert_eq!(log.store.entry(Position(1)).unwrap().as_ref(), Some(&entries[0]));
}

#[test]
fn what_cannot_be_read_is_an_entry_beside_its_neighbour() {
    let log = Log::new();
    let records = [raw("[1]"), at(50).seen(), raw("{}"), at(60).seen(), raw("\"x\"")];
    let appended = log.append(&records);
    assert_eq!((appended.new, appended.new_times), (5, vec![UtcMs(50), UtcMs(60)]));
    let entries = log.all();
    assert_eq!(times(&entries), [50, 50, 50, 60, 60]);
    assert_eq!(entries[2].event, Err("the record has no `timestamp`".to_owned()));
    assert_eq!(log.append(&[raw("null")]).new, 1);
    assert_eq!(log.all()[5].timestamp, NOW, "alone on its page");
    assert_eq!(log.append(&records).duplicate, 5);
    assert_eq!(log.append(&[at(70).seen(), raw("{}")]).duplicate, 1, "also beside another neighbour");
}

#[test]
fn what_is_dated_later_than_it_was_received_is_marked() {
    let log = Log::new();
    log.append(&[at(NOW.0 + 1_000).seen(), at(NOW.0 + 1_001).seen()]);
    assert_eq!(log.all().iter().map(|entry| entry.future).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn the_checkpoint_moves_with_the_page_and_from_what_is_stored() {
    let log = Log::new();
    let checkpoint = |log: &Log| log.store.checkpoint(log.acme.id, Stream::Content).unwrap();
    assert_eq!(checkpoint(&log), Checkpoint::default());
    let ended = |newest| {
        let point = WalkPoint { newest: Some(UtcMs(newest)), ..WalkPoint::new(None, None, NOW) };
        Change::Ended { kind: WalkKind::Tail, point }
    };
    let mut append = page(&log.acme, &[at(9).seen()]);
    append.changes = vec![ended(9)];
    let appended = log.store.append_blocking(append).unwrap();
    assert_eq!(appended.checkpoint.since, Some(UtcMs(9)));
    let only_change = Append { changes: vec![ended(4)], ..Append::new(log.acme.id, Stream::Content, NOW) };
    assert_eq!(log.store.append_blocking(only_change).unwrap().checkpoint.since, Some(UtcMs(9)));
    assert_eq!(checkpoint(&log).since, Some(UtcMs(9)));
    assert_eq!(checkpoint(&log).completed[&WalkKind::Tail], NOW);
}

#[test]
fn an_append_that_cannot_be_meant_stores_nothing() {
    let log = Log::new();
    let mut unidentified = page(&log.acme, &[at(1).seen()]);
    unidentified.ids.clear();
    assert!(matches!(
        log.store.append_blocking(unidentified),
        Err(StoreError::Mismatch { records: 1, ids: 0 })
    ));
    let nobody = Append { connector: ConnectorId(99), ..page(&log.acme, &[at(1).seen()]) };
    let error = log.store.append_blocking(nobody).unwrap_err();
    assert!(error.to_string().contains("`acme`"), "{error}");
    assert!(log.all().is_empty());
    assert_eq!(log.append(&[at(1).seen()]).head, Position(1), "no position was used up");
}

#[tokio::test]
async fn appends_at_once_all_arrive_and_subscribers_are_woken() {
    let log = Log::new();
    let mut head = log.store.subscribe();
    let appends = (0..50_i64).map(|n| {
        let (store, append) = (log.store.clone(), page(&log.acme, &[at(n).seen(), at(n + 1).seen()]));
        tokio::spawn(async move { store.append(append).await.unwrap() })
    });
    let mut new = 0;
    for append in appends.collect::<Vec<_>>() {
        new += append.await.unwrap().new;
    }
    assert_eq!(new, 51);
    head.changed().await.unwrap();
    assert_eq!(*head.borrow(), Position(51));
    assert_eq!(log.store.head().unwrap(), Position(51));
    let positions: Vec<_> =
        log.store.entries_after(Position(0), 100).unwrap().iter().map(|entry| entry.position.0).collect();
    assert_eq!(positions, (1..=51).collect::<Vec<_>>());
    assert_eq!(log.store.entries_after(Position(49), 1).unwrap()[0].position, Position(50));
}

#[test]
fn a_second_process_and_a_restart_see_the_same_log() {
    let log = Log::new();
    let other = Store::open(log.dir.path()).unwrap();
    log.append(&[at(1).seen()]);
    let appended = other.append_blocking(page(&log.acme, &[at(1).seen(), at(2).seen()])).unwrap();
    assert_eq!((appended.new, appended.head), (1, Position(2)));
    assert_eq!(log.append(&[at(2).seen(), at(3).seen()]).head, Position(3));
    let entries = log.all();
    drop(other);
    let Log { dir, store, .. } = log;
    drop(store);
    let reopened = Store::open(dir.path()).unwrap();
    assert_eq!(reopened.entries_after(Position(0), 9).unwrap(), entries);
}
