//! Connectors over the REST API: configured by those who may, changed by one editor at a time, and never
//! showing what opens an account.

use axum::body::Body;
use http::{Method, Request};
use hubtrail::access::{Accounts, Role};
use hubtrail::connector::{AlertBudget, Credentials, Keep};
use hubtrail::secret::Keyring;
use hubtrail::store::AuditSearch;
use hubtrail_core::time::UtcMs;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::api_support::{Api, Reply};
use crate::store_support::at;

const PLANTED: &str = "pat-na1-planted-0f8d2c";

async fn send(api: &Api, token: &str, method: Method, path: &str, body: &Value, if_match: &str) -> Reply {
    let request = Request::builder()
        .method(method)
        .uri(format!("/api/v1{path}"))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json");
    let request = if if_match.is_empty() { request } else { request.header("if-match", if_match) };
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    api.send(request.body(body).unwrap()).await
}

async fn post(api: &Api, token: &str, path: &str, body: &Value) -> Reply {
    send(api, token, Method::POST, path, body, "").await
}

fn admin(api: &Api) -> String {
    api.token("admin-of-all", Role::Admin, None)
}

fn secret(api: &Api, name: &str) -> String {
    let keyring = Keyring::open(api.log.dir.path(), None).unwrap();
    match api.log.store.connector(name).unwrap().credentials(&keyring).unwrap() {
        Credentials::Token(token) => token.expose_secret().to_owned(),
        Credentials::OAuth(app) => app.refresh_token.expose_secret().to_owned(),
    }
}

#[tokio::test]
async fn a_connector_is_made_changed_paused_and_removed() {
    let api = Api::new();
    let token = admin(&api);
    let new = json!({ "name": "beta", "token": PLANTED, "baseUrl": "http://127.0.0.1:9", "labels": ["eu"], "start": "now" });
    let made = post(&api, &token, "/connectors", &new).await;
    assert_eq!((made.status.as_u16(), made.header("location")), (201, "/api/v1/connectors/2"));
    let mut shown = made.json();
    shown["createdAt"] = "…".into();
    insta::assert_snapshot!(serde_json::to_string_pretty(&shown).unwrap());
    assert_eq!(secret(&api, "beta"), PLANTED);

    let change = json!({ "name": "gamma", "token": " ", "pollIntervalMs": 5_000 });
    let changed = send(&api, &token, Method::PATCH, "/connectors/beta", &change, made.header("etag")).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["name"]), (200, &json!("gamma")));
    assert_eq!(
        (changed.json()["pollIntervalMs"].clone(), secret(&api, "gamma")),
        (json!(5_000), PLANTED.to_owned())
    );
    send(&api, &token, Method::PATCH, "/connectors/2", &change, made.header("etag")).await.assert_problem(
        412,
        "",
        "somebody else",
    );
    let rotated = send(&api, &token, Method::PATCH, "/connectors/2", &json!({ "token": "pat-2" }), "").await;
    assert_eq!((rotated.status.as_u16(), secret(&api, "gamma")), (200, "pat-2".to_owned()));

    let paused = post(&api, &token, "/connectors/gamma/pause", &Value::Null).await;
    assert_eq!(paused.json()["paused"], true);
    assert_eq!(
        post(&api, &token, "/connectors/gamma/pause", &Value::Null).await.header("etag"),
        paused.header("etag")
    );
    assert_eq!(post(&api, &token, "/connectors/gamma/resume", &Value::Null).await.json()["paused"], false);

    let gone = send(&api, &token, Method::DELETE, "/connectors/gamma", &Value::Null, "").await;
    assert_eq!(gone.status, 204, "{}", gone.body);
    api.get(&token, "/api/v1/connectors/2").await.assert_problem(404, "", "no connector");
    let trail = AuditSearch {
        within: Accounts::All,
        connector: None,
        actor: Some("token admin-of-all".to_owned()),
        action: Some("connector".to_owned()),
        before: None,
        limit: 100,
    };
    let mut actions: Vec<String> =
        api.log.store.audit_trail(&trail).unwrap().into_iter().map(|entry| entry.action).collect();
    actions.reverse();
    let did =
        ["create", "update", "update", "pause", "resume", "delete"].map(|what| format!("connector.{what}"));
    assert_eq!(actions, did);
}

