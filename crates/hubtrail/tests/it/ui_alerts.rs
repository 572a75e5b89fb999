//! Alert channels in the console: all that the API can do, and no secret on any page.

use axum::body::Body;
use http::{Method, StatusCode, header};
use hubtrail::access::{Accounts, Role};
use serde_json::{Value, json};

use crate::access_support::{Client, Reply, Service};
use crate::receiver::people::{People, SIGNING};
use crate::store_support::NOW;

const FORM: &str = "kind=webhook&severity=medium&digest=daily&accounts=all&rules=some&rule=behaviour.control\
                    &gather=30&update=5&per_hour=3&from=22:00&to=07:00&zone=Europe/Berlin&trouble=yes";

async fn admin(service: &Service) -> Client {
    service.user("dana", Role::Admin, Accounts::All);
    service.browser("dana").await.with("accept", "text/html")
}

async fn send(service: &Service, browser: &Client, path: &str, body: &str) -> Reply {
    let browser = browser.clone().with("content-type", "application/x-www-form-urlencoded");
    service.send(&browser, Method::POST, path, Body::from(body.to_owned())).await
}

async fn listed(service: &Service, browser: &Client) -> Vec<Value> {
    let api = browser.clone().with("accept", "application/json");
    let reply = service.get(&api, "/api/v1/alerts").await.json();
    reply["channels"].as_array().unwrap().clone()
}

fn led_to(reply: &Reply) -> &str {
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    reply.headers[header::LOCATION].to_str().unwrap()
}

