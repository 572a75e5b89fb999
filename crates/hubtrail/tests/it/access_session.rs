//! Signing in and out, the first start, and what ends a session.

use std::time::Duration;

use http::{Method, StatusCode};
use hubtrail::access::{Accounts, Actor, Role, digest, fresh};
use hubtrail::store::{AuditSearch, NewSession};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use crate::access_support::{Client, PASSWORD, Reply, Service};

const SESSION: &str = "/api/v1/session";
const HOUR_MS: i64 = 3_600_000;

fn key_of(link: &SecretString) -> String {
    link.expose_secret().split("key=").nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn the_set_up_link_makes_the_first_user_once() {
    let service = Service::new();
    let link = service.app.gate.setup.link("http://127.0.0.1:8787/").unwrap();
    assert!(link.expose_secret().starts_with("http://127.0.0.1:8787/setup?key="));
    let body = |key: &str, password: &str| json!({ "key": key, "name": " maria ", "password": password });
    let set_up = async |body| service.post(&Client::default(), "/api/v1/setup", &body).await;

    let wrong = set_up(body("guess", PASSWORD)).await;
    assert_eq!((wrong.status, wrong.json()["field"].as_str()), (StatusCode::BAD_REQUEST, Some("key")));
    let weak = set_up(body(&key_of(&link), "Password2024!")).await;
    assert_eq!((weak.status, weak.json()["field"].as_str()), (StatusCode::BAD_REQUEST, Some("password")));

    let done = set_up(body(&key_of(&link), PASSWORD)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text());
    assert_eq!(done.json()["name"], "maria");
    assert_eq!((&done.json()["role"], &done.json()["accounts"]), (&json!("admin"), &json!("all")));
    let signed_in = Client::default().with("cookie", &done.cookie());
    assert_eq!(service.get(&signed_in, SESSION).await.status, StatusCode::OK);

    let again = set_up(body(&key_of(&link), PASSWORD)).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST, "the link is used up");
    let late = service.app.gate.setup.link("http://127.0.0.1:8787").unwrap();
    let late = set_up(body(&key_of(&late), PASSWORD)).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "there is a user already: {}", late.text());
}

#[tokio::test]
async fn whoever_signs_in_is_known_until_they_sign_out() {
    let service = Service::new();
    service.user("Maria", Role::Analyst, Accounts::Some([service.log.acme.id].into()));
    let reply = service.try_sign_in("maria", PASSWORD).await;
    let set_cookie = reply.headers["set-cookie"].to_str().unwrap();
    for part in ["; Path=/", "; HttpOnly", "; SameSite=Strict", "; Max-Age=604800"] {
        assert!(set_cookie.contains(part), "{set_cookie}");
    }
    assert!(!set_cookie.contains("Secure"), "plain HTTP on loopback");

    let browser = service.browser("maria").await;
    let who = service.get(&browser, SESSION).await.json();
    assert_eq!(
        (&who["kind"], &who["name"], &who["role"], &who["accounts"]),
        (&json!("person"), &json!("Maria"), &json!("analyst"), &json!(["acme"]))
    );
    let out = service.send(&browser, Method::DELETE, SESSION, axum::body::Body::empty()).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(out.headers["set-cookie"].to_str().unwrap().contains("hubtrail_session=; Path=/; Max-Age=0"));
    assert_eq!(service.get(&browser, SESSION).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn behind_https_the_cookie_is_secure() {
    let service = Service::configured("[server]\npublic_url = \"https://hubtrail.example.org\"");
    service.user("maria", Role::Viewer, Accounts::All);
    let reply = service.try_sign_in("maria", PASSWORD).await;
    assert!(reply.headers["set-cookie"].to_str().unwrap().ends_with("; Secure"));
}

#[tokio::test]
async fn an_unknown_name_a_disabled_one_and_a_wrong_password_are_the_same_answer() {
    let service = Service::new();
    service.user("root", Role::Admin, Accounts::All);
    service.user("maria", Role::Viewer, Accounts::All);
    let jon = service.user("jon", Role::Viewer, Accounts::All);
    let change = hubtrail::store::UserChange { disabled: Some(true), ..Default::default() };
    service.log.store.change_user(jon.id, change, &Actor::command_line(), crate::store_support::NOW).unwrap();
    let mut replies = Vec::new();
    for (name, password) in [("maria", "wrong password"), ("nobody", PASSWORD), ("jon", PASSWORD)] {
        let reply = service.try_sign_in(name, password).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
        replies.push((reply.text(), reply.headers));
    }
    assert!(replies.windows(2).all(|pair| pair[0] == pair[1]), "{replies:?}");
}

#[tokio::test]
async fn guessing_is_slowed_down_by_name_and_told_so() {
    let service = Service::new();
    service.user("maria", Role::Viewer, Accounts::All);
    let refused = guessed_until_held_up(&service, "maria").await;
    assert_eq!(refused.headers["content-type"], "application/problem+json");
    let right = service.try_sign_in("maria", PASSWORD).await;
    assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS, "also with the right password");
    let jon = service.try_sign_in("jon", PASSWORD).await;
    assert_eq!(jon.status, StatusCode::UNAUTHORIZED, "others are not held up");
    guessed_until_held_up(&service, "nobody").await;
}

/// The refusal that asks for two seconds or more: checking a password may take as long as the first wait does where the
/// machine is busy.
async fn guessed_until_held_up(service: &Service, name: &str) -> Reply {
    for _ in 0..20 {
        let answer = service.try_sign_in(name, "wrong password").await;
        if answer.status != StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
            continue;
        }
        let seconds: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
        if seconds >= 2 {
            return answer;
        }
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }
    panic!("{name} may guess as often as one likes")
}

