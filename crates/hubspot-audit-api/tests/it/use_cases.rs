//! The three questions of HubSpot's guide: who changed this page, what was deleted in this time,
//! what did this person do.

use hubspot_audit_api::record::Record;

use crate::support::{Server, record};

fn history() -> Vec<Record> {
    let mut records: Vec<Record> = (0..60).map(|n| record(n % 6, n as i64 * 60_000)).collect();
    for (n, record) in records.iter_mut().enumerate() {
        record.user_id = (100 + n % 4).to_string();
        record.event = if n % 5 == 0 { "DELETED" } else { "UPDATED" }.to_owned();
    }
    records
}

async fn matching(query: &str, is_meant: impl Fn(&Record) -> bool) {
    let server = Server::start(history(), |_| ()).await;
    let served: Vec<String> = {
        let page = server.page(&format!("limit=100&{query}")).await;
        let json = page.json();
        json["results"].as_array().unwrap().iter().map(|record| record["timestamp"].to_string()).collect()
    };
    let meant: Vec<String> = history()
        .iter()
        .filter(|record| is_meant(record))
        .map(|record| format!("\"{}\"", hubspot_audit_api::time::iso(record.timestamp_ms)))
        .collect();
    assert!(!meant.is_empty() && meant.len() < 60, "the case must choose");
    assert_eq!(served, meant, "{query}");
}

#[tokio::test]
async fn all_changes_to_a_page() {
    matching("objectId=3", |record| record.object_id == "3").await;
}

#[tokio::test]
async fn all_deletions_in_a_time_window() {
    let query = "eventType=DELETED&after=2024-03-10T14:40:00Z&before=2024-03-10T15:00:00Z";
    let window = 1_710_081_600_000 + 1..1_710_082_800_000;
    matching(query, |record| record.event == "DELETED" && window.contains(&record.timestamp_ms)).await;
}

#[tokio::test]
async fn all_changes_by_a_person() {
    matching("userId=102", |record| record.user_id == "102").await;
}

#[tokio::test]
async fn filters_narrow_each_other_and_their_values_widen() {
    let query = "userId=101,102&eventType=UPDATED&objectId=1&objectId=2";
    matching(query, |record| {
        ["101", "102"].contains(&record.user_id.as_str())
            && record.event == "UPDATED"
            && ["1", "2"].contains(&record.object_id.as_str())
    })
    .await;
}
