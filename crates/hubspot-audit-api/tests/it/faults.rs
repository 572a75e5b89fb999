//! Each fault, as a client sees it, and that the next request is well again.

use std::time::Duration;

use hubspot_audit_api::emulator::faults::Fault;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{AUDIT, Server, record, seconds};

async fn with(fault: Fault) -> Server {
    let server = Server::start(seconds(7), |config| {
        config.faults.hang = Duration::from_millis(20);
        config.faults.drip = Duration::from_millis(1);
    })
    .await;
    server.emulator.faults().push(fault);
    server
}

async fn assert_well_again(server: &Server) {
    assert_eq!(server.emulator.faults().pending(), 0);
    assert_eq!(server.objects("").await, [0, 1, 2, 3, 4, 5, 6]);
}

#[tokio::test]
async fn every_status_is_answered_in_the_shape_of_its_case() {
    for (fault, status, mark) in [
        (Fault::BadRequest, 400, "VALIDATION_ERROR"),
        (Fault::Unauthenticated, 401, "INVALID_AUTHENTICATION"),
        (Fault::MissingScope, 403, "MISSING_SCOPES"),
        (Fault::WrongPlan, 403, "FORBIDDEN"),
        (Fault::NotFound, 404, "OBJECT_NOT_FOUND"),
        (Fault::Gone, 410, "OBJECT_NOT_FOUND"),
        (Fault::UriTooLong, 414, "INVALID_REQUEST"),
        (Fault::Locked, 423, "LOCKED"),
        (Fault::SecondlyLimit, 429, "TEN_SECONDLY_ROLLING"),
        (Fault::DailyLimit, 429, "DAILY"),
        (Fault::Migrating, 477, "MIGRATION_IN_PROGRESS"),
        (Fault::Internal, 500, "INTERNAL_ERROR"),
        (Fault::BadGateway, 502, "<html>"),
        (Fault::Unavailable, 503, "INTERNAL_ERROR"),
        (Fault::GatewayTimeout, 504, "<html>"),
        (Fault::Origin521, 521, "<html>"),
        (Fault::Origin522, 522, "<html>"),
        (Fault::Origin523, 523, "<html>"),
        (Fault::Origin524, 524, "<html>"),
        (Fault::Origin525, 525, "<html>"),
        (Fault::Origin526, 526, "<html>"),
    ] {
        let server = with(fault).await;
        let answer = server.page("").await;
        assert_eq!(answer.status, status, "{fault}");
        assert!(answer.text.contains(mark), "{fault}: {}", answer.text);
        assert_eq!(answer.text.contains("correlationId"), mark != "<html>", "{fault}");
        assert_eq!(answer.header("retry-after"), (status == 477).then_some("1"), "{fault}");
        assert_well_again(&server).await;
    }
}

#[tokio::test]
async fn a_limit_that_is_hit_shows_in_the_headers() {
    let server = Server::start(seconds(1), |config| {
        config.rate_limit = "190/10".parse().unwrap();
        config.daily_limit = Some(1_000);
    })
    .await;
    server.emulator.faults().extend([Fault::SecondlyLimit, Fault::DailyLimit]);
    assert_eq!(server.page("").await.header("x-hubspot-ratelimit-remaining"), Some("0"));
    let daily = server.page("").await;
    assert_eq!(daily.header("x-hubspot-ratelimit-daily-remaining"), Some("0"));
    assert_eq!(daily.header("x-hubspot-ratelimit-remaining"), Some("190"));
}

