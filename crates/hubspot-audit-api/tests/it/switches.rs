//! Each switch of the emulator's behaviour does what it says, and nothing is lost but where it says so.

use hubspot_audit_api::emulator::behaviour::{
    Behaviour, Bound, CursorForm, DescendingAfter, LastPage, Late, Names, OverLimit,
};
use hubspot_audit_api::emulator::portal::Renamed;
use hubspot_audit_api::query::Order;
use hubspot_audit_api::record::{Record, TimeForm};

use crate::support::{AUDIT, Server, record, seconds};

async fn server(records: Vec<Record>, behaviour: Behaviour) -> Server {
    Server::start(records, |config| config.behaviour = behaviour).await
}

/// Objects 0 to 5; 1, 2 and 3 share a millisecond.
fn tied() -> Vec<Record> {
    [0, 1_000, 1_000, 1_000, 2_000, 3_000].into_iter().enumerate().map(|(n, ms)| record(n, ms)).collect()
}

#[tokio::test]
async fn bounds_are_inclusive_or_exclusive() {
    for (bound, after, before) in
        [(Bound::Inclusive, vec![1, 2], vec![0, 1]), (Bound::Exclusive, vec![2], vec![0])]
    {
        let behaviour = Behaviour { after_bound: bound, before_bound: bound, ..Behaviour::default() };
        let server = server(seconds(3), behaviour).await;
        assert_eq!(server.objects("after=2024-03-10T14:30:01Z").await, after, "{bound}");
        assert_eq!(server.objects("before=2024-03-10T14:30:01Z").await, before, "{bound}");
    }
}

#[tokio::test]
async fn a_cursor_that_is_a_time_loses_or_repeats_ties_and_an_opaque_one_does_neither() {
    for (cursor, after_bound, seen) in [
        (CursorForm::EpochMs, Bound::Exclusive, vec![0, 1, 4, 5]),
        (CursorForm::Iso, Bound::Exclusive, vec![0, 1, 4, 5]),
        (CursorForm::Opaque, Bound::Exclusive, vec![0, 1, 2, 3, 4, 5]),
        (CursorForm::Opaque, Bound::Inclusive, vec![0, 1, 2, 3, 4, 5]),
        // An inclusive bound cannot leave an instant with more records than a page has.
        (CursorForm::EpochMs, Bound::Inclusive, vec![0, 1, 1, 2, 1, 2, 1, 2]),
    ] {
        let server = server(tied(), Behaviour { cursor, after_bound, ..Behaviour::default() }).await;
        assert_eq!(server.follow("limit=2", 4).await, seen, "{cursor} {after_bound}");
    }
    let iso = server(tied(), Behaviour { cursor: CursorForm::Iso, ..Behaviour::default() }).await;
    assert_eq!(iso.page("limit=1").await.next().as_deref(), Some("2024-03-10T14:30:00.000Z"));
}

#[tokio::test]
async fn an_opaque_cursor_expires_and_is_nobody_elses() {
    let opaque = Behaviour { cursor: CursorForm::Opaque, ..Behaviour::default() };
    let expiring = Behaviour { cursor_lifetime_ms: Some(1_000), ..opaque.clone() };
    let server = server(seconds(5), expiring).await;
    let cursor = server.page("limit=2").await.next().unwrap();
    server.pass_ms(1_000);
    assert_eq!(server.objects(&format!("limit=2&after={cursor}")).await, [2, 3]);
    server.pass_ms(1);
    let expired = server.page(&format!("limit=2&after={cursor}")).await;
    assert_eq!(expired.status, 400);
    assert!(expired.text.contains("expired"));
    let other = Server::start(seconds(5), |config| {
        config.account.portal_id += 1;
        config.behaviour = opaque;
    })
    .await;
    assert_eq!(other.page(&format!("after={cursor}")).await.status, 400);
    assert_eq!(other.objects("after=2024-03-10T14:30:03Z").await, [4], "times are still times");
    let cursor = other.page("limit=2").await.next().unwrap();
    assert_eq!(other.page(&format!("sort=-timestamp&after={cursor}")).await.status, 400);
}

#[tokio::test]
async fn a_coarse_grain_cuts_the_bound_down() {
    let records = || vec![record(0, 0), record(1, 400), record(2, 800), record(3, 1_200)];
    let server = server(records(), Behaviour { after_grain_ms: 1_000, ..Behaviour::default() }).await;
    assert_eq!(server.objects("after=2024-03-10T14:30:00.800Z").await, [1, 2, 3]);
    assert_eq!(server.objects("after=2024-03-10T14:30:01.999Z").await, [3]);
}

