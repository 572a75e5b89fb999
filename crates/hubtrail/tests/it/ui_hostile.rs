//! Markup that was planted in every name shows as text, on every page that shows the name.

use http::{Method, StatusCode};
use hubtrail::access::{Accounts, Actor, Role};
use hubtrail::clock::Clock;
use hubtrail::exception::Excepted;
use hubtrail::store::{NewDeadLetter, Position, Progress};
use hubtrail_core::detect::Change;
use hubtrail_core::finding;
use serde_json::json;

use crate::access_support::{Client, Service};
use crate::findings_support::{finding, record};
use crate::receiver::people::SIGNING;
use crate::store_support::{NOW, Record, at};

const PLANTED: &str = "\"><img src=x onerror=\"planted()\"><script>planted()</script>'";
const RULE: &str = "3f0c2a54-0d3c-4d0e-9a49-0a3d5c6f7b82";

/// What stands on a page in place of it, whichever way its quotes are written.
const SHOWN: &str = "&#62;&#60;img src=x onerror=";

fn plant(service: &Service) -> finding::Finding {
    let (store, now) = (&service.log.store, Clock::system().now());
    let named = |what: &str| format!("{what} {PLANTED}");
    let hostile = Record { full_name: named("person"), object_name: named("object"), ..at(now.0 - 60_000) };
    service.log.append(&[hostile.seen()]);
    let entries = service.log.all();
    let made = finding::Finding {
        title: named("finding"),
        reason: named("reason"),
        response: named("response"),
        ..finding(RULE, &entries)
    };
    record(store, &service.log, Position(1), vec![Change::Raised(made.clone())]);
    store
        .add_exception(
            Excepted {
                connector: Some(service.log.acme.id),
                rule: Some(RULE.to_owned()),
                person: Some("7".to_owned()),
                object: Some("40".to_owned()),
                from: now,
                to: now.plus(86_400_000),
                maintenance: false,
                reason: named("why"),
            },
            &Actor::command_line(),
            NOW,
        )
        .unwrap();
    service.token(&named("token"), Role::Viewer, Accounts::All);
    service.user(&named("user"), Role::Viewer, Accounts::All);
    made
}

/// What somebody may name over REST.
async fn plant_over_rest(service: &Service, browser: &Client) {
    let named = |what: &str| format!("{what} {PLANTED}");
    let rule = format!(
        "title: {}\nid: {RULE}\nstatus: experimental\ndescription: {}\nlogsource:\n  product: hubspot\n  service: cms_audit\n\
         detection:\n  selection:\n    event: DELETED\n  condition: selection\nlevel: medium\n",
        json!(named("rule")),
        json!(named("description"))
    );
    let sink = json!({
        "name": named("sink"), "format": "raw", "paused": true, "credentials": { "token": "a" },
        "target": { "kind": "splunk_hec", "url": "https://a.example/", "index": named("index"), "source": named("source") },
        "select": { "objectTypes": [named("type")] },
    });
    let channel = json!({
        "name": "c\"><img src=x onerror=\"planted()\">", "secret": SIGNING,
        "service": { "kind": "webhook", "url": "https://a.example/hook" },
    });
    for (path, body) in [
        ("rules", json!({ "text": rule })),
        ("sinks", sink),
        ("alerts", channel),
        ("views", json!({ "name": named("view"), "query": "eventType=DELETED" })),
    ] {
        let reply = service.post(browser, &format!("/api/v1/{path}"), &body).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{path}: {}", reply.text());
    }
    let change = json!({ "name": named("account") });
    let renamed = service.json(browser, Method::PATCH, "/api/v1/connectors/1", &change).await;
    assert_eq!(renamed.status, StatusCode::OK, "{}", renamed.text());
    let sink = service.log.store.sinks().unwrap().remove(0);
    let refused = NewDeadLetter { position: Position(1), event_id: named("id"), reason: named("refusal") };
    let done = Progress { upto: Position(1), refused: vec![refused], ..Progress::default() };
    service.log.store.delivered(sink.id, sink.reader, done, NOW).await.unwrap();
}

#[tokio::test]
async fn markup_that_was_planted_in_every_name_is_text_on_every_page() {
    let service = Service::new();
    service.user("dana", Role::Admin, Accounts::All);
    let browser = service.browser("dana").await;
    let made = plant(&service);
    plant_over_rest(&service, &browser).await;
    let browser = browser.with("accept", "text/html");
    let of_finding = format!("/findings/{}", made.id);
    let of_rule = format!("/rules/{RULE}");
    for (path, at_least) in [
        ("/sinks", 1),
        ("/sinks/1", 3),
        ("/sinks/1/edit", 4),
        ("/alerts", 1),
        ("/alerts/1", 1),
        ("/alerts/1/edit", 2),
        ("/rules", 4),
        (of_rule.as_str(), 3),
        ("/findings?part=hidden", 0),
        (of_finding.as_str(), 4),
        ("/findings", 0),
        ("/settings/tokens", 1),
        ("/settings/people", 1),
        ("/settings/data", 1),
        ("/settings/audit", 3),
        ("/connectors", 1),
        ("/connectors/1", 1),
        ("/connectors/1/edit", 1),
        ("/events", 2),
        ("/", 1),
        ("/status", 1),
        ("/people", 1),
        ("/objects", 1),
        ("/people/1/7", 1),
        ("/objects/1/40", 1),
    ] {
        let reply = service.get(&browser, path).await;
        let html = reply.text();
        assert_eq!(reply.status, StatusCode::OK, "{path}");
        for markup in ["<img", "<script>", "onerror=\"planted", "x\" onerror"] {
            assert!(!html.contains(markup), "{markup} on {path}: {html}");
        }
        assert!(
            html.matches(SHOWN).count() >= at_least,
            "{path} shows it {} times",
            html.matches(SHOWN).count()
        );
    }
}