#[tokio::test]
async fn a_connection_can_be_reset_before_the_answer() {
    for fault in [Fault::Reset, Fault::Hang] {
        let server = with(fault).await;
        let mut stream = TcpStream::connect(server.emulator.addr).await.unwrap();
        let request =
            format!("GET {AUDIT} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer pat-na1-emulator\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut received = Vec::new();
        let error = stream.read_to_end(&mut received).await.unwrap_err();
        assert_eq!((error.kind(), received.len()), (std::io::ErrorKind::ConnectionReset, 0), "{fault}");
        assert_eq!(server.emulator.stats().by_status[&0], 1);
        assert_well_again(&server).await;
    }
}

#[tokio::test]
async fn a_connection_can_be_reset_around_the_body() {
    for (fault, least) in [(Fault::ResetBeforeBody, 0), (Fault::ResetInBody, 100)] {
        let server = with(fault).await;
        let mut response = server.request("GET", AUDIT).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
        let announced = response.content_length().unwrap() as usize;
        let mut received = 0;
        let failed = loop {
            match response.chunk().await {
                Ok(Some(chunk)) => received += chunk.len(),
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        assert!(failed && received >= least && received < announced, "{fault}: {received} of {announced}");
        assert_well_again(&server).await;
    }
}

#[tokio::test]
async fn a_body_can_be_cut_short_broken_or_of_another_type() {
    let whole = with(Fault::Drip).await.page("").await.text;
    assert!(whole.ends_with("}]}"), "a slow body is a whole one");
    for (fault, text) in [
        (Fault::Truncated, &whole[..whole.len() / 2]),
        (Fault::InvalidJson, "{\"results\":[{\"objectId\":}],,}"),
        (Fault::EmptyBody, ""),
        (Fault::ResultsObject, "{\"results\":{}}"),
        (Fault::BodyArray, "[]"),
        (Fault::BodyNull, "null"),
        (Fault::LyingEmpty, "{\"results\":[]}"),
    ] {
        let server = with(fault).await;
        let answer = server.page("").await;
        assert_eq!((answer.status, answer.text.as_str()), (200, text), "{fault}");
        assert_well_again(&server).await;
    }
}

#[tokio::test]
async fn foreign_things_can_stand_among_the_records() {
    for (fault, foreign) in [
        (Fault::RecordNumber, json!(42)),
        (Fault::RecordNull, Value::Null),
        (Fault::RecordWithoutTime, json!({"objectId": "0", "event": "UPDATED"})),
    ] {
        let server = with(fault).await;
        let page = server.page("limit=4").await.json();
        let results = page["results"].as_array().unwrap();
        assert_eq!((results.len(), &results[2]), (5, &foreign), "{fault}");
        assert_eq!(page["paging"]["next"]["after"], "1710081003000");
        assert_well_again(&server).await;
    }
}

#[tokio::test]
async fn a_page_can_have_a_hole_or_be_out_of_order() {
    for (fault, objects) in [(Fault::Hole, vec![0, 1, 3]), (Fault::Unordered, vec![3, 0, 1, 2])] {
        let server = with(fault).await;
        let page = server.page("limit=4").await;
        assert_eq!((page.objects(), page.next().as_deref()), (objects, Some("1710081003000")), "{fault}");
        assert_well_again(&server).await;
    }
}

#[tokio::test]
async fn a_redirect_leads_to_another_host() {
    let server = with(Fault::Redirect).await;
    let answer = server.page("").await;
    assert_eq!((answer.status, answer.text.as_str()), (302, ""));
    assert_eq!(answer.header("location"), Some("http://elsewhere.invalid/cms/v3/audit-logs/"));
    assert_well_again(&server).await;
}

#[tokio::test]
async fn a_hang_outlasts_the_client_but_not_the_emulator() {
    let server = Server::start(seconds(1), |_| ()).await;
    server.emulator.faults().extend([Fault::Hang, Fault::Hang]);
    let impatient = server.request("GET", AUDIT).timeout(Duration::from_millis(50));
    assert!(impatient.send().await.unwrap_err().is_timeout());
    let patient = tokio::spawn(server.request("GET", AUDIT).send());
    while server.emulator.faults().pending() > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    server.emulator.shutdown().await;
    assert!(patient.await.unwrap().is_err());
}

#[tokio::test]
async fn only_requests_for_the_audit_log_are_disturbed() {
    let server = with(Fault::Internal).await;
    assert_eq!(server.get("/settings/v3/users/").await.status, 200);
    assert_eq!(server.get("/emulator/truth").await.status, 200);
    assert_eq!(server.page("").await.status, 500);
}

#[tokio::test]
async fn a_schedule_disturbs_a_part_of_the_requests_and_every_page_comes_through() {
    let server = Server::start((0..40).map(|n| record(n, n as i64)).collect(), |config| {
        config.faults.rate = 0.4;
        config.faults.kinds = vec![Fault::Internal, Fault::Reset, Fault::Truncated, Fault::BodyNull];
    })
    .await;
    let mut seen = Vec::new();
    let mut after = String::new();
    for _ in 0..200 {
        let Ok(response) = server.request("GET", &format!("{AUDIT}?limit=2{after}")).send().await else {
            continue;
        };
        let Ok(page) = response.json::<Value>().await else { continue };
        let Some(results) = page["results"].as_array() else { continue };
        seen.extend(
            results.iter().map(|record| record["objectId"].as_str().unwrap().parse::<usize>().unwrap()),
        );
        match page["paging"]["next"]["after"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, (0..40).collect::<Vec<_>>());
    assert!(server.emulator.stats().faults.len() >= 3, "{:?}", server.emulator.stats().faults);
}
