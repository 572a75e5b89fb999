//! Searching: every filter, in either order, from an index.

use hubtrail::store::Search;
use hubtrail_core::page::{Dimension, Filter, Order};

use crate::store_support::{Log, at, times};

#[test]
fn filters_are_sets_that_must_all_match() {
    let log = Log::new();
    let deleted = crate::store_support::Record { event: "DELETED", ..at(1) };
    let by_other = crate::store_support::Record { user: 8, ..at(2) };
    log.append(&[deleted.seen(), by_other.seen(), at(3).seen()]);
    let found = |filter: Filter| {
        times(&log.store.search(&Search { filter, order: Order::NewestFirst, ..Search::default() }).unwrap())
    };
    let only = |dimension, values: &[&str]| {
        Filter::default().with(dimension, values.iter().map(|value| (*value).to_owned()).collect())
    };
    assert_eq!(found(Filter::default()), [3, 2, 1]);
    assert_eq!(found(only(Dimension::EventType, &["DELETED", "RESTORE"])), [1]);
    assert_eq!(found(only(Dimension::UserId, &["7"])), [3, 1]);
    assert_eq!(
        found(only(Dimension::UserId, &["7"]).with(Dimension::EventType, vec!["UPDATED".into()])),
        [3]
    );
    assert_eq!(found(only(Dimension::ObjectId, &["41"])), [0_i64; 0]);
}
