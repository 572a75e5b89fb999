use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::page::{Bound, Filter, Order, PageRequest};
use hubtrail_core::stream::Stream;

use super::*;
use crate::hubspot::responder::{Answer, Responder, reply};
use crate::hubspot::{HubSpot, Options};

const NOW: UtcMs = UtcMs(1_710_081_138_123);
const EMPTY_PAGE: &str = r#"{"results":[]}"#;

fn oauth() -> OAuth {
    OAuth {
        client_id: "app-1".to_owned(),
        client_secret: SecretString::from("hunter2&x"),
        refresh_token: SecretString::from("refresh-secret"),
    }
}

async fn ask(answers: Vec<Answer>) -> (Result<(), ApiError>, Responder) {
    let server = Responder::serve(answers).await;
    let hubspot = HubSpot::new(&Options::new(server.base_url.as_str(), oauth()), NOW).unwrap();
    let newest = PageRequest {
        bound: Bound::Oldest,
        before: None,
        limit: 1,
        order: Order::OldestFirst,
        filter: Filter::default(),
    };
    let page = hubspot.page(Stream::Content, &newest, WalkKind::Tail, NOW).await;
    (page.map(drop), server)
}

#[tokio::test]
async fn the_older_path_is_asked_where_the_dated_one_is_not_served() {
    let token = reply(200, "", r#"{"access_token":"at-1","expires_in":1800}"#);
    let (page, server) = ask(vec![reply(404, "", "{}"), token, reply(200, "", EMPTY_PAGE)]).await;
    page.unwrap();
    let lines = server.lines();
    assert_eq!(lines[..2], ["POST /oauth/2026-03/token", "POST /oauth/v1/token"]);
    let asked = server.asked();
    assert!(asked[1].ends_with(
        "grant_type=refresh_token&client_id=app-1&client_secret=hunter2%26x&refresh_token=refresh-secret"
    ));
    assert!(!asked[1].to_lowercase().contains("authorization"), "{}", asked[1]);
    assert!(asked[2].contains("authorization: Bearer at-1"), "{}", asked[2]);
}

#[tokio::test]
async fn what_is_refused_is_named_and_no_secret_is_repeated() {
    for (status, body, fault) in [
        (
            400,
            r#"{"status":"BAD_REFRESH_TOKEN","message":"refresh-secret is gone"}"#,
            CredentialFault::RefreshToken,
        ),
        (400, r#"{"error":"invalid_grant","error_description":"no"}"#, CredentialFault::RefreshToken),
        (401, r#"{"status":"BAD_CLIENT_SECRET","message":"hunter2&x?"}"#, CredentialFault::App),
    ] {
        let (refused, _) = ask(vec![reply(status, "", body)]).await;
        let error = refused.unwrap_err();
        assert!(matches!(&error, ApiError::Credentials { fault: named, .. } if *named == fault), "{error}");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("refresh-secret") && !shown.contains("hunter2"), "{shown}");
        assert!(error.fix().contains("--oauth-file"), "{}", error.fix());
    }
}

#[tokio::test]
async fn a_reply_without_a_token_is_malformed_and_a_busy_server_is_waited_for() {
    let (nonsense, _) = ask(vec![reply(200, "", r#"{"token":"at-1"}"#)]).await;
    assert_eq!(nonsense.unwrap_err().kind(), "malformed");
    let (busy, _) = ask(vec![reply(503, "", "")]).await;
    assert_eq!(busy.unwrap_err().kind(), "unavailable");
}

#[tokio::test]
async fn a_refresh_token_that_cannot_be_one_does_not_replace_ours() {
    for new in ["\"\"", "\"two words\"", "null"] {
        let body = format!(r#"{{"access_token":"at-1","refresh_token":{new},"expires_in":1}}"#);
        let (token, page) = (reply(200, "", &body), reply(200, "", EMPTY_PAGE));
        let server = Responder::serve(vec![token.clone(), page.clone(), token, page]).await;
        let hubspot = HubSpot::new(&Options::new(server.base_url.as_str(), oauth()), NOW).unwrap();
        for now in [NOW, NOW.plus(1_000)] {
            hubspot.account(now).await.unwrap();
        }
        let asked = server.asked();
        assert!(asked[2].ends_with("refresh_token=refresh-secret"), "{new}: {}", asked[2]);
    }
}

#[tokio::test]
async fn a_secret_that_is_repeated_in_other_letters_is_taken_out_too() {
    for body in [
        r#"{"status":"BAD_REFRESH_TOKEN","message":"refresh\u002dsecret is gone, and so is hunter2\u0026x"}"#,
        r#"{"error":"invalid_grant","error_description":"refresh-\u0000secret"}"#,
        r#"{"category":"MISSING_SCOPES","message":"no","errors":[{"context":{"requiredScopes":["hunter2\u0026x"]}}]}"#,
    ] {
        for status in [400, 403] {
            let (refused, _) = ask(vec![reply(status, "", body)]).await;
            let shown = format!("{0} {0:?}", refused.unwrap_err());
            assert!(!shown.contains("refresh-secret") && !shown.contains("hunter2"), "{shown}");
        }
    }
}

#[tokio::test]
async fn an_answer_in_pieces_is_not_told_with_the_token_that_it_brings() {
    for body in [r#"{"access_token":"at-5ecre7","expires_in"#, r#"{"access_token":"at-5ecre7","\ud800":1}"#] {
        for status in [201, 400, 502] {
            let (refused, _) = ask(vec![reply(status, "", body)]).await;
            let shown = format!("{0} {0:?}", refused.unwrap_err());
            assert!(!shown.contains("5ecre7"), "{shown}");
        }
    }
}
