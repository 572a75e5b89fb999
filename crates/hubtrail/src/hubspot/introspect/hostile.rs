//! What HubSpot should not say of a token, an account or its usage: it is read, or its place is named and nothing of it.

use proptest::prelude::*;
use reqwest::header::HeaderMap;

use super::*;
use crate::damage::damaged;

const SECRET: &str = "pat-na1-5ecre7";
const REPLIES: &[&str] = &[
    r#"{"userId":7,"hubId":123456,"appId":9,"scopes":["oauth","content"],"tokenKey":"pat-na1-5ecre7"}"#,
    r#"{"portalId":123456,"accountType":"STANDARD","timeZone":"US/Eastern","companyCurrency":"USD","utcOffset":"-05:00",
        "utcOffsetMilliseconds":-18000000,"uiDomain":"app.hubspot.com","dataHostingLocation":"na1"}"#,
    r#"{"portalId":1,"timeZone":"pat-na1-5ecre7","utcOffsetMilliseconds":50400000}"#,
    r#"{"results":[{"name":"private-apps-api-calls-daily","usageLimit":1000000,"currentUsage":2,
        "fetchStatus":"SUCCESS","resetsAt":"2025-12-13T05:00:00Z"},{"usageLimit":18446744073709551615}]}"#,
    r#"{"results":["pat-na1-5ecre7"]}"#,
    r#"{"scopes":"pat-na1-5ecre7"}"#,
];

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<Option<T>, TestCaseError> {
    match from_json(&Reply { status: 200, headers: HeaderMap::new(), body: body.to_vec() }) {
        Ok(read) => Ok(Some(read)),
        Err(error) => {
            let all = format!("{error} {error:?} {}", error.fix());
            prop_assert!(error.to_string().contains("at line "), "{}", error);
            prop_assert!(!all.contains(SECRET), "{}", all);
            Ok(None)
        }
    }
}

proptest! {
    #[test]
    fn whatever_is_said_of_a_token_an_account_or_its_usage_is_read_or_named(body in damaged(REPLIES)) {
        read::<TokenInfo>(&body)?;
        read::<Results<DailyUsage>>(&body)?;
        if let Some(account) = read::<Account>(&body)? && let Some(zone) = account.zone() {
            let offset = zone.to_offset(jiff::Timestamp::UNIX_EPOCH).seconds().abs();
            prop_assert!(offset < 26 * 3_600, "{:?}", account);
        }
    }
}
