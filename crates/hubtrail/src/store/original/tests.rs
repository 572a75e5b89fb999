//! What is kept of a record gives the record again, byte for byte, whatever it looks like.

use hubtrail_core::event::Event;
use proptest::prelude::*;

use super::*;

const TIMES: &[&str] = &[
    r#""2024-03-10T14:32:18.123Z""#,
    r#""2024-03-10T14:32:18.000Z""#,
    r#""2024-03-10T14:32:18Z""#,
    r#""2024-03-10T15:32:18.5+01:00""#,
    r#""1583792674672""#,
    "1583792674672",
];

fn kept<'r>(shapes: &mut Shapes, raw: &'r str) -> Cow<'r, str> {
    let Ok(event) = Event::read(raw) else { return Cow::Borrowed(raw) };
    let said = Said::from(&event);
    let kept = shapes.pack(raw, &said);
    assert_eq!(unpacked(&kept, &said).as_deref(), Some(raw), "{kept}");
    kept
}

#[test]
fn only_the_rest_of_a_record_is_kept() {
    let head = r#"{"objectId":"40653","objectName":"My \"Landing\" Page – é","objectType":"LANDING_PAGE","event":"UPDATED","#;
    let tail = r#""userId":"1011561","fullName":"John Doe","timestamp":"#;
    let whole = |end: &str| format!("{head}{tail}{end}}}");
    let mut shapes = Shapes::default();
    for (raw, left) in [
        (whole(TIMES[0]), "=inteufs:"),
        (whole(TIMES[1]), "=inteufs:"),
        (whole(TIMES[2]), "=inteufS:"),
        (whole(TIMES[4]), "=inteufq:"),
        (whole(TIMES[5]), "=inteufm:"),
        (whole(TIMES[3]), r#"=inteuf*:"timestamp":"2024-03-10T15:32:18.5+01:00""#),
        (format!(r#"{head}"meta":{{"a": 1}},{tail}{}}}"#, TIMES[0]), r#"=inte*ufs:"meta":{"a": 1}"#),
        (r#"{"objectId":7,"userId":8,"timestamp":9}"#.to_owned(), "=IUm:"),
        (
            r#"{"event":"A","x":1,"userId":"8","y":2,"timestamp":9}"#.to_owned(),
            r#"=e*m:"x":1,"userId":"8","y":2"#,
        ),
    ] {
        assert_eq!(kept(&mut shapes, &raw), left);
    }
}

#[test]
fn what_is_written_in_another_way_is_kept_whole() {
    for raw in [
        r#"{ "objectId":"4","event":"UPDATED","timestamp":9 }"#,
        r#"{"event":"UPDATED", "timestamp":9}"#,
        r#"{"event":"UPDATED","timestamp":9}   "#,
        r#"{"\u0065vent":"UPDATED","timestamp":9}"#,
        r#""text""#,
        "null",
    ] {
        assert_eq!(kept(&mut Shapes::default(), raw), raw);
    }
}

#[test]
fn how_one_record_was_written_is_not_taken_for_how_all_are() {
    let mut shapes = Shapes::default();
    let named = |name: &str| {
        format!(
            r#"{{"objectId":"4","objectName":"{name}","objectType":"A","event":"B","userId":"1","fullName":"C","timestamp":9}}"#
        )
    };
    assert_eq!(kept(&mut shapes, &named(r"\u00e9")), r#"=i*teufm:"objectName":"\u00e9""#);
    assert_eq!(kept(&mut shapes, &named("é")), "=inteufm:");
}

#[test]
fn what_was_not_kept_of_a_record_is_refused() {
    let event = Event::read(r#"{"timestamp":9}"#).unwrap();
    for kept in ["=", "=inx:", "=i**:", "=intefu"] {
        assert_eq!(unpacked(kept, &Said::from(&event)), None, "{kept}");
    }
}

/// Members that HubSpot sends, and others, in any order, with and without white space.
fn record() -> impl Strategy<Value = String> {
    let text = prop_oneof!["[a-z ]{0,6}", "\\PC{0,4}", Just("\u{1}\"\\/\u{e9}\u{1f600}".to_owned())]
        .prop_map(|text| serde_json::Value::from(text).to_string());
    let odd = proptest::sample::select(vec![
        "null",
        "7",
        "-0.0",
        "1e2",
        r#""\u00e9\/""#,
        r#""\ud800""#,
        "{}",
        "[1, 2]",
    ]);
    let value = prop_oneof![4 => text, 1 => odd.prop_map(str::to_owned)];
    let names = ["objectId", "objectName", "objectType", "event", "userId", "fullName", "meta", "x", "y*:="];
    let members = names.map(|name| value.clone().prop_map(move |value| format!(r#""{name}":{value}"#)));
    let members = proptest::sample::subsequence(members.to_vec(), 0..=9).prop_flat_map(|some| some);
    let time = proptest::sample::select(TIMES.to_vec()).prop_map(|time| format!(r#""timestamp":{time}"#));
    let joined = proptest::sample::select(vec![",", ",", ",", " , "]);
    (members, time, joined).prop_flat_map(|(mut members, time, joined)| {
        members.push(time);
        Just(members).prop_shuffle().prop_map(move |members| format!("{{{}}}", members.join(joined)))
    })
}

proptest! {
    #[test]
    fn every_record_comes_out_as_it_went_in(records in proptest::collection::vec(record(), 1..12)) {
        let mut shapes = Shapes::default();
        for raw in &records {
            kept(&mut shapes, raw);
        }
    }
}
