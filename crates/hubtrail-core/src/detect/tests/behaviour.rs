//! Behaviour: what is learned, when it is told, and that neither the order of delivery nor a restart changes it.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::detect::{Alert, Behaviour, Settings, Verdict};
use crate::finding::Severity;

const DAY: i64 = 24 * 60;
const QUIET_DAYS: i64 = 45;
const PEOPLE: [&str; 4] = ["1", "2", "3", "4"];

/// Six weeks of the same: two people edit pages in the morning, one the templates, one redirects.
fn quiet() -> Vec<Event> {
    let work = [
        ("1", "UPDATED", "WEBSITE_PAGE"),
        ("2", "PUBLISHED", "BLOG_POST"),
        ("3", "UPDATED", "TEMPLATE"),
        ("4", "UPDATED", "URL_MAPPING"),
    ];
    let days = (0..QUIET_DAYS).flat_map(|day| {
        work.into_iter().enumerate().flat_map(move |(at, (user, verb, kind))| {
            let start = day * DAY + 17 * at as i64 + (day * 7) % 50;
            (0..3).map(move |act| event(start + 4 * act, user, verb, kind, &format!("{}", (day + act) % 9)))
        })
    });
    let mut events: Vec<_> = days.collect();
    events.sort_by_key(|event| event.timestamp);
    events
}

fn behaviour(lateness_ms: i64) -> Behaviour {
    Behaviour::new(Settings { lateness_ms, budget: 5.0 })
}

fn detector(set: &Arc<RuleSet>) -> Detector {
    Detector::new(Arc::clone(set), LATENESS_MS).with_behaviour(behaviour(LATENESS_MS))
}

/// The findings of events in this order, told of in batches, the clock being the newest event.
fn found(set: &Arc<RuleSet>, events: &[(Event, EventId)], batch: usize) -> Findings {
    let mut detector = detector(set);
    let mut findings = Findings::new();
    for events in events.chunks(batch) {
        for (event, id) in events {
            detector.advance(event.timestamp);
            detector.observe(event, *id);
        }
        note(&mut findings, detector.changes());
    }
    let newest = events.iter().map(|(event, _)| event.timestamp).max();
    detector.advance(newest.unwrap_or(UtcMs(0)).plus(3_600_000));
    note(&mut findings, detector.changes());
    findings
}

/// A quiet account and then what is given, minutes after the quiet ended.
fn story(drafts: &[(i64, &str, &str, &str, &str)]) -> Vec<(Event, EventId)> {
    let mut events = quiet();
    let after = QUIET_DAYS * DAY;
    events.extend(
        drafts.iter().map(|(at, user, verb, kind, object)| event(after + at, user, verb, kind, object)),
    );
    events.sort_by_key(|event| event.timestamp);
    identified(events)
}

fn no_rules() -> Arc<RuleSet> {
    Arc::new(RuleSet::default())
}

const TAKEOVER: &[(i64, &str, &str, &str, &str)] = &[
    (DAY + 900, "2", "UPDATED", "DOMAIN", "d1"),
    (DAY + 901, "2", "DELETED", "DOMAIN", "d2"),
    (DAY + 902, "2", "UPDATED", "CONTENT_SETTINGS", "s1"),
    (DAY + 904, "2", "CREATED", "SERVERLESS_FUNCTION", "f1"),
];

#[test]
fn what_somebody_never_did_at_an_hour_they_never_work_is_told_with_numbers() {
    let findings = found(&no_rules(), &story(TAKEOVER), 7);
    let findings: Vec<_> = findings.into_values().collect();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    let finding = &findings[0];
    assert!(finding.is_behaviour() && finding.severity >= Severity::Medium, "{finding:#?}");
    assert_eq!((finding.events, finding.actor.id.as_str()), (4, "2"));
    for said in ["Of their ", ", none ", "in the account", "bits", "UTC", "alerts of this account begin at"] {
        assert!(finding.reason.contains(said), "`{said}` is not in: {}", finding.reason);
    }
}

