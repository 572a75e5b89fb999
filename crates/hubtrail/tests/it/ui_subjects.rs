//! People and objects: the lists and pages of the console, beside what the API says of the same log.

use http::{Method, StatusCode};
use hubtrail::access::{Accounts, Role};
use hubtrail::store::Depth;
use serde_json::json;

use crate::access_support::{Client, Service};
use crate::store_support::{Record, at};

const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;

async fn admin(service: &Service) -> Client {
    service.user("dana", Role::Admin, Accounts::All);
    service.browser("dana").await.with("accept", "text/html")
}

/// Ann changes prices all the time; Bo once, and deletes something tonight that nobody ever deleted.
fn history(service: &Service) -> i64 {
    let now = service.app.clock.now().0;
    let mut records = Vec::new();
    for day in 8..40 {
        records.push(at(now - day * DAY_MS).seen());
        records.push(
            Record { user: 8, full_name: "Bo <i>Li</i>".to_owned(), ..at(now - day * DAY_MS + 9) }.seen(),
        );
    }
    for minute in 0..40 {
        let object = 60 + u32::try_from(minute).unwrap();
        let deleted = Record {
            event: "DELETED",
            user: 8,
            object,
            object_name: format!("Page {object}"),
            full_name: "Bo <i>Li</i>".to_owned(),
            ..at(now - HOUR_MS - minute * 1_000)
        };
        records.push(deleted.seen());
    }
    service.log.append(&records);
    now
}

