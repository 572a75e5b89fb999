//! Windows, sequences and episodes by event time, also where other engines are known to be wrong.

use std::collections::BTreeSet;

use super::*;

fn ten_deletions() -> String {
    correlation(
        "  type: event_count\n  rules: [deleted]\n  group-by: [userId]\n  timespan: 10m\n  condition: {gte: 10}",
    )
}

fn deletions(minutes: impl IntoIterator<Item = i64>) -> Vec<Event> {
    minutes.into_iter().map(|minute| event(minute, "1", "DELETED", "FILE", &minute.to_string())).collect()
}

/// Delivered as given, told of after every event.
fn as_given(rule: &str, events: Vec<Event>) -> Findings {
    delivered(&rules(rule), &identified(events), 1)
}

#[test]
fn order_of_arrival_is_not_order_of_time() {
    let far_apart: Vec<_> = (0..10).map(|n| n * 12).collect();
    assert_eq!(as_given(&ten_deletions(), deletions(far_apart.clone())).len(), 0);
    assert_eq!(as_given(&ten_deletions(), deletions(far_apart.into_iter().rev())).len(), 0, "newest first");
    let with_an_old_one = [0, 1, 2, 3, -120, 4, 5, 6, 7, 8];
    assert_eq!(as_given(&ten_deletions(), deletions(with_an_old_one)).len(), 0, "nine and an old one");
    assert_eq!(as_given(&ten_deletions(), deletions((0..10).rev())).len(), 1, "ten, newest first");
}

#[test]
fn a_window_is_as_long_as_it_says_to_the_millisecond() {
    let mut events = deletions(0..9);
    let last = events[0].timestamp.plus(10 * MINUTE);
    events.push(Event { timestamp: last, ..event(99, "1", "DELETED", "FILE", "99") });
    assert_eq!(as_given(&ten_deletions(), events.clone()).len(), 1);
    events[9].timestamp = last.plus(1);
    assert_eq!(as_given(&ten_deletions(), events).len(), 0);
}

#[test]
fn a_finding_is_raised_by_the_completing_event_and_grows_with_its_episode() {
    let rule = ten_deletions();
    let findings = as_given(&rule, deletions(0..14));
    let finding = findings.values().next().unwrap();
    assert_eq!(findings.len(), 1);
    assert_eq!(finding.time, event(9, "", "", "", "").timestamp);
    assert_eq!((finding.events, finding.evidence.len()), (14, 14));
    let start = as_given(&rule, deletions(0..10));
    assert_eq!(start.keys().next(), findings.keys().next(), "the id stays as it grows");
    let pause = as_given(&rule, deletions((0..10).chain(200..210)));
    assert_eq!(pause.len(), 2, "a gap ends the episode");
    let bridge = as_given(&rule, deletions((0..10).chain(60..70)));
    assert_eq!(bridge.len(), 1, "less than an hour later it goes on");
}

#[test]
fn a_late_event_completes_extends_and_joins() {
    let rule = ten_deletions();
    assert_eq!(as_given(&rule, deletions((1..10).chain([0]))).len(), 1, "the tenth comes late");
    let extended = as_given(&rule, deletions((1..12).chain([0])));
    assert_eq!(extended.len(), 1);
    assert_eq!(extended, as_given(&rule, deletions(0..12)), "an earlier first event");
    let joined = as_given(&rule, deletions((0..10).chain(100..110).chain(50..60)));
    assert_eq!(joined, as_given(&rule, deletions((0..10).chain(50..60).chain(100..110))));
    assert_eq!(joined.len(), 1, "what came late joins two findings into one");
}

#[test]
fn what_is_later_than_allowed_is_counted_and_changes_nothing() {
    let mut detector = Detector::new(rules(&single("  s: {event: DELETED}\n  condition: s")), HOUR);
    for (event, id) in
        identified(vec![event(0, "1", "DELETED", "FILE", "1"), event(-61, "1", "DELETED", "FILE", "2")])
    {
        detector.advance(event.timestamp);
        detector.observe(&event, id);
    }
    assert_eq!((detector.changes().len(), detector.overlooked().late), (1, 1));
}

#[test]
fn an_act_of_several_events_counts_once() {
    let rule = correlation(
        "  type: event_count\n  rules: [updated, published]\n  group-by: [userId]\n  timespan: 1h\n  condition: {gte: 4}",
    );
    let clicks = |n: i64| {
        let click = |n| {
            let update = event(n, "1", "UPDATED", "LANDING_PAGE", &n.to_string());
            let publish = Event {
                event: "PUBLISHED".to_owned(),
                timestamp: update.timestamp.plus(1_100),
                ..update.clone()
            };
            [update, publish]
        };
        (0..n).flat_map(click).collect::<Vec<_>>()
    };
    assert_eq!(as_given(&rule, clicks(3)).len(), 0);
    let findings = as_given(&rule, clicks(4));
    assert_eq!(findings.len(), 1);
    assert_eq!(findings.values().next().unwrap().events, 8, "both events of an act are evidence");
}

