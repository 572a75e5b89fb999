//! Replies that a token endpoint should not give: what can be used of it, or an error that says what to do and holds
//! nothing that opens anything.

use proptest::prelude::*;
use reqwest::header::HeaderMap;

use super::*;
use crate::damage::damaged;
use crate::hubspot::Options;

const NOW: UtcMs = UtcMs(1_710_081_138_123);
/// Ours, which a reply may repeat, and the one that it brings.
const SECRETS: [&str; 3] = ["hunter2-5ecre7", "refresh-5ecre7", "access-5ecre7"];
const GRANTS: &[&str] = &[
    r#"{"token_type":"bearer","access_token":"access-5ecre7","refresh_token":"refresh-new","expires_in":1800,"hub_id":1,
        "user_id":2,"app_id":3,"scopes":["oauth","content"]}"#,
    r#"{"access_token":"access-5ecre7","refresh_token":"","expires_in":-1}"#,
    r#"{"access_token":"access 5ecre7","refresh_token":null,"expires_in":9223372036854775807}"#,
    r#"{"access_token":["access-5ecre7"]}"#,
];
const REFUSALS: &[&str] = &[
    r#"{"status":"BAD_REFRESH_TOKEN","message":"missing or invalid refresh-5ecre7","correlationId":"a"}"#,
    r#"{"error":"invalid_grant","error_description":"refresh-5ecre7 of hunter2-5ecre7"}"#,
    r#"{"status":"BAD_CLIENT_SECRET","message":"hunter2\u002d5ecre7?"}"#,
    "<html><head><title>502</title></head><body>hunter2-5ecre7</body></html>",
];

fn transport() -> Transport {
    let oauth = OAuth {
        client_id: "app-1".to_owned(),
        client_secret: SecretString::from(SECRETS[0]),
        refresh_token: SecretString::from(SECRETS[1]),
    };
    Transport::new(&Options::new("http://127.0.0.1:1", oauth)).unwrap()
}

fn is_usable(token: &SecretString) -> bool {
    let token = token.expose_secret();
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}

fn judged(transport: &Transport, status: u16, body: Vec<u8>) -> Result<(), TestCaseError> {
    match read(transport, &Reply { status, headers: HeaderMap::new(), body }, NOW) {
        Ok(grant) => {
            prop_assert_eq!(status, 200);
            prop_assert!(grant.refresh_token.as_ref().is_none_or(is_usable));
            prop_assert!(grant.expires_in_ms > 0);
        }
        Err(error) => {
            let all = format!("{error} {error:?} {}", error.fix());
            prop_assert!(!error.to_string().is_empty() && !error.fix().is_empty(), "{}", all);
            prop_assert!(SECRETS.iter().all(|secret| !all.contains(secret)), "{}", all);
        }
    }
    Ok(())
}

#[test]
fn whatever_a_token_endpoint_replies_is_a_grant_or_an_error_without_a_secret() {
    let transport = transport();
    let cases =
        (prop_oneof![Just(200_u16), 201..600_u16], prop_oneof![3 => damaged(GRANTS), 2 => damaged(REFUSALS)]);
    proptest!(|((status, body) in cases)| judged(&transport, status, body)?);
}
