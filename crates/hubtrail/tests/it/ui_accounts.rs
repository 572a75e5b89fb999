//! The console over many accounts: the switch between them, what is said of those that need somebody, and what is
//! offered to whoever sees only some of them.

use hubtrail::access::{Accounts, Role};
use hubtrail::connector::ConnectorId;
use hubtrail::store::Failure;
use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::stream::Stream;

use crate::access_support::{Client, Service};
use crate::store_support::{NOW, at};

async fn browser(service: &Service, name: &str, role: Role, accounts: Accounts) -> Client {
    service.user(name, role, accounts);
    service.browser(name).await.with("accept", "text/html")
}

/// The part of a page between two pieces of it.
fn between<'a>(html: &'a str, from: &str, to: &str) -> &'a str {
    html.split_once(from).and_then(|(_, rest)| rest.split_once(to)).map_or("", |(part, _)| part)
}

fn switch(html: &str) -> &str {
    between(html, r#"<header class="bar">"#, r#"<button class="search""#)
}

fn refuses_its_token(service: &Service, connector: ConnectorId) {
    let failure = Failure {
        walk: WalkKind::Tail,
        kind: "credentials".to_owned(),
        code: "token-revoked".to_owned(),
        message: "hubspot refuses the token".to_owned(),
        fix: "Create a new service key.".to_owned(),
        began: NOW,
        at: NOW,
        until: None,
    };
    service.log.store.set_failure(connector, Stream::Content, failure).unwrap();
}

#[tokio::test]
async fn another_account_is_asked_the_same_and_goes_along_to_the_next_page() {
    let service = Service::new();
    let beta = service.log.add("beta").id;
    service.log.append(&[at(NOW.0 - 60_000).seen()]);
    let dana = browser(&service, "dana", Role::Admin, Accounts::All).await;
    let asked = "eventType=DELETED&userId=9&after=90d&from=1.1&account=1";
    let page = service.get(&dana, &format!("/events?{asked}")).await.text();
    let same = format!(r#"href="/events?account={beta}&#38;eventType=DELETED&#38;after=90d""#);
    assert!(switch(&page).contains(&same), "an id and a place in the list are of one account: {page}");
    assert!(switch(&page).contains(r#"href="/events?eventType=DELETED&#38;after=90d""#), "{page}");
    let rail = between(&page, r#"<nav class="rail""#, "</nav>");
    for href in ["/?account=1", "/findings?account=1", "/status?account=1", "/sinks", "/settings"] {
        assert!(rail.contains(&format!(r#"href="{href}""#)), "{href}: {rail}");
    }
    for path in ["/connectors", "/sinks", "/rules", "/settings"] {
        let page = service.get(&dana, path).await.text();
        assert!(!switch(&page).contains("All accounts"), "{path} is of no account");
    }
    let asked = "part=hidden&rule=r&actor=7&object=40&page=3&from=1.1&account=1";
    let queue = service.get(&dana, &format!("/findings?{asked}")).await.text();
    let same = format!(r#"href="/findings?account={beta}&#38;part=hidden&#38;rule=r""#);
    assert!(switch(&queue).contains(&same), "{queue}");
    let event = service.get(&dana, "/events/1?account=1").await.text();
    assert!(switch(&event).contains(&format!(r#"href="/events?account={beta}""#)), "{event}");
}

#[tokio::test]
async fn whoever_may_not_connect_an_account_is_not_asked_to() {
    let service = Service::new();
    let beta = service.log.add("beta").id;
    service.log.append(&[at(NOW.0 - 60_000).seen()]);
    let own = Accounts::Some([beta].into());
    let paths = ["/", "/events", "/events?account=2", "/people", "/objects", "/status", "/connectors"];
    for (name, role, accounts) in [
        ("victor", Role::Viewer, own.clone()),
        ("ada", Role::Admin, own),
        ("nora", Role::Viewer, Accounts::Some([].into())),
    ] {
        let client = browser(&service, name, role, accounts).await;
        for path in paths {
            let page = service.get(&client, path).await.text();
            assert!(!page.contains("/connectors/new"), "{name} on {path}: {page}");
        }
        let events = service.get(&client, "/events").await.text();
        assert!(events.contains("No events yet") && !events.contains("Clear filters"), "{name}: {events}");
    }
    let dana = browser(&service, "dana", Role::Admin, Accounts::All).await;
    let page = service.get(&dana, "/events?account=2").await.text();
    assert!(
        page.contains("No events yet") && page.contains("<live-tail"),
        "they appear as they come: {page}"
    );
    assert!(
        service.get(&dana, "/events?account=1").await.text().contains("1 event"),
        "the other one has some"
    );
}

#[tokio::test]
async fn among_very_many_accounts_those_that_need_somebody_are_counted_and_a_few_are_shown() {
    let service = Service::new();
    let many: Vec<_> = (0..120).map(|n| service.log.add(&format!("account {n}")).id).collect();
    let (needy, own) = (many.get(..9).unwrap(), many.get(4..).unwrap());
    needy.iter().for_each(|id| refuses_its_token(&service, *id));
    let dana = browser(&service, "dana", Role::Admin, Accounts::All).await;
    let page = service.get(&dana, "/").await.text();
    assert!(page.contains("9 accounts need you") && page.contains(", 9 need you"), "{page}");
    assert_eq!(page.matches(r#"<div class="note act">"#).count(), 5);
    assert!(page.contains("4 more need you"), "{page}");
    assert!(
        switch(&page).contains("Find one of 121") && switch(&page).matches("<a ").count() == 52,
        "{page}"
    );
    let some = Accounts::Some(own.iter().copied().collect());
    let page = {
        let victor = browser(&service, "victor", Role::Viewer, some).await;
        service.get(&victor, "/rules").await.text()
    };
    assert!(page.contains(", 5 need you"), "those that one sees: {page}");
}