#[tokio::test]
async fn the_busiest_come_first_and_the_page_says_what_the_api_says() {
    let service = Service::new();
    let browser = admin(&service).await;
    history(&service);
    let api = browser.clone().with("accept", "application/json");
    let people = service.get(&api, "/api/v1/people?after=90d").await.json();
    let found = people["found"].as_array().unwrap();
    assert_eq!(found.len(), 2, "{people}");
    assert_eq!((found[0]["name"].as_str(), found[0]["entries"].as_u64()), (Some("Bo <i>Li</i>"), Some(72)));
    let days: u64 = found[0]["days"].as_array().unwrap().iter().filter_map(serde_json::Value::as_u64).sum();
    assert_eq!(days, 72, "the days add up");
    let page = service.get(&browser, "/people?days=90").await.text();
    assert!(
        page.contains("Bo &#60;i&#62;Li&#60;/i&#62;") && page.contains(r#"<td class="figure">72<"#),
        "{page}"
    );
    assert!(!page.contains("<i>Li"), "a name is text");
    let named = service.get(&api, "/api/v1/people?after=90d&text=ünal").await.json();
    assert_eq!(named["found"].as_array().unwrap().len(), 1);
    let objects = service.get(&api, "/api/v1/objects?after=90d&top=1").await.json();
    assert_eq!(
        (objects["found"][0]["name"].as_str(), objects["more"].as_bool()),
        (Some("Prices"), Some(true))
    );
}

#[tokio::test]
async fn a_person_is_told_by_what_is_usual_and_what_is_new() {
    let service = Service::new();
    let browser = admin(&service).await;
    history(&service);
    let api = browser.clone().with("accept", "application/json");
    let profile = service.get(&api, "/api/v1/people/acme/8").await.json();
    assert_eq!(
        (profile["now"]["entries"].as_u64(), profile["usual"]["entries"].as_u64()),
        (Some(40), Some(32))
    );
    assert_eq!(profile["people"][0]["name"], json!("Ann Ünal"), "who changed the same object");
    let page = service.get(&browser, "/people/1/8").await;
    assert_eq!(page.status, StatusCode::OK);
    let html = page.text();
    assert!(
        html.contains("40 events in the last 7 days")
            && html.contains("For the first time in 90 days: deleted."),
        "{html}"
    );
    let object = service.get(&browser, "/objects/1/40").await.text();
    assert!(object.contains("Who changed it") && object.contains("Ann Ünal"));
    for path in ["/people/1/99", "/people/2/8", "/objects/1/999"] {
        assert_eq!(service.get(&browser, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn hours_of_the_week_are_those_of_the_zone() {
    let service = Service::new();
    let browser = admin(&service).await.with("accept", "application/json");
    // Sunday, 10 March 2024, 23:30 UTC.
    service.log.append(&[at(1_710_113_400_000).seen()]);
    let week = |zone: &str| format!("/api/v1/week?after=2024-03-01&before=2024-03-20{zone}");
    let utc = service.get(&browser, &week("")).await.json();
    let berlin = service.get(&browser, &week("&zone=Europe/Berlin")).await.json();
    assert_eq!((utc["hours"][6][23].as_u64(), berlin["hours"][0][0].as_u64()), (Some(1), Some(1)));
    let none = service.get(&browser, &week("&zone=Mars/Base")).await;
    assert_eq!((none.status, none.json()["field"].as_str()), (StatusCode::BAD_REQUEST, Some("zone")));
}

#[tokio::test]
async fn another_account_has_no_people_and_the_days_are_sound_when_it_is_erased() {
    let service = Service::new();
    history(&service);
    let other = service.log.add("Hidden Ltd");
    let secret = Record { full_name: "Secret Agent".to_owned(), user: 99, ..at(service.app.clock.now().0) };
    service.log.append_to(&other, &[secret.seen()]);
    service.user("vera", Role::Viewer, Accounts::Some([service.log.acme.id].into()));
    let browser = service.browser("vera").await.with("accept", "text/html");
    for path in ["/people?days=90", "/objects?days=90", "/?after=90d", "/api/v1/people?after=90d"] {
        let reply = service.get(&browser, path).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}");
        assert!(!reply.text().contains("Secret Agent"), "{path}");
    }
    assert_eq!(service.get(&browser, "/people/2/99").await.status, StatusCode::NOT_FOUND);
    service.log.store.remove_connector("Hidden Ltd", true).unwrap();
    assert_eq!(service.log.store.check(Depth::Full).unwrap().problems, Vec::<String>::new());
}

#[tokio::test]
async fn a_view_is_its_persons_alone_and_reproduces_the_page() {
    let service = Service::new();
    let browser = admin(&service).await;
    service.user("vera", Role::Viewer, Accounts::All);
    let other = service.browser("vera").await;
    let new = json!({ "name": "Deletions", "query": "eventType=DELETED&after=7d" });
    let made = service.post(&browser, "/api/v1/views", &new).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let page = service.get(&browser, "/events?eventType=DELETED&after=7d").await.text();
    assert!(
        page.contains("Deletions") && page.contains(r#"href="/events?eventType=DELETED&#38;after=7d""#),
        "{page}"
    );
    assert_eq!(service.get(&other, "/api/v1/views").await.json()["views"], json!([]));
    let path = format!("/api/v1/views/{}", made.json()["id"]);
    assert_eq!(service.json(&other, Method::DELETE, &path, &json!({})).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        service.json(&browser, Method::DELETE, &path, &json!({})).await.status,
        StatusCode::NO_CONTENT
    );
}

#[tokio::test]
async fn what_is_typed_becomes_an_address() {
    let service = Service::new();
    let browser = admin(&service).await;
    history(&service);
    for (asked, to) in [
        ("/events?q=event%3Adeleted+spring", "/events?eventType=DELETED&text=spring"),
        ("/events?q=person%3Abo&eventType=DELETED", "/events?eventType=DELETED&userId=8"),
        ("/events?since=2026-03-01T09:30&clock=Europe/Berlin", "/events?after=2026-03-01T08%3A30%3A00Z"),
    ] {
        let reply = service.get(&browser, asked).await;
        assert_eq!(
            (reply.status, reply.headers["location"].to_str().unwrap()),
            (StatusCode::SEE_OTHER, to),
            "{asked}"
        );
    }
    let wrong = service.get(&browser, "/events?q=person%3Anobody").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.text().contains("Nobody has"), "{}", wrong.text());
}
