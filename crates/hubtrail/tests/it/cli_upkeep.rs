//! Backup, restore, removal, and what `hubtrail doctor` finds in a log.

use std::path::Path;

use hubtrail::notify::{self, Pace, Route, Service};
use hubtrail::secret::Keyring;
use hubtrail::sink::{By, Credentials};
use hubtrail::store::{NewChannel, NewSink};
use secrecy::SecretString;
use serde_json::json;

use crate::binary::{Hubtrail, text};
use crate::store_support::{Log, NOW, at};

fn verdict(hubtrail: &Hubtrail, what: &str) -> (String, String) {
    let output = hubtrail.run(&["doctor", "--json", "--full"]);
    let checks: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let check = checks.as_array().unwrap().iter().find(|check| check["what"] == what).unwrap();
    let text = |field: &str| check[field].as_str().unwrap().to_owned();
    (text("verdict"), text("found"))
}

/// A sink and an alert channel, each with something that opens what it leads to.
fn with_secrets(log: &Log) {
    let keyring = Keyring::open(log.dir.path(), None).unwrap();
    let settings = json!({
        "name": "siem", "format": "raw",
        "target": { "kind": "http", "url": "http://127.0.0.1:9/", "auth": { "method": "bearer" } },
    });
    let sink = NewSink {
        settings: serde_json::from_value(settings).unwrap(),
        credentials: Credentials { token: Some(SecretString::from("t")), ..Credentials::default() },
        by: By::Operator,
        paused: true,
        since: None,
        declared_in: None,
        created_at: NOW,
    };
    log.store.add_sink(sink, &keyring).unwrap();
    let settings = notify::Settings {
        name: "on-call".to_owned(),
        service: Service::Teams {},
        route: Route::default(),
        pace: Pace::default(),
    };
    let secret = Some(SecretString::from("https://example.webhook.office.com/planted"));
    log.store.add_channel(NewChannel { settings, secret, created_at: NOW }, &keyring).unwrap();
}

const SEALED: [&str; 3] = ["key of acme", "key of sink siem", "key of alert channel on-call"];

