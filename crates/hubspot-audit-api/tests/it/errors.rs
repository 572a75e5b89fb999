//! Every refusal in HubSpot's shape.

use serde_json::json;

use crate::support::{AUDIT, Answer, Server, client, seconds};

fn assert_shape(answer: &Answer, status: u16, category: &str) {
    let json = answer.json();
    assert_eq!((answer.status, &json["status"]), (status, &json!("error")), "{}", answer.text);
    assert_eq!(json["category"], category);
    assert!(json["message"].as_str().is_some_and(|message| !message.is_empty()));
    assert_eq!(json["correlationId"].as_str().map(str::len), Some(36));
    assert_eq!(answer.header("content-type"), Some("application/json;charset=utf-8"));
    assert_eq!(answer.header("date"), Some("Sun, 10 Mar 2024 15:30:00 GMT"), "the account's clock");
}

#[tokio::test]
async fn a_value_that_cannot_be_used_is_refused_by_name() {
    let server = Server::start(seconds(1), |_| ()).await;
    for (query, parameter) in [
        ("limit=ten", "limit"),
        ("limit=0", "limit"),
        ("sort=objectId", "sort"),
        ("after=soon", "after"),
        ("before=soon", "before"),
    ] {
        let answer = server.page(query).await;
        assert_shape(&answer, 400, "VALIDATION_ERROR");
        assert_eq!(answer.json()["errors"][0]["in"], parameter);
    }
}

#[tokio::test]
async fn without_the_right_token_nothing_is_shown() {
    let server = Server::start(seconds(1), |_| ()).await;
    let url = format!("{}{AUDIT}", server.emulator.url());
    for request in [
        client().get(&url),
        client().get(&url).bearer_auth("pat-na1-other"),
        client().get(&url).basic_auth("pat-na1-emulator", Some("")),
        client().get(format!("{url}?hapikey=pat-na1-emulator")),
    ] {
        assert_shape(&Answer::of(request.send().await.unwrap()).await, 401, "INVALID_AUTHENTICATION");
    }
    let lower = client().get(&url).header("authorization", "bearer pat-na1-emulator");
    assert_eq!(Answer::of(lower.send().await.unwrap()).await.status, 200);
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let server = Server::start(seconds(1), |config| config.scopes = vec!["oauth".to_owned()]).await;
    for (path, scopes) in [
        (AUDIT, json!(["content"])),
        ("/settings/v3/users/", json!(["settings.users.read", "crm.objects.users.read"])),
        ("/crm/v3/owners", json!(["crm.objects.owners.read"])),
    ] {
        let answer = server.get(path).await;
        assert_shape(&answer, 403, "MISSING_SCOPES");
        assert_eq!(answer.json()["errors"][0]["context"]["requiredGranularScopes"], scopes);
    }
    assert_eq!(server.get("/account-info/v3/details").await.status, 200);
}

#[tokio::test]
async fn without_the_plan_the_audit_log_is_refused() {
    let server = Server::start(seconds(1), |config| config.enterprise = false).await;
    let answer = server.page("").await;
    assert_shape(&answer, 403, "FORBIDDEN");
    assert!(answer.text.contains("Enterprise"));
    assert_eq!(server.get("/settings/v3/users/").await.status, 200);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused() {
    let server = Server::start(seconds(1), |_| ()).await;
    for path in ["/", "/cms/v3/audit-log", "/cms/audit-logs/2024-09", "/cms/audit-logs/v3/export"] {
        assert_shape(&server.get(path).await, 404, "OBJECT_NOT_FOUND");
    }
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let answer = Answer::of(server.request(method, AUDIT).send().await.unwrap()).await;
        assert_shape(&answer, 405, "INVALID_REQUEST");
        assert_eq!(answer.header("allow"), Some("GET"));
    }
    let head = server.request("HEAD", AUDIT).send().await.unwrap();
    assert_eq!(head.status().as_u16(), 405);
    assert_eq!(server.get("/cms/audit-logs/2026-09/export").await.header("allow"), Some("POST"));
}

#[tokio::test]
async fn a_long_uri_is_refused() {
    let server = Server::start(seconds(1), |_| ()).await;
    let ids = |count: usize| vec!["12345678"; count].join(",");
    assert_eq!(server.page(&format!("objectId={}", ids(800))).await.status, 200);
    assert_shape(&server.page(&format!("objectId={}", ids(1_000))).await, 414, "INVALID_REQUEST");
}

#[tokio::test]
async fn an_export_is_accepted_or_refused_with_every_problem() {
    let server = Server::start(seconds(1), |_| ()).await;
    let good = json!({
        "email": "a@example.com", "format": "CSV", "portalId": 1, "recipientUserIds": [1],
        "shouldMarkExportFileAsSensitive": true, "type": "AUDIT_LOGS",
    });
    for version in ["2025-09", "2026-03", "2026-09"] {
        let answer = server.post(&format!("/cms/audit-logs/{version}/export"), &good.to_string()).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""), "{version}");
    }
    let bad = server.post("/cms/audit-logs/2026-09/export", r#"{"format":"PDF"}"#).await;
    assert_shape(&bad, 400, "VALIDATION_ERROR");
    assert_eq!(bad.json()["errors"].as_array().map(Vec::len), Some(6));
}
