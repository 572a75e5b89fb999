//! `hubtrail connector`, from adding to pausing, with the real binary.

use std::io::Write;
use std::process::Stdio;

use std::sync::Arc;

use hubspot_audit_api::emulator::{Config, Emulator};
use hubtrail_core::time::UtcMs;

use crate::binary::{Hubtrail, text};
use crate::store_support::NOW;

const TOKEN: &str = "pat-na1-00000000-token-of-a-test";

fn add(hubtrail: &Hubtrail, arguments: &[&str]) -> std::process::Output {
    with_token(hubtrail, "add", TOKEN, arguments)
}

fn with_token(hubtrail: &Hubtrail, action: &str, token: &str, arguments: &[&str]) -> std::process::Output {
    let arguments = [&["connector", action], arguments, &["--token-stdin"]].concat();
    let mut child = hubtrail
        .command(&arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The command may end without reading it.
    let _ = writeln!(child.stdin.take().unwrap(), "{token}");
    child.wait_with_output().unwrap()
}

#[test]
fn a_connector_is_added_listed_and_paused_and_its_token_is_nowhere() {
    let hubtrail = Hubtrail::new();
    let added = add(&hubtrail, &["acme", "--base-url", "http://127.0.0.1:1", "--start", "2024-03-01"]);
    assert_eq!(added.status.code(), Some(0), "{}", text(&added.stderr));
    assert!(text(&added.stdout).starts_with("connector `acme` is saved\n"), "{}", text(&added.stdout));
    let list = hubtrail.prints(&["connector", "list"]);
    assert!(list.contains("acme") && list.contains("2024-03-01T00:00:00.000Z"), "{list}");
    hubtrail.prints(&["connector", "pause", "acme"]);
    let shown: serde_json::Value =
        serde_json::from_str(&hubtrail.prints(&["connector", "show", "ACME", "--json"])).unwrap();
    assert_eq!((&shown["state"], &shown["base_url"]), (&"paused".into(), &"http://127.0.0.1:1/".into()));
    assert!(hubtrail.fails(1, &["collect", "acme", "--once"]).contains("hubtrail connector resume acme"));
    assert!(hubtrail.prints(&["connector", "resume", "acme"]).contains("active"));
    let reversed = ["collect", "acme", "--once", "--since", "1d", "--until", "2d"];
    assert!(hubtrail.fails(2, &reversed).contains("--until is before --since"));
    for file in std::fs::read_dir(hubtrail.data_dir()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes()));
    }
}

#[test]
fn a_connector_has_a_retention_of_its_own_until_it_is_as_the_others_again() {
    let hubtrail = Hubtrail::new();
    add(&hubtrail, &["acme", "--base-url", "http://127.0.0.1:1", "--retention", "400d"]);
    let shown = |retention: &str| {
        let shown = hubtrail.prints(&["connector", "show", "acme"]);
        assert!(shown.contains(&format!("retention        {retention}\n")), "{shown}");
    };
    let edit = |retention: &str| hubtrail.prints(&["connector", "edit", "acme", "--retention", retention]);
    shown("400d");
    assert_eq!(edit("2w"), "connector `acme`: retention changed\n");
    shown("14d");
    assert_eq!(edit("14d"), "connector `acme` is so already\n");
    edit("default");
    shown("default");
    let refused = hubtrail.fails(2, &["connector", "edit", "acme", "--retention", "a while"]);
    assert!(
        refused.contains("`a while` is not a number of days") && refused.contains("forever"),
        "{refused}"
    );
}

