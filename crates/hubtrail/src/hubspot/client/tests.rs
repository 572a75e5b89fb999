use std::io::Write;
use std::time::Duration;

use flate2::{Compression, write::GzEncoder};
use hubtrail_core::allowance::RateLimit;
use hubtrail_core::page::{Dimension, Filter, Order};
use secrecy::SecretString;

use super::super::error::{NetworkFault, Reason, TlsFault, Waited};
use super::super::responder::{Answer, Responder, reply, reply_bytes};
use super::super::{ProxyServer, Timeouts};
use super::*;

const TOKEN: &str = "pat-na1-0123-secret";
const NOW: UtcMs = UtcMs(1_772_326_800_000);
const PAGE: &str = r#"{"results":[{"timestamp":"2024-03-10T14:32:18.123Z","event":"UPDATED"}]}"#;

fn options(base_url: &str) -> Options {
    Options { rate_limit: RateLimit::Off, ..Options::new(base_url, SecretString::from(TOKEN)) }
}

fn hubspot(server: &Responder) -> HubSpot {
    HubSpot::new(&options(&server.base_url), NOW).unwrap()
}

fn after(bound: Bound) -> PageRequest {
    PageRequest { bound, before: None, limit: 100, order: Order::OldestFirst, filter: Filter::default() }
}

async fn ask(hubspot: &HubSpot, request: &PageRequest) -> Result<Page, ApiError> {
    hubspot.page(Stream::Content, request, WalkKind::Tail, NOW).await
}

/// The page, or the error, that one answer leads to.
async fn answered(answer: Answer) -> Result<Page, ApiError> {
    let server = Responder::serve(vec![answer]).await;
    let asked = ask(&hubspot(&server), &after(Bound::Oldest)).await;
    for request in server.asked() {
        assert!(request.contains("authorization: Bearer pat-na1-0123-secret\r\n"), "{request}");
    }
    asked
}

