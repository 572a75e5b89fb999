//! Counts over days, weeks and quarters: always what the hours, and the entries themselves, add up to.

use std::collections::{BTreeMap, BTreeSet};

use hubtrail::store::{Depth, Retention, Search};
use hubtrail_core::page::{Dimension, Filter};
use hubtrail_core::time::UtcMs;
use proptest::prelude::*;

use crate::store_support::{Log, Record, at, raw};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const MOST: u64 = 1_000;

fn between(after: Option<i64>, before: Option<i64>, filter: Filter) -> Search {
    Search { after: after.map(UtcMs), before: before.map(UtcMs), filter, ..Search::default() }
}

fn deletions() -> Filter {
    Filter::default().with(Dimension::EventType, vec!["DELETED".to_owned()])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn spans_follow_the_entries_that_come_and_go(
        records in proptest::collection::btree_map(-200 * DAY..200 * DAY, any::<bool>(), 1..60),
        cut in 0..60_usize,
        retire_before in -250 * DAY..250 * DAY,
        range in (-250 * DAY..250 * DAY, -250 * DAY..250 * DAY),
        ends in (any::<bool>(), any::<bool>()),
        of_deletions in any::<bool>(),
    ) {
        let log = Log::new();
        let seen: Vec<_> = records
            .iter()
            .map(|(ms, is_deletion)| Record { event: if *is_deletion { "DELETED" } else { "UPDATED" }, ..at(*ms) }.seen())
            .collect();
        let (first, second) = seen.split_at(cut.min(seen.len()));
        log.append(second);
        log.append(first);
        let retention = Retention { before: UtcMs(retire_before), connectors: None, past_readers: false, past_sinks_before: None };
        log.store.retire(&retention).unwrap();
        prop_assert_eq!(log.store.check(Depth::Full).unwrap().problems, Vec::<String>::new());

        let filter = if of_deletions { deletions() } else { Filter::default() };
        let search = between(ends.0.then_some(range.0), ends.1.then_some(range.1), filter.clone());
        let found = log.store.search(&search).unwrap().len() as u64;
        prop_assert_eq!(log.store.known_count(&search).unwrap(), Some(found), "{:?}", &search);
        prop_assert_eq!(log.store.count(&search).unwrap(), found, "{:?}", &search);

        let of_step = |days: i64| log.store.spread(&between(None, None, filter.clone()), days * DAY, MOST).unwrap();
        let by_hour = log.store.spread(&between(None, None, filter.clone()), HOUR, MOST).unwrap().steps;
        for days in [1, 2, 7, 14, 28, 91] {
            let mut expected = BTreeMap::<UtcMs, u64>::new();
            for (hour, entries) in &by_hour {
                *expected.entry(hour.minus(hour.0.rem_euclid(days * DAY))).or_default() += entries;
            }
            prop_assert_eq!(of_step(days).steps, expected, "{} days", days);
        }
    }
}

#[test]
fn a_spread_by_type_tells_the_same_from_hours_and_from_entries() {
    let log = Log::new();
    let deleted = |ms: i64| Record { event: "DELETED", ..at(ms) }.seen();
    log.append(&[at(DAY).seen(), at(DAY + 1).seen(), deleted(DAY + 2), deleted(9 * DAY), raw("0")]);
    let person = log.all()[0].event.as_ref().unwrap().user_id.clone();
    let of_person = Filter::default().with(Dimension::UserId, vec![person]);
    let told = |filter: Filter, most: u64| {
        let spread = log.store.spread_by_type(&between(None, None, filter), DAY, most).unwrap();
        let steps = spread.steps.into_iter().flat_map(|(at, types)| {
            types.into_iter().map(move |(event, entries)| (at.0 / DAY, event.unwrap_or_default(), entries))
        });
        (steps.collect::<BTreeSet<_>>(), spread.since.map(|since| since.0 / DAY))
    };
    let of = |day, event: &str, entries| (day, event.to_owned(), entries);
    let readable = BTreeSet::from([of(1, "UPDATED", 2), of(1, "DELETED", 1), of(9, "DELETED", 1)]);
    assert_eq!(told(of_person.clone(), MOST), (readable.clone(), None));
    // What could not be read has no type, and stands with the record before it.
    let all = readable.iter().cloned().chain([of(9, "", 1)]).collect::<BTreeSet<_>>();
    assert_eq!(told(Filter::default(), MOST), (all, None));
    // Where counting stops within a day, nothing is said of that day.
    assert_eq!(told(of_person, 2), (BTreeSet::from([of(9, "DELETED", 1)]), Some(2)));
}

#[test]
fn a_count_is_only_known_where_nothing_but_types_and_times_is_asked_for() {
    let log = Log::new();
    log.append(&[at(1).seen(), at(2).seen()]);
    let known = |search: Search| log.store.known_count(&search).unwrap();
    assert_eq!(known(Search { limit: Some(1), ..Search::default() }), Some(2), "a limit is of the answer");
    assert_eq!(known(between(None, None, deletions())), Some(0));
    assert_eq!(known(Search { text: Some("page".to_owned()), ..Search::default() }), None);
}
