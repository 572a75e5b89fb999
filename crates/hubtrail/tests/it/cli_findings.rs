//! `hubtrail findings` and the rules that are in force, through the real binary.

use hubtrail::connector::Settings;
use hubtrail::detect::READER;
use hubtrail::secret::Keyring;
use hubtrail::store::{Detected, NewConnector, Search, Store};
use hubtrail_core::detect::Change;
use secrecy::SecretString;
use serde_json::Value;

use crate::binary::Hubtrail;
use crate::findings_support::finding;
use crate::store_support::{NOW, Record, at, page};

/// A data directory with ten pages taken offline, and a finding about them.
fn place() -> (Hubtrail, String) {
    let hubtrail = Hubtrail::new();
    let store = Store::open(hubtrail.data_dir()).unwrap();
    let keyring = Keyring::open(hubtrail.data_dir(), None).unwrap();
    let settings = Settings::new("acme", "http://127.0.0.1:1").unwrap();
    let new = NewConnector { settings, created_at: NOW };
    let acme = store.add_connector(new, SecretString::from("pat-na1-1"), &keyring).unwrap();
    let records: Vec<_> = (0..20)
        .map(|n| {
            let (event, object_type) = ("UNPUBLISHED", "LANDING_PAGE");
            Record { event, object_type, object: n, ..at(NOW.0 + i64::from(n) * 1_000) }.seen()
        })
        .collect();
    store.append_blocking(page(&acme, &records)).unwrap();
    let found = finding("r", &store.search(&Search::default()).unwrap());
    let changes = vec![(acme.id, Change::Raised(found.clone()))];
    let up_to = store.head().unwrap();
    store
        .record_findings(Detected { at: NOW, reader: READER, up_to, changes, accounts: Vec::new() })
        .unwrap();
    (hubtrail, found.id.to_string())
}

#[test]
fn a_finding_is_listed_shown_judged_and_exported() {
    let (hubtrail, id) = place();
    let listed = hubtrail.prints(&["findings"]);
    assert!(listed.contains(&id[..11]) && listed.contains("20 events"), "{listed}");
    let shown = hubtrail.prints(&["findings", "show", &id[..8], "--utc"]);
    for said in ["ask them", "Evidence: 20 events", "raised with 20 events", "T1485"] {
        assert!(shown.contains(said), "{said} is not in\n{shown}");
    }
    assert!(hubtrail.prints(&["findings", "ack", &id, "--note", "looking"]).contains("acknowledged"));
    assert!(hubtrail.prints(&["findings", "assign", &id, "--to", "ann"]).contains("ann's"));
    assert!(hubtrail.prints(&["findings", "close", &id, "--as", "expected"]).contains("expected"));
    assert!(hubtrail.prints(&["findings", "note", &id, "the spring release"]).contains("expected"));
    assert!(!hubtrail.prints(&["findings"]).contains(&id[..11]), "it waits no more");
    let shown = hubtrail.prints(&["findings", "show", &id]);
    assert!(shown.contains("noted by operator: the spring release"), "{shown}");
    let exported = hubtrail.prints(&["findings", "export"]);
    let line: Value = serde_json::from_str(exported.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&line["id"], &line["verdict"], &line["owner"]),
        (&id.into(), &"expected".into(), &"ann".into())
    );
    assert_eq!(line["evidence"].as_array().unwrap().len(), 20);
    assert!(hubtrail.fails(1, &["findings", "show", "f1-00000000"]).contains("no finding"));
}

#[test]
fn an_exception_is_made_listed_and_ended() {
    let (hubtrail, _) = place();
    let add = ["findings", "exception", "add", "--for", "7d", "--reason", "it moves"];
    assert!(hubtrail.fails(1, &add).contains("every finding"));
    let made = hubtrail.prints(&[&add[..], &["--rule", "many_unpublished"]].concat());
    let number = made.split_whitespace().nth(1).unwrap();
    assert!(hubtrail.prints(&["findings", "exception", "list"]).contains("it moves"));
    assert!(hubtrail.prints(&["findings", "exception", "end", number]).contains("no more"));
    assert!(!hubtrail.prints(&["findings", "exception", "list"]).contains("it moves"));
    assert!(hubtrail.fails(1, &[&add[..], &["--rule", "nonsense"]].concat()).contains("no rule"));
}

#[test]
fn rules_are_switched_and_tried_on_the_past() {
    let (hubtrail, _) = place();
    let row = |text: &str| text.lines().find(|line| line.starts_with("watch_redirects")).unwrap().to_owned();
    assert!(row(&hubtrail.prints(&["rules", "list"])).contains(" off "));
    assert!(hubtrail.prints(&["rules", "enable", "watch_redirects"]).contains("is on"));
    assert!(row(&hubtrail.prints(&["rules", "list"])).contains(" on "));
    let since = NOW.minus(1_000).to_string();
    let tried = hubtrail.prints(&["rules", "test", "--since", &since, "many_unpublished"]);
    assert!(tried.contains("20 pages offline"), "{tried}");
    let json = hubtrail.prints(&["rules", "test", "--since", &since, "--json", "many_unpublished"]);
    let found: Value = serde_json::from_str(json.trim()).unwrap();
    assert_eq!(found["evidence"].as_array().unwrap().len(), 20);
}
