//! `hubtrail detect` and `hubtrail rules` from outside: no data directory, any order, any bad line.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use tempfile::TempDir;

use crate::binary::{Hubtrail, text};

/// Twelve deletions a minute apart, and something harmless.
fn records() -> Vec<String> {
    let deletion = |n: u64| {
        let at = 1_772_445_600_000 + n * 60_000;
        format!(
            r#"{{"timestamp":"{at}","userId":"7","fullName":"Maria Keller","event":"DELETED","objectType":"BLOG_POST","objectId":{n},"objectName":"Post {n}"}}"#
        )
    };
    let harmless = r#"{"timestamp":"2026-03-02T10:02:30Z","userId":8,"event":"UPDATED","objectType":"CSS","objectId":"x"}"#;
    (0..12).map(deletion).chain([harmless.to_owned()]).collect()
}

struct Scene {
    dir: TempDir,
    hubtrail: Hubtrail,
}

impl Scene {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), hubtrail: Hubtrail::new() }
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path: PathBuf = self.dir.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn findings(&self, input: &str) -> Vec<Value> {
        let printed = self.hubtrail.prints(&["detect", "--input", input, "--format", "json"]);
        printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

#[test]
fn a_finding_has_all_that_a_program_needs_and_the_events_that_prove_it() {
    let scene = Scene::new();
    let findings = scene.findings(&scene.file("a.ndjson", records().join("\n")));
    let of = |title: &str| findings.iter().find(|finding| finding["title"] == title).unwrap();
    let finding = of("Many objects were deleted within minutes");
    assert_eq!(finding["severity"], "high");
    assert!(finding["score"].is_number() && finding["id"].as_str().unwrap().starts_with("f1-"));
    assert_eq!(finding["actor"], serde_json::json!({"id": "7", "name": "Maria Keller"}));
    assert_eq!(finding["time"], "2026-03-02T10:09:00.000Z", "raised by the tenth");
    assert_eq!(finding["first_seen"], "2026-03-02T10:00:00.000Z");
    assert_eq!(finding["last_seen"], "2026-03-02T10:11:00.000Z", "and grown to the twelfth");
    assert_eq!(finding["reason"], "Maria Keller deleted 12 objects within 11 min: 12 blog posts.");
    assert!(finding["attack"].as_array().unwrap().contains(&"T1485".into()));
    let evidence = finding["evidence"].as_array().unwrap();
    assert_eq!(evidence.len(), 12);
    assert!(evidence[0]["id"].as_str().unwrap().starts_with("h1-"));
    assert_eq!(
        evidence[0],
        serde_json::json!({"id": evidence[0]["id"], "timestamp": "2026-03-02T10:00:00.000Z", "userId": "7", "event": "DELETED",
            "objectType": "BLOG_POST", "objectId": "0", "objectName": "Post 0"})
    );
    assert!(!scene.hubtrail.data_dir().exists());
}

#[test]
fn order_compression_and_stdin_make_no_difference() {
    let scene = Scene::new();
    let mut records = records();
    let expected = scene.findings(&scene.file("a.ndjson", records.join("\n")));
    assert!(!expected.is_empty());
    records.reverse();
    let reversed = records.join("\n");
    assert_eq!(scene.findings(&scene.file("b.ndjson", &reversed)), expected);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(reversed.as_bytes()).unwrap();
    assert_eq!(scene.findings(&scene.file("c.ndjson.gz", gzip.finish().unwrap())), expected);

    let mut command = scene.hubtrail.command(&["detect", "--input", "-", "--format", "json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(reversed.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let piped: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(piped, expected);
}

#[test]
fn a_bad_line_is_named_and_left_out_and_a_file_of_them_is_refused() {
    let scene = Scene::new();
    let mut records = records();
    records.insert(3, "not a record".to_owned());
    records.insert(5, r#"{"event":"DELETED"}"#.to_owned());
    let file = scene.file("a.ndjson", records.join("\n"));
    let output = scene.hubtrail.run(&["detect", "--input", &file]);
    assert!(output.status.success());
    let said = text(&output.stderr);
    assert!(said.contains("line 4 is left out: the record is not a JSON object"), "{said}");
    assert!(said.contains("line 6 is left out: the record has no `timestamp`"), "{said}");
    assert!(text(&output.stdout).contains("Maria Keller deleted 12 objects"), "{}", text(&output.stdout));
    let bad = scene.file("bad.ndjson", "1\n2\n");
    assert!(scene.hubtrail.fails(1, &["detect", "--input", &bad]).contains("no line of"));
    assert!(scene.hubtrail.fails(1, &["detect", "--input", "missing.ndjson"]).contains("missing.ndjson"));
}

#[test]
fn own_rules_are_used_and_one_that_is_not_understood_is_named_with_its_line() {
    let scene = Scene::new();
    let file = scene.file("a.ndjson", records().join("\n"));
    let rule = "title: Styles are ours\nid: 00000000-0000-4000-8000-00000000000a\nlogsource: {product: hubspot, service: cms_audit}\n\
                detection:\n  selection: {objectType: CSS}\n  condition: selection\nlevel: critical\n";
    let own = scene.file("own.yml", rule);
    let printed = scene.hubtrail.prints(&["detect", "--input", &file, "--rules", &own, "--format", "json"]);
    assert!(printed.contains("Styles are ours"));
    assert!(scene.hubtrail.prints(&["rules", "check", &own]).contains("understood: 1 rules in 1 files"));
    assert!(scene.hubtrail.prints(&["rules", "list", "--rules", &own]).contains("Styles are ours"));

    let broken = scene.file("broken.yml", rule.replace("objectType", "objecttype"));
    let failed = scene.hubtrail.run(&["rules", "check", &broken]);
    assert_eq!(failed.status.code(), Some(1));
    let said = text(&failed.stdout);
    assert!(
        said.contains("broken.yml:5:15: an event has no field `objecttype` (the fields are event"),
        "{said}"
    );
    let said = scene.hubtrail.fails(1, &["detect", "--input", &file, "--rules", &broken]);
    assert!(said.contains("broken.yml:5:15"), "{said}");
}

#[test]
fn rules_are_explained_listed_and_tested() {
    let hubtrail = Hubtrail::new();
    let words = hubtrail.prints(&["rules", "explain", "many_deletions"]);
    assert!(words.contains("10 or more acts of these kinds within 10 min, by one person"), "{words}");
    assert!(words.contains("event is DELETED"), "{words}");
    assert!(hubtrail.fails(1, &["rules", "explain", "nothing"]).contains("hubtrail rules list"));
    let listed: Value = serde_json::from_str(&hubtrail.prints(&["rules", "list", "--json"])).unwrap();
    assert!(listed.as_array().unwrap().iter().any(|rule| rule["watch"] == true && rule["enabled"] == false));
    assert!(hubtrail.prints(&["rules", "test", "many_deletions"]).contains(", 0 failed"));
}

#[test]
fn a_switch_turns_a_watch_on() {
    let scene = Scene::new();
    let file = scene.file(
        "a.ndjson",
        r#"{"timestamp":"1772445600000","userId":"7","event":"DELETED","objectType":"URL_MAPPING","objectId":"1"}"#,
    );
    assert_eq!(scene.findings(&file).len(), 0);
    let listed: Value = serde_json::from_str(&scene.hubtrail.prints(&["rules", "list", "--json"])).unwrap();
    let watch = listed.as_array().unwrap().iter().find(|rule| rule["name"] == "watch_redirects").unwrap();
    let switch =
        scene.file("on.yml", format!("id: {}\nhubtrail.disabled: false\n", watch["id"].as_str().unwrap()));
    let printed =
        scene.hubtrail.prints(&["detect", "--input", &file, "--rules", &switch, "--format", "json"]);
    assert_eq!(printed.lines().count(), 1, "{printed}");
}
