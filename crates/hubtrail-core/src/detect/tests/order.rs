//! Properties: the findings depend on the events, not on how they are delivered, and survive a restart.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

/// Rules of every kind over a few people, objects and verbs, so that random events complete them.
const RULES: &[&str] = &[
    "  type: event_count\n  rules: [deleted]\n  group-by: [userId]\n  timespan: 10m\n  condition: {gte: 3}",
    "  type: event_count\n  rules: [updated, published]\n  group-by: [userId]\n  timespan: 2h\n  condition: {gt: 3}",
    "  type: event_count\n  rules: [deleted]\n  timespan: 30h\n  condition: {gte: 5}",
    "  type: value_count\n  rules: [deleted, updated]\n  group-by: [userId]\n  timespan: 1h\n  condition: {gte: 2, field: objectType}",
    "  type: value_count\n  rules: [deleted, updated, published]\n  group-by: [userId]\n  timespan: 1h\n  condition: {gte: 3, field: hubtrail.rule}",
    "  type: temporal\n  rules: [deleted, published]\n  group-by: [userId]\n  timespan: 20m",
    "  type: temporal_ordered\n  rules: [updated, published, deleted]\n  group-by: [userId]\n  timespan: 3h",
    "  type: temporal_ordered\n  rules: [deleted, deleted2]\n  group-by: [objectId]\n  timespan: 1h",
];

static SETS: LazyLock<Vec<Arc<RuleSet>>> = LazyLock::new(|| {
    let second = "title: d2\nname: deleted2\nlogsource: {product: hubspot}\ndetection:\n  s: {event: [DELETED, UPDATED]}\n  condition: s\n---\n";
    let chained = "---\ntitle: chained\nid: 00000000-0000-4000-8000-000000000003\ncorrelation:\n  type: temporal\n  rules: [00000000-0000-4000-8000-000000000002, updated]\n  group-by: [userId]\n  timespan: 1h\n  generate: true\n";
    let alone = "---\ntitle: alone\nid: 00000000-0000-4000-8000-000000000004\nlogsource: {product: hubspot}\ndetection:\n  s: {event: PUBLISHED}\n  condition: s\n";
    RULES.iter().map(|body| rules(&format!("{second}{}{chained}{alone}", correlation(body)))).collect()
});

fn set(at: usize) -> Arc<RuleSet> {
    Arc::clone(&SETS[at])
}

fn events(most: usize) -> impl Strategy<Value = Vec<(Event, EventId)>> {
    let one = (
        // Mostly seconds apart, sometimes hours and days, so that windows, gaps and cuts are all met.
        prop_oneof![4 => 0i64..3_000, 4 => 0i64..400_000, 2 => 0i64..9_000_000, 1 => 0i64..60_000_000],
        0u8..3,
        prop::sample::select(vec!["DELETED", "UPDATED", "PUBLISHED"]),
        prop::sample::select(vec!["FILE", "EMAIL"]),
        0u8..3,
    );
    prop::collection::vec(one, 1..most).prop_map(|drafts| {
        let mut at = 0;
        let events = drafts.into_iter().map(|(pause, user, verb, kind, object)| {
            at += pause;
            let event = event(0, &user.to_string(), verb, kind, &object.to_string());
            Event { timestamp: event.timestamp.plus(at), ..event }
        });
        identified(events.collect())
    })
}

/// A delivery in which no event comes later than allowed: each may be held back for some time.
fn held_back(events: &[(Event, EventId)], delays: &[i64]) -> Vec<(Event, EventId)> {
    let mut delivery: Vec<_> = events
        .iter()
        .zip(delays.iter().cycle())
        .map(|(event, delay)| (event.0.timestamp.plus(delay % LATENESS_MS), event.clone()))
        .collect();
    delivery.sort_by_key(|(arrives, (_, id))| (*arrives, *id));
    delivery.into_iter().map(|(_, event)| event).collect()
}

fn delays() -> impl Strategy<Value = Vec<i64>> {
    let delay = prop_oneof![2 => Just(0i64), 2 => 0i64..5_000, 2 => 0i64..3_600_000, 2 => 0i64..LATENESS_MS];
    prop::collection::vec(delay, 1..40)
}

proptest! {
    #[test]
    fn the_order_of_delivery_does_not_matter(
        rule in 0..RULES.len(),
        events in events(70),
        delays in delays(),
        batch in 1usize..20,
    ) {
        let set = set(rule);
        let sorted = delivered(&set, &events, batch);
        prop_assert_eq!(&delivered(&set, &held_back(&events, &delays), batch), &sorted);
    }

    #[test]
    fn what_is_delivered_again_changes_nothing(
        rule in 0..RULES.len(),
        events in events(50),
        delays in delays(),
        again in prop::collection::vec(any::<Index>(), 1..20),
    ) {
        let set = set(rule);
        let once = delivered(&set, &events, 3);
        let mut delivery: Vec<_> = events.iter().chain(again.iter().map(|index| index.get(&events))).cloned().collect();
        delivery.sort_by_key(|(event, id)| (event.timestamp, *id));
        prop_assert_eq!(&delivered(&set, &held_back(&delivery, &delays), 3), &once);
    }

    #[test]
    fn nothing_looks_ahead(rule in 0..RULES.len(), events in events(60), cut in any::<Index>()) {
        let set = set(rule);
        let cut = cut.index(events.len());
        let end = events[cut].0.timestamp;
        let known: Vec<_> = events.iter().filter(|(event, _)| event.timestamp <= end).cloned().collect();
        let raised = |findings: Findings| {
            let raised = findings.into_values().filter(|finding| finding.time <= end);
            raised.map(|finding| (finding.id, finding.time, finding.score.to_bits())).collect::<Vec<_>>()
        };
        prop_assert_eq!(raised(delivered(&set, &known, 5)), raised(delivered(&set, &events, 5)));
    }

    #[test]
    fn a_detector_that_read_its_horizon_again_goes_on_as_the_one_before(
        rule in 0..RULES.len(),
        events in events(90),
        delays in delays(),
        stop in any::<Index>(),
    ) {
        let set = set(rule);
        let delivery = held_back(&events, &delays);
        let whole = delivered(&set, &delivery, 1);
        let stop = stop.index(delivery.len());
        let mut first = Detector::new(Arc::clone(&set), LATENESS_MS);
        let mut findings = Findings::new();
        for (event, id) in &delivery[..stop] {
            first.advance(event.timestamp);
            first.observe(event, *id);
            note(&mut findings, first.changes());
        }
        let now = delivery[..stop].iter().map(|(event, _)| event.timestamp).max();
        let mut second = Detector::new(Arc::clone(&set), LATENESS_MS);
        if let Some(now) = now {
            let horizon = first.horizon();
            let mut again: Vec<_> =
                delivery[..stop].iter().filter(|(event, _)| event.timestamp >= horizon).collect();
            again.sort_by_key(|(event, id)| (event.timestamp, *id));
            second.rebuild(now, again.into_iter().map(|(event, id)| (event, *id)));
        }
        for (event, id) in &delivery[stop..] {
            second.advance(event.timestamp);
            second.observe(event, *id);
            note(&mut findings, second.changes());
        }
        prop_assert_eq!(findings, whole);
    }
}
