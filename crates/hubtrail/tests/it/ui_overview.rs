//! The overview: how collection went in the last days and when something was found, beside what the API says.

use hubtrail::access::{Accounts, Role};
use hubtrail::store::{Append, Failure, Position};
use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::detect::Change;
use hubtrail_core::finding::Finding;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use serde_json::Value;

use crate::access_support::{Client, Service};
use crate::findings_support::{finding, record};
use crate::store_support::{Record, at};

const HOUR_MS: i64 = 3_600_000;

async fn admin(service: &Service) -> Client {
    service.user("dana", Role::Admin, Accounts::All);
    service.browser("dana").await.with("accept", "text/html")
}

fn answers(service: &Service, polled_at: UtcMs) {
    let append = Append { polled_at, ..Append::new(service.log.acme.id, Stream::Content, polled_at) };
    service.log.store.append_blocking(append).unwrap();
}

fn fails(service: &Service, walk: WalkKind, kind: &str, at: UtcMs) {
    let (code, message, fix) = ("code".to_owned(), "it does not work".to_owned(), "mend it".to_owned());
    let failure = Failure { walk, kind: kind.to_owned(), code, message, fix, began: at, at, until: None };
    service.log.store.set_failure(service.log.acme.id, Stream::Content, failure).unwrap();
}

#[tokio::test]
async fn seven_days_of_collection_are_told_as_the_api_tells_them() {
    let service = Service::new();
    let browser = admin(&service).await;
    let now = service.app.clock.now();
    let ago = |hours: i64| now.minus(hours * HOUR_MS);
    for hours in [2, 3, 4, 5, 200] {
        answers(&service, ago(hours));
    }
    fails(&service, WalkKind::Tail, "credentials", ago(3));
    fails(&service, WalkKind::Tail, "limit", ago(1));
    fails(&service, WalkKind::Tail, "unavailable", ago(4));
    fails(&service, WalkKind::Deep, "unavailable", ago(5));
    let api = browser.clone().with("accept", "application/json");
    let history = service.get(&api, "/api/v1/status/history").await.json();
    let hours = history["streams"][0]["hours"].as_array().unwrap();
    assert_eq!((history["streams"].as_array().unwrap().len(), hours.len()), (1, 167));
    let states: Vec<_> = hours.iter().rev().take(7).filter_map(|hour| hour["state"].as_str()).collect();
    let told = ["waiting", "active", "action_needed", "delayed", "active", "inactive", "inactive"];
    assert_eq!(states, told, "newest first; what is late or old is told apart");
    let longer = service.get(&api, "/api/v1/status/history?days=9&account=acme").await.json();
    let count = |json: &Value, state: &str| {
        let hours = json["streams"][0]["hours"].as_array().unwrap();
        hours.iter().filter(|hour| hour["state"] == state).count()
    };
    assert_eq!((count(&history, "active"), count(&longer, "active")), (2, 3));
    assert_eq!(service.get(&api, "/api/v1/status/history?days=91").await.status, 400);

    let said = format!(
        "1 hour needed somebody, 1 hour delayed, 1 hour waiting for a limit, {} hours without collection of \
         167 hours in 7 days",
        count(&history, "inactive")
    );
    for path in ["/", "/status", "/connectors/1"] {
        let page = service.get(&browser, path).await.text();
        assert!(page.contains(&said) && page.contains(r#"class="strip""#), "{path}: {page}");
    }
}

#[tokio::test]
async fn the_hour_that_has_not_ended_is_told_from_its_first_poll_on() {
    let service = Service::new();
    let browser = admin(&service).await;
    let now = service.app.clock.now();
    (1..168).for_each(|hours| answers(&service, now.minus(hours * HOUR_MS)));
    let api = browser.clone().with("accept", "application/json");
    let told = async || {
        let history = service.get(&api, "/api/v1/status/history").await.json();
        let hours = history["streams"][0]["hours"].as_array().unwrap().clone();
        let newest = hours.last().unwrap()["hour"].as_str().unwrap().to_owned();
        assert!(hours.iter().all(|hour| hour["state"] == "active"), "{hours:?}");
        assert!(service.get(&browser, "/").await.text().contains("Collected in every hour in 7 days"));
        (hours.len(), newest)
    };
    assert_eq!(told().await, (167, now.hour().minus(HOUR_MS).to_string()));
    answers(&service, now);
    assert_eq!(told().await, (168, now.hour().to_string()));
}

/// Something was found three hours ago, over six events.
fn found(service: &Service) -> Finding {
    let began = service.app.clock.now().minus(3 * HOUR_MS).0;
    let records: Vec<_> = (0..6).map(|n| Record { object: n, ..at(began + i64::from(n)) }.seen()).collect();
    service.log.append(&records);
    let found = finding("r", &service.log.all());
    record(&service.log.store, &service.log, Position(6), vec![Change::Raised(found.clone())]);
    found
}

#[tokio::test]
async fn the_evidence_of_a_finding_is_the_same_over_rest_and_from_its_page() {
    let service = Service::new();
    let browser = admin(&service).await;
    let id = found(&service).id;
    assert!(
        service
            .get(&browser, &format!("/findings/{id}"))
            .await
            .text()
            .contains(&format!("/findings/{id}/package"))
    );
    let own = Accounts::Some([service.log.acme.id].into());
    let none = Accounts::Some([].into());
    let client = |name, accounts| Client::token(&service.token(name, Role::Viewer, accounts));
    let path = format!("/api/v1/findings/{id}/package");
    let taken = service.get(&client("own", own), &path).await;
    assert_eq!(
        (taken.status.as_u16(), taken.headers["content-type"].to_str().unwrap()),
        (200, "application/gzip")
    );
    assert!(
        taken.headers["content-disposition"].to_str().unwrap().contains(&format!("hubtrail-{id}.tar.gz"))
    );
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(taken.body.as_slice()));
    let paths = archive.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().into_owned());
    let names: Vec<_> = paths.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect();
    assert_eq!(names.len(), 7, "{names:?}");
    assert!(
        names.contains(&"records.ndjson".to_owned()) && names.contains(&"SHA256SUMS".to_owned()),
        "{names:?}"
    );
    assert_eq!(service.get(&client("none", none), &path).await.status, 404);
    let trail =
        service.get(&browser.clone().with("accept", "application/json"), "/api/v1/audit").await.text();
    assert_eq!(trail.matches("evidence.export").count(), 1, "{trail}");
}

#[tokio::test]
async fn a_finding_is_marked_on_the_axis_where_it_happened() {
    let service = Service::new();
    let browser = admin(&service).await;
    let page = service.get(&browser, "/").await.text();
    assert!(!page.contains("is marked") && !page.contains(r#"class="flag"#), "{page}");
    found(&service);
    let page = service.get(&browser, "/?after=24h").await.text();
    assert!(page.contains("1 finding is marked."), "{page}");
    assert_eq!(page.matches(r#"<use class="flag high""#).count(), 1, "{page}");
    assert!(
        page.contains("1 finding: high") && page.contains("<th scope=\"col\" class=\"figure\">findings</th>")
    );
    let api = browser.clone().with("accept", "application/json");
    let asked = service.get(&api, "/api/v1/findings?after=24h&watch=false&hidden=false").await.json();
    assert_eq!(asked["findings"].as_array().unwrap().len(), 1);
    let hour = service.get(&browser, "/?after=1h").await.text();
    assert!(!hour.contains("is marked"), "it is outside of the time");
}
