//! Rules about one event: random ones out of what ours understands, over random events of HubSpot's shape.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// Always there. `neq` stays with these: whether what is missing differs from a value, Sigma leaves open.
const THERE: &[&str] = &["event", "objectType", "userId", "fullName"];
const TEXTS: &[&str] =
    &["event", "objectType", "userId", "fullName", "objectName", "meta.who", "meta.changed", "meta.deep.a"];
/// What texts are put together from. No number that has two spellings, and no text that could be a truth
/// value: rsigma takes `1` and `yes` for true.
const PIECES: &[&str] = &["Login", "pag", "A", "b", "é", "É", "ß", " ", "\\", "/", "*", "?", "7", ".js", "'"];
const VERBS: &[&str] = &["CREATED", "UPDATED", "DELETED"];
const KINDS: &[&str] = &["FILE", "LANDING_PAGE", "CONTENT_SETTINGS"];

fn words(most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(select(PIECES), 0..=most).prop_map(|pieces| pieces.concat())
}

fn meta() -> impl Strategy<Value = Json> {
    let text = || words(3);
    let texts = prop::collection::vec(text().prop_map(Json::from), 0..3);
    let changed = prop_oneof![texts.prop_map(Json::from), text().prop_map(Json::from)];
    let rows = prop_oneof![
        (0i64..60).prop_map(Json::from),
        (0i64..60).prop_map(|n| Json::from(n.to_string())),
        (0i64..60).prop_map(|n| Json::from(n as f64 + 0.5)),
    ];
    let deep = |text: Json| {
        prop_oneof![
            Just(serde_json::json!({"a": text})),
            Just(serde_json::json!([{"a": "x"}, {"a": text}, {"b": 1}])),
            Just(serde_json::json!({"a": {"b": text}})),
            Just(serde_json::json!({"a": [null, {}]})),
        ]
    };
    let deep = text().prop_flat_map(move |text| deep(Json::from(text)));
    let ip =
        select(vec!["10.1.2.3", "10.2.0.1", "192.168.7.9", "2001:db8::7", "nowhere"]).prop_map(Json::from);
    let maybe = |value: BoxedStrategy<Json>| prop::option::of(value);
    let members = (
        maybe(changed.boxed()),
        maybe(rows.boxed()),
        maybe(deep.boxed()),
        maybe(ip.boxed()),
        maybe(text().prop_map(Json::from).boxed()),
        maybe(prop_oneof![any::<bool>().prop_map(Json::from), Just(Json::Null)].boxed()),
    );
    members.prop_map(|(changed, rows, deep, ip, who, secure)| {
        let keys = ["changed", "rows", "deep", "ip", "who", "secure"];
        let members = keys.into_iter().zip([changed, rows, deep, ip, who, secure]);
        members.filter_map(|(key, value)| Some((key.to_owned(), value?))).collect::<Map<_, _>>().into()
    })
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let user = words(2).prop_map(|words| format!("7{words}"));
    let one = (
        (0i64..3 * 24 * 60, user, select(VERBS), select(KINDS)),
        (words(4), words(3), prop::option::weighted(0.8, meta())),
    );
    let one = one.prop_map(|((minute, user, verb, kind), (name, full_name, meta))| Event {
        object_name: name,
        full_name: format!("P{full_name}"),
        meta: meta.map(|meta| meta.to_string()),
        ..event(minute, &user, verb, kind, "5")
    });
    prop::collection::vec(one, 1..12)
}

/// YAML in single quotes: nothing in it has another meaning.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// As rules write it, with wildcards and what takes their meaning away. Never empty: ours takes an empty text
/// for a missing one, and what Sigma's empty value means is up to who evaluates it.
fn pattern(field: &'static str, is_wild: bool) -> BoxedStrategy<String> {
    let pieces = match field {
        "event" => vec!["UPDATED", "created", "EAT", "C", "D", "*ED", "?ELETED"],
        "objectType" => vec!["FILE", "landing_page", "ont", "F", "S", "*_*"],
        _ => return prop::collection::vec(piece(is_wild), 1..4).prop_map(|pieces| pieces.concat()).boxed(),
    };
    let pieces = pieces.into_iter().filter(|piece| is_wild || !piece.contains(['*', '?']));
    select(pieces.collect::<Vec<_>>()).prop_map(str::to_owned).boxed()
}

fn piece(is_wild: bool) -> impl Strategy<Value = &'static str> {
    let escaped = ["\\*", "\\?", "\\\\", "P", "x", "l"];
    let pieces = PIECES.iter().copied().filter(|piece| is_wild || !["*", "?", "\\"].contains(piece));
    select(pieces.chain(escaped).collect::<Vec<_>>())
}

/// `key: value` of a selection. With `startswith` and `endswith` there are no other wildcards, with which
/// rsigma takes the one for the other.
fn text_item() -> impl Strategy<Value = String> {
    let shape = (
        select(TEXTS),
        select(vec!["", "", "|contains", "|startswith", "|endswith"]),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.3),
        prop::bool::weighted(0.2),
    );
    shape.prop_flat_map(|(field, around, cased, all, neq)| {
        let is_wild = !around.ends_with("with");
        prop::collection::vec(pattern(field, is_wild), 1..4).prop_map(move |values| {
            let all = if all && values.len() > 1 { "|all" } else { "" };
            let neq = if neq && THERE.contains(&field) { "|neq" } else { "" };
            let cased = if cased { "|cased" } else { "" };
            let values: Vec<_> = values.iter().map(|value| quoted(value)).collect();
            format!("{field}{around}{cased}{all}{neq}: [{}]", values.join(", "))
        })
    })
}

