use secrecy::SecretString;

use super::super::Options;
use super::super::responder::{Responder, reply};
use super::*;

const NOW: UtcMs = UtcMs(1_772_326_800_000);

async fn hubspot(answers: Vec<super::super::responder::Answer>) -> (HubSpot, Responder) {
    let server = Responder::serve(answers).await;
    let options = Options::new(&server.base_url, SecretString::from("pat-na1-secret"));
    (HubSpot::new(&options, NOW).unwrap(), server)
}

#[tokio::test]
async fn the_token_is_asked_about_in_the_body_and_the_header() {
    let body = r#"{"userId":7,"hubId":123456,"appId":9,"scopes":["oauth","content"],"new":true}"#;
    let (hubspot, server) = hubspot(vec![reply(200, "", body)]).await;
    let info = hubspot.token_info(NOW).await.unwrap().unwrap();
    assert_eq!((info.hub_id, info.scopes), (Some(123_456), vec!["oauth".to_owned(), "content".to_owned()]));
    let asked = &server.asked()[0];
    assert!(asked.starts_with("POST /oauth/v2/private-apps/get/access-token-info HTTP/1.1"));
    assert!(asked.contains("authorization: Bearer pat-na1-secret"));
    assert!(asked.ends_with(r#"{"tokenKey":"pat-na1-secret"}"#));
}

#[tokio::test]
async fn what_a_token_may_not_ask_is_no_error_but_a_bad_token_is() {
    for (status, body) in
        [(403, r#"{"category":"MISSING_SCOPES"}"#), (404, ""), (403, r#"{"message":"no"}"#), (405, "")]
    {
        let (hubspot, _server) = hubspot(vec![reply(status, "", body)]).await;
        assert_eq!(hubspot.account(NOW).await, Ok(None), "{status}");
        assert_eq!(hubspot.token_info(NOW).await, Ok(None), "{status}");
        assert_eq!(hubspot.daily_usage(NOW).await, Ok(None), "{status}");
    }
    let (hubspot, _server) = hubspot(vec![reply(401, "", "")]).await;
    assert!(matches!(hubspot.account(NOW).await, Err(ApiError::Credentials { .. })));
}

#[tokio::test]
async fn the_account_is_found_under_the_newer_path_too() {
    let details = r#"{"portalId":123456,"accountType":"STANDARD","timeZone":"US/Eastern","utcOffset":"-05:00",
        "utcOffsetMilliseconds":-18000000,"uiDomain":"app.hubspot.com","dataHostingLocation":"na1"}"#;
    let (hubspot, server) = hubspot(vec![reply(404, "", ""), reply(200, "", details)]).await;
    let account = hubspot.account(NOW).await.unwrap().unwrap();
    assert_eq!(account.zone(), Some(TimeZone::get("US/Eastern").unwrap()));
    assert_eq!((account.portal_id, account.ui_domain.as_deref()), (Some(123_456), Some("app.hubspot.com")));
    assert_eq!(server.lines(), ["GET /account-info/v3/details", "GET /account-info/2026-03/details"]);
}

#[test]
fn an_unknown_zone_falls_back_to_its_offset() {
    let account = Account {
        time_zone: Some("Mars/Olympus".to_owned()),
        utc_offset_milliseconds: Some(-18_000_000),
        ..Account::default()
    };
    assert_eq!(account.zone(), Some(TimeZone::fixed(Offset::constant(-5))));
    assert_eq!(Account::default().zone(), None);
}

#[tokio::test]
async fn the_usage_of_the_day_is_read() {
    let body = r#"{"results":[{"name":"private-apps-api-calls-daily","usageLimit":1000000,"currentUsage":2,
        "fetchStatus":"SUCCESS","resetsAt":"2025-12-13T05:00:00Z"}]}"#;
    let (hubspot, _server) = hubspot(vec![reply(200, "", body)]).await;
    let usage = hubspot.daily_usage(NOW).await.unwrap().unwrap();
    assert_eq!((usage.usage_limit, usage.current_usage), (Some(1_000_000), Some(2)));
}
