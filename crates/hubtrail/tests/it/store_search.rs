//! Searching: every filter, in either order, like a scan would find it but from an index.

use std::ops::ControlFlow;
use std::time::Duration;

use hubtrail::connector::ConnectorId;
use hubtrail::store::{Busy, DAY_MS, Entry, Held, Search, Side};
use hubtrail_core::page::{Dimension, Filter, Order};
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::store_support::{Log, Record, at, raw, times};

const EVENTS: [&str; 3] = ["CREATED", "UPDATED", "DELETED"];
const TYPES: [&str; 3] = ["BLOG_POST", "FILE", "DOMAIN"];
const PEOPLE: [&str; 3] = ["Ann Ünal", "Bob", "Zoë Prices"];
const NAMES: [&str; 4] = ["Prices", "prices 2024", "Home", "Q&A \"new\""];
const HOUR: i64 = 3_600_000;

fn record() -> impl Strategy<Value = Record> {
    let when = prop_oneof![0..3 * HOUR, select(vec![0, HOUR - 1, HOUR, 2 * HOUR])];
    (when, select(&EVENTS[..]), select(&TYPES[..]), 0..3_u32, 0..4_u32, select(&NAMES[..])).prop_map(
        |(ms, event, object_type, user, object, name)| Record {
            ms,
            event,
            object_type,
            user,
            object,
            full_name: PEOPLE[user as usize].to_owned(),
            object_name: name.to_owned(),
        },
    )
}

fn values(of: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    prop_oneof![
        2 => Just(Vec::new()),
        3 => subsequence(of, 1..of.len()).prop_map(|set| set.into_iter().map(str::to_owned).collect()),
        1 => Just(vec!["NEVER_SEEN".to_owned()]),
    ]
}

fn search() -> impl Strategy<Value = Search> {
    let filter = (values(&EVENTS), values(&TYPES), values(&["0", "1", "2"]), values(&["0", "1", "2", "3"]))
        .prop_map(|(events, types, users, objects)| {
            Filter::default()
                .with(Dimension::EventType, events)
                .with(Dimension::ObjectType, types)
                .with(Dimension::UserId, users)
                .with(Dimension::ObjectId, objects)
        });
    let texts = ["", "  ", "pri", "PRICES", "ü", "n", "\"new\"", "zoë p", "a\" OR b", "%", "nobody"];
    let text = proptest::option::of(select(texts.to_vec()).prop_map(str::to_owned));
    let edge = || {
        let edges = prop_oneof![0..3 * HOUR, select(vec![0, HOUR, 2 * HOUR])];
        proptest::option::of(edges.prop_map(UtcMs))
    };
    let order = select(vec![Order::OldestFirst, Order::NewestFirst]);
    let connectors = select(vec![None, Some(vec![1]), Some(vec![2]), Some(vec![1, 2]), Some(vec![9])]);
    let limit = proptest::option::of(0..20_usize);
    (filter, text, edge(), edge(), order, connectors, limit).prop_map(
        |(filter, text, after, before, order, connectors, limit)| Search {
            connectors: connectors.map(|ids| ids.into_iter().map(ConnectorId).collect()),
            filter,
            text,
            after,
            before,
            order,
            limit,
            ..Search::default()
        },
    )
}

/// The same by looking at every entry.
fn by_hand(entries: &[Entry], search: &Search) -> Vec<Entry> {
    let text = search.text.as_deref().map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty());
    let matches = |entry: &&Entry| {
        let of_fields = match &entry.event {
            Ok(event) => {
                let names = [event.full_name.to_lowercase(), event.object_name.to_lowercase()];
                let named = text.as_ref().is_none_or(|text| names.iter().any(|name| name.contains(text)));
                search.filter.allows(event) && named
            }
            Err(_) => search.filter.is_empty() && text.is_none(),
        };
        of_fields
            && search.connectors.as_ref().is_none_or(|ids| ids.contains(&entry.connector))
            && search.after.is_none_or(|after| entry.timestamp >= after)
            && search.before.is_none_or(|before| entry.timestamp < before)
    };
    let mut found: Vec<Entry> = entries.iter().filter(matches).cloned().collect();
    found.sort_by_key(Entry::cursor);
    if search.order == Order::NewestFirst {
        found.reverse();
    }
    found.truncate(search.limit.unwrap_or(usize::MAX));
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_search_finds_what_a_scan_would_find(
        records in proptest::collection::vec((record(), any::<bool>()), 0..60),
        searches in proptest::collection::vec(search(), 12),
    ) {
        let log = Log::new();
        let other = log.add("other");
        for chunk in records.chunks(7) {
            let of = |to_other: bool| -> Vec<_> {
                let chosen = chunk.iter().filter(|(_, other)| *other == to_other);
                chosen.map(|(record, _)| record.seen()).chain([raw("{}")]).collect()
            };
            log.append(&of(false));
            log.append_to(&other, &of(true));
        }
        let entries = log.store.entries_after(hubtrail::store::Position(0), usize::MAX).unwrap();
        for search in searches {
            let expected = by_hand(&entries, &search);
            prop_assert_eq!(&log.store.search(&search).unwrap(), &expected, "{:?}", &search);
            prop_assert_eq!(log.store.count(&search).unwrap(), expected.len() as u64, "{:?}", &search);
            prop_assert_eq!(paged(&log, &search), expected, "{:?}", &search);
        }
    }
}