fn regex_item() -> impl Strategy<Value = String> {
    let pieces = vec!["Login", "p.g", "[ab]", "é", "A*", "(b|/)", ".+", "7?", "\\\\", "\\*", "\\."];
    let shape = (
        select(TEXTS),
        (any::<bool>(), prop::collection::vec(select(pieces), 1..4), any::<bool>()),
        select(vec!["", "|i", "|m", "|s", "|i|s"]),
    );
    shape.prop_map(|(field, (start, pieces, end), flags)| {
        let (start, end) = (if start { "^" } else { "" }, if end { "$" } else { "" });
        format!("{field}|re{flags}: {}", quoted(&format!("{start}{}{end}", pieces.concat())))
    })
}

/// Without `null` among other values: rsigma never finds it there, and Sigma forbids it.
fn other_item() -> impl Strategy<Value = String> {
    let any_field = select(vec!["objectName", "meta.changed", "meta.deep", "meta.deep.a", "meta.secure"]);
    let network = select(vec!["10.0.0.0/8", "10.1.0.0/16", "192.168.7.8/29", "2001:db8::/32", "0.0.0.0/0"]);
    let part =
        select(vec![("hour", 10i64), ("minute", 30), ("day", 3), ("week", 10), ("month", 3), ("year", 2026)]);
    prop_oneof![
        2 => (select(vec!["", "|lt", "|lte", "|gt", "|gte"]), 0i64..120).prop_map(|(order, half)| {
            // Whole numbers and halves; rsigma compares ids beyond 2^53 as if they had no last digits.
            let number = if half % 2 == 0 { (half / 2).to_string() } else { format!("{}.5", half / 2) };
            format!("meta.rows{order}: {number}")
        }),
        2 => (any_field, any::<bool>()).prop_map(|(field, there)| format!("{field}|exists: {there}")),
        1 => select(vec!["objectName", "meta.who", "meta.secure"]).prop_map(|field| format!("{field}: null")),
        1 => any::<bool>().prop_map(|truth| format!("meta.secure: {truth}")),
        1 => network.prop_map(|network| format!("meta.ip|cidr: {network}")),
        // Between texts only: rsigma compares a list as a whole.
        1 => (
            select(THERE),
            select(vec!["", "|contains", "|startswith", "|endswith"]),
            select(vec!["", "|cased"]),
            select(vec!["objectName", "userId", "meta.who"]),
        )
            .prop_map(|(field, around, cased, other)| format!("{field}|fieldref{around}{cased}: {other}")),
        // Equality only: rsigma knows no other comparison with a part of a time.
        1 => (part, 0i64..3).prop_map(|((part, value), more)| format!("timestamp|{part}: {}", value + more)),
    ]
}

/// A map, a list of maps, or words. Words have no wildcards, for which rsigma asks that nothing stands
/// around them, and none is in a time, a number or a truth value, which only one of the two looks through.
fn selection() -> impl Strategy<Value = String> {
    let item = || prop_oneof![3 => text_item(), 1 => regex_item(), 2 => other_item()];
    let map = || {
        prop::collection::vec(item(), 1..4).prop_map(|mut items| {
            let key = |item: &String| item.split(": ").next().unwrap_or_default().to_owned();
            let mut seen = BTreeSet::new();
            items.retain(|item| seen.insert(key(item)));
            format!("{{{}}}", items.join(", "))
        })
    };
    let word = select(vec!["Login", "pag", "UPDATED", "settings", "lo\\gin", "é", "Pb"]);
    let words = prop::collection::vec(word.prop_map(quoted), 1..3);
    let list = |items: Vec<String>| format!("[{}]", items.join(", "));
    prop_oneof![4 => map(), 1 => prop::collection::vec(map(), 1..3).prop_map(list), 1 => words.prop_map(list)]
}

/// With a pattern of one `*` at an end: rsigma takes a second one literally.
fn condition() -> impl Strategy<Value = String> {
    let leaf = select(vec![
        "sel_a",
        "sel_b",
        "flt_a",
        "_hidden",
        "1 of sel_*",
        "all of sel_*",
        "any of *_a",
        "all of them",
        "1 of them",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(3, 8, 2, |part| {
        prop_oneof![
            part.clone().prop_map(|part| format!("not {part}")),
            (part.clone(), part.clone()).prop_map(|(a, b)| format!("{a} and {b}")),
            (part.clone(), part.clone()).prop_map(|(a, b)| format!("{a} or {b}")),
            part.prop_map(|part| format!("({part})")),
        ]
    })
}

fn rule() -> impl Strategy<Value = String> {
    let selections = [selection(), selection(), selection(), selection()];
    let conditions = prop::collection::vec(condition(), 1..3);
    (selections, conditions).prop_map(|(selections, conditions)| {
        let named = ["sel_a", "sel_b", "flt_a", "_hidden"].into_iter().zip(selections);
        let named = named.map(|(name, selection)| format!("  {name}: {selection}\n")).collect::<String>();
        single(&format!("{named}  condition: [{}]", conditions.join(", ")))
    })
}

proptest! {
    #[test]
    fn both_say_the_same_of_one_event(rule in rule(), events in events()) {
        let (set, engine) = (rules(&rule), theirs(&rule));
        for event in &events {
            let (ours, theirs) = (our_matches(&set, event), their_matches(&engine, event));
            prop_assert_eq!(ours, theirs, "ours, theirs\n{}\n{}", rule, record(event));
        }
    }
}
