//! Every form in which a parameter may be written, and every path.

use hubspot_audit_api::emulator::behaviour::Behaviour;
use hubspot_audit_api::query::ArrayForm;

use crate::support::{AUDIT, Server, record, seconds};

#[tokio::test]
async fn every_path_of_the_audit_log_answers_alike() {
    let server = Server::start(seconds(3), |_| ()).await;
    for path in ["/cms/v3/audit-logs", "/cms/audit-logs/v3", "/cms/audit-logs/2025-09"]
        .into_iter()
        .chain(["/cms/audit-logs/2026-03", "/cms/audit-logs/2026-09"])
    {
        assert_eq!(server.get(path).await.objects(), [0, 1, 2], "{path}");
        assert_eq!(server.get(&format!("{path}/?limit=2")).await.objects(), [0, 1], "{path}/");
    }
}

#[tokio::test]
async fn times_may_be_written_in_every_form() {
    let server = Server::start(seconds(4), |_| ()).await;
    for time in [
        "2024-03-10T14:30:01Z",
        "2024-03-10T14:30:01.000Z",
        "2024-03-10T14:30:01",
        "2024-03-10T14%3A30%3A01%2B00%3A00",
        "2024-03-10T15:30:01+01:00",
        "1710081001000",
    ] {
        assert_eq!(server.objects(&format!("after={time}")).await, [2, 3], "{time}");
        assert_eq!(server.objects(&format!("before={time}")).await, [0], "{time}");
    }
    assert_eq!(server.objects("after=2024-03-10T14:30:00.999Z&before=1710081002001").await, [1, 2]);
    assert_eq!(server.objects("after=2024-03-10&before=2024-03-11").await, [0, 1, 2, 3]);
}

#[tokio::test]
async fn sort_turns_the_order_round() {
    let server = Server::start(seconds(3), |_| ()).await;
    assert_eq!(server.objects("sort=timestamp").await, [0, 1, 2]);
    assert_eq!(server.objects("sort=-timestamp").await, [2, 1, 0]);
    assert_eq!(server.objects("sort=-timestamp&before=1710081002000&limit=1").await, [1]);
    assert_eq!(server.objects("sort=-timestamp&after=2024-03-10T14:30:00Z").await, [2, 1]);
}

#[tokio::test]
async fn unknown_values_match_what_carries_them_and_unknown_parameters_change_nothing() {
    let mut records = seconds(3);
    records[1].object_type = "HOLOGRAM".to_owned();
    let server = Server::start(records, |_| ()).await;
    assert_eq!(server.objects("objectType=HOLOGRAM").await, [1]);
    assert_eq!(server.objects("objectType=HOLOGRAM,LANDING_PAGE").await, [0, 1, 2]);
    assert_eq!(server.objects("objectType=NEVER_SEEN").await, [] as [usize; 0]);
    assert_eq!(server.objects("objectType=&colour=red").await, [0, 1, 2]);
}

#[tokio::test]
async fn arrays_are_read_in_the_form_that_is_accepted() {
    for (arrays, comma, repeated, mixed) in [
        (ArrayForm::Both, vec![1, 2], vec![1, 2], vec![1, 2, 3]),
        (ArrayForm::Comma, vec![1, 2], vec![2], vec![3]),
        (ArrayForm::Repeated, vec![], vec![1, 2], vec![3]),
    ] {
        let server = Server::start(seconds(5), |config| {
            config.behaviour = Behaviour { arrays, ..Behaviour::default() };
        })
        .await;
        assert_eq!(server.objects("objectId=1,2").await, comma, "{arrays}");
        assert_eq!(server.objects("objectId=1%2C2").await, comma, "{arrays}");
        assert_eq!(server.objects("objectId=1&objectId=2").await, repeated, "{arrays}");
        assert_eq!(server.objects("objectId=1,2&objectId=3").await, mixed, "{arrays}");
    }
}

#[tokio::test]
async fn the_cursor_leads_through_all_pages_with_the_same_filters() {
    let mut records = seconds(10);
    records.push(record(99, 4_500));
    records[3].event = "DELETED".to_owned();
    let server = Server::start(records, |_| ()).await;
    let all = [0, 1, 2, 3, 4, 99, 5, 6, 7, 8, 9];
    assert_eq!(server.follow("limit=3", 9).await, all);
    assert_eq!(server.follow("limit=11", 9).await, all);
    assert_eq!(server.follow("limit=4&eventType=UPDATED", 9).await, [0, 1, 2, 4, 99, 5, 6, 7, 8, 9]);
    let reversed: Vec<usize> = all.into_iter().rev().collect();
    assert_eq!(server.follow("limit=3&sort=-timestamp", 9).await, reversed);
    let first = server.get(&format!("{AUDIT}?limit=3")).await;
    assert_eq!(first.json()["paging"]["next"]["after"], "1710081002000");
    assert!(first.json()["paging"]["prev"].is_null());
}
