//! People, tokens, the audit trail, exceptions and public apps in the console: as much as the API can do, and asked
//! before what cannot be undone.

use axum::body::Body;
use http::{Method, StatusCode, header};
use hubtrail::access::{Accounts, Actor, Role};
use hubtrail::connector::Credentials;
use hubtrail::exception::Excepted;
use secrecy::ExposeSecret as _;
use serde_json::json;
use url::form_urlencoded;

use crate::access_support::{Client, Reply, Service};
use crate::store_support::{NOW, at};

async fn admin(service: &Service) -> Client {
    service.user("dana", Role::Admin, Accounts::All);
    service.browser("dana").await.with("accept", "text/html")
}

async fn send(service: &Service, browser: &Client, path: &str, fields: &[(&str, &str)]) -> Reply {
    let browser = browser.clone().with("content-type", "application/x-www-form-urlencoded");
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    service.send(&browser, Method::POST, path, Body::from(body)).await
}

fn led_to(reply: &Reply) -> &str {
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    reply.headers[header::LOCATION].to_str().unwrap()
}

fn dialog<'a>(page: &'a str, id: &str) -> &'a str {
    let dialog = page.split_once(&format!("<dialog class=\"popover\" id=\"{id}\"")).unwrap().1;
    dialog.split_once("</dialog>").unwrap().0
}

/// The page without what opens first.
fn outside(page: &str) -> String {
    page.split("<dialog").map(|part| part.rsplit("</dialog>").next().unwrap()).collect()
}

