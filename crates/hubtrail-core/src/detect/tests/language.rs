//! What rules can say, and what is refused, where and why.

use jiff::tz::TimeZone;

use super::*;

fn matches(detection: &str, event: &Event) -> bool {
    raised(&single(detection), vec![event.clone()]) == 1
}

fn sample() -> Event {
    Event {
        object_name: "Login page".to_owned(),
        meta: Some(r#"{"changed":["requireHttps","favicon"],"rowsDeleted":50,"ip":"10.1.2.3","who":"Person 7","deep":[{"a":{"b":true}}],"big":9007199254740993,"none":null}"#.to_owned()),
        ..event(0, "7", "UPDATED", "CONTENT_SETTINGS", "9007199254740993")
    }
}

#[test]
fn selections_and_modifiers() {
    for (expected, selection) in [
        (true, "{event: updated}"),
        (false, "{event|cased: updated}"),
        (true, "{event: [DELETED, UPDATED], objectType: content_*}"),
        (false, "{event: UPDATED, objectType: FILE}"),
        (true, "[{event: DELETED}, {objectName: login?page}]"),
        (true, "{objectName|startswith: LOGIN}"),
        (false, "{objectName|startswith|cased: LOGIN}"),
        (true, "{objectName|endswith: [x, page]}"),
        (true, "{objectName|contains|all: [log, page]}"),
        (false, "{objectName|contains|all: [log, pages]}"),
        (true, "{objectName|re: '^Log.n'}"),
        (false, "{objectName|re: '^log.n'}"),
        (true, "{objectName|re|i: '^log.n'}"),
        (true, "{event|neq: DELETED}"),
        (false, "{event|neq: [UPDATED, DELETED]}"),
        (true, "{meta.changed: requireHttps}"),
        (true, "{meta.changed|all: [requireHttps, favicon]}"),
        (false, "{meta.changed: robotsTxt}"),
        (true, "{meta.rowsDeleted|gte: 50}"),
        (false, "{meta.rowsDeleted|gt: 50}"),
        (true, "{meta.rowsDeleted|lt: 50.5}"),
        (true, "{meta.rowsDeleted: 50}"),
        (true, "{meta.ip|cidr: [192.168.0.0/16, 10.0.0.0/8]}"),
        (true, "{meta.deep.a.b: true}"),
        (true, "{meta.big: 9007199254740993, objectId: 9007199254740993}"),
        (false, "{meta.big: 9007199254740992}"),
        (true, "{meta.absent: null, meta.none: null}"),
        (false, "{meta.changed: null}"),
        (true, "{meta.absent|exists: false, meta.changed|exists: true}"),
        (true, "{meta.deep|exists: true, meta.deep.a|exists: true, meta.deep.b|exists: false}"),
        (false, "{meta.deep: null}"),
        (true, "{meta.who|fieldref: fullName}"),
        (true, "{fullName|fieldref|endswith: userId}"),
        (false, "{objectName|fieldref: fullName}"),
        (
            true,
            "{timestamp|hour: 10, timestamp|minute|lt: 1, timestamp|year: 2026, timestamp|month: 3, timestamp|day: 2}",
        ),
        (true, "{timestamp|hour|gte: 8, timestamp|week: 10}"),
        (true, "{timestamp|gte: 2026-03-02T10:00:00Z, timestamp|lt: '2026-03-03'}"),
        (true, "[login, nothing]"),
        (true, "'|all': [login, favicon]"),
        (false, "'|all': [login, nothing]"),
        (true, "{objectName: '*page'}"),
        (true, "{objectName: '*', meta.absent: ''}"),
        (false, "{meta.absent: '*'}"),
        (false, "{meta.absent|contains: ''}"),
        (false, r"{objectName: '\*page'}"),
    ] {
        let selection =
            if selection.starts_with('\'') { format!("{{{selection}}}") } else { selection.to_owned() };
        let detection = format!("  s: {selection}\n  condition: s");
        assert_eq!(matches(&detection, &sample()), expected, "{selection}");
    }
}

#[test]
fn conditions() {
    let named = "  yes: {event: UPDATED}\n  no: {event: DELETED}\n  sel_a: {event: UPDATED}\n  sel_b: {userId: '8'}\n  _hidden: {event: DELETED}\n";
    for (expected, condition) in [
        (true, "yes"),
        (false, "no"),
        (true, "yes and not no"),
        (true, "no or yes"),
        (true, "not no and yes or no"),
        (false, "not (no or yes)"),
        (true, "1 of sel_*"),
        (true, "1 of *e*"),
        (true, "all of *e*_a*"),
        (false, "all of s*l_*"),
        (false, "1 of *n*"),
        (false, "all of sel_*"),
        (true, "any of them"),
        (false, "all of them"),
        (true, "not 1 of _*"),
        (true, "NOT no AND yes"),
    ] {
        assert_eq!(matches(&format!("{named}  condition: {condition}"), &sample()), expected, "{condition}");
    }
    assert!(matches(&format!("{named}  condition: [no, yes]"), &sample()), "a list is alternatives");
}

#[test]
fn what_cannot_be_honoured_is_refused_with_its_line() {
    let (one, two) = (
        single("  s: {event: X}\n  condition: s"),
        correlation("  type: event_count\n  rules: [deleted]\n  timespan: 1h\n  condition: {gte: 2}"),
    );
    let cases = [
        (one.replace("{event: X}", "{EventID: 5}"), 5, "an event has no field `EventID`"),
        (one.replace("{event: X}", "{event|base64: X}"), 5, "the modifier `base64` is not supported here"),
        (one.replace("{event: X}", "{event|re|cased: X}"), 5, "these modifiers contradict each other"),
        (one.replace("{event: X}", "{event|re: '('}"), 5, "the regular expression cannot be used"),
        (one.replace("{event: X}", "{event|re: '(?=a)'}"), 5, "the regular expression cannot be used"),
        (
            one.replace("{event: X}", "{event|expand: '%a%'}"),
            5,
            "the modifier `expand` is not supported here",
        ),
        (one.replace("{event: X}", "{meta.x|gt: many}"), 5, "a comparison cannot be compared with a text"),
        (
            one.replace("{event: X}", "{event|contains|all: X}"),
            5,
            "`all` in `event|contains|all` has one value only",
        ),
        (one.replace("{event: X}", "{}"), 5, "an empty selection"),
        (one.replace("condition: s", "condition: s and t"), 6, "condition: there is no selection `t`"),
        (one.replace("condition: s", "condition: (s"), 6, "condition: a parenthesis is not closed"),
        (
            one.replace("condition: s", "condition: s | count() > 5"),
            6,
            "`|` in a condition is not Sigma any more",
        ),
        (one.replace("condition: s", "condition: 2 of them"), 6, "condition: `2 of` is not known"),
        (one.replace("condition: s", "timeframe: 5m"), 6, "`timeframe` is not Sigma any more"),
        (one.replace("product: hubspot", "product: windows"), 3, "the rule is for another log source"),
        (one.replace("title: t", "titel: t"), 1, "`titel` is not a key of a Sigma rule"),
        (one.replace("title: t", "title: t\nlevel: urgent"), 2, "no severity `urgent`"),
        (one.replace("title: t", "title: t\nhubtrail.reson: x"), 2, "`hubtrail.reson` is not known"),
        (one.replace("00000000-0000-4000-8000-000000000001", "5"), 2, "the id `5` is no UUID"),
        (two.replace("event_count", "value_avg"), 25, "the correlation type `value_avg` is not supported"),
        (
            two.replace("gte: 2", "lt: 2"),
            28,
            "`lt`: that something stays rare is known only when its window has passed",
        ),
        (two.replace("gte: 2", "gte: 0"), 28, "a threshold of 0"),
        (two.replace("timespan: 1h", "timespan: 1y"), 27, "the timespan `1y` cannot be used"),
        (two.replace("[deleted]", "[removed]"), 26, "there is no usable rule `removed`"),
        (two.replace("[deleted]", "[00000000-0000-4000-8000-000000000002]"), 22, "it refers to itself"),
    ];
    for (text, line, reason) in cases {
        let (_, problems) = RuleSet::load(&[source(&text)], &TimeZone::UTC);
        let [problem] = problems.as_slice() else { panic!("{problems:?}\n{text}") };
        assert!(problem.reason.starts_with(reason), "{problem}\n{text}");
        assert_eq!(problem.place.line, line, "{problem}\n{text}");
        assert!(!problem.fix.is_empty());
    }
}

#[test]
fn own_rules_override_shipped_ones_switch_them_off_and_filter_them() {
    let shipped =
        Source { layer: Layer::Shipped, ..source(&single("  s: {event: DELETED}\n  condition: s")) };
    let id = "00000000-0000-4000-8000-000000000001";
    let with = |own: &str| {
        let (set, problems) = RuleSet::load(&[shipped.clone(), source(own)], &TimeZone::UTC);
        assert_eq!(problems, []);
        delivered(&Arc::new(set), &identified(vec![event(0, "1", "DELETED", "FILE", "5")]), 1)
            .into_values()
            .collect::<Vec<_>>()
    };
    assert_eq!(with(&single("  s: {event: CREATED}\n  condition: s")).len(), 0, "overridden");
    assert_eq!(with(&format!("id: {id}\nhubtrail.disabled: true\n")).len(), 0, "switched off");
    assert_eq!(with(&format!("id: {id}\nhubtrail.score: 3\n"))[0].score, 3.0);
    let filter = |value: &str| {
        format!(
            "title: f\nlogsource: {{product: hubspot}}\nfilter:\n  rules: [{id}]\n  bots: {{userId: '{value}'}}\n  condition: not bots\n"
        )
    };
    assert_eq!((with(&filter("1")).len(), with(&filter("2")).len()), (0, 1));
    let twice = [shipped.clone(), shipped];
    let (set, problems) = RuleSet::load(&twice, &TimeZone::UTC);
    assert_eq!((set.rules().len(), problems.len()), (1, 1), "the same id twice in one layer");
}