#[tokio::test]
async fn order_follows_the_default_or_the_request() {
    let descending = Behaviour { default_order: Order::Descending, ..Behaviour::default() };
    let newest_first = server(seconds(3), descending.clone()).await;
    assert_eq!(newest_first.objects("").await, [2, 1, 0]);
    assert_eq!(newest_first.objects("sort=timestamp").await, [0, 1, 2]);
    let deaf = server(seconds(3), Behaviour { honour_sort: false, ..descending }).await;
    assert_eq!(deaf.objects("sort=timestamp").await, [2, 1, 0]);
}

#[tokio::test]
async fn after_means_what_is_set_when_the_newest_come_first() {
    let iso = "sort=-timestamp&after=2024-03-10T14:30:02Z";
    let epoch = "sort=-timestamp&after=1710081002000";
    for (meaning, by_iso, by_epoch) in [
        (DescendingAfter::ByForm, vec![4, 3], vec![1, 0]),
        (DescendingAfter::Filter, vec![4, 3], vec![4, 3]),
        (DescendingAfter::Cursor, vec![1, 0], vec![1, 0]),
    ] {
        let behaviour = Behaviour { descending_after: meaning, ..Behaviour::default() };
        let server = server(seconds(5), behaviour).await;
        assert_eq!(server.objects(iso).await, by_iso, "{meaning}");
        assert_eq!(server.objects(epoch).await, by_epoch, "{meaning}");
    }
}

#[tokio::test]
async fn the_limit_has_a_default_and_a_maximum() {
    let clamped = Behaviour { default_limit: 2, max_limit: 3, ..Behaviour::default() };
    let clamping = server(seconds(5), clamped.clone()).await;
    assert_eq!(clamping.objects("").await.len(), 2);
    assert_eq!(clamping.objects("limit=1000000").await.len(), 3);
    let strict = server(seconds(5), Behaviour { over_limit: OverLimit::Error, ..clamped }).await;
    assert_eq!(strict.objects("limit=3").await.len(), 3);
    let refused = strict.page("limit=4").await;
    assert_eq!((refused.status, refused.json()["errors"][0]["in"].as_str()), (400, Some("limit")));
}