/// The same in pages of three, each going on behind the last entry of the one before.
fn paged(log: &Log, search: &Search) -> Vec<Entry> {
    let most = search.limit.unwrap_or(usize::MAX);
    let mut found: Vec<Entry> = Vec::new();
    let mut page = Search { limit: Some(3), ..search.clone() };
    while found.len() < most {
        let next = log.store.search(&page).unwrap();
        let Some(last) = next.last() else { break };
        page.from = Some(last.cursor());
        found.extend(next);
    }
    found.truncate(most);
    found
}

#[test]
fn a_search_handed_out_one_by_one_goes_on_while_the_log_is_written_and_stops_when_told() {
    let log = Log::new();
    let records: Vec<_> = (0..1_500).map(|ms| at(ms).seen()).collect();
    log.append(&records);
    let mut found = Vec::new();
    log.store
        .search_each(&Search::default(), |entry| {
            if found.is_empty() {
                log.append(&[at(-1).seen(), at(9_999).seen()]);
            }
            found.push(entry.timestamp.0);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(found.iter().copied().filter(|ms| (0..1_500).contains(ms)).count(), 1_500);
    assert!(found.is_sorted());
    let mut seen = 0;
    log.store
        .search_each(&Search::default(), |_| {
            seen += 1;
            if seen == 7 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
    assert_eq!(seen, 7);
}

#[test]
fn an_instant_with_very_many_entries_is_read_once_in_either_order() {
    let log = Log::new();
    let dense = (0..3_000_u32).map(|n| Record { object: n, ..at(5) }.seen());
    let records: Vec<_> = [at(4).seen()].into_iter().chain(dense).chain([at(6).seen()]).collect();
    log.append(&records);
    for order in [Order::OldestFirst, Order::NewestFirst] {
        let search = Search { order, ..Search::default() };
        let mut expected: Vec<i64> = (1..=3_002).collect();
        if order == Order::NewestFirst {
            expected.reverse();
        }
        let positions = |entries: &[Entry]| entries.iter().map(|entry| entry.position.0).collect::<Vec<_>>();
        let all = log.store.search(&search).unwrap();
        assert_eq!(positions(&all), expected);
        let rest = Search { from: Some(all[1_499].cursor()), ..search };
        assert_eq!(positions(&log.store.search(&rest).unwrap()), expected[1_500..]);
    }
}

#[test]
fn more_names_than_lanes_are_still_searched() {
    let log = Log::new();
    let records: Vec<_> = (0..1_200_u32)
        .map(|n| Record { object: n, object_name: format!("landing page {n}"), ..at(i64::from(n)) }.seen())
        .collect();
    log.append(&records);
    let search = |text: &str| Search { text: Some(text.to_owned()), limit: Some(3), ..Search::default() };
    assert_eq!(times(&log.store.search(&search("landing")).unwrap()), [0, 1, 2]);
    assert_eq!(times(&log.store.search(&search("page 1199")).unwrap()), [1_199]);
    assert_eq!(log.store.count(&Search { limit: None, ..search("landing") }).unwrap(), 1_200);
}

#[test]
fn a_name_that_was_only_seen_on_a_duplicate_is_not_found() {
    let log = Log::new();
    log.append(&[at(1).seen()]);
    log.append(&[Record { full_name: "Renamed".to_owned(), ..at(1) }.seen()]);
    let search = Search { text: Some("renamed".to_owned()), ..Search::default() };
    assert!(log.store.search(&search).unwrap().is_empty());
}

#[test]
fn the_oldest_held_entry_is_what_a_request_should_bring_back() {
    let log = Log::new();
    let deleted = Record { event: "DELETED", ..at(30) };
    log.append(&[raw("{}"), at(10).seen(), at(20).seen(), deleted.seen()]);
    let other = log.add("other");
    log.append_to(&other, &[at(1).seen()]);
    let held = |from, exclusive, before: Option<i64>, events: &[&str]| {
        let events = events.iter().map(|event| (*event).to_owned()).collect();
        let filter = Filter::default().with(Dimension::EventType, events);
        let held = Held { from: UtcMs(from), exclusive, before: before.map(UtcMs), filter };
        log.store.oldest_held(log.acme.id, Stream::Content, &held).unwrap().map(|at| at.0)
    };
    assert_eq!(held(0, false, None, &[]), Some(10));
    assert_eq!(held(10, false, None, &[]), Some(10));
    assert_eq!(held(10, true, None, &[]), Some(20));
    assert_eq!(held(10, true, Some(20), &[]), None);
    assert_eq!(held(0, false, None, &["DELETED"]), Some(30));
    assert_eq!(held(0, false, None, &["PUBLISHED"]), None);
    log.append_to(&other, &[raw("[]")]);
    assert_eq!(held(31, false, None, &[]), None);
}

#[test]
fn the_values_of_a_dimension_are_those_of_the_stream_newest_first() {
    let log = Log::new();
    let by = |user, ms, name: &str| Record { user, full_name: name.to_owned(), ..at(ms) }.seen();
    log.append(&[by(1, 1, "Ann"), by(2, 2, "Bob"), by(1, 3, "Ann B."), by(3, 4, "Cem")]);
    let seen =
        |dimension, most| log.store.values_seen(log.acme.id, Stream::Content, dimension, most).unwrap();
    assert_eq!(seen(Dimension::UserId, 9), ["3", "2", "1"]);
    assert_eq!(seen(Dimension::UserId, 2), ["3", "2"]);
    assert_eq!(seen(Dimension::EventType, 9), ["UPDATED"]);
    assert_eq!(seen(Dimension::ObjectType, 9), ["BLOG_POST"]);
    assert_eq!(seen(Dimension::ObjectId, 9), ["40"]);
    let other = log.add("other");
    assert!(log.store.values_seen(other.id, Stream::Content, Dimension::UserId, 9).unwrap().is_empty());
}

/// More of one person than can be looked at in no time, and an object of the same.
fn crowded() -> Log {
    let log = Log::new();
    let records: Vec<_> = (0..20_000).map(|ms| at(ms).seen()).collect();
    records.chunks(5_000).for_each(|chunk| {
        log.append(chunk);
    });
    log
}

#[test]
fn counting_that_is_cut_short_never_says_that_it_saw_all() {
    let log = crowded();
    let filter = Filter::default().with(Dimension::UserId, vec!["7".to_owned()]);
    let search = Search { filter, patience: Some(Duration::from_nanos(1)), ..Search::default() };
    let facets = log.store.facets(&search, 5, 100_000).unwrap();
    assert!(facets.entries < 20_000 && facets.since.is_some(), "{facets:?}");
    let patient = Search { patience: Some(Duration::from_mins(5)), ..search };
    let facets = log.store.facets(&patient, 5, 100_000).unwrap();
    assert_eq!((facets.entries, facets.since), (20_000, None));
}

#[test]
fn thousands_of_kinds_are_searched_through_each_accounts_own() {
    let log = Log::new();
    let other = log.add("other");
    // More kinds than lanes, half of them wanted.
    for (connector, from) in [(&log.acme, 0_u32), (&other, 700)] {
        let records: Vec<_> = (0..1_400_u32)
            .map(|n| {
                let event = if n % 2 == 0 { "UPDATED" } else { "DELETED" };
                let object_type: &'static str = format!("TYPE_{}", n / 2 + from).leak();
                Record { event, object_type, ..at(i64::from(n)) }.seen()
            })
            .collect();
        log.append_to(connector, &records);
    }
    let filter = Filter::default().with(Dimension::EventType, vec!["DELETED".to_owned()]);
    let search = Search { filter, ..Search::default() };
    assert_eq!(log.store.search(&search).unwrap().len(), 1_400);
    assert_eq!(log.store.count(&search).unwrap(), 1_400);
    let hours = log.store.spread(&search, 3_600_000, 1_000).unwrap();
    assert_eq!(hours.steps.values().sum::<u64>(), 1_400);
    let only = Search { connectors: Some(vec![other.id]), ..search };
    let found = log.store.search(&only).unwrap();
    assert!(found.len() == 700 && found.iter().all(|entry| entry.connector == other.id), "{}", found.len());
    assert_eq!(log.store.spread(&only, 3_600_000, 1_000).unwrap().steps.values().sum::<u64>(), 700);
}

#[test]
fn the_days_of_somebody_searched_by_name_are_those_under_that_name() {
    let log = Log::new();
    let records: Vec<_> = (0..15)
        .map(|n| {
            let (day, name) = if n < 10 { (0, "Anna Smith") } else { (1, "Anna Jones") };
            Record { full_name: name.to_owned(), ..at(day * DAY_MS + n) }.seen()
        })
        .collect();
    log.append(&records);
    let busiest = |text: Option<&str>| {
        let busy = Busy {
            connectors: None,
            side: Side::People,
            after: UtcMs(0),
            before: UtcMs(2 * DAY_MS),
            text: text.map(str::to_owned),
            top: 5,
        };
        let (found, _) = log.store.busiest(&busy).unwrap();
        (found.len(), found[0].entries, found[0].days.clone(), found[0].last)
    };
    let last = Some(UtcMs(DAY_MS + 14));
    assert_eq!(busiest(None), (1, 15, vec![10, 5], last));
    assert_eq!(busiest(Some("jones")), (1, 5, vec![0, 5], last));
    assert_eq!(busiest(Some("smith")), (1, 10, vec![10, 0], last));
}
