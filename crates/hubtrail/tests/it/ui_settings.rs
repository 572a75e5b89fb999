//! Data in the console: how long it is kept, a backup, and erasing an account.

use axum::body::Body;
use http::{Method, StatusCode};
use hubtrail::access::{Accounts, Role};
use hubtrail::connector::Keep;
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
    assert!(page.contains(r#"<td class="figure">2<"#), "{page}");
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
    // It goes on when nobody waits for it.
    while !service.log.store.connectors_ever().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    let page = service.get(&browser, "/settings/data").await.text();
    assert!(page.contains("No account is connected, so nothing is kept."), "{page}");
}

#[tokio::test]
async fn how_long_an_account_is_kept_is_chosen_at_its_row_and_wrong_days_are_told_there() {
    let service = Service::configured("[storage]\nretention_days = 400");
    let browser = person(&service, "dana", Role::Admin, Accounts::All).await;
    let page = service.get(&browser, "/settings/data").await.text();
    assert!(page.contains("400 days<br><span class=\"muted\">as the others"), "{page}");
    let keep = async |body: &str| send(&service, &browser, "/settings/data/1", body).await;
    let own = || service.log.store.connector("acme").unwrap().settings.retention;
    let kept = keep("retention=days&days=30&revision=1").await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.text());
    assert_eq!(own(), Keep::Days(30));
    let page = service.get(&browser, "/settings/data?said=kept").await.text();
    assert!(page.contains("30 days<br><span class=\"muted\">a time of its own"), "{page}");
    assert!(page.contains("Events that are older are taken out within the hour."), "{page}");
    for (body, said) in [
        ("retention=days&days=", "not said for how many days"),
        ("retention=days&days=0", "outside of what makes sense"),
        ("retention=days&days=soon", "is not a number of days"),
        ("retention=", "not said"),
    ] {
        let refused = keep(body).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(
            refused.text().contains(said) && refused.text().contains("hole days from 1 to 36500"),
            "{body}"
        );
    }
    let late = keep("retention=forever&revision=1").await;
    assert_eq!(late.status, StatusCode::PRECONDITION_FAILED, "{}", late.text());
    assert!(late.text().contains("omebody else has changed it"), "{}", late.text());
    assert_eq!(own(), Keep::Days(30));
    for (path, said) in [("/connectors/1", "30 days"), ("/settings", "accounts with a time of their own")] {
        assert!(service.get(&browser, path).await.text().contains(said), "{path}");
    }
    let trail = service.get(&browser, "/settings/audit").await.text();
    assert!(trail.contains("retention 30d"), "{trail}");
    let analyst = person(&service, "ann", Role::Analyst, Accounts::All).await;
    assert_eq!(send(&service, &analyst, "/settings/data/1", "retention=forever").await.status, 403);
    let none = person(&service, "noor", Role::Admin, Accounts::Some([].into())).await;
    assert_eq!(send(&service, &none, "/settings/data/1", "retention=forever").await.status, 404);
}

#[tokio::test]
async fn two_removed_accounts_of_one_name_are_told_apart() {
    let service = Service::new();
    let browser = person(&service, "dana", Role::Admin, Accounts::All).await;
    let store = &service.log.store;
    for (id, portal) in [(1, 48_213_907), (2, 7_001)] {
        let connector = if id == 1 { service.log.acme.clone() } else { service.log.add("acme") };
        store.note_account(connector.id, Some(portal), None).unwrap();
        let deleted = send(&service, &browser, &format!("/connectors/{id}/delete"), "events=keep").await;
        assert_eq!(deleted.status, StatusCode::SEE_OTHER, "{}", deleted.text());
    }
    let page = service.get(&browser, "/settings/data").await.text();
    for (id, portal) in [(1, "48213907"), (2, "7001")] {
        let dialog = page.split(&format!(r#"id="erase-{id}""#)).nth(1).unwrap();
        let dialog = dialog.split("</dialog>").next().unwrap();
        assert!(dialog.contains(&format!("<dt>HubSpot account</dt><dd>{portal}</dd>")), "{dialog}");
        assert!(dialog.contains("<dt>Removed</dt>") && dialog.contains("UTC"), "{dialog}");
        assert!(page.contains(&format!("<br>HubSpot account {portal}")), "{page}");
    }
    assert_eq!(page.matches("Removed <time").count(), 2, "{page}");
}

#[tokio::test]
async fn what_was_kept_of_a_removed_account_is_there_to_be_erased() {
    let service = Service::new();
    service.log.append(&[at(1_000).seen()]);
    service.log.store.remove_connector("acme", false).unwrap();
    let browser = person(&service, "dana", Role::Admin, Accounts::All).await;
    let page = service.get(&browser, "/settings/data").await.text();
    assert!(page.contains("; its events were kept") && page.contains(r#"id="erase-1""#), "{page}");
    assert!(!page.contains(r#"id="keep-1""#) && !page.contains(r#"href="/connectors/1""#), "{page}");
    assert_eq!(send(&service, &browser, "/connectors/1/delete", "events=keep").await.status, 404);
    let refused = send(&service, &browser, "/connectors/1/delete", "events=erase&confirm=acm").await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let erased = send(&service, &browser, "/connectors/1/delete", "events=erase&confirm=acme").await;
    assert_eq!(erased.status, StatusCode::SEE_OTHER, "{}", erased.text());
    while !service.log.store.connectors_ever().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(service.log.all().is_empty());
}
