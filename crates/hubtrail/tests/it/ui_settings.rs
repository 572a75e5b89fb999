//! Data in the console: how long it is kept, a backup, and erasing an account.

use axum::body::Body;
use http::{Method, StatusCode};
use hubtrail::access::{Accounts, Role};
use hubtrail::store::{Search, Store};

use crate::access_support::{Client, Reply, Service};
use crate::store_support::at;

async fn send(service: &Service, browser: &Client, path: &str, body: &str) -> Reply {
    let browser = browser.clone().with("content-type", "application/x-www-form-urlencoded");
    service.send(&browser, Method::POST, path, Body::from(body.to_owned())).await
}

async fn person(service: &Service, name: &str, role: Role, accounts: Accounts) -> Client {
    service.user(name, role, accounts);
    service.browser(name).await.with("accept", "text/html")
}

#[tokio::test]
async fn a_backup_is_downloaded_by_whoever_administers_everything() {
    let service = Service::configured("[storage]\nretention_days = 400");
    service.log.append(&[at(1_000).seen(), at(2_000).seen()]);
    let browser = person(&service, "dana", Role::Admin, Accounts::All).await;
    let page = service.get(&browser, "/settings/data").await.text();
    assert!(page.contains("400 days") && page.contains("Download a backup"), "{page}");
    assert!(page.contains(r#"<td class="figure">2</td>"#), "{page}");
    let reply = send(&service, &browser, "/settings/backup", "").await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    assert!(reply.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join("copy.db");
    std::fs::write(&file, &reply.body).unwrap();
    let restored = elsewhere.path().join("data");
    Store::restore(&file, &restored).unwrap();
    let entries = Store::open(&restored).unwrap().search(&Search::default()).unwrap();
    assert_eq!(entries, service.log.all());

    let unproved = Client(browser.0.iter().filter(|(name, _)| name != "x-csrf-token").cloned().collect());
    let refused = send(&service, &unproved, "/settings/backup", "csrf=wrong").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "another page's form takes none");
    let own = Accounts::Some([service.log.acme.id].into());
    let some = person(&service, "ann", Role::Admin, own).await;
    let page = service.get(&some, "/settings/data").await.text();
    assert!(!page.contains("/settings/backup") && page.contains("an administrator of all of them"), "{page}");
    assert_eq!(send(&service, &some, "/settings/backup", "").await.status, StatusCode::FORBIDDEN);
    let viewer = person(&service, "vera", Role::Viewer, Accounts::All).await;
    assert_eq!(service.get(&viewer, "/settings/data").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_account_is_erased_only_by_its_name() {
    let service = Service::new();
    service.log.append(&[at(1_000).seen()]);
    let browser = person(&service, "dana", Role::Admin, Accounts::All).await;
    let form = r#"action="/connectors/1/delete""#;
    assert!(service.get(&browser, "/settings/data").await.text().contains(form));
    let refused = send(&service, &browser, "/connectors/1/delete", "events=erase&confirm=other").await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let page = service.get(&browser, "/settings/data").await.text();
    assert!(page.contains(form), "it is still there");
    let erased = send(&service, &browser, "/connectors/1/delete", "events=erase&confirm=acme").await;
    assert_eq!(erased.status, StatusCode::SEE_OTHER, "{}", erased.text());
    let page = service.get(&browser, "/settings/data").await.text();
    assert!(page.contains("No account is connected, so nothing is kept."), "{page}");
}