#[test]
fn the_same_work_as_ever_is_not_told() {
    assert_eq!(found(&no_rules(), &identified(quiet()), 5), Findings::new());
}

#[test]
fn nothing_is_judged_before_there_is_history_and_it_says_so() {
    let mut early = quiet();
    early.truncate(60);
    let last = early[early.len() - 1].timestamp;
    early.push(Event { timestamp: last.plus(60_000), ..event(0, "2", "DELETED", "DOMAIN", "d") });
    assert_eq!(found(&no_rules(), &identified(early), 5), Findings::new());
    let mut behaviour = behaviour(LATENESS_MS);
    behaviour.advance(last);
    assert!(!behaviour.standing().is_ready);
}

/// What rules may ask about the person's next act of that kind, some days later.
fn is_novel_after(verdict: Option<Verdict>) -> String {
    let mut detector = detector(&no_rules());
    let mut findings = Findings::new();
    let events = story(TAKEOVER);
    for (event, id) in &events {
        detector.advance(event.timestamp);
        detector.observe(event, *id);
        note(&mut findings, detector.changes());
    }
    let newest = events[events.len() - 1].0.timestamp;
    detector.advance(newest.plus(3_600_000));
    note(&mut findings, detector.changes());
    let id = *findings.keys().next().expect("the takeover is found");
    if let Some(verdict) = verdict {
        detector.judge(id, verdict, newest.plus(2 * 3_600_000));
    }
    let probe = Event { timestamp: newest.plus(5 * 86_400_000), ..event(0, "2", "UPDATED", "DOMAIN", "d1") };
    detector.advance(probe.timestamp);
    let rule = "title: new\nid: 00000000-0000-4000-8000-000000000009\nlogsource: {product: hubspot}\ndetection:\n  s: {behaviour.first_seen_user_event: true}\n  condition: s\n";
    let told = detector.would_match(&rules(rule), &probe);
    if told { "novel" } else { "known" }.to_owned()
}

#[test]
fn an_open_finding_teaches_nothing_until_somebody_says_that_it_was_expected() {
    assert_eq!(is_novel_after(None), "novel");
    assert_eq!(is_novel_after(Some(Verdict::Malicious)), "novel");
    assert_eq!(is_novel_after(Some(Verdict::Expected)), "known");
}

#[test]
fn rules_may_ask_what_is_usual() {
    let rule = "title: rare\nid: 00000000-0000-4000-8000-000000000008\nlogsource: {product: hubspot}\ndetection:\n  s:\n    objectType: DOMAIN\n    behaviour.rarity_bits|gte: 4\n    behaviour.first_seen_user_type: true\n    behaviour.user_dormant_days|lt: 5\n  condition: s\n";
    let set = rules(rule);
    let by_rule = |events: &[(Event, EventId)]| {
        found(&set, events, 3).into_values().filter(|finding| !finding.is_behaviour()).count()
    };
    assert_eq!(by_rule(&story(TAKEOVER)), 1);
    assert_eq!(by_rule(&story(&[(DAY, "4", "UPDATED", "URL_MAPPING", "1")])), 0);
}

#[test]
fn a_rule_that_cries_wolf_loses_its_score() {
    let rule = "title: redirects\nid: 00000000-0000-4000-8000-000000000007\nlevel: high\nlogsource: {product: hubspot}\ndetection:\n  s: {objectType: URL_MAPPING}\n  condition: s\n---\ntitle: domains\nid: 00000000-0000-4000-8000-000000000006\nlevel: high\nlogsource: {product: hubspot}\ndetection:\n  s: {objectType: DOMAIN}\n  condition: s\n";
    let findings = found(
        &rules(rule),
        &story(&[(DAY, "4", "UPDATED", "URL_MAPPING", "1"), (DAY, "4", "UPDATED", "DOMAIN", "1")]),
        4,
    );
    let newest = |title: &str| {
        let of = findings.values().filter(|finding| finding.title == title);
        of.max_by_key(|finding| finding.time).map(|finding| finding.score).expect("it was raised")
    };
    assert!(
        newest("redirects") < 10.0 && newest("domains") > 50.0,
        "{} {}",
        newest("redirects"),
        newest("domains")
    );
}

