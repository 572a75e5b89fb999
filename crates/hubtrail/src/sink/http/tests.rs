use hubtrail_core::finding::Severity;
use hubtrail_core::time::UtcMs;

use super::*;
use crate::store::Position;

fn item(n: i64) -> Item {
    Item {
        position: Position(n),
        id: format!("h1-{n}"),
        time: UtcMs(n),
        severity: Severity::Informational,
        body: format!("{{\"n\":{n}}}").into_bytes(),
    }
}

fn settings() -> Http {
    Http {
        url: "https://siem.example/ingest".parse().unwrap(),
        body: Body::JsonArray,
        headers: BTreeMap::new(),
        auth: Auth::None,
        gzip: false,
        connection: Connection::default(),
    }
}

#[test]
fn the_same_entries_have_the_same_key_and_others_another() {
    assert_eq!(key(&[item(1)]), "h1-1");
    assert_eq!(key(&[item(1), item(2)]), key(&[item(1), item(2)]));
    assert_ne!(key(&[item(1), item(2)]), key(&[item(2), item(1)]));
}

#[test]
fn bodies_are_arrays_or_lines() {
    assert_eq!(array(&[item(1), item(2)]), br#"[{"n":1},{"n":2}]"#);
    assert_eq!(lines(&[item(1), item(2)]), b"{\"n\":1}\n{\"n\":2}\n");
}

#[test]
fn what_is_secret_is_no_header_and_no_url() {
    for name in ["Authorization", "X-Api-Key", "X-Auth-Token", "Cookie", "bad name"] {
        let headers = BTreeMap::from([(name.to_owned(), "hunter2".to_owned())]);
        let error = Http { headers, ..settings() }.check(Format::Raw, By::Operator).unwrap_err();
        assert!(error.field == "target.headers" && !error.to_string().contains("hunter2"), "{error}");
    }
    let headers = BTreeMap::from([("X-Scope-OrgID".to_owned(), "acme".to_owned())]);
    assert_eq!(Http { headers, ..settings() }.check(Format::Raw, By::Operator), Ok(()));
}

#[test]
fn each_way_to_authenticate_needs_its_credentials() {
    let header = || "X-Secret".to_owned();
    for (auth, field) in [
        (Auth::Basic { user: "u".to_owned() }, "credentials.password"),
        (Auth::Bearer, "credentials.token"),
        (Auth::SharedSecret { header: header() }, "credentials.token"),
        (Auth::StandardWebhooks, "credentials.signingSecret"),
        (Auth::Hmac { header: header() }, "credentials.signingSecret"),
    ] {
        let sink = Http { auth, ..settings() };
        assert_eq!(sink.check_credentials(&Credentials::default()).unwrap_err().field, field);
    }
    let split = Credentials { token: Some("a\nb".into()), ..Credentials::default() };
    assert!(Http { auth: Auth::Bearer, ..settings() }.check_credentials(&split).is_err());
}

#[test]
fn dnif_takes_events_only() {
    assert_eq!(settings().check_dnif(Format::Raw, By::Operator).unwrap_err().field, "target.url");
    let url = "https://dnif.example:2882/c/default/0a1b/events".parse().unwrap();
    assert_eq!(Http { url, ..settings() }.check_dnif(Format::Raw, By::Operator), Ok(()));
}
