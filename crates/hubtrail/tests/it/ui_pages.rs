//! The console's pages as a person reads them: their words, in the order in which they are read.

use axum::body::Body;
use http::{Method, StatusCode, header};
use hubtrail::access::{Accounts, Role};
use hubtrail::store::Failure;
use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::stream::Stream;

use crate::access_support::{Client, Reply, Service};
use crate::store_support::{NOW, Record, at, raw};

/// What is read of a page's main part: no markup, one line per block; a moment is only `TIME`.
fn read(reply: &Reply) -> String {
    let html = reply.text();
    let main = html.split_once("<main").and_then(|(_, rest)| rest.split_once("</main>"));
    let main = main.map_or(html.as_str(), |(main, _)| main);
    let mut text = String::new();
    let mut rest = main.split_once('>').map_or("", |(_, rest)| rest);
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        let name = tag.trim_start_matches('/').split([' ', '\n']).next().unwrap_or_default();
        if !matches!(name, "b" | "bdi" | "span" | "time" | "code" | "a") {
            text.push('\n');
        }
        rest = match name {
            "time" if !tag.starts_with('/') => {
                text.push_str("TIME");
                after.split_once('<').map_or("", |(at, _)| &after[at.len()..])
            }
            // A drawing says nothing that the table beside it does not say, and its axis tells of now.
            "svg" if !tag.starts_with('/') => after.split_once("</svg>").map_or("", |(_, rest)| rest),
            "title" if !tag.starts_with('/') => after.split_once("</title>").map_or("", |(_, rest)| rest),
            _ => after,
        };
    }
    let unescaped =
        text.replace("&#60;", "<").replace("&#62;", ">").replace("&#38;", "&").replace("&#34;", "\"");
    let lines = unescaped.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

async fn admin(service: &Service) -> Client {
    service.user("dana", Role::Admin, Accounts::All);
    service.browser("dana").await.with("accept", "text/html")
}

