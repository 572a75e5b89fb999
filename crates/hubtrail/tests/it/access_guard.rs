//! Who gets past the guard: no change that another site's page could have made a browser send.

use axum::body::Body;
use http::{Method, StatusCode};
use hubtrail::access::{Accounts, Role};
use serde_json::json;

use crate::access_support::{Client, PASSWORD, Service};

const USERS: &str = "/api/v1/users";

fn jon() -> serde_json::Value {
    json!({ "name": "jon", "password": PASSWORD, "role": "viewer" })
}

#[tokio::test]
async fn nobody_gets_in_without_a_valid_credential() {
    let service = Service::new();
    service.user("maria", Role::Admin, Accounts::All);
    let browser = service.browser("maria").await;
    for client in [
        Client::default(),
        Client::default().with("authorization", "Bearer ht_nothing"),
        Client::default().with("authorization", "Basic bWFyaWE6eA=="),
        Client::default().with("cookie", "hubtrail_session=nothing"),
        browser.with("authorization", "Bearer ht_nothing"),
    ] {
        for path in [USERS, "/api/v1/tokens", "/api/v1/audit", "/api/v1/session"] {
            let reply = service.get(&client, path).await;
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{path}");
            assert_eq!(reply.headers["www-authenticate"], "Bearer");
        }
    }
    assert_eq!(service.get(&Client::default(), "/api/v1/version").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_change_by_cookie_carries_the_value_of_the_session() {
    let service = Service::new();
    service.user("maria", Role::Admin, Accounts::All);
    let (browser, other) = (service.browser("maria").await, service.browser("maria").await);
    let value = |client: &Client| client.0.iter().find(|(name, _)| name == "x-csrf-token").unwrap().1.clone();
    let without = Client(browser.0.iter().filter(|(name, _)| name == "cookie").cloned().collect());
    for client in [
        without.clone(),
        without.clone().with("x-csrf-token", ""),
        without.clone().with("x-csrf-token", "guess"),
        without.clone().with("x-csrf-token", &value(&other)),
    ] {
        let reply = service.post(&client, USERS, &jon()).await;
        assert_eq!((reply.status, &reply.json()["type"]), (StatusCode::FORBIDDEN, &json!("/problems/csrf")));
    }
    assert_eq!(service.get(&without, USERS).await.status, StatusCode::OK, "looking needs none");
    assert_eq!(service.post(&browser, USERS, &jon()).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_form_carries_the_value_as_a_field_and_reaches_its_handler_whole() {
    let service = Service::new();
    service.user("maria", Role::Admin, Accounts::All);
    let browser = service.browser("maria").await;
    let csrf = browser.0.iter().find(|(name, _)| name == "x-csrf-token").unwrap().1.clone();
    let form = Client(browser.0.iter().filter(|(name, _)| name == "cookie").cloned().collect())
        .with("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    let send = async |body: String| service.send(&form, Method::POST, USERS, Body::from(body)).await.status;
    assert_eq!(send("name=jon&csrf=guess".to_owned()).await, StatusCode::FORBIDDEN);
    assert_eq!(send(format!("csrf=guess&csrf={csrf}")).await, StatusCode::FORBIDDEN, "the first one counts");
    // Past the guard, and refused by a handler that reads JSON.
    assert_eq!(send(format!("name=jon&csrf={csrf}")).await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let large = format!("csrf={csrf}&name={}", "x".repeat(2 * 1024 * 1024));
    assert_eq!(send(large).await, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn another_sites_page_changes_nothing_and_signs_nobody_in() {
    let service = Service::new();
    service.user("maria", Role::Admin, Accounts::All);
    let browser = service.browser("maria").await;
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("origin", "null")]
    {
        let reply = service.post(&browser.clone().with(name, value), USERS, &jon()).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{name}: {value}");
        let sign_in = json!({ "name": "maria", "password": PASSWORD });
        let reply = service.post(&Client::default().with(name, value), "/api/v1/session", &sign_in).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    let own = browser.with("origin", "http://127.0.0.1:8787").with("sec-fetch-site", "same-origin");
    assert_eq!(service.post(&own, USERS, &jon()).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_token_needs_no_proof_and_a_revoked_or_expired_one_is_none() {
    let service = Service::new();
    let token = service.token("automation", Role::Admin, Accounts::All);
    let program = Client::token(&token);
    assert_eq!(service.post(&program, USERS, &jon()).await.status, StatusCode::CREATED);
    let listed = service.get(&program, "/api/v1/tokens").await.json();
    assert!(listed["tokens"][0]["usedAt"].is_string(), "{listed}");

    let now = service.app.clock.now();
    let soon = now.plus(60_000).to_string();
    let body = json!({ "name": "short", "role": "viewer", "expiresAt": soon });
    let made = service.post(&program, "/api/v1/tokens", &body).await.json();
    let digest = hubtrail::access::digest(made["token"].as_str().unwrap());
    assert!(service.log.store.credential_of_token(&digest, now).unwrap().is_some());
    assert!(service.log.store.credential_of_token(&digest, now.plus(60_001)).unwrap().is_none());

    let id = listed["tokens"][0]["id"].as_i64().unwrap();
    let path = format!("/api/v1/tokens/{id}");
    let revoked = service.send(&program, Method::DELETE, &path, Body::empty()).await;
    assert_eq!(revoked.status, StatusCode::OK);
    assert_eq!(service.get(&program, USERS).await.status, StatusCode::UNAUTHORIZED);
}