/// Where two outcomes differ, line by line: whole findings would bury it.
fn differences(left: &Findings, right: &Findings) -> Vec<String> {
    let lines = |findings: &Findings, id| -> Vec<String> {
        let text = findings.get(id).map(|finding: &Finding| format!("{finding:#?}")).unwrap_or_default();
        text.lines().map(|line| line.trim().to_owned()).collect()
    };
    let ids: std::collections::BTreeSet<_> = left.keys().chain(right.keys()).collect();
    let mut differences = Vec::new();
    for id in ids {
        let (left, right) = (lines(left, id), lines(right, id));
        let only = |these: &[String], those: &[String], sign: char| -> Vec<String> {
            these
                .iter()
                .filter(|line| !those.contains(line))
                .map(|line| format!("{id} {sign} {line}"))
                .collect()
        };
        differences.extend(only(&left, &right, '-'));
        differences.extend(only(&right, &left, '+'));
        if differences.is_empty() && left != right {
            differences.push(format!("{id}: the same lines in another order"));
        }
    }
    differences
}

/// Every other case with rules, whose findings are weighed by what is usual.
fn some_rules(are_any: bool) -> Arc<RuleSet> {
    static SET: std::sync::LazyLock<Arc<RuleSet>> = std::sync::LazyLock::new(|| {
        let correlation = "title: many\nid: 00000000-0000-4000-8000-000000000005\nlevel: high\ncorrelation:\n  type: event_count\n  rules: [deleted]\n  group-by: [userId]\n  timespan: 2h\n  condition: {gte: 2}\n";
        rules(&format!(
            "title: rare\nid: 00000000-0000-4000-8000-000000000004\nlevel: high\nlogsource: {{product: hubspot}}\ndetection:\n  s: {{behaviour.rarity_bits|gte: 4}}\n  condition: s\n---\ntitle: deleted\nname: deleted\nlogsource: {{product: hubspot}}\ndetection:\n  s: {{event: DELETED}}\n  condition: s\n---\n{correlation}"
        ))
    });
    if are_any { Arc::clone(&SET) } else { no_rules() }
}

fn deeds() -> impl Strategy<Value = Vec<(i64, usize, &'static str, &'static str, u8)>> {
    let deed = (
        prop_oneof![4 => 0i64..4, 3 => 0i64..90, 1 => 0i64..2 * DAY],
        0..PEOPLE.len(),
        prop::sample::select(vec!["DELETED", "UPDATED", "CREATED", "UNPUBLISHED"]),
        prop::sample::select(vec!["WEBSITE_PAGE", "DOMAIN", "TEMPLATE", "EMAIL", "FILE", "URL_MAPPING"]),
        0u8..9,
    );
    prop::collection::vec(deed, 1..40)
}

fn told(deeds: &[(i64, usize, &'static str, &'static str, u8)]) -> Vec<(Event, EventId)> {
    let mut at = 60;
    let mut events = quiet();
    for (pause, user, verb, kind, object) in deeds {
        at += pause;
        let user = PEOPLE[*user];
        events.push(event(QUIET_DAYS * DAY + at, user, verb, kind, &object.to_string()));
    }
    events.sort_by_key(|event| event.timestamp);
    identified(events)
}

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
    prop::collection::vec(prop_oneof![2 => Just(0i64), 2 => 0i64..3_600_000, 2 => 0i64..LATENESS_MS], 1..40)
}

