//! Backup, restore, removal, and what `hubtrail doctor` finds in a log.

use std::path::Path;

use crate::binary::Hubtrail;
use crate::store_support::{Log, at};

fn verdict(hubtrail: &Hubtrail, what: &str) -> (String, String) {
    let output = hubtrail.run(&["doctor", "--json", "--full"]);
    let checks: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let check = checks.as_array().unwrap().iter().find(|check| check["what"] == what).unwrap();
    let text = |field: &str| check[field].as_str().unwrap().to_owned();
    (text("verdict"), text("found"))
}

fn shown(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_backup_is_restored_elsewhere_and_nothing_is_overwritten() {
    let log = Log::new();
    log.append(&[at(1_000).seen(), at(2_000).seen()]);
    let hubtrail = Hubtrail::over(log.dir.path());
    let elsewhere = Hubtrail::new();
    let file = elsewhere.data_dir().with_file_name("backup.db");
    hubtrail.prints(&["backup", shown(&file)]);
    assert!(hubtrail.fails(1, &["backup", shown(&file)]).contains("exists"));
    let raw = ["events", "--format", "raw"];
    let restored = elsewhere.run(&["restore", shown(&file)]);
    assert!(restored.status.success());
    let said = String::from_utf8(restored.stderr).unwrap();
    assert!(said.contains("the tokens cannot be opened yet"), "the key is not part of a backup: {said}");
    assert_eq!(elsewhere.prints(&raw), hubtrail.prints(&raw));
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
