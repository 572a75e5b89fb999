//! `/emulator/*` and the calls of the same names.

use hubspot_audit_api::emulator::faults::Fault;
use hubspot_audit_api::emulator::portal::Visible;
use hubspot_audit_api::record::TimeForm;

use crate::support::{NOW_MS, Server, record, seconds};

#[tokio::test]
async fn the_truth_is_what_is_served_with_twins() {
    let twin = record(1, 500);
    let records = vec![record(3, 900), twin.clone(), record(0, 0), twin];
    let server = Server::start(records, |_| ()).await;
    let truth = server.get("/emulator/truth").await;
    assert_eq!(truth.header("content-type"), Some("application/x-ndjson"));
    let lines: Vec<&str> = truth.text.lines().collect();
    assert_eq!(lines, server.emulator.truth());
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[1], lines[2]);
    assert_eq!(server.page("").await.text, format!(r#"{{"results":[{}]}}"#, lines.join(",")));
}

#[tokio::test]
async fn records_are_added_as_lines_or_as_an_array() {
    let server = Server::start(seconds(2), |_| ()).await;
    let line = record(7, 500).write(TimeForm::Iso);
    assert_eq!(server.post("/emulator/records", &format!("{line}\n\n{line}\n")).await.status, 204);
    let array = format!("[{}]", record(8, 1_500).write(TimeForm::EpochNumber));
    assert_eq!(server.post("/emulator/records", &array).await.status, 204);
    assert_eq!(server.objects("").await, [0, 7, 7, 1, 8]);
    let bad = server.post("/emulator/records", &format!("{line}\n{{}}")).await;
    assert_eq!(bad.status, 400);
    assert!(bad.text.contains("record 2"), "{}", bad.text);
    assert_eq!(server.objects("").await.len(), 5, "all or nothing");
}

#[tokio::test]
async fn a_record_can_be_made_to_appear_later() {
    let server = Server::start(vec![], |_| ()).await;
    let line = |n| record(n, n as i64).write(TimeForm::Iso);
    let soon = format!("/emulator/records?visibleAtMs={}", NOW_MS + 5_000);
    server.post(&soon, &line(1)).await;
    server.post("/emulator/records?visibleAfterRequests=2", &line(2)).await;
    server
        .emulator
        .portal()
        .push_visible(vec![record(3, 3)], Visible { from_ms: NOW_MS + 5_000, after_requests: 4 });
    assert_eq!(server.objects("").await, [] as [usize; 0]);
    assert_eq!(server.objects("").await, [2]);
    assert_eq!(server.emulator.truth().len(), 1, "the truth is what is visible");
    server.pass_ms(5_000);
    assert_eq!(server.objects("").await, [1, 2]);
    assert_eq!(server.objects("").await, [1, 2, 3]);
    assert_eq!(server.post("/emulator/records?visibleAtMs=soon", &line(4)).await.status, 400);
}

#[tokio::test]
async fn the_numbers_tell_what_was_asked_and_answered() {
    let server = Server::start(seconds(5), |_| ()).await;
    server.emulator.faults().push(Fault::Internal);
    server.page("").await;
    server.page("limit=3").await;
    server.get("/cms/audit-logs/2026-03?limit=2").await;
    server.get("/nowhere").await;
    let stats = server.get("/emulator/stats").await.json();
    assert_eq!(stats["requests"], 4);
    assert_eq!(stats["byStatus"], serde_json::json!({"200": 2, "404": 1, "500": 1}));
    assert_eq!(stats["byEndpoint"]["audit-logs v3"], 2);
    assert_eq!((&stats["pages"], &stats["recordsServed"]), (&2.into(), &5.into()));
    assert_eq!(stats["faults"], serde_json::json!({"500": 1}));
}

#[tokio::test]
async fn the_port_is_free_again_after_a_shutdown() {
    let server = Server::start(seconds(1), |_| ()).await;
    let addr = server.emulator.addr;
    server.page("").await;
    server.emulator.shutdown().await;
    let again = Server::start(seconds(2), |config| config.listen = addr).await;
    assert_eq!(again.emulator.addr, addr);
    assert_eq!(again.objects("").await, [0, 1]);
}
