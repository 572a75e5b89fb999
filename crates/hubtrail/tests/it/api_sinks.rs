//! Sinks over REST: what is shown, who may do what, and that a secret goes in and never comes out.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use hubtrail::access::Role;
use serde_json::{Value, json};

use crate::api_support::{Api, Reply};
use crate::store_support::at;

const SECRET: &str = "planted-hunter2-hec";

async fn send(api: &Api, token: &str, method: Method, path: &str, body: &Value) -> Reply {
    let request =
        Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
    let request = request.header("content-type", "application/json");
    api.send(request.body(Body::from(body.to_string())).unwrap()).await
}

fn sink(name: &str) -> Value {
    json!({
        "name": name, "format": "ocsf", "start": "beginning", "paused": true,
        "target": { "kind": "splunk_hec", "url": "http://127.0.0.1:9", "acknowledge": true },
        "select": { "severities": ["high", "critical"] },
        "credentials": { "token": SECRET },
    })
}

#[tokio::test]
async fn a_sink_is_added_shown_changed_and_removed_and_its_secret_never_shown() {
    let api = Api::new();
    let admin = api.token("admin", Role::Admin, None);
    let added = send(&api, &admin, Method::POST, "/api/v1/sinks", &sink("siem")).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.body);
    assert_eq!(added.json()["hasCredentials"], true);
    assert_eq!(added.json()["select"]["severities"], json!(["high", "critical"]));
    let shown = api.get(&admin, "/api/v1/sinks/siem").await;
    let patch = |body: Value| {
        let (api, admin) = (&api, admin.clone());
        async move { send(api, &admin, Method::PATCH, "/api/v1/sinks/SIEM", &body).await }
    };
    let changed = patch(json!({ "format": "raw", "batch": { "entries": 7 } })).await;
    assert_eq!(
        (changed.json()["format"].as_str(), changed.json()["batch"]["entries"].as_u64()),
        (Some("raw"), Some(7))
    );
    assert_eq!(changed.json()["revision"], 2);
    let stale =
        Request::builder().method(Method::PATCH).uri("/api/v1/sinks/siem").header("if-match", "\"1\"");
    let stale =
        stale.header("authorization", format!("Bearer {admin}")).header("content-type", "application/json");
    let stale = api.send(stale.body(Body::from("{}")).unwrap()).await;
    stale.assert_problem(412, "", "somebody else");
    let elsewhere = json!({ "target": { "kind": "splunk_hec", "url": "https://evil.example:8088" } });
    patch(elsewhere).await.assert_problem(400, "target", "another receiver");
    let status = api.get(&admin, "/api/v1/sinks/siem/status").await;
    assert_eq!(
        (status.json()["state"].as_str(), status.json()["deadLetters"].as_u64()),
        (Some("paused"), Some(0))
    );
    let letters = api.get(&admin, "/api/v1/sinks/siem/dead-letters").await;
    assert_eq!(letters.json(), json!({ "letters": [], "next": null }));
    let list = api.get(&admin, "/api/v1/sinks").await;
    let all = api.get(&admin, "/api/v1/sinks/status").await;
    let tried = send(&api, &admin, Method::POST, "/api/v1/sinks/siem/test", &json!({})).await;
    assert_eq!(
        (tried.json()["passed"].as_bool(), tried.status),
        (Some(false), StatusCode::OK),
        "{}",
        tried.body
    );
    let trail = api.get(&admin, "/api/v1/audit?action=sink").await;
    assert_eq!(trail.json()["entries"].as_array().map(Vec::len), Some(3), "{}", trail.body);
    let metrics = api.get(&admin, "/metrics").await;
    assert!(
        metrics.body.contains(r#"hubtrail_sink_state{sink="siem",state="paused"} 1"#),
        "{}",
        metrics.body
    );
    for reply in [&added, &shown, &changed, &status, &list, &all, &tried, &trail, &metrics] {
        assert!(!reply.body.contains("hunter2"), "{}", reply.body);
    }
    let removed = send(&api, &admin, Method::DELETE, "/api/v1/sinks/siem", &json!({})).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    api.get(&admin, "/api/v1/sinks/siem").await.assert_problem(404, "", "no sink");
    assert_eq!(api.log.store.readers().unwrap(), []);
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_its_field() {
    let api = Api::new();
    let admin = api.token("admin", Role::Admin, None);
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut body = sink("siem");
        change(&mut body);
        body
    };
    for (body, field, said) in [
        (refused(&|it| it["format"] = "csv".into()), "format", "several lines"),
        (refused(&|it| it["format"] = "odd".into()), "format", "odd"),
        (refused(&|it| it["start"] = "soon".into()), "start", "not a time"),
        (refused(&|it| it["credentials"] = json!({})), "credentials.token", "HEC token"),
        (refused(&|it| it["target"]["url"] = "http://siem.example".into()), "target.url", "unencrypted"),
        (refused(&|it| it["target"]["url"] = "https://169.254.169.254".into()), "target.url", "link-local"),
        (
            refused(&|it| it["target"]["connection"] = json!({ "allowLinkLocal": true })),
            "target.connection.allowLinkLocal",
            "link",
        ),
        (
            refused(&|it| it["target"] = json!({ "kind": "file", "path": "/etc/cron.d/x" })),
            "target.path",
            "data directory",
        ),
        (
            refused(&|it| it["target"] = json!({ "kind": "file", "path": "../x" })),
            "target.path",
            "data directory",
        ),
        (refused(&|it| it["batch"] = json!({ "entries": 0 })), "batch.entries", "outside"),
        (refused(&|it| it["tokn"] = 1.into()), "", "tokn"),
    ] {
        send(&api, &admin, Method::POST, "/api/v1/sinks", &body).await.assert_problem(400, field, said);
    }
    assert_eq!(api.log.store.sinks().unwrap(), []);
    send(&api, &admin, Method::POST, "/api/v1/sinks", &sink("siem")).await;
    let twice = send(&api, &admin, Method::POST, "/api/v1/sinks", &sink("SIEM")).await;
    twice.assert_problem(409, "name", "already");
}