#[tokio::test]
async fn a_session_ends_by_itself() {
    let service = Service::new();
    let maria = service.user("maria", Role::Viewer, Accounts::All);
    let now = service.app.clock.now();
    let session = async |created_ago: i64, ends_in: i64| {
        let secret = fresh("").unwrap();
        let new = NewSession {
            digest: digest(secret.expose_secret()),
            user: maria.id,
            created_at: now.minus(created_ago),
            expires_at: now.plus(ends_in),
        };
        service.log.store.start_session(new.clone(), &Actor::command_line()).unwrap();
        let browser =
            Client::default().with("cookie", &format!("hubtrail_session={}", secret.expose_secret()));
        let status = service.get(&browser, SESSION).await.status;
        let until = service.log.store.credential_of_session(&new.digest, now).unwrap();
        (status, until.and_then(|held| held.noted).map_or(0, |until| until.since(now)))
    };
    let (status, left) = session(HOUR_MS, HOUR_MS).await;
    assert_eq!(status, StatusCode::OK);
    assert!(left >= 12 * HOUR_MS, "using it moves its end: {left}");
    assert_eq!(session(13 * HOUR_MS, -1).await, (StatusCode::UNAUTHORIZED, 0), "not used for too long");
    let (status, left) = session(7 * 24 * HOUR_MS - HOUR_MS, HOUR_MS / 2).await;
    assert_eq!(status, StatusCode::OK);
    assert!(left <= HOUR_MS, "a week is the end in any case: {left}");
}

#[tokio::test]
async fn a_new_password_ends_all_sessions_and_begins_one() {
    let service = Service::new();
    service.user("maria", Role::Viewer, Accounts::All);
    let (office, home) = (service.browser("maria").await, service.browser("maria").await);
    let change = async |current: &str, new: &str| {
        let body = json!({ "current": current, "new": new });
        service.json(&office, Method::PUT, "/api/v1/session/password", &body).await
    };
    let wrong = change("not my password", "another kettle of fish").await;
    assert_eq!((wrong.status, wrong.json()["field"].as_str()), (StatusCode::BAD_REQUEST, Some("current")));
    let done = change(PASSWORD, "another kettle of fish").await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text());
    for old in [&office, &home] {
        assert_eq!(service.get(old, SESSION).await.status, StatusCode::UNAUTHORIZED);
    }
    let new = Client::default().with("cookie", &done.cookie());
    assert_eq!(service.get(&new, SESSION).await.status, StatusCode::OK);
    assert_eq!(service.try_sign_in("maria", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(service.try_sign_in("maria", "another kettle of fish").await.status, StatusCode::OK);
}

#[tokio::test]
async fn signing_in_and_out_is_in_the_audit_trail_with_the_address() {
    let service = Service::new();
    service.user("maria", Role::Admin, Accounts::All);
    let browser = service.browser("maria").await;
    service.send(&browser, Method::DELETE, SESSION, axum::body::Body::empty()).await;
    let search = AuditSearch {
        within: Accounts::All,
        connector: None,
        actor: Some("maria".to_owned()),
        action: Some("session".to_owned()),
        before: None,
        limit: 10,
    };
    let entries = service.log.store.audit_trail(&search).unwrap();
    let told: Vec<_> = entries.iter().map(|one| (one.action.as_str(), one.origin.as_str())).collect();
    assert_eq!(told, [("session.delete", "127.0.0.1"), ("session.create", "127.0.0.1")]);
}
