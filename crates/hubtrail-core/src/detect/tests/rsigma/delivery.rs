//! Deliveries out of order, with which rsigma is known to be wrong: it takes the order of arrival for time.

use super::*;

const TEN_DELETIONS: &str =
    "  type: event_count\n  rules: [deleted]\n  group-by: [userId]\n  timespan: 10m\n  condition: {gte: 10}";

/// Whether ten deletions within ten minutes are found in deletions delivered in this order: by us, by rsigma.
fn found(minutes: impl IntoIterator<Item = i64>) -> (bool, bool) {
    let text = correlation(TEN_DELETIONS);
    let deletions =
        minutes.into_iter().map(|minute| event(minute, "1", "DELETED", "FILE", &minute.to_string()));
    let events = identified(deletions.collect());
    let ours = delivered(&rules(&text), &events, 1);
    (!ours.is_empty(), !their_firings(&mut theirs(&text), &events).is_empty())
}

#[test]
fn ten_deletions_over_two_hours_are_no_burst() {
    assert_eq!(found((0..10).map(|n| n * 12)), (false, false));
}

#[test]
fn ten_deletions_over_two_hours_are_no_burst_newest_first_either() {
    assert_eq!(found((0..10).rev().map(|n| n * 12)), (false, true), "ours, and what rsigma says");
}

#[test]
fn nine_deletions_and_an_old_one_that_comes_between_them_are_no_burst() {
    assert_eq!(found([0, 1, 2, 3, -120, 4, 5, 6, 7, 8]), (false, true), "ours, and what rsigma says");
}

#[test]
fn a_burst_of_ten_deletions_is_one_newest_first_too() {
    assert_eq!(found((0..10).rev()), (true, true));
}
