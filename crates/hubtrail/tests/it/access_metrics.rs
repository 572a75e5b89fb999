//! Health, metrics and backups over HTTP.

use axum::body::Body;
use http::{Method, StatusCode};
use hubtrail::access::{Accounts, Role};
use hubtrail::store::Store;

use crate::access_support::{Client, Service};
use crate::store_support::at;

#[tokio::test]
async fn health_is_open_to_everyone() {
    let service = Service::new();
    let alive = service.get(&Client::default(), "/healthz").await;
    assert_eq!((alive.status, alive.text().as_str()), (StatusCode::OK, "ok"));
    let ready = service.get(&Client::default(), "/readyz").await;
    assert_eq!((ready.status, ready.text().as_str()), (StatusCode::OK, r#"{"log":"ok","sinks":"ok"}"#));
}

#[tokio::test]
async fn a_log_that_another_process_keeps_locked_is_not_ready_and_then_again() {
    let service = Service::new();
    let other = rusqlite::Connection::open(service.log.store.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let waiting = service.get(&Client::default(), "/readyz").await;
    assert_eq!(waiting.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(waiting.json()["type"], "/problems/not-ready");
    assert_eq!(service.get(&Client::default(), "/healthz").await.status, StatusCode::OK);
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(service.get(&Client::default(), "/readyz").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_figures_are_those_of_the_log_in_both_forms() {
    let service = Service::new();
    service.log.append(&[at(1_710_081_000_000).seen(), at(1_710_081_100_000).seen()]);
    service.log.store.register_reader("siem", service.log.store.head().unwrap()).unwrap();
    service.log.append(&[at(1_710_081_120_000).seen()]);
    let scraper = Client::token(&service.token("prometheus", Role::Viewer, Accounts::All));
    let reply = service.get(&scraper, "/metrics").await;
    assert_eq!(reply.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let text = reply.text();
    for line in [
        "# TYPE hubtrail_log_appended_total counter",
        "hubtrail_log_appended_total 3",
        r#"hubtrail_entries{connector="acme",stream="content"} 3.0"#,
        r#"hubtrail_gaps_open{connector="acme",stream="content"} 0.0"#,
        r#"hubtrail_newest_event_timestamp_seconds{connector="acme",stream="content"} 1710081120.0"#,
        r#"hubtrail_reader_lag_entries{reader="siem"} 1.0"#,
    ] {
        assert!(text.lines().any(|one| one == line), "{line} is not in\n{text}");
    }
    let states = text.lines().filter(|line| line.starts_with("hubtrail_connector_state{"));
    let (mut known, mut current) = (0, 0);
    states.for_each(|line| {
        known += 1;
        current += usize::from(line.ends_with(" 1.0"));
    });
    assert_eq!((known, current), (7, 1), "one state of all");

    let open = service.get(&scraper.with("accept", "application/openmetrics-text"), "/metrics").await;
    assert_eq!(open.headers["content-type"], "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert!(open.text().contains("# TYPE hubtrail_log_appended counter\nhubtrail_log_appended_total 3\n"));
    assert!(open.text().ends_with("# EOF\n"));
}

#[tokio::test]
async fn the_figures_take_a_token_and_are_of_its_accounts() {
    let service = Service::new();
    let globex = service.log.add("globex");
    service.log.append_to(&globex, &[at(1_000).seen()]);
    assert_eq!(service.get(&Client::default(), "/metrics").await.status, StatusCode::UNAUTHORIZED);
    let own = Accounts::Some([service.log.acme.id].into());
    let text =
        service.get(&Client::token(&service.token("acme", Role::Viewer, own)), "/metrics").await.text();
    assert!(text.contains(r#"connector="acme""#), "{text}");
    for secret in ["globex", "hubtrail_log_appended", "process_"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    let open = Service::configured("[server]\nopen_metrics = true");
    let text = open.get(&Client::default(), "/metrics").await.text();
    assert!(text.contains("hubtrail_log_bytes"), "{text}");
}

#[tokio::test]
async fn a_backup_comes_whole_to_administrators_of_everything_alone() {
    let service = Service::new();
    service.log.append(&[at(1_000).seen(), at(2_000).seen()]);
    let ask = async |role: Role, accounts: Accounts| {
        let client = Client::token(&service.token("backup", role, accounts));
        service.send(&client, Method::POST, "/api/v1/backup", Body::empty()).await
    };
    assert_eq!(ask(Role::Analyst, Accounts::All).await.status, StatusCode::FORBIDDEN);
    let own = Accounts::Some([service.log.acme.id].into());
    assert_eq!(ask(Role::Admin, own).await.status, StatusCode::FORBIDDEN);

    let reply = ask(Role::Admin, Accounts::All).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    assert_eq!(reply.headers["content-length"], reply.body.len().to_string());
    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join("copy.db");
    std::fs::write(&file, &reply.body).unwrap();
    let restored = elsewhere.path().join("data");
    Store::restore(&file, &restored).unwrap();
    let entries = Store::open(&restored).unwrap().search(&hubtrail::store::Search::default()).unwrap();
    assert_eq!(entries, service.log.all());
    let left = std::fs::read_dir(service.log.dir.path()).unwrap();
    let left =
        left.filter(|one| one.as_ref().unwrap().file_name().to_string_lossy().starts_with(".unfinished"));
    assert_eq!(left.count(), 0, "nothing is left behind");
}