#[tokio::test]
async fn times_are_written_as_set() {
    for (time_form, written) in [
        (TimeForm::Iso, r#""timestamp":"2024-03-10T14:30:00.000Z""#),
        (TimeForm::IsoShort, r#""timestamp":"2024-03-10T14:30:00Z""#),
        (TimeForm::EpochString, r#""timestamp":"1710081000000""#),
        (TimeForm::EpochNumber, r#""timestamp":1710081000000"#),
    ] {
        let server = server(seconds(1), Behaviour { time_form, ..Behaviour::default() }).await;
        assert!(server.page("").await.text.contains(written), "{time_form}");
    }
}

#[tokio::test]
async fn a_new_name_changes_the_past_or_only_the_future() {
    let rename = r#"{"userId":"7","fullName":"Ada Lovelace"}"#;
    for (names, past) in [(Names::Recorded, "Ada Byron"), (Names::Current, "Ada Lovelace")] {
        let server = server(seconds(1), Behaviour { names, ..Behaviour::default() }).await;
        assert_eq!(server.post("/emulator/rename", rename).await.status, 204);
        server.emulator.portal().rename(Renamed::Object("0".into()), "Home".into());
        server.emulator.push(vec![record(0, 1)]);
        let results = server.page("").await.json()["results"].clone();
        assert_eq!(results[0]["fullName"], past);
        assert_eq!(results[0]["objectName"], if names == Names::Current { "Home" } else { "Page 0" });
        assert_eq!(
            (&results[1]["fullName"], &results[1]["objectName"]),
            (&"Ada Lovelace".into(), &"Home".into())
        );
        assert_eq!(server.post("/emulator/rename", r#"{"userId":"7"}"#).await.status, 400);
    }
}

#[tokio::test]
async fn links_have_the_shape_that_is_set() {
    for (word, expected) in [
        (
            "absolute",
            Some("http://HOST/cms/v3/audit-logs/?objectType=LANDING_PAGE&limit=1&after=1710081000000"),
        ),
        ("relative", Some("/cms/v3/audit-logs/?objectType=LANDING_PAGE&limit=1&after=1710081000000")),
        ("bare", Some("http://HOST/cms/v3/audit-logs/?after=1710081000000")),
        ("empty", Some("")),
        ("absent", None),
        (
            "http://evil.invalid",
            Some(
                "http://evil.invalid/cms/v3/audit-logs/?objectType=LANDING_PAGE&limit=1&after=1710081000000",
            ),
        ),
    ] {
        let links = word.parse().unwrap();
        let server = server(seconds(2), Behaviour { links, ..Behaviour::default() }).await;
        let page = server.page("objectType=LANDING_PAGE&limit=1").await.json();
        let expected = expected.map(|link| link.replace("HOST", &server.emulator.addr.to_string()));
        assert_eq!(page["paging"]["next"]["link"].as_str(), expected.as_deref(), "{word}");
    }
}

#[tokio::test]
async fn the_page_before_is_offered_if_set() {
    let server = server(seconds(5), Behaviour { prev: true, ..Behaviour::default() }).await;
    assert!(server.page("limit=2").await.json()["paging"]["prev"].is_null(), "nothing is before the first");
    let page = server.page("limit=2&after=1710081001000").await.json();
    assert_eq!(page["paging"]["prev"]["before"], "1710081002000");
    assert!(page["paging"]["prev"]["link"].as_str().unwrap().contains("before=1710081002000"));
    assert_eq!(server.objects("limit=9&before=1710081002000").await, [0, 1]);
}

#[tokio::test]
async fn the_last_page_has_a_cursor_if_set() {
    for (last_page, on_last, on_empty) in [
        (LastPage::NoCursor, None, None),
        (LastPage::Cursor, Some("1710081001000"), None),
        (LastPage::AlwaysCursor, Some("1710081001000"), Some("1710081009000")),
    ] {
        let server = server(seconds(2), Behaviour { last_page, ..Behaviour::default() }).await;
        assert_eq!(server.page("").await.next().as_deref(), on_last, "{last_page}");
        let empty = server.page("after=1710081009000").await;
        assert_eq!((empty.objects().len(), empty.next().as_deref()), (0, on_empty), "{last_page}");
    }
}

#[tokio::test]
async fn empty_pages_skip_nothing() {
    for cursor in CursorForm::ALL {
        for after_bound in Bound::ALL {
            let behaviour = Behaviour {
                cursor: *cursor,
                after_bound: *after_bound,
                empty_every: 2,
                ..Behaviour::default()
            };
            let server = server(seconds(4), behaviour).await;
            assert_eq!(server.objects("limit=9").await, [0, 1, 2, 3]);
            let empty = server.page("limit=9").await;
            assert_eq!(empty.objects().len(), 0, "{cursor} {after_bound}");
            let rest = format!("limit=9&after={}", empty.next().unwrap());
            assert_eq!(server.objects(&rest).await, [0, 1, 2, 3], "{cursor} {after_bound}");
        }
    }
}

#[tokio::test]
async fn pages_are_repeated_within_their_walk() {
    let server = server(seconds(9), Behaviour { repeat_every: 3, ..Behaviour::default() }).await;
    assert_eq!(server.follow("limit=2", 9).await, [0, 1, 2, 3, 2, 3, 4, 5, 6, 7, 6, 7, 8]);
    server.objects("limit=1").await;
    assert_eq!(server.objects("limit=2").await, [0, 1], "another walk is not disturbed");
}

#[tokio::test]
async fn late_records_appear_after_their_time_or_after_requests() {
    let late = |most_ms, most_requests| Behaviour {
        late: Late { share: 0.5, most_ms, most_requests },
        ..Behaviour::default()
    };
    let by_request = server(seconds(100), late(0, 3)).await;
    let first = by_request.objects("").await.len();
    assert!((40..100).contains(&first), "{first}");
    by_request.objects("").await;
    assert_eq!(by_request.objects("").await.len(), 100);

    let by_time = server(vec![], late(60_000, 0)).await;
    let now = (0..100).map(|n| record(n, 3_600_000)).collect();
    by_time.emulator.push(now);
    let first = by_time.emulator.truth().len();
    assert!((40..60).contains(&first), "{first}");
    by_time.pass_ms(60_000);
    assert_eq!(by_time.emulator.truth().len(), 100);
}

#[tokio::test]
async fn versions_go_away() {
    let gone = vec!["v3=410".parse().unwrap(), "2025-09".parse().unwrap()];
    let server = server(seconds(1), Behaviour { gone, ..Behaviour::default() }).await;
    assert_eq!(server.get(AUDIT).await.status, 410);
    assert_eq!(server.get("/cms/audit-logs/v3").await.status, 410);
    assert_eq!(server.get("/cms/audit-logs/2025-09/").await.status, 404);
    assert_eq!(server.get("/cms/audit-logs/2026-03").await.status, 200);
}

#[tokio::test]
async fn unknown_values_are_refused_if_set() {
    let server = server(seconds(1), Behaviour { refuse_unknown: true, ..Behaviour::default() }).await;
    assert_eq!(server.page("objectType=LANDING_PAGE&eventType=RESTORE&userId=x").await.status, 200);
    for (query, parameter) in [("objectType=BLOG,HOLOGRAM", "objectType"), ("eventType=EATEN", "eventType")] {
        let refused = server.page(query).await;
        assert_eq!((refused.status, refused.json()["errors"][0]["in"].as_str()), (400, Some(parameter)));
    }
}