#[tokio::test]
async fn events_are_sentences_with_what_narrows_them_down() {
    let service = Service::new();
    let browser = admin(&service).await;
    let hostile = Record {
        full_name: "<b>Eve</b>".to_owned(),
        object_name: "שלום <script>alert(1)</script>".to_owned(),
        user: 9,
        ..at(NOW.0 - 60_000)
    };
    let deleted = Record { event: "DELETED", object: 41, ..at(NOW.0 - 30_000) };
    service.log.append(&[hostile.seen(), deleted.seen(), raw(r#"{"timestamp":"soon"}"#)]);
    let page = service.get(&browser, "/events?sort=timestamp").await;
    assert_eq!(page.status, StatusCode::OK);
    insta::assert_snapshot!("events", read(&page));
    let narrowed = service.get(&browser, "/events?eventType=DELETED").await;
    insta::assert_snapshot!("events_narrowed", read(&narrowed));
    let none = service.get(&browser, "/events?text=nothing+like+this").await;
    insta::assert_snapshot!("events_none", read(&none));
    let one = service.get(&browser, "/events/2").await;
    insta::assert_snapshot!("event", read(&one));
}

#[tokio::test]
async fn a_connector_that_needs_a_person_says_why_and_what_to_do() {
    let service = Service::new();
    let browser = admin(&service).await;
    let failure = Failure {
        walk: WalkKind::Tail,
        kind: "credentials".to_owned(),
        code: "token-revoked".to_owned(),
        message: "hubspot refuses the token".to_owned(),
        fix: "Create a new service key with the scope `content`.".to_owned(),
        began: NOW,
        at: NOW,
        until: None,
    };
    service.log.store.set_failure(service.log.acme.id, Stream::Content, failure).unwrap();
    insta::assert_snapshot!("status_act", read(&service.get(&browser, "/status").await));
    insta::assert_snapshot!("overview_act", read(&service.get(&browser, "/").await));
    let title = service.get(&browser, "/").await.text();
    assert!(title.contains("<title>(1) Overview · Hubtrail</title>"), "the tab says so too");
}

#[tokio::test]
async fn what_a_form_refuses_is_said_at_its_field_and_what_was_typed_is_kept() {
    let service = Service::new();
    let browser = admin(&service).await.with("content-type", "application/x-www-form-urlencoded");
    let body = "name=Beta&token=pat-na1-secret&base_url=http%3A%2F%2Fexample.org";
    let page = service.send(&browser, Method::POST, "/connectors/new", Body::from(body)).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    let html = page.text();
    assert!(html.contains("The token would travel unencrypted. Use https://."), "{html}");
    assert!(html.contains(r#"value="Beta""#) && html.contains(r#"value="http://example.org""#));
    assert!(!html.contains("pat-na1-secret"), "a token is never given out again");
}

#[tokio::test]
async fn nobody_sees_a_page_without_signing_in_and_everybody_comes_back() {
    let service = Service::new();
    let nobody = Client::default().with("accept", "text/html");
    for path in
        ["/", "/events?text=a", "/events/rows", "/connectors/1", "/status", "/status.csv", "/settings/audit"]
    {
        let reply = service.get(&nobody, path).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{path}");
        assert!(reply.headers[header::LOCATION].to_str().unwrap().starts_with("/sign-in"), "{path}");
    }
    let reply = service.get(&nobody, "/events?text=a").await;
    assert_eq!(reply.headers[header::LOCATION], "/sign-in?to=%2Fevents%3Ftext%3Da");
}

#[tokio::test]
async fn a_person_of_one_account_sees_nothing_of_another() {
    let service = Service::new();
    let other = service.log.add("Hidden Ltd");
    let secret = Record { object_name: "Merger plan".to_owned(), ..at(NOW.0) };
    service.log.append_to(&other, &[secret.seen()]);
    service.user("vera", Role::Viewer, Accounts::Some([service.log.acme.id].into()));
    let browser = service.browser("vera").await.with("accept", "text/html");
    for path in [
        "/",
        "/events",
        "/events?account=2",
        "/events/rows",
        "/events/rows?account=2",
        "/connectors",
        "/status",
        "/status.csv",
    ] {
        let reply = service.get(&browser, path).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}");
        let html = reply.text();
        assert!(!html.contains("Hidden Ltd") && !html.contains("Merger plan"), "{path}");
    }
    for path in ["/events/1", "/connectors/2"] {
        assert_eq!(service.get(&browser, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in
        ["/connectors/new", "/connectors/1/edit", "/settings/people", "/settings/tokens", "/settings/audit"]
    {
        let reply = service.get(&browser, path).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{path}");
        assert!(reply.text().contains("This is not yours to do"), "{path}");
    }
}

#[tokio::test]
async fn pages_hold_nothing_inline_and_their_assets_may_be_kept() {
    let service = Service::new();
    let browser = admin(&service).await;
    service.log.append(&[at(NOW.0).seen()]);
    for path in
        ["/", "/events", "/events/1", "/connectors/1", "/connectors/new", "/status", "/settings/people"]
    {
        let html = service.get(&browser, path).await.text();
        assert!(
            !html.contains(" style=\"") && !html.contains("<style") && !html.contains(" onclick"),
            "{path}"
        );
        assert_eq!(
            html.matches("<script").count(),
            html.matches("<script type=\"module\" src=\"/assets/").count()
        );
    }
    let html = service.get(&browser, "/").await.text();
    assert!(html.contains("<body>\n<link rel=\"stylesheet\""), "{html}");
    assert!(!html.contains("/icons.svg"), "icons are drawn with the page: {html}");
    for name in ["/console.css", "/parts.css"] {
        let style = html.split('"').find(|part| part.ends_with(name)).unwrap();
        let kept = service.get(&Client::default(), style).await;
        assert_eq!(kept.headers[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(kept.headers[header::CONTENT_TYPE], "text/css; charset=utf-8");
    }
    let older = service.get(&Client::default(), "/assets/000000000000/console.css").await;
    assert_eq!(older.headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(service.get(&Client::default(), "/assets/0/secret.key").await.status, StatusCode::NOT_FOUND);
}