#[tokio::test]
async fn a_channel_is_added_tested_changed_and_removed() {
    let service = Service::new();
    let browser = admin(&service).await;
    let people = People::start().await;
    let empty = service.get(&browser, "/alerts").await.text();
    assert!(empty.contains("Nobody is told of anything yet.") && empty.contains("There is no channel"));
    let hook = format!("{}/hook", people.web.url());
    let body = format!("{FORM}&name=hook&url={hook}&secret={SIGNING}");
    let added = send(&service, &browser, "/alerts/new", &body).await;
    assert_eq!(led_to(&added), "/alerts/1?said=channel");
    let held = &listed(&service, &browser).await[0];
    let route = json!({ "accounts": [], "severity": "medium", "rules": ["behaviour.control"], "trouble": true,
                        "digest": "daily" });
    let quiet = json!({ "from": "22:00", "to": "07:00", "zone": "Europe/Berlin" });
    let pace = json!({ "gatherSeconds": 30, "updateMinutes": 5, "perHour": 3, "quiet": quiet });
    assert_eq!((&held["route"], &held["pace"]), (&route, &pace));
    assert_eq!((&held["state"], &held["hasSecret"]), (&json!("active"), &json!(true)));

    let tested = send(&service, &browser, "/alerts/1/test", "").await.text();
    assert!(tested.contains("The service took a test message"), "{tested}");
    assert_eq!(people.seen().sent, 1);

    // The form holds what is held, and sending it back as it is changes nothing.
    let form = service.get(&browser, "/alerts/1/edit").await.text();
    assert!(form.contains(&hook) && form.contains("Leave blank to keep it"), "{form}");
    let again = send(&service, &browser, "/alerts/1/edit", &format!("{FORM}&name=hook&url={hook}")).await;
    assert_eq!(led_to(&again), "/alerts/1?said=saved");
    let saved = &listed(&service, &browser).await[0];
    assert_eq!(
        (&saved["route"], &saved["pace"], &saved["service"]),
        (&held["route"], &held["pace"], &held["service"])
    );
    assert_eq!((&held["revision"], &saved["revision"]), (&json!(1), &json!(2)));
    let stale = format!("{FORM}&name=other&url={hook}&revision=1");
    let stale = send(&service, &browser, "/alerts/1/edit", &stale).await;
    assert!(stale.text().contains("omebody else has changed it"), "{}", stale.text());
    assert!(form.contains(r#"name="revision" value="1""#), "{form}");
    send(&service, &browser, "/alerts/1/test", "").await;
    assert_eq!(people.seen().sent, 2, "it is still signed");

    send(&service, &browser, "/alerts/1/pause", "").await;
    let page = service.get(&browser, "/alerts").await.text();
    assert!(page.contains("every channel is paused") && page.contains("Paused"), "{page}");
    send(&service, &browser, "/alerts/1/resume", "").await;
    let page = service.get(&browser, "/alerts/1").await.text();
    assert!(
        page.contains("Behaviour: Unusual change of redirects") && page.contains("Europe/Berlin"),
        "{page}"
    );
    for text in [form, tested, page] {
        assert!(!text.contains(SIGNING) && !text.contains(&SIGNING[6..]), "a secret is shown");
    }
    let removed = send(&service, &browser, "/alerts/1/remove", "").await;
    assert_eq!(led_to(&removed), "/alerts?said=gone");
    assert_eq!(listed(&service, &browser).await.len(), 0);
}

#[tokio::test]
async fn a_test_that_gets_through_ends_what_stood_in_the_way() {
    let service = Service::new();
    let browser = admin(&service).await;
    let people = People::start().await;
    for (name, path) in [("hook", "hook"), ("lost", "nowhere")] {
        let body = format!("{FORM}&name={name}&url={}/{path}&secret={SIGNING}", people.web.url());
        send(&service, &browser, "/alerts/new", &body).await;
    }
    let store = &service.log.store;
    let fail = |name: &str, fix: Option<&str>| {
        let channel = store.channel(name).unwrap();
        let (failure, fix) = ("the receiver cannot be reached".to_owned(), fix.map(str::to_owned));
        store.channel_failed(channel.id, failure, fix, NOW, NOW.plus(3_600_000)).unwrap();
        channel
    };
    let standing = async |at| listed(&service, &browser).await.remove(at);
    fail("hook", None);
    assert_eq!(standing(0).await["state"], "retrying");
    let page = send(&service, &browser, "/alerts/1/test", "").await.text();
    assert!(page.contains("Active") && !page.contains("Retrying"), "the page of the test says so: {page}");
    let held = standing(0).await;
    assert!(
        held["failure"].is_null() && held["retryAt"].is_null() && held["lastSuccess"].is_string(),
        "{held}"
    );

    // Over REST, and for what a person had to mend.
    let tested = fail("hook", Some("change the token"));
    assert_eq!(standing(0).await["state"], "action_needed");
    let api = browser.clone().with("accept", "application/json");
    assert_eq!(service.post(&api, "/api/v1/alerts/hook/test", &json!({})).await.json()["passed"], true);
    assert_eq!(standing(0).await["state"], "active");

    // A test that fails mends nothing, nor does one of what was changed meanwhile.
    fail("lost", None);
    assert_eq!(service.post(&api, "/api/v1/alerts/lost/test", &json!({})).await.json()["passed"], false);
    assert_eq!(standing(1).await["state"], "retrying");
    for paused in [true, false] {
        store.set_channel_paused(tested.id, paused).unwrap();
    }
    fail("hook", None);
    store.channel_tested(&tested, NOW).unwrap();
    assert_eq!(standing(0).await["state"], "retrying");
}

#[tokio::test]
async fn what_is_refused_is_said_at_its_field_and_nothing_that_was_typed_is_lost() {
    let service = Service::new();
    let browser = admin(&service).await;
    let refused = async |body: String, said: &str| {
        let reply = send(&service, &browser, "/alerts/new", &body).await;
        let text = reply.text();
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{said}");
        assert!(text.contains(said) && text.contains(r#"value="team""#), "{said}: {text}");
        assert!(!text.contains("hunter2"), "a secret comes back");
    };
    let mail = "kind=email&name=team&secret=hunter2&host=smtp.example.org&sender=a@example.org&username=a";
    let told = "severity=high&digest=none&rules=all&gather=60&update=15&per_hour=10";
    refused(format!("{mail}&{told}&accounts=all&encryption=none&recipients=b@example.org"), "unencrypted")
        .await;
    refused(format!("{mail}&{told}&accounts=all&encryption=tls&recipients=nobody"), "is no mail address")
        .await;
    refused(
        format!("{mail}&{told}&accounts=some&encryption=tls&recipients=b@example.org"),
        "None is ticked. Tick at least one, or choose all.",
    )
    .await;
    let hook = format!("kind=webhook&name=team&secret=hunter2&url=http://example.org&accounts=all&{told}");
    refused(hook, "unencrypted").await;
    let hook = format!("kind=webhook&name=team&secret=hunter2&url=hooks/hunter2&accounts=all&{told}");
    let reply = send(&service, &browser, "/alerts/new", &hook).await.text();
    let said = "It is not a complete address: https:// is missing in front. Write it as https://";
    assert!(reply.contains(said), "{reply}");
    refused(format!("kind=slack&name=team&secret=hunter2&accounts=all&{told}"), "bot token").await;
    assert_eq!(listed(&service, &browser).await.len(), 0);
}

#[tokio::test]
async fn a_secret_goes_to_no_other_receiver() {
    let service = Service::new();
    let browser = admin(&service).await;
    let new = json!({ "name": "hook", "service": { "kind": "webhook", "url": "https://a.example.org/" },
                      "secret": SIGNING });
    assert_eq!(service.post(&browser, "/api/v1/alerts", &new).await.status, StatusCode::CREATED);
    let elsewhere = json!({ "service": { "kind": "webhook", "url": "https://b.example.org/" } });
    let patch =
        async |change: &Value| service.json(&browser, Method::PATCH, "/api/v1/alerts/hook", change).await;
    let refused = patch(&elsewhere).await;
    assert_eq!((refused.status, refused.json()["field"].as_str()), (StatusCode::BAD_REQUEST, Some("secret")));
    let mut with = elsewhere;
    with["secret"] = SIGNING.into();
    let moved = patch(&with).await;
    assert_eq!(moved.status, StatusCode::OK, "{}", moved.text());
    let renamed = patch(&json!({ "name": "hooks" })).await.json();
    assert_eq!((&renamed["name"], &renamed["hasSecret"]), (&json!("hooks"), &json!(true)));
    assert_eq!(renamed["service"]["url"], "https://b.example.org/");
}

#[tokio::test]
async fn a_channel_is_changed_by_one_editor_at_a_time() {
    let service = Service::new();
    let browser = admin(&service).await;
    let new = json!({ "name": "hook", "service": { "kind": "webhook", "url": "https://a.example.org/" },
                      "secret": SIGNING });
    let made = service.post(&browser, "/api/v1/alerts", &new).await;
    let tag = |reply: &Reply| reply.headers[header::ETAG].to_str().unwrap().to_owned();
    let seen = tag(&made);
    let under = async |seen: &str, name: &str| {
        let editor = browser.clone().with("if-match", seen);
        service.json(&editor, Method::PATCH, "/api/v1/alerts/1", &json!({ "name": name })).await
    };
    let changed = under(&seen, "first").await;
    assert_eq!((changed.status, &changed.json()["name"]), (StatusCode::OK, &json!("first")));
    let late = under(&seen, "second").await;
    assert_eq!(late.status, StatusCode::PRECONDITION_FAILED, "{}", late.text());
    assert!(late.text().contains("somebody else has changed it since you looked"), "{}", late.text());
    let paused = service.post(&browser, "/api/v1/alerts/1/pause", &json!({})).await.json();
    assert_eq!(under(&tag(&changed), "second").await.status, StatusCode::PRECONDITION_FAILED, "it is paused");
    let now = service.get(&browser, "/api/v1/alerts/1").await;
    assert_eq!(tag(&now), format!("\"{}\"", paused["revision"]));
    assert_eq!(under(&tag(&now), "second").await.json()["name"], "second");
    assert_eq!(under("*", "third").await.status, StatusCode::OK);
    let silent =
        service.json(&browser, Method::PATCH, "/api/v1/alerts/1", &json!({ "name": "fourth" })).await;
    assert_eq!(silent.status, StatusCode::OK, "who says nothing is not asked");
}

#[tokio::test]
async fn only_who_decides_for_all_accounts_finds_the_way_there() {
    let service = Service::new();
    let own = Accounts::Some([service.log.acme.id].into());
    for (name, role, accounts) in [("vera", Role::Viewer, Accounts::All), ("ann", Role::Admin, own)] {
        service.user(name, role, accounts);
        let browser = service.browser(name).await.with("accept", "text/html");
        assert!(!service.get(&browser, "/").await.text().contains("\"/alerts\""), "{name}");
        for path in ["/alerts", "/alerts/new", "/alerts/1"] {
            let reply = service.get(&browser, path).await;
            assert_eq!(reply.status, StatusCode::FORBIDDEN, "{name} {path}");
            assert!(reply.text().contains("This is not yours to do"), "{name} {path}");
        }
    }
}
