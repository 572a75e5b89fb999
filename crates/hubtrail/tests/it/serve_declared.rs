//! Connectors that a file declares: those of the configuration, and those that are applied.

use hubtrail::access::Accounts;
use hubtrail::store::AuditSearch;

use crate::binary::text;
use crate::serve_support::{Place, TOKEN, account, history, records, until};

fn with_other_values(declared: &str) -> String {
    let values =
        [("1s", "2s"), ("[\"emea\"]", "[]"), ("30d", "forever"), ("alert_budget = 2", "alert_budget = 3")];
    values.into_iter().fold(declared.to_owned(), |text, (old, new)| text.replace(old, new))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_declares_and_nobody_else_changes_it() {
    let emulator = account(|_| (), history(5)).await;
    let place = Place::new();
    place.file("acme.token", &format!("{TOKEN}\n"));
    let url = emulator.url();
    let declared = format!(
        "[[connector]]\nname = \"acme\"\ntoken_file = \"acme.token\"\nbase_url = \"{url}\"\n\
         poll_interval = \"1s\"\nrate_limit = \"off\"\nlabels = [\"emea\"]\nretention = \"30d\"\nalert_budget = 2\n"
    );
    let config = place.file("hubtrail.toml", &declared);
    let check = ["serve", "--check", "--config", config.as_str()];

    let found = place.hubtrail.prints(&check);
    assert!(found.contains("`acme`: entries older than 30 days would be taken out"), "{found}");
    assert!(found.contains("`acme` would be added") && !place.hubtrail.data_dir().exists(), "{found}");
    let served = place.serve(&["--config", &config]);
    let store = place.store();
    until("it is collected", || records(&store).len() == 5);
    for change in [
        &["connector", "pause", "acme"][..],
        &["connector", "edit", "acme", "--page-size", "7"],
        &["connector", "remove", "acme"],
    ] {
        let refused = place.hubtrail.fails(1, change);
        assert!(refused.contains(&format!("declared in {config}")), "{refused}");
    }
    assert_eq!(served.terminate().code(), Some(0));

    place.file("hubtrail.toml", &with_other_values(&declared));
    place.file("acme.token", "pat-na1-another");
    let found = place.hubtrail.prints(&check);
    assert!(
        found.contains("would be changed: poll_interval, labels, retention, alert_budget, credentials"),
        "{found}"
    );
    let served = place.serve(&["--config", &config]);
    until("the changed token is used", || {
        store.facts().unwrap()[0].failures.iter().any(|failure| failure.kind == "credentials")
    });
    assert_eq!(served.terminate().code(), Some(0));

    place.file("hubtrail.toml", "");
    let served = place.serve(&["--config", &config]);
    let acme = store.connector("acme").unwrap();
    assert!(!acme.declared && acme.settings.paused, "it is kept, and rests");
    assert_eq!(records(&store).len(), 5);
    assert!(served.said().contains("declares it no more"), "{}", served.said());
    assert_eq!(served.terminate().code(), Some(0));
    let search = AuditSearch {
        within: Accounts::All,
        connector: None,
        actor: None,
        action: None,
        before: None,
        limit: 10,
    };
    let trail = store.audit_trail(&search).unwrap();
    assert!(trail.iter().all(|entry| entry.origin == "configuration file"), "{trail:?}");
    assert_eq!(trail.last().unwrap().action, "connector.create");
    emulator.shutdown().await;
}

#[test]
fn what_stands_in_the_way_is_named_before_the_service_starts() {
    let place = Place::new();
    let config = place.file(
        "hubtrail.toml",
        "[server]\nlisten = \"0.0.0.0:8787\"\n[[connector]]\nname = \"acme\"\ntoken_env = \"ACME_TOKEN\"\n",
    );
    let arguments = ["serve", "--check", "--config", &config];
    let output = place.hubtrail.run(&arguments);
    let found = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{found}");
    assert!(
        found.contains("variable ACME_TOKEN is not set") && found.contains("hubtrail.toml:3:1"),
        "{found}"
    );
    assert!(found.contains("passwords would travel in clear"), "{found}");
    let output = place.hubtrail.command(&arguments).env("ACME_TOKEN", TOKEN).output().unwrap();
    let found = text(&output.stdout);
    assert!(found.contains("`acme` would be added") && !found.contains(TOKEN), "{found}");
    let unknown = place.file("unknown.toml", "[[connector]]\nname = \"acme\"\ntokn_file = \"x\"\n");
    let refused = place.hubtrail.fails(1, &["serve", "--check", "--config", &unknown]);
    assert!(
        refused.contains(":3:1: unknown key `tokn_file`") && refused.contains("`token_file`?"),
        "{refused}"
    );
}

#[test]
fn a_file_is_applied_again_with_the_same_result() {
    let place = Place::new();
    place.file("token", TOKEN);
    let one = |name: &str, more: &str| {
        format!(
            "[[connector]]\nname = \"{name}\"\ntoken_file = \"token\"\nbase_url = \"http://127.0.0.1:1\"\n{more}"
        )
    };
    let both =
        place.file("both.toml", &(one("acme", "start = \"30d\"\n") + &one("Globex", "paused = true\n")));
    let dry = place.hubtrail.prints(&["connector", "apply", &both, "--dry-run"]);
    assert!(dry.contains("`acme` would be added") && !place.hubtrail.data_dir().exists(), "{dry}");
    let applied = place.hubtrail.prints(&["connector", "apply", &both]);
    assert_eq!(applied.lines().count(), 2);
    let store = place.store();
    assert!(store.connector("globex").unwrap().settings.paused);
    let revision = store.connector("acme").unwrap().revision;

    place.hubtrail.prints(&["connector", "pause", "acme"]);
    let again = place.hubtrail.prints(&["connector", "apply", &both]);
    assert_eq!(again.matches("is as declared").count(), 2, "{again}");
    let acme = store.connector("acme").unwrap();
    assert!(acme.settings.paused && !acme.declared, "what the file does not say stays");
    assert_eq!(acme.revision, revision + 1, "by the pause alone");

    let less = place.file("less.toml", &one("acme", "start = \"30d\"\nlabels = [\"emea\"]\n"));
    let steps = place.hubtrail.prints(&["connector", "apply", &less, "--prune", "--json"]);
    let steps: serde_json::Value = serde_json::from_str(&steps).unwrap();
    assert_eq!(steps[0], serde_json::json!({"name": "acme", "action": "change", "fields": ["labels"]}));
    assert_eq!(steps[1], serde_json::json!({"name": "Globex", "action": "remove"}));
    assert_eq!(store.connectors().unwrap().len(), 1);

    let other = place.file("other.toml", "[storage]\nretention_days = 1\n");
    assert!(place.hubtrail.fails(1, &["connector", "apply", &other]).contains("[[connector]] only"));
    let twice = place.file("twice.toml", &(one("acme", "") + &one("ACME", "")));
    assert!(place.hubtrail.fails(1, &["connector", "apply", &twice]).contains("is declared at"));
}