#[tokio::test]
async fn the_accounts_of_a_person_are_changed() {
    let service = Service::new();
    let other = service.log.add("other");
    let browser = admin(&service).await;
    let vera = service.user("vera", Role::Viewer, Accounts::Some([service.log.acme.id].into()));
    let id = vera.id;
    let path = format!("/settings/people/{id}");
    let list = service.get(&browser, "/settings/people").await.text();
    assert!(list.contains(&format!("href=\"{path}\"")), "{list}");
    let form = service.get(&browser, &path).await.text();
    assert!(form.contains(r#"value="some" checked"#), "{form}");
    assert!(form.contains(r#"name="account" value="1" checked>"#), "{form}");
    assert!(form.contains(r#"name="account" value="2">"#), "{form}");
    let held =
        || service.log.store.users(&Accounts::All).unwrap().into_iter().find(|user| user.id == id).unwrap();
    let both =
        [("role", "analyst"), ("disabled", "no"), ("scope", "some"), ("account", "1"), ("account", "2")];
    assert_eq!(led_to(&send(&service, &browser, &path, &both).await), "/settings/people?said=changed");
    assert_eq!(
        (held().role, held().accounts),
        (Role::Analyst, Accounts::Some([service.log.acme.id, other.id].into()))
    );
    let none = send(&service, &browser, &path, &[("scope", "some")]).await;
    assert_eq!(none.status, StatusCode::BAD_REQUEST);
    assert!(none.text().contains("ick at least one, or choose all"), "{}", none.text());
    assert_eq!(
        led_to(&send(&service, &browser, &path, &[("scope", "all")]).await),
        "/settings/people?said=changed"
    );
    assert_eq!(held().accounts, Accounts::All);
    send(&service, &browser, &path, &[("role", "viewer")]).await;
    assert_eq!((held().role, held().accounts), (Role::Viewer, Accounts::All), "what is not said stays");
    let own = Accounts::Some([other.id].into());
    service.user("ann", Role::Admin, own);
    let some = service.browser("ann").await.with("accept", "text/html");
    assert_eq!(send(&service, &some, &path, &[("scope", "all")]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_somebody_else_changed_of_a_person_meanwhile_is_not_undone() {
    let service = Service::new();
    let browser = admin(&service).await;
    let vera = service.user("vera", Role::Viewer, Accounts::All);
    let path = format!("/settings/people/{}", vera.id);
    let form = service.get(&browser, &path).await.text();
    let was = form.split_once(r#"name="was" value=""#).and_then(|(_, rest)| rest.split_once('"')).unwrap().0;
    let fields = [("was", was), ("role", "viewer"), ("disabled", "no"), ("scope", "all")];
    let less = [("was", was), ("role", "viewer"), ("disabled", "no"), ("scope", "some"), ("account", "1")];
    assert_eq!(led_to(&send(&service, &browser, &path, &less).await), "/settings/people?said=changed");
    let late = send(&service, &browser, &path, &fields).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    let page = late.text();
    assert!(page.contains("Somebody else has changed this person meanwhile"), "{page}");
    assert!(page.contains(r#"value="some" checked"#), "as they are now: {page}");
    let held = service.log.store.users(&Accounts::All).unwrap();
    let held = held.into_iter().find(|user| user.id == vera.id).unwrap();
    assert_eq!(held.accounts, Accounts::Some([service.log.acme.id].into()));
}

#[tokio::test]
async fn what_cannot_be_undone_is_asked_about_first() {
    let service = Service::new();
    let browser = admin(&service).await;
    service.token("siem", Role::Viewer, Accounts::All);
    let vera = service.user("vera", Role::Viewer, Accounts::All);
    let page = service.get(&browser, "/settings/tokens").await.text();
    assert!(!outside(&page).contains("/revoke"), "{page}");
    assert!(dialog(&page, "revoke-1").contains("/settings/tokens/1/revoke"), "{page}");
    let page = service.get(&browser, &format!("/settings/people/{}", vera.id)).await.text();
    assert!(!outside(&page).contains("/remove"), "{page}");
    assert!(dialog(&page, "remove").contains("Remove <bdi>vera</bdi>?"), "{page}");

    let view = [("name", "Mine"), ("query", "eventType=DELETED")];
    send(&service, &browser, "/events/views", &view).await;
    let api = browser.clone().with("accept", "application/json");
    let views = async || service.get(&api, "/api/v1/views").await.json()["views"].as_array().unwrap().len();
    let asked = send(&service, &browser, "/events/views/1/remove", &[("query", "eventType=DELETED")]).await;
    assert!(asked.status == StatusCode::OK && asked.text().contains("Remove the view <bdi>Mine</bdi>?"));
    assert_eq!(views().await, 1, "nothing is removed yet");
    let sure = [("query", "eventType=DELETED"), ("confirm", "yes")];
    let gone = send(&service, &browser, "/events/views/1/remove", &sure).await;
    assert_eq!(led_to(&gone), "/events?eventType=DELETED&said=unsaved");
    assert_eq!(views().await, 0);
    assert_eq!(send(&service, &browser, "/events/views/1/remove", &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn exceptions_are_told_by_name_with_their_account_and_ended_when_asked_again() {
    let service = Service::new();
    let browser = admin(&service).await;
    service.log.append(&[at(NOW.0).seen()]);
    let store = &service.log.store;
    let page = service.get(&browser, "/rules").await.text();
    // The first is the form for a new one.
    let (rule, title) = page.split("href=\"/rules/").nth(2).unwrap().split_once("\">").unwrap();
    let title = title.split('<').next().unwrap();
    let now = hubtrail::clock::Clock::system().now();
    let excepted = Excepted {
        connector: Some(service.log.acme.id),
        rule: Some(rule.to_owned()),
        person: Some("7".to_owned()),
        object: Some("40".to_owned()),
        from: now,
        to: now.plus(86_400_000),
        maintenance: false,
        reason: "release night".to_owned(),
    };
    let known = store.add_exception(excepted.clone(), &Actor::command_line(), NOW).unwrap();
    let all = Excepted { connector: None, rule: None, object: None, ..excepted };
    store.add_exception(all, &Actor::command_line(), NOW).unwrap();
    let page = service.get(&browser, "/rules").await.text();
    let table = page.split_once("aria-label=\"Exceptions\"").unwrap().1;
    for told in [
        format!("href=\"/rules/{rule}\"><bdi>{title}</bdi>"),
        "href=\"/people/1/7\"><bdi>Ann Ünal</bdi>".to_owned(),
        "href=\"/objects/1/40\"><bdi>Prices</bdi>".to_owned(),
        "<bdi>acme</bdi>".to_owned(),
        "<bdi>User 7</bdi>".to_owned(),
        "all accounts".to_owned(),
    ] {
        assert!(table.contains(&told), "{told}: {table}");
    }
    assert!(!outside(&page).contains("/end\""), "{page}");
    let end = format!("/rules/exceptions/{}/end", known.id.0);
    assert!(dialog(&page, &format!("end-{}", known.id.0)).contains(&end), "{page}");
    assert_eq!(led_to(&send(&service, &browser, &end, &[]).await), "/rules?said=ended");
    assert!(!service.get(&browser, "/rules").await.text().contains("Ann Ünal"));
}

#[tokio::test]
async fn the_audit_trail_is_narrowed_by_who_and_what_and_keeps_that_from_page_to_page() {
    let service = Service::new();
    let browser = admin(&service).await;
    let api = browser.clone().with("accept", "application/json");
    service.user("ann", Role::Admin, Accounts::All);
    let ann = service.browser("ann").await.with("accept", "application/json");
    for n in 0..120 {
        let user =
            json!({ "name": format!("vera {n}"), "password": "kettle ferry octagon", "role": "viewer" });
        // Hashing is slow on purpose; a token is as good an entry.
        let token = json!({ "name": user["name"], "role": "viewer" });
        assert!(service.post(&ann, "/api/v1/tokens", &token).await.status.is_success());
    }
    assert!(
        service
            .post(&api, "/api/v1/tokens", &json!({ "name": "siem", "role": "viewer" }))
            .await
            .status
            .is_success()
    );
    let page = service.get(&browser, "/settings/audit?actor=dana&action=token").await.text();
    assert!(page.contains("made the token <bdi>siem (") && !page.contains("<bdi>vera 1 ("), "{page}");
    assert!(
        page.contains(r#"<option value="token" selected>"#) && page.contains(r#"value="dana""#),
        "{page}"
    );
    let many = service.get(&browser, "/settings/audit?actor=ann&action=token.create").await.text();
    let older = many.split('"').find(|href| href.contains("before=")).unwrap().replace("&#38;", "&");
    assert!(older.starts_with("/settings/audit?actor=ann&action=token.create&before="), "{older}");
    let second = service.get(&browser, &older).await.text();
    assert_eq!(second.matches("made the token").count() - 1, 20, "the filter names it once: {second}");
    let none = service.get(&browser, "/settings/audit?actor=nobody").await.text();
    assert!(none.contains("Nothing is like that.") && none.contains("Show all"), "{none}");
    let odd = service.get(&browser, "/settings/audit?action=thing.done").await.text();
    assert!(odd.contains("<option selected>thing.done</option>"), "{odd}");
}

#[tokio::test]
async fn a_public_app_opens_an_account_and_nothing_of_it_is_given_out_again() {
    let service = Service::new();
    let browser = admin(&service).await;
    let usual = [("name", "Beta"), ("base_url", "http://127.0.0.1:1")];
    let app = [
        ("oauth.clientId", " app-1 "),
        ("oauth.clientSecret", "planted-client-secret"),
        ("oauth.refreshToken", "planted-refresh-token"),
    ];
    let post = async |path: &str, more: &[(&str, &str)]| {
        let fields: Vec<_> = usual.iter().chain(more).copied().collect();
        send(&service, &browser, path, &fields).await
    };
    for (more, id, said) in [
        (vec![app[0], app[1]], "oauth.refreshToken", "It is blank"),
        (vec![app[1], app[2]], "oauth.clientId", "It is blank"),
        (vec![app[0], app[1], app[2], ("token", "pat-na1-x")], "token", "There is a token as well"),
        (vec![], "token", "There is no token"),
    ] {
        let refused = post("/connectors/new", &more).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{id}");
        let text = refused.text();
        let field = text.split('<').find(|tag| tag.contains(&format!("id=\"{id}\""))).unwrap();
        assert!(field.contains("aria-invalid") && text.contains(said), "{id}: {text}");
        assert!(!text.contains("planted-"), "a secret comes back");
    }
    assert_eq!(led_to(&post("/connectors/new", &app).await), "/connectors/2/test");
    let held = || service.log.store.connector("beta").unwrap();
    let opened = |of: &Credentials| match of {
        Credentials::OAuth(app) => (app.client_id.clone(), app.refresh_token.expose_secret().to_owned()),
        Credentials::Token(token) => ("token".to_owned(), token.expose_secret().to_owned()),
    };
    let now = || opened(&held().credentials(&service.app.keyring).unwrap());
    assert_eq!(now(), ("app-1".to_owned(), "planted-refresh-token".to_owned()));
    let revision = held().revision.to_string();
    assert_eq!(led_to(&post("/connectors/2", &[("revision", &revision)]).await), "/connectors/2?said=saved");
    assert_eq!(now().0, "app-1", "what is left blank stays");
    let revision = held().revision.to_string();
    post("/connectors/2", &[("revision", &revision), ("token", " pat-na1-x ")]).await;
    assert_eq!(now(), ("token".to_owned(), "pat-na1-x".to_owned()));
    let revision = held().revision.to_string();
    let more: Vec<_> = app.into_iter().chain([("revision", revision.as_str())]).collect();
    post("/connectors/2", &more).await;
    assert_eq!(now().0, "app-1");
    for path in ["/connectors/2", "/connectors/2/edit", "/settings/audit"] {
        assert!(!service.get(&browser, path).await.text().contains("planted-"), "{path}");
    }
}
