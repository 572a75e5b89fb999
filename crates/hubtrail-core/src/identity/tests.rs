use proptest::prelude::*;
use serde_json::value::RawValue;

use super::*;

fn seen(json: &str) -> Seen {
    Seen::read(RawValue::from_string(json.to_owned()).unwrap())
}

fn ids(records: &[&str]) -> Vec<EventId> {
    let records: Vec<Seen> = records.iter().map(|json| seen(json)).collect();
    identify(&AccountKey("portal-1".into()), Stream::Content, &records)
}

fn with_meta(meta: &str) -> EventId {
    ids(&[&format!(
        r#"{{"timestamp":"5","userId":"1","event":"UPDATED","objectType":"BLOG","objectId":"2","meta":{meta}}}"#
    )])[0]
}

#[test]
fn names_and_the_form_of_ids_and_times_do_not_matter() {
    let a = r#"{"timestamp":"1970-01-01T00:00:00.005Z","userId":"1","event":"UPDATED","objectType":"BLOG","objectId":"2","fullName":"Ann","objectName":"x"}"#;
    let b = r#"{"objectId":2,"userId":1,"timestamp":5,"event":"UPDATED","objectType":"BLOG","fullName":"Ann B.","objectName":"y","meta":{}}"#;
    assert_eq!(ids(&[a]), ids(&[b]));
}

#[test]
fn each_identifying_field_matters() {
    let base = r#"{"timestamp":"5","userId":"1","event":"UPDATED","objectType":"BLOG","objectId":"2"}"#;
    for (from, to) in
        [("5", "6"), (r#""1""#, r#""3""#), ("UPDATED", "CREATED"), ("BLOG", "FILE"), (r#""2""#, r#""4""#)]
    {
        assert_ne!(ids(&[base]), ids(&[&base.replace(from, to)]), "{from}");
    }
    let other = identify(&AccountKey("portal-2".into()), Stream::Content, &[seen(base)]);
    assert_ne!(ids(&[base]), other);
}

#[test]
fn meta_is_compared_by_value() {
    assert_eq!(with_meta(r#"{"a":1,"b":[1.0,true]}"#), with_meta(r#"{ "b" : [1e0, true], "a": 10e-1 }"#));
    assert_eq!(with_meta("null"), with_meta("{ }"));
    assert_eq!(with_meta("[]"), with_meta("\"\""));
    assert_eq!(with_meta(r#""\u0041""#), with_meta(r#""A""#));
    assert_ne!(with_meta("9007199254740993"), with_meta("9007199254740992"));
    assert_ne!(with_meta("[1,2]"), with_meta("[2,1]"));
    assert_ne!(with_meta("1"), with_meta("\"1\""));
}

#[test]
fn twins_in_one_response_are_two_and_an_edge_read_again_is_none() {
    let twin = r#"{"timestamp":"5","userId":"1","event":"UPDATED","objectType":"BLOG","objectId":"2"}"#;
    let both = ids(&[twin, twin]);
    assert_ne!(both[0], both[1]);
    assert_eq!(ids(&[twin])[0], both[0]);
}

#[test]
fn the_digest_is_the_one_that_logs_already_hold() {
    let id =
        ids(&[r#"{"timestamp":"5","userId":"1","event":"UPDATED","objectType":"BLOG","objectId":"2"}"#])[0];
    assert_eq!(id.to_string().parse::<EventId>(), Ok(id));
    assert_eq!(id.to_string(), PINNED, "changing the digest doubles every event of every log");
}

const PINNED: &str = "h1-6a5b959e21a4a3027424ca42574d2801";

#[test]
fn a_leaf_hash_is_that_of_rfc_6962() {
    // RFC 6962 test vector: the leaf hash of the empty string.
    assert_eq!(
        hex::encode(leaf_hash(b"")),
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    );
}

#[test]
fn very_deep_json_is_canonicalised_without_overflow() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(canonical_json(&deep), canonical_json(&deep));
}

proptest! {
    #[test]
    fn canonical_json_is_a_fixed_point(text in r#"[\{\}\[\]",:a-c0-9eE.\\ -]{0,40}"#) {
        let once = canonical_json(&text);
        prop_assert_eq!(canonical_json(&once), once);
    }

    #[test]
    fn numbers_are_equal_exactly_when_their_values_are(whole in 0u64.., zeros in 0usize..5, other in 0u64..) {
        let shifted = format!("{whole}{}e-{zeros}", "0".repeat(zeros));
        prop_assert_eq!(canonical_json(&whole.to_string()), canonical_json(&shifted));
        prop_assert_eq!(canonical_json(&whole.to_string()) == canonical_json(&other.to_string()), whole == other);
    }
}