#[tokio::test]
async fn erasing_events_is_confirmed_by_name() {
    let api = Api::new();
    let token = admin(&api);
    api.log.append(&[at(1).seen()]);
    let delete = async |query: &str| {
        send(&api, &token, Method::DELETE, &format!("/connectors/acme?{query}"), &Value::Null, "").await
    };
    delete("events=erase").await.assert_problem(400, "confirm", "cannot be undone");
    delete("events=erase&confirm=acm").await.assert_problem(400, "confirm", "cannot be undone");
    assert_eq!(api.log.all().len(), 1);
    assert_eq!(delete("events=erase&confirm=acme").await.status, 204);
    assert!(api.log.all().is_empty());
}

#[tokio::test]
async fn what_was_kept_of_a_removed_connector_is_listed_and_erased_by_its_number() {
    let api = Api::new();
    let token = admin(&api);
    api.log.append(&[at(1).seen()]);
    let delete = async |token: &str, named: &str, query: &str| {
        send(&api, token, Method::DELETE, &format!("/connectors/{named}?{query}"), &Value::Null, "").await
    };
    let listed = async |query: &str| {
        let reply = api.get(&token, &format!("/api/v1/connectors{query}")).await.json();
        let ids = reply["connectors"].as_array().unwrap().iter().map(|one| one["id"].as_i64().unwrap());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(delete(&token, "acme", "events=keep").await.status, 204);
    let again = api.log.add("acme");
    api.log.append_to(&again, &[at(2).seen()]);
    assert_eq!((listed("").await, listed("?removed=true").await), (vec![2], vec![1]));
    delete(&token, "1", "").await.assert_problem(404, "", "no connector");
    delete(&token, "1", "events=erase").await.assert_problem(400, "confirm", "cannot be undone");
    let other = api.token("of-other", Role::Admin, Some(&[again.id]));
    delete(&other, "1", "events=erase&confirm=acme").await.assert_problem(404, "", "no connector");
    let analyst = api.token("analyst", Role::Analyst, None);
    assert_eq!(delete(&analyst, "1", "events=erase&confirm=acme").await.status, 403);
    assert_eq!(api.log.all().len(), 2);
    assert_eq!(delete(&token, "1", "events=erase&confirm=acme").await.status, 204);
    let left = api.log.all();
    assert_eq!((left.len(), left[0].connector), (1, again.id), "the other of that name keeps its own");
    assert_eq!((listed("").await, listed("?removed=true").await), (vec![2], vec![]));
    delete(&token, "1", "events=erase&confirm=acme").await.assert_problem(404, "", "no connector");
    assert_eq!(
        api.get(&token, "/api/v1/audit?action=connector.delete").await.json()["entries"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn how_long_the_events_of_an_account_are_kept_is_changed_by_one_editor_at_a_time() {
    let api = Api::new();
    let token = admin(&api);
    let shown = api.get(&token, "/api/v1/connectors/acme").await;
    assert_eq!(shown.json()["retention"], "default");
    let patch = async |retention: Value, if_match: &str| {
        let body = json!({ "retention": retention });
        send(&api, &token, Method::PATCH, "/connectors/acme", &body, if_match).await
    };
    let changed = patch(json!("30d"), shown.header("etag")).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["retention"]), (200, &json!("30d")));
    assert_eq!(api.log.store.connector("acme").unwrap().settings.retention, Keep::Days(30));
    patch(json!("forever"), shown.header("etag")).await.assert_problem(412, "", "somebody else");
    for wrong in ["0d", "36501d", "30", "a while"] {
        let refused = patch(json!(wrong), "").await;
        refused.assert_problem(400, "retention", "");
        assert!(refused.json()["fix"].as_str().unwrap().contains("400d"), "{}", refused.body);
    }
    assert_eq!(patch(json!(30), "").await.status, 400);
    assert_eq!(patch(json!("forever"), "").await.json()["retention"], "forever");
    let rest = send(&api, &token, Method::PATCH, "/connectors/acme", &json!({ "pageSize": 50 }), "").await;
    assert_eq!(rest.json()["retention"], "forever", "what is left out stays as it is");
    assert_eq!(patch(json!("default"), "").await.json()["retention"], "default");
    let new = json!({ "name": "beta", "token": "t", "retention": "2w" });
    assert_eq!(post(&api, &token, "/connectors", &new).await.json()["retention"], "14d");
}

#[tokio::test]
async fn an_account_has_an_alert_budget_of_its_own_until_it_has_that_of_the_others_again() {
    let api = Api::new();
    let token = admin(&api);
    let patch = async |budget: Value| {
        send(&api, &token, Method::PATCH, "/connectors/acme", &json!({ "alertBudget": budget }), "").await
    };
    assert_eq!(api.get(&token, "/api/v1/connectors/acme").await.json()["alertBudget"], "default");
    let before = api.log.store.connector("acme").unwrap();
    assert_eq!(patch(json!("2")).await.json()["alertBudget"], "2");
    let after = api.log.store.connector("acme").unwrap();
    assert_eq!(after.settings.alert_budget, AlertBudget::Alerts(2));
    assert!(after.revision > before.revision, "another editor is told");
    for wrong in ["2.5", "-1", "1001", "many"] {
        let refused = patch(json!(wrong)).await;
        refused.assert_problem(400, "alertBudget", "");
        assert!(refused.json()["fix"].as_str().unwrap().contains("from 0 to 1000"), "{}", refused.body);
    }
    assert_eq!(patch(json!("default")).await.json()["alertBudget"], "default");
    assert_eq!(api.log.store.connector("acme").unwrap().settings.alert_budget, AlertBudget::AsOthers);
}

#[tokio::test]
async fn what_the_configuration_declares_is_changed_there_only() {
    let api = Api::new();
    let token = admin(&api);
    let file = std::path::Path::new("/etc/hubtrail.toml");
    api.log.store.declare_connector(&api.log.acme, None, Some(file)).unwrap();
    assert_eq!(api.get(&token, "/api/v1/connectors/acme").await.json()["declared"], true);
    for (method, path, body) in [
        (Method::PATCH, "/connectors/acme", json!({ "pollIntervalMs": 5_000 })),
        (Method::PATCH, "/connectors/acme", json!({ "token": PLANTED })),
        (Method::POST, "/connectors/acme/pause", Value::Null),
        (Method::DELETE, "/connectors/acme", Value::Null),
    ] {
        let reply = send(&api, &token, method, path, &body, "").await;
        reply.assert_problem(409, "", "declared in /etc/hubtrail.toml");
    }
    assert_eq!(post(&api, &token, "/connectors/acme/backfill", &json!({})).await.status, 202);
}

#[tokio::test]
async fn what_opens_an_account_is_in_no_reply() {
    let api = Api::new();
    let token = admin(&api);
    let oauth = json!({ "clientId": "app-1", "clientSecret": PLANTED, "refreshToken": PLANTED });
    let made = post(&api, &token, "/connectors", &json!({ "name": "beta", "oauth": oauth })).await;
    assert_eq!((made.status.as_u16(), made.json()["credentials"].clone()), (201, json!("oauth")));
    assert_eq!(secret(&api, "beta"), PLANTED);
    for reply in [
        made,
        post(&api, &token, "/connectors", &json!({ "name": "beta", "token": PLANTED })).await,
        post(&api, &token, "/connectors", &json!({ "name": "", "token": PLANTED })).await,
        post(&api, &token, "/connectors", &json!({ "nom": "x", "token": PLANTED })).await,
        api.get(&token, "/api/v1/connectors").await,
        api.get(&token, "/api/v1/connectors/beta").await,
        api.get(&token, "/api/v1/status?format=csv").await,
        api.get(&token, "/api/v1/audit").await,
    ] {
        assert!(!reply.body.contains(PLANTED), "{}", reply.body);
    }
}

#[tokio::test]
async fn each_role_may_do_what_it_may_and_nothing_of_other_accounts() {
    let api = Api::new();
    let other = api.log.add("other");
    let nothing = Value::Null;
    let tokens = [Role::Viewer, Role::Analyst, Role::Admin]
        .map(|role| api.token(role.as_str(), role, Some(&[other.id])));
    for (method, path, body, allowed) in [
        (Method::GET, "/connectors/other", nothing.clone(), [200, 200, 200]),
        (Method::GET, "/connectors/other/backfills", nothing.clone(), [200, 200, 200]),
        (Method::POST, "/connectors/other/backfill", json!({}), [403, 202, 202]),
        (Method::POST, "/connectors/other/pause", nothing.clone(), [403, 403, 200]),
        (Method::PATCH, "/connectors/other", json!({}), [403, 403, 200]),
        (Method::POST, "/connectors", json!({ "name": "x", "token": "t" }), [403, 403, 403]),
        (Method::GET, "/connectors/acme", nothing.clone(), [404, 404, 404]),
        (Method::POST, "/connectors/acme/pause", nothing.clone(), [404, 404, 404]),
        (Method::PATCH, "/connectors/1", json!({}), [404, 404, 404]),
        (Method::DELETE, "/connectors/acme", nothing.clone(), [404, 404, 404]),
        (Method::DELETE, "/connectors/other", nothing, [403, 403, 204]),
    ] {
        for (token, status) in tokens.iter().zip(allowed) {
            let reply = send(&api, token, method.clone(), path, &body, "").await;
            assert_eq!(reply.status.as_u16(), status, "{method} {path} as {token}: {}", reply.body);
        }
    }
    let seen = api.get(&tokens[0], "/api/v1/connectors").await;
    assert_eq!(seen.json()["connectors"], json!([]));
    assert_eq!(api.log.store.connectors().unwrap().len(), 1);
}

#[tokio::test]
async fn history_is_asked_for_and_listed() {
    let api = Api::new();
    let token = admin(&api);
    let range = json!({ "from": "2024-01-01", "to": "2024-02-01T00:00:00Z" });
    let asked = post(&api, &token, "/connectors/acme/backfill", &range).await;
    assert_eq!((asked.status.as_u16(), &asked.json()["from"]), (202, &json!("2024-01-01T00:00:00.000Z")));
    assert_eq!(asked.json()["requestedBy"], "token admin-of-all");
    let open = api.log.store.open_backfills(api.log.acme.id).unwrap();
    assert_eq!(open[0].to, Some(UtcMs(1_706_745_600_000)));
    let listed = api.get(&token, "/api/v1/connectors/acme/backfills").await.json();
    assert_eq!(listed["backfills"][0], asked.json());
    for (range, field) in
        [(json!({ "from": "2024-02-01", "to": "2024-01-01" }), "from"), (json!({ "to": "tomorrow" }), "to")]
    {
        post(&api, &token, "/connectors/acme/backfill", &range).await.assert_problem(400, field, "");
    }
    post(&api, &token, "/connectors/acme/backfill", &json!([])).await.assert_problem(400, "", "");
}

#[tokio::test]
async fn the_status_is_filtered_by_state_and_name_and_exported() {
    let api = Api::new();
    let token = api.viewer();
    let other = api.log.add("other");
    api.log.append_to(&other, &[at(1).seen()]);
    let names = async |query: &str| {
        let reply = api.get(&token, &format!("/api/v1/status?{query}")).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let streams = reply.json()["streams"].as_array().unwrap().clone();
        streams.iter().map(|stream| stream["connector"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["acme", "other"]);
    assert_eq!(names("text=OTH").await, ["other"]);
    assert_eq!(names("account=acme").await, ["acme"]);
    assert_eq!(names("state=paused").await, Vec::<String>::new());
    let csv = api.get_with(&token, "/api/v1/status", &[("accept", "text/csv")]).await;
    assert!(
        csv.header("content-type").starts_with("text/csv") && csv.body.lines().count() == 3,
        "{}",
        csv.body
    );
    api.get(&token, "/api/v1/status?state=broken").await.assert_problem(400, "state", "broken");
    let scoped = api.token("of-other", Role::Viewer, Some(&[other.id]));
    let reply = api.get(&scoped, "/api/v1/status").await;
    assert!(!reply.body.contains("acme") && reply.body.contains("other"), "{}", reply.body);
    api.get(&scoped, "/api/v1/status?account=acme").await.assert_problem(404, "account", "no connector");
}

#[tokio::test]
async fn a_test_says_what_does_not_work_and_is_kept() {
    let api = Api::new();
    let token = api.token("analyst", Role::Analyst, None);
    api.get(&token, "/api/v1/connectors/acme/test").await.assert_problem(404, "", "never tested");
    // Nobody listens there.
    let tested = post(&api, &token, "/connectors/acme/test", &Value::Null).await;
    assert_eq!((tested.status.as_u16(), &tested.json()["passed"]), (200, &json!(false)), "{}", tested.body);
    let stages = tested.json()["stages"].as_array().unwrap().clone();
    assert_eq!((stages.len(), &stages[1]["outcome"]), (5, &json!("failed")));
    assert!(!stages[1]["fix"].as_str().unwrap().is_empty());
    assert_eq!(api.get(&token, "/api/v1/connectors/acme/test").await.json(), tested.json());
    let viewer = api.viewer();
    post(&api, &viewer, "/connectors/acme/test", &Value::Null).await.assert_problem(403, "", "analyst");
}
