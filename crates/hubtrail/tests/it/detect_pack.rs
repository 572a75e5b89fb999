//! The shipped rules: all of them understood, explained, and true to their own examples.

use std::collections::BTreeSet;
use std::path::Path;

use hubtrail::rules::{SHIPPED, load, read, shipped};
use hubtrail_core::detect::{Rule, RuleSet};
use jiff::tz::TimeZone;

fn pack() -> RuleSet {
    let (set, problems) = load(None, &TimeZone::UTC).unwrap();
    assert_eq!(problems, []);
    set
}

/// Rules that raise findings, or would if they were switched on.
fn raising(set: &RuleSet) -> impl Iterator<Item = &Rule> {
    set.rules().iter().filter(|rule| rule.raises || !rule.enabled)
}

#[test]
fn the_binary_has_what_is_in_the_directory() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let files: BTreeSet<_> = read(&directory).unwrap().into_iter().map(|source| source.text).collect();
    assert_eq!(files, shipped().map(|source| source.text).collect());
    assert!(SHIPPED.is_sorted_by_key(|(name, _)| name));
}

#[test]
fn every_rule_says_why_what_to_do_and_what_else_it_could_be() {
    let set = pack();
    for rule in raising(&set) {
        let title = &rule.title;
        assert!(rule.id.len() == 36, "{title}: a building block that nothing builds on?");
        assert!(!rule.description.is_empty() && !rule.response.is_empty(), "{title}");
        assert!(!rule.falsepositives.is_empty(), "{title}");
        assert!(rule.watch || !rule.attack.is_empty(), "{title}");
        assert!(!set.explain(rule).is_empty(), "{title}");
    }
    assert!(raising(&set).filter(|rule| !rule.watch).count() >= 25);
}

#[test]
fn every_rule_keeps_what_its_examples_promise_in_any_order_of_delivery() {
    let set = pack();
    for rule in raising(&set) {
        assert!(rule.examples.iter().any(|example| example.raises > 0), "{}: no match", rule.title);
        assert!(rule.examples.iter().any(|example| example.raises == 0), "{}: no near miss", rule.title);
        let people = |example: &hubtrail_core::detect::Example| {
            example.events.iter().map(|event| event.user_id.clone()).collect::<BTreeSet<_>>().len()
        };
        assert!(rule.examples.iter().any(|example| people(example) > 1), "{}: no other person", rule.title);
        for example in &rule.examples {
            assert_eq!(set.try_example(rule, example), Ok(()), "{}: {}", rule.title, example.name);
        }
    }
}

#[test]
fn watches_are_off_and_outside_any_ranking() {
    let set = pack();
    let watches: Vec<_> = set.rules().iter().filter(|rule| rule.watch).collect();
    assert!(watches.len() >= 3);
    for watch in watches {
        assert!(!watch.enabled && !watch.raises && watch.score == 0.0, "{}", watch.title);
    }
}