proptest! {
    #[test]
    fn the_order_of_delivery_does_not_matter(
        deeds in deeds(),
        delays in delays(),
        batch in 1usize..30,
        with_rules: bool,
    ) {
        let (events, set) = (told(&deeds), some_rules(with_rules));
        let sorted = found(&set, &events, batch);
        let late = found(&set, &held_back(&events, &delays), batch);
        prop_assert_eq!(differences(&sorted, &late), Vec::<String>::new());
    }

    #[test]
    fn what_is_delivered_again_changes_nothing(
        deeds in deeds(),
        again in prop::collection::vec(any::<Index>(), 1..20),
        with_rules: bool,
    ) {
        let (events, set) = (told(&deeds), some_rules(with_rules));
        let mut delivery: Vec<_> = events.iter().chain(again.iter().map(|at| at.get(&events))).cloned().collect();
        delivery.sort_by_key(|(event, id)| (event.timestamp, *id));
        let (again, once) = (found(&set, &delivery, 3), found(&set, &events, 3));
        prop_assert_eq!(differences(&once, &again), Vec::<String>::new());
    }

    #[test]
    fn nothing_looks_ahead(deeds in deeds(), cut in any::<Index>(), with_rules: bool) {
        let (events, set) = (told(&deeds), some_rules(with_rules));
        let cut = cut.index(events.len());
        let end = events[cut].0.timestamp;
        let known: Vec<_> = events.iter().filter(|(event, _)| event.timestamp <= end).cloned().collect();
        let raised = |findings: Findings| {
            let raised = findings.into_values().filter(|finding| finding.time <= end);
            raised.map(|finding| (finding.id, finding.time, finding.score.to_bits())).collect::<Vec<_>>()
        };
        prop_assert_eq!(raised(found(&set, &known, 5)), raised(found(&set, &events, 5)));
    }
}

#[test]
fn the_budget_decides_what_is_an_alert() {
    let mut detector = detector(&no_rules());
    let mut findings = Findings::new();
    for (event, id) in &story(TAKEOVER) {
        detector.advance(event.timestamp);
        detector.observe(event, *id);
    }
    detector.advance(UtcMs(1_772_445_600_000 + (QUIET_DAYS + 2) * DAY * 60_000));
    note(&mut findings, detector.changes());
    let behaviour = detector.behaviour().expect("it was given");
    assert!(findings.values().all(|finding| behaviour.alert(finding) == Alert::WithinBudget));
    let standing = behaviour.standing();
    assert!(standing.is_ready && standing.expected <= standing.budget, "{standing:?}");
}

proptest! {
    #[test]
    fn what_was_saved_goes_on_as_the_one_before(deeds in deeds(), delays in delays(), stop in any::<Index>()) {
        let events = held_back(&told(&deeds), &delays);
        let whole = found(&no_rules(), &events, 1);
        let quiet = events.len() - deeds.len();
        let stop = quiet + stop.index(deeds.len());
        let mut first = detector(&no_rules());
        let mut findings = Findings::new();
        for (event, id) in &events[..stop] {
            first.advance(event.timestamp);
            first.observe(event, *id);
            note(&mut findings, first.changes());
        }
        let saved = first.behaviour().expect("it was given").save().expect("it is written down");
        let settings = Settings { lateness_ms: LATENESS_MS, budget: 5.0 };
        let restored = Behaviour::restore(settings, &saved).expect("it is read");
        let mut second = Detector::new(no_rules(), LATENESS_MS).with_behaviour(restored);
        let now = events[..stop].iter().map(|(event, _)| event.timestamp).max().expect("there is quiet");
        let mut again: Vec<_> = events[..stop].iter().filter(|(event, _)| event.timestamp >= first.horizon()).collect();
        again.sort_by_key(|(event, id)| (event.timestamp, *id));
        second.rebuild(now, again.into_iter().map(|(event, id)| (event, *id)));
        findings.values().for_each(|finding| second.was_told(finding));
        for (event, id) in &events[stop..] {
            second.advance(event.timestamp);
            second.observe(event, *id);
            note(&mut findings, second.changes());
        }
        let newest = events.iter().map(|(event, _)| event.timestamp).max().expect("there is quiet");
        second.advance(newest.plus(3_600_000));
        note(&mut findings, second.changes());
        prop_assert_eq!(differences(&whole, &findings), Vec::<String>::new());
    }
}