fn shown(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_backup_is_restored_elsewhere_and_nothing_is_overwritten() {
    let log = Log::new();
    log.append(&[at(1_000).seen(), at(2_000).seen()]);
    with_secrets(&log);
    let hubtrail = Hubtrail::over(log.dir.path());
    let elsewhere = Hubtrail::new();
    let file = elsewhere.data_dir().with_file_name("backup.db");
    hubtrail.prints(&["backup", shown(&file)]);
    assert!(hubtrail.fails(1, &["backup", shown(&file)]).contains("exists"));
    let raw = ["events", "--format", "raw"];
    let restored = elsewhere.run(&["restore", shown(&file)]);
    assert!(restored.status.success());
    let said = String::from_utf8(restored.stderr).unwrap();
    assert!(
        said.contains("tokens and secrets cannot be opened yet"),
        "the key is not part of a backup: {said}"
    );
    assert_eq!(elsewhere.prints(&raw), hubtrail.prints(&raw));
    for what in SEALED {
        assert_eq!(verdict(&elsewhere, what).0, "fail", "{what} without a key");
    }
    std::fs::copy(log.dir.path().join("secret.key"), elsewhere.data_dir().join("secret.key")).unwrap();
    for what in SEALED {
        assert_eq!(verdict(&elsewhere, what).0, "ok", "{what} with the copy of the key");
    }
    assert!(elsewhere.fails(1, &["restore", shown(&file)]).contains("exists"));
}

#[test]
fn a_removed_connector_keeps_its_entries_until_they_are_erased() {
    let log = Log::new();
    let globex = log.add("globex");
    log.append(&[at(1_000).seen()]);
    log.append_to(&globex, &[at(2_000).seen()]);
    let hubtrail = Hubtrail::over(log.dir.path());
    let count = || hubtrail.prints(&["events", "--format", "raw"]).lines().count();
    hubtrail.prints(&["connector", "remove", "acme"]);
    assert_eq!(count(), 2);
    hubtrail.prints(&["connector", "remove", "globex", "--erase-entries", "--confirm", "globex"]);
    assert_eq!(count(), 1);
    hubtrail.fails(1, &["connector", "remove", "acme"]);
    let unknown = hubtrail.fails(1, &["connector", "erase", "globex", "--confirm", "globex"]);
    assert!(unknown.contains("entries were kept of `acme`"), "{unknown}");
    let unsure = hubtrail.fails(2, &["connector", "erase", "acme"]);
    assert!(unsure.contains("cannot be undone") && unsure.contains("--confirm 'acme'"), "{unsure}");
    assert_eq!(count(), 1);
    hubtrail.prints(&["connector", "erase", "acme", "--confirm", "acme"]);
    assert_eq!(count(), 0);
    assert!(hubtrail.fails(1, &["connector", "erase", "acme"]).contains("nothing was kept"));
}

#[test]
fn the_doctor_sees_a_sound_log_a_changed_entry_and_a_lost_key() {
    let log = Log::new();
    log.append(&[at(1_000).seen(), at(2_000).seen()]);
    let hubtrail = Hubtrail::over(log.dir.path());
    let (sound, found) = verdict(&hubtrail, "log");
    assert_eq!(sound, "ok", "{found}");
    assert!(found.contains("2 hashes"), "{found}");
    assert_eq!(verdict(&hubtrail, "key of acme").0, "ok");

    std::fs::remove_file(log.dir.path().join("secret.key")).unwrap();
    let (verdict_of_key, found) = verdict(&hubtrail, "key of acme");
    assert_eq!(verdict_of_key, "fail", "{found}");
    assert!(!log.dir.path().join("secret.key").exists(), "the doctor makes no key");

    let conn = rusqlite::Connection::open(log.store.path()).unwrap();
    conn.execute_batch("DROP TRIGGER entry_is_immutable; UPDATE entry SET raw = '{}' WHERE position = 2;")
        .unwrap();
    let (changed, found) = verdict(&hubtrail, "log");
    assert_eq!(changed, "fail");
    assert!(found.contains("entry 2 is not what was stored"), "{found}");
    assert_eq!(hubtrail.run(&["doctor", "--full"]).status.code(), Some(1));
}

/// Under another key everything sealed is named, with what to do, and what is given again opens from then on.
#[test]
fn another_key_is_told_of_every_secret_and_each_is_given_again() {
    let log = Log::new();
    with_secrets(&log);
    let hubtrail = Hubtrail::over(log.dir.path());
    assert!(hubtrail.prints(&["serve", "--check"]).contains("opens every token and secret"));
    std::fs::write(log.dir.path().join("secret.key"), "0".repeat(64)).unwrap();

    let output = hubtrail.run(&["serve", "--check"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for what in &SEALED[1..] {
        let (found, fix) = said.split_once(what).unwrap().1.split_once("fix: ").unwrap();
        assert!(found.contains("sealed under another key"), "{what}: {found}");
        assert!(fix.starts_with("restore the key, or give "), "{what}: {fix}");
        assert_eq!(verdict(&hubtrail, what).0, "fail");
    }
    assert!(said.contains("`hubtrail sink edit siem`") && !said.contains("opens every"), "{said}");

    let token = log.dir.path().join("token");
    std::fs::write(&token, "pat-na1-2").unwrap();
    let file = ["--token-file", shown(&token)];
    hubtrail.run(&[&["connector", "token", "acme"][..], &file].concat());
    hubtrail.prints(&[&["sink", "edit", "siem"][..], &file].concat());
    hubtrail.prints(&["alert", "remove", "on-call"]);
    let found = hubtrail.prints(&["serve", "--check"]);
    assert!(found.contains("opens every token and secret"), "{found}");
}

#[test]
fn a_lost_key_is_noticed_where_only_a_sink_and_a_channel_have_secrets() {
    let log = Log::new();
    with_secrets(&log);
    let hubtrail = Hubtrail::over(log.dir.path());
    hubtrail.prints(&["connector", "remove", "acme"]);
    std::fs::remove_file(log.dir.path().join("secret.key")).unwrap();
    let output = hubtrail.run(&["serve", "--check"]);
    let said = text(&output.stdout);
    assert!(output.status.code() == Some(1) && said.contains("there is no key at"), "{said}");
    assert!(hubtrail.fails(1, &["serve", "--listen", "127.0.0.1:0"]).contains("there is no key at"));
    assert!(!log.dir.path().join("secret.key").exists(), "no other key takes its place");
}