#[test]
fn a_connector_has_an_alert_budget_of_its_own_until_it_has_that_of_the_others_again() {
    let hubtrail = Hubtrail::new();
    add(&hubtrail, &["acme", "--base-url", "http://127.0.0.1:1", "--alert-budget", "2"]);
    let shown = |budget: &str| {
        let shown = hubtrail.prints(&["connector", "show", "acme"]);
        assert!(shown.contains(&format!("alert budget     {budget}\n")), "{shown}");
    };
    let edit = |budget: &str| hubtrail.prints(&["connector", "edit", "acme", "--alert-budget", budget]);
    shown("2");
    assert_eq!(edit("0"), "connector `acme`: alert_budget changed\n");
    shown("0");
    edit("default");
    shown("default");
    let refused = hubtrail.fails(2, &["connector", "edit", "acme", "--alert-budget", "2.5"]);
    assert!(
        refused.contains("`2.5` is not a number of alerts") && refused.contains("from 0 to 1000"),
        "{refused}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_token_goes_on_with_the_same_log() {
    let config = Config { token: TOKEN.to_owned(), ..Config::default() };
    let history = (0..20).map(|n| crate::lab::record(NOW.0 + i64::from(n), 1, 2, 3)).collect();
    let emulator = Emulator::start(config, Arc::new(|| NOW.0 + 60_000), history).await.unwrap();
    let hubtrail = Hubtrail::new();
    add(&hubtrail, &["acme", "--base-url", &emulator.url(), "--rate-limit", "off"]);
    hubtrail.prints(&["collect", "acme", "--once"]);
    with_token(&hubtrail, "token", "pat-na1-revoked", &["acme"]);
    let refused = hubtrail.fails(1, &["collect", "acme", "--once"]);
    assert!(refused.contains("hubtrail connector token"), "{refused}");
    let replaced = with_token(&hubtrail, "token", TOKEN, &["acme"]);
    assert!(text(&replaced.stdout).contains("`acme` has a new token"), "{}", text(&replaced.stdout));
    hubtrail.prints(&["collect", "acme", "--once"]);
    assert_eq!(hubtrail.prints(&["events", "--format", "raw"]).lines().count(), 20);
    emulator.shutdown().await;
}

#[test]
fn a_token_is_never_an_argument_and_is_not_repeated() {
    let hubtrail = Hubtrail::new();
    for arguments in
        [["connector", "add", "acme", "--token", TOKEN].as_slice(), &["connector", "add", "acme", "--token"]]
    {
        let error = hubtrail.fails(2, arguments);
        assert!(error.contains("never an argument") && error.contains("--token-file"), "{error}");
        assert!(!error.contains(TOKEN), "{error}");
    }
    assert!(hubtrail.fails(2, &["connector", "add", "acme"]).contains("there is no token"));
    assert!(!hubtrail.data_dir().exists(), "nothing was made");
}

#[test]
fn what_cannot_be_is_refused_before_a_token_is_asked_for() {
    let hubtrail = Hubtrail::new();
    for (arguments, reason) in [
        (["acme", "--base-url", "http://api.hubapi.com"], "unencrypted"),
        (["acme", "--rate-limit", "off"], "starve"),
        (["acme", "--page-size", "0"], "page_size"),
        (["acme", "--poll-interval", "10ms"], "poll_interval"),
    ] {
        let error = hubtrail.fails(1, &[&["connector", "add"], arguments.as_slice()].concat());
        assert!(error.starts_with("error: ") && error.contains(reason), "{error}");
    }
    let misused = hubtrail.fails(2, &["connector", "add", "acme", "--start", "soon"]);
    assert!(misused.contains("not a time") && misused.contains("30d"), "{misused}");
}

#[test]
fn a_name_that_is_not_there_is_answered_with_those_that_are() {
    let hubtrail = Hubtrail::new();
    let none = hubtrail.fails(1, &["connector", "list"]);
    assert!(none.contains("there is no log in") && none.contains("fix: "), "{none}");
    assert!(!hubtrail.data_dir().exists(), "looking made nothing");
    assert!(add(&hubtrail, &["acme", "--base-url", "http://127.0.0.1:1"]).status.success());
    let twice = add(&hubtrail, &["acme", "--base-url", "http://127.0.0.1:1"]);
    assert_eq!(twice.status.code(), Some(1));
    assert!(hubtrail.fails(1, &["connector", "show", "acne"]).contains("`acme`"));
}

fn stages(output: &str) -> Vec<&str> {
    output.lines().filter_map(|line| line.split_whitespace().next()).collect()
}

#[test]
fn a_first_test_says_what_works_and_what_a_person_must_do() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let UtcMs(now) = NOW;
    let config = Config { token: TOKEN.to_owned(), ..Config::default() };
    let emulator = runtime.block_on(Emulator::start(config, Arc::new(move || now), Vec::new())).unwrap();
    let hubtrail = Hubtrail::new();
    let added = text(&add(&hubtrail, &["acme", "--base-url", &emulator.url()]).stdout);
    let lines = added.split_once("a first test:\n").unwrap().1;
    // The emulated clock stands in another year.
    let passed = ["ok", "ok", "ok", "ok", "ok", "ok", "warn", "fix:", "ok"];
    assert_eq!(stages(lines), passed, "{added}");
    assert!(lines.contains("Connection successful") && lines.contains("ahead of HubSpot's"), "{added}");
    let shown = hubtrail.prints(&["connector", "show", "acme"]);
    assert!(shown.contains("4711001"), "{shown}");
    assert_eq!(stages(&hubtrail.prints(&["connector", "test", "acme"])), passed);

    let other = Config { token: "pat-na1-another".to_owned(), ..Config::default() };
    let stricter = runtime.block_on(Emulator::start(other, Arc::new(move || now), Vec::new())).unwrap();
    let saved = add(&hubtrail, &["globex", "--base-url", &stricter.url()]);
    assert_eq!(saved.status.code(), Some(0), "it is saved, whatever the test finds");
    let tested = hubtrail.run(&["connector", "test", "globex"]);
    assert_eq!(tested.status.code(), Some(1));
    let said = text(&tested.stdout);
    assert_eq!(stages(&said), ["ok", "ok", "ok", "fail", "fix:", "skip", "skip", "fail"], "{said}");
    assert!(!said.contains(TOKEN));
}