#[test]
fn sequences_values_and_chains() {
    let ordered = correlation(
        "  type: temporal_ordered\n  rules: [updated, published, deleted]\n  group-by: [userId, objectId]\n  timespan: 30m",
    );
    let life = |minutes: [i64; 3]| {
        let verbs = ["UPDATED", "PUBLISHED", "DELETED"];
        verbs
            .iter()
            .zip(minutes)
            .map(|(verb, minute)| event(minute, "1", verb, "FILE", "5"))
            .collect::<Vec<_>>()
    };
    assert_eq!(as_given(&ordered, life([0, 10, 20])).len(), 1);
    assert_eq!(as_given(&ordered, life([10, 0, 20])).len(), 0);
    assert_eq!(as_given(&ordered, life([0, 10, 31])).len(), 0);
    let unordered = ordered.replace("temporal_ordered", "temporal");
    assert_eq!(as_given(&unordered, life([10, 0, 20])).len(), 1);
    let kinds = correlation(
        "  type: value_count\n  rules: [deleted]\n  group-by: [userId]\n  timespan: 1h\n  condition: {gte: 3, field: objectType}",
    );
    let of = |kinds: &[&str]| {
        kinds
            .iter()
            .enumerate()
            .map(|(n, kind)| event(n as i64, "1", "DELETED", kind, "5"))
            .collect::<Vec<_>>()
    };
    assert_eq!(as_given(&kinds, of(&["FILE", "FILE", "EMAIL", "FILE"])).len(), 0);
    assert_eq!(as_given(&kinds, of(&["FILE", "EMAIL", "CTA"])).len(), 1);
    let chained = format!(
        "{}---\ntitle: twice\nid: 00000000-0000-4000-8000-000000000003\ncorrelation:\n  type: temporal\n  rules: [00000000-0000-4000-8000-000000000002, updated]\n  group-by: [userId]\n  timespan: 2h\n",
        ten_deletions()
    );
    let mut events = deletions(0..10);
    assert_eq!(as_given(&chained, events.clone()).len(), 0, "a building block raises nothing itself");
    events.push(event(100, "1", "UPDATED", "FILE", "5"));
    let findings = as_given(&chained, events.clone());
    assert_eq!(findings.values().next().unwrap().events, 11, "it is proved by all that its parts are");
    events.reverse();
    assert_eq!(as_given(&chained, events), findings);
}

#[test]
fn a_count_of_different_rules_and_aliases() {
    let rules = correlation(
        "  type: value_count\n  rules: [deleted, updated, published]\n  group-by: [userId]\n  timespan: 1h\n  generate: true\n  condition: {gte: 2, field: hubtrail.rule}",
    );
    let two = vec![event(0, "1", "DELETED", "FILE", "1"), event(5, "1", "UPDATED", "FILE", "2")];
    assert_eq!(as_given(&rules, two).len(), 3, "with `generate` the parts are told of as well");
    let aliased = correlation(
        "  type: temporal\n  rules: [deleted, updated]\n  aliases:\n    who: {deleted: userId, updated: objectId}\n  group-by: [who]\n  timespan: 1h",
    );
    assert_eq!(
        as_given(
            &aliased,
            vec![event(0, "1", "DELETED", "FILE", "7"), event(1, "2", "UPDATED", "FILE", "1")]
        )
        .len(),
        1
    );
}

#[test]
fn an_endless_chain_is_cut_into_bounded_findings() {
    let rule = single("  s: {event: DELETED}\n  condition: s");
    let events = deletions((0..10 * 24 * 2).map(|half_hour| half_hour * 30));
    let findings = as_given(&rule, events);
    assert!((5..=11).contains(&findings.len()), "{}", findings.len());
    for finding in findings.values() {
        assert!(finding.last_seen.since(finding.first_seen) < 48 * HOUR);
    }
    assert_eq!(findings.values().map(|finding| finding.events).sum::<usize>(), 480);
}

#[test]
fn what_an_endless_chain_is_cut_into_has_ids_of_its_own() {
    let rule = correlation(
        "  type: temporal_ordered\n  rules: [updated, deleted]\n  group-by: [userId]\n  timespan: 1d",
    );
    let hours =
        [(0, "UPDATED"), (1, "DELETED"), (21, "DELETED"), (40, "UPDATED"), (44, "DELETED"), (63, "DELETED")];
    let events = hours.map(|(hour, verb)| event(60 * hour, "1", verb, "FILE", &hour.to_string()));
    let raised = |findings: Findings| findings.values().map(|finding| finding.time).collect::<BTreeSet<_>>();
    let at = |hour: usize| events[hour].timestamp;
    let findings = raised(as_given(&rule, events.to_vec()));
    assert_eq!(
        findings,
        BTreeSet::from([at(1), at(4), at(5)]),
        "cut at two midnights, both within one window"
    );
    let late = [1, 0, 2, 4, 3, 5].map(|at| events[at].clone());
    assert_eq!(raised(as_given(&rule, late.to_vec())), findings);
}

#[test]
fn an_event_matters_for_as_long_as_any_rule_that_builds_on_it_remembers() {
    let set = rules(&ten_deletions());
    let detector = Detector::new(Arc::clone(&set), HOUR);
    let now = event(0, "1", "DELETED", "FILE", "1").timestamp;
    let reach = set.reach_ms("FILE", "DELETED").unwrap();
    assert_eq!(detector.horizon_at(now), now.minus(HOUR).minus(reach), "the longest of all rules in use");
    assert_eq!(set.reach_ms("FILE", "NEVER"), None);
    let off = set.switched(set.rules().iter().map(|rule| (rule.id.as_str(), false)));
    assert_eq!(off.reach_ms("FILE", "DELETED"), None, "rules that are off look at nothing");
    let on = off.switched(set.rules().iter().map(|rule| (rule.id.as_str(), true)));
    assert_eq!(on.reach_ms("FILE", "DELETED"), Some(reach));
    let raising = |set: &RuleSet| set.rules().iter().filter(|rule| rule.raises).count();
    assert_eq!(raising(&on), raising(&set), "a building block stays one");
}