fn network_fault(asked: Result<Page, ApiError>) -> NetworkFault {
    match asked {
        Err(ApiError::Wait { reason: Reason::Unreachable { fault, .. }, .. }) => fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_page_is_asked_for_and_read() {
    let headers = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nX-HubSpot-RateLimit-Daily: 250000\r\n\
                   X-HubSpot-RateLimit-Daily-Remaining: 7\r\n";
    let server = Responder::serve(vec![reply(200, headers, PAGE)]).await;
    let hubspot = hubspot(&server);
    let filter = Filter::default().with(Dimension::EventType, vec!["UPDATED".to_owned()]);
    let request = PageRequest { filter, ..after(Bound::Cursor("abc".to_owned())) };
    let page = ask(&hubspot, &request).await.unwrap();
    assert_eq!(page.newest(), Some(UtcMs(1_710_081_138_123)));
    assert_eq!(page.hub_now, Some(UtcMs(784_111_777_000)));
    let usage = hubspot.usage(NOW);
    assert_eq!((usage.account_daily, usage.account_remaining, usage.used_today), (250_000, Some(7), 1));
    assert_eq!(
        server.lines(),
        ["GET /cms/v3/audit-logs/?sort=timestamp&limit=100&after=abc&eventType=UPDATED"]
    );
    let agent = concat!("user-agent: hubtrail/", env!("CARGO_PKG_VERSION"), "\r\n");
    assert!(server.asked()[0].contains(agent));
}

#[tokio::test]
async fn a_compressed_page_is_read_and_a_base_url_may_have_a_path() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(PAGE.as_bytes()).unwrap();
    let body = gzip.finish().unwrap();
    let server = Responder::serve(vec![reply_bytes(200, "Content-Encoding: gzip\r\n", &body)]).await;
    let hubspot = HubSpot::new(&options(&format!("{}/hub/", server.base_url)), NOW).unwrap();
    assert_eq!(ask(&hubspot, &after(Bound::Oldest)).await.unwrap().records.len(), 1);
    assert_eq!(server.lines(), ["GET /hub/cms/v3/audit-logs/?sort=timestamp&limit=100"]);
}

#[tokio::test]
async fn a_version_that_is_gone_is_left_for_the_newest_that_answers_and_told_of_once() {
    let gone = || reply(404, "", "<html>Not Found</html>");
    let ended = reply(410, "", r#"{"message":"gone"}"#);
    let server = Responder::serve(vec![gone(), ended, reply(200, "", PAGE)]).await;
    let hubspot = hubspot(&server);
    let request = after(Bound::Oldest);
    assert_eq!(ask(&hubspot, &request).await.unwrap().records.len(), 1);
    assert_eq!(ask(&hubspot, &request).await.unwrap().records.len(), 1);
    let paths: Vec<String> =
        server.lines().iter().map(|line| line.split_once('?').unwrap().0.to_owned()).collect();
    assert_eq!(
        paths,
        [
            "GET /cms/v3/audit-logs/",
            "GET /cms/audit-logs/2026-09",
            "GET /cms/audit-logs/2026-03",
            "GET /cms/audit-logs/2026-03"
        ]
    );
    let moved = Notice::VersionMoved { from: ApiVersion::V3, to: ApiVersion::V2026_03 };
    assert_eq!(hubspot.take_notices(), [moved]);
    assert_eq!(hubspot.take_notices(), []);
    assert_eq!(hubspot.version(), ApiVersion::V2026_03);
}

#[tokio::test]
async fn where_no_version_answers_the_first_answer_is_the_error_and_nothing_changes() {
    let not_here = reply(404, "", r#"{"message":"not here"}"#);
    let server = Responder::serve(vec![not_here, reply(404, "", "")]).await;
    let hubspot = hubspot(&server);
    let error = ask(&hubspot, &after(Bound::Oldest)).await.unwrap_err();
    assert!(matches!(&error, ApiError::VersionGone { said } if said.message == "not here"), "{error}");
    assert_eq!(server.asked().len(), ApiVersion::NEWEST_FIRST.len());
    assert_eq!((hubspot.version(), hubspot.take_notices()), (ApiVersion::V3, vec![]));
}

#[tokio::test]
async fn the_form_of_times_is_found_out_and_remembered() {
    let refused = |message: &str| reply(400, "", &format!(r#"{{"message":"{message}"}}"#));
    let server = Responder::serve(vec![
        refused("Text '2024-03-10T14:32:18.123Z' could not be parsed"),
        refused("invalid value for 'after'"),
        reply(200, "", PAGE),
    ])
    .await;
    let hubspot = hubspot(&server);
    let request = after(Bound::After(UtcMs(1_710_081_138_123)));
    ask(&hubspot, &request).await.unwrap();
    ask(&hubspot, &request).await.unwrap();
    let sent: Vec<String> =
        server.lines().iter().map(|line| line.split_once("&after=").unwrap().1.to_owned()).collect();
    let seconds = "2024-03-10T14%3A32%3A18Z";
    assert_eq!(sent, ["2024-03-10T14%3A32%3A18.123Z", "1710081138123", seconds, seconds]);
    let notice = Notice::TimesWritten { from: TimeForm::IsoMillis, to: TimeForm::IsoSeconds };
    assert_eq!(hubspot.take_notices(), [notice]);
}

#[tokio::test]
async fn a_refused_cursor_or_filter_is_not_taken_for_a_refused_time() {
    for (body, request, parameter) in [
        (r#"{"message":"bad 'after'"}"#, after(Bound::Cursor("x".to_owned())), Some("after")),
        (r#"{"errors":[{"in":"objectType"}]}"#, after(Bound::After(NOW)), Some("objectType")),
        (r#"{"message":"time is money"}"#, after(Bound::Oldest), None),
    ] {
        let server = Responder::serve(vec![reply(400, "", body)]).await;
        let error = ask(&hubspot(&server), &request).await.unwrap_err();
        assert!(matches!(error, ApiError::Refused { parameter: found, .. } if found == parameter), "{error}");
        assert_eq!(server.asked().len(), 1);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_token_goes_nowhere_else() {
    let elsewhere = Responder::serve(vec![reply(200, "", PAGE)]).await;
    for status in [301, 302, 307, 308] {
        let error = answered(reply(status, &format!("Location: {}/x\r\n", elsewhere.base_url), ""));
        let error = error.await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "the reply makes no sense: a redirect to 127.0.0.1, which is not followed: HTTP {status}"
            )
        );
    }
    let link = format!(r#"{{"results":[],"paging":{{"next":{{"link":"{}/n"}}}}}}"#, elsewhere.base_url);
    assert_eq!(answered(reply(200, "", &link)).await.unwrap().next, None);
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn whatever_breaks_off_is_named() {
    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{\"results\":[".as_bytes().to_vec();
    assert_eq!(network_fault(answered(Answer::Bytes(cut.clone())).await), NetworkFault::BodyCut);
    assert_eq!(network_fault(answered(Answer::Reset(cut)).await), NetworkFault::Reset);
    assert_eq!(network_fault(answered(Answer::Reset(Vec::new())).await), NetworkFault::Reset);
    assert_eq!(network_fault(answered(Answer::Bytes(Vec::new())).await), NetworkFault::Reset);
    let half = b"HTTP/1.1 200 OK\r\nContent-Le".to_vec();
    assert_eq!(network_fault(answered(Answer::Bytes(half)).await), NetworkFault::Reset);
    let chunk = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{".to_vec();
    assert_eq!(network_fault(answered(Answer::Bytes(chunk)).await), NetworkFault::BodyCut);
    let refused = b"HTTP/1.1 401 No\r\nContent-Length: 999\r\n\r\n{".to_vec();
    assert!(matches!(answered(Answer::Bytes(refused)).await, Err(ApiError::Credentials { .. })));
}

#[tokio::test]
async fn nobody_listening_is_named() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let hubspot = HubSpot::new(&options(&base_url), NOW).unwrap();
    assert_eq!(network_fault(ask(&hubspot, &after(Bound::Oldest)).await), NetworkFault::Connect);
}

#[tokio::test]
async fn no_wait_is_without_end() {
    let short = Duration::from_millis(50);
    let long = Duration::from_secs(60);
    let body = b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{".to_vec();
    for (answer, headers, idle, total, waited) in [
        (Answer::Hang(Vec::new()), short, long, long, Waited::Headers),
        (Answer::Hang(body.clone()), long, short, long, Waited::Body),
        (Answer::Drip(body), long, long, short * 2, Waited::Body),
    ] {
        let server = Responder::serve(vec![answer]).await;
        let timeouts = Timeouts { connect: long, headers, idle, total };
        let hubspot = HubSpot::new(&Options { timeouts, ..options(&server.base_url) }, NOW).unwrap();
        let fault = network_fault(ask(&hubspot, &after(Bound::Oldest)).await);
        assert_eq!(fault, NetworkFault::Timeout(waited));
    }
}

#[tokio::test]
async fn a_body_without_end_is_not_read_to_its_end() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..65 {
        gzip.write_all(&[b' '; 1024 * 1024]).unwrap();
    }
    let body = gzip.finish().unwrap();
    let error = answered(reply_bytes(200, "Content-Encoding: gzip\r\n", &body)).await.unwrap_err();
    assert!(matches!(&error, ApiError::Malformed { what, .. } if what == "a body of more than 64 MiB"));
}

#[tokio::test]
async fn the_token_is_in_no_error_even_where_hubspot_repeats_it() {
    for (status, body) in [
        (401, format!(r#"{{"message":"the key {TOKEN} is revoked","correlationId":"{TOKEN}"}}"#)),
        (400, format!("bad {TOKEN}")),
        (403, format!(r#"{{"errors":[{{"context":{{"requiredScopes":["{TOKEN}"]}}}}]}}"#)),
        (200, format!(r#"{{"message":"{TOKEN}"}}"#)),
        (302, String::new()),
    ] {
        let server =
            Responder::serve(vec![reply(status, &format!("Location: https://{TOKEN}.example/\r\n"), &body)])
                .await;
        let hubspot = hubspot(&server);
        let error = ask(&hubspot, &after(Bound::Oldest)).await.unwrap_err();
        let shown = format!("{error} {error:?} {} {hubspot:?} {:?}", error.fix(), error.said());
        assert!(!shown.contains("secret"), "{shown}");
    }
}

#[tokio::test]
async fn a_refusal_for_the_accounts_sake_holds_for_its_other_walks() {
    let burst = reply(429, "Retry-After: 600\r\n", r#"{"policyName":"TEN_SECONDLY_ROLLING"}"#);
    let server = Responder::serve(vec![burst]).await;
    let hubspot = hubspot(&server);
    let request = after(Bound::Oldest);
    let first = ask(&hubspot, &request).await.unwrap_err();
    assert!(matches!(first, ApiError::Wait { reason: Reason::Burst, not_before: Some(_), .. }), "{first}");
    let second = hubspot.page(Stream::Content, &request, WalkKind::Sweep, NOW).await.unwrap_err();
    assert!(matches!(second, ApiError::Wait { reason: Reason::Burst, said: None, .. }), "{second}");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn our_own_share_ends_before_hubspot_is_asked() {
    let server = Responder::serve(vec![reply(200, "X-HubSpot-RateLimit-Daily: 10\r\n", PAGE)]).await;
    let shared = Options { rate_limit: RateLimit::default(), ..options(&server.base_url) };
    let hubspot = HubSpot::new(&shared, NOW).unwrap();
    ask(&hubspot, &after(Bound::Oldest)).await.unwrap();
    let error = ask(&hubspot, &after(Bound::Oldest)).await.unwrap_err();
    let until = UtcMs(1_772_409_600_000);
    let expected = ApiError::Wait { reason: Reason::OwnShare, not_before: Some(until), said: None };
    assert_eq!((error, server.asked().len()), (expected, 1));
}

#[tokio::test]
async fn a_proxy_is_used_except_towards_this_machine_and_never_sees_the_token() {
    let proxy = Responder::serve(vec![reply(407, "", "")]).await;
    let server = Responder::serve(vec![reply(200, "", PAGE)]).await;
    let through = |base_url: &str, no_proxy: Option<&str>| {
        let url = SecretString::from(proxy.base_url.clone());
        let proxy = Some(ProxyServer { url, no_proxy: no_proxy.map(str::to_owned) });
        Options { proxy, extra_ca: Some(test_ca()), rate_limit: RateLimit::default(), ..options(base_url) }
    };
    let local = HubSpot::new(&through(&server.base_url, None), NOW).unwrap();
    ask(&local, &after(Bound::Oldest)).await.unwrap();
    assert!(proxy.asked().is_empty());

    let remote = HubSpot::new(&through("https://api.hubapi.com", None), NOW).unwrap();
    assert_eq!(network_fault(ask(&remote, &after(Bound::Oldest)).await), NetworkFault::Proxy);
    assert_eq!(proxy.lines(), ["CONNECT api.hubapi.com:443"]);
    assert!(!proxy.asked()[0].contains("secret"));
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_gets_no_token() {
    let server = Responder::serve(vec![Answer::AtOnce(b"HTTP/1.1 200 OK\r\n\r\n".to_vec())]).await;
    let base_url = server.base_url.replace("http://", "https://");
    let options = Options { extra_ca: Some(test_ca()), ..options(&base_url) };
    let hubspot = HubSpot::new(&options, NOW).unwrap();
    assert_eq!(network_fault(ask(&hubspot, &after(Bound::Oldest)).await), NetworkFault::Tls(TlsFault::Other));
    assert!(server.asked().iter().all(|asked| !asked.contains("secret")));
}

#[test]
fn a_ca_file_that_is_none_is_named() {
    let broken = |path: std::path::PathBuf| {
        let options = Options {
            extra_ca: Some(path),
            ..Options::new("https://127.0.0.1:1", SecretString::from(TOKEN))
        };
        HubSpot::new(&options, NOW).unwrap_err().to_string()
    };
    assert!(broken("/no/such.pem".into()).contains("/no/such.pem"));
    assert!(broken(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml").into()).contains("no PEM certificate"));
}

fn test_ca() -> std::path::PathBuf {
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/certificates/ca.pem").into()
}