#[tokio::test]
async fn each_role_may_what_it_may_and_an_account_sees_its_own_sinks() {
    let api = Api::new();
    api.log.append(&[at(1_000).seen()]);
    let other = api.log.add("other");
    let admin = api.token("admin", Role::Admin, None);
    let analyst = api.token("analyst", Role::Analyst, None);
    let viewer = api.viewer();
    let some = api.token("some", Role::Admin, Some(&[other.id]));
    send(&api, &admin, Method::POST, "/api/v1/sinks", &sink("all")).await;
    let mut own = sink("own");
    own["select"] = json!({ "accounts": [other.id.0] });
    send(&api, &admin, Method::POST, "/api/v1/sinks", &own).await;
    let names = |reply: &Reply| -> Vec<String> {
        let sinks = reply.json()["sinks"].as_array().unwrap().clone();
        sinks.iter().map(|sink| sink["name"].as_str().unwrap().to_owned()).collect()
    };
    for path in ["/api/v1/sinks", "/api/v1/sinks/status"] {
        assert_eq!(names(&api.get(&viewer, path).await), ["all", "own"]);
        assert_eq!(names(&api.get(&some, path).await), ["own"]);
    }
    api.get(&some, "/api/v1/sinks/all").await.assert_problem(404, "", "no sink");
    let metrics = api.get(&some, "/metrics").await.body;
    assert!(metrics.contains(r#"sink="own""#) && !metrics.contains(r#"sink="all""#), "{metrics}");
    for (method, path, body, least) in [
        (Method::POST, "/api/v1/sinks/all/pause", json!({}), "admin"),
        (Method::POST, "/api/v1/sinks/all/resume", json!({}), "admin"),
        (Method::POST, "/api/v1/sinks/all/replay", json!({ "since": "1d" }), "admin"),
        (Method::PATCH, "/api/v1/sinks/all", json!({}), "admin"),
        (Method::DELETE, "/api/v1/sinks/all", json!({}), "admin"),
        (Method::POST, "/api/v1/sinks/all/dead-letters/drop", json!({}), "admin"),
        (Method::POST, "/api/v1/sinks/all/dead-letters/retry", json!({}), "analyst"),
        (Method::POST, "/api/v1/sinks/all/test", json!({}), "analyst"),
    ] {
        let by_viewer = send(&api, &viewer, method.clone(), path, &body).await;
        by_viewer.assert_problem(403, "", "needs the role");
        if least == "admin" {
            let by_analyst = send(&api, &analyst, method.clone(), path, &body).await;
            by_analyst.assert_problem(403, "", "needs the role");
            let own = path.replace("/all", "/own");
            let by_some = send(&api, &some, method, &own, &body).await;
            if !own.contains("dead-letters") {
                by_some.assert_problem(403, "", "all accounts");
            }
        } else {
            assert_eq!(send(&api, &analyst, method, path, &body).await.status, StatusCode::OK, "{path}");
        }
    }
}
