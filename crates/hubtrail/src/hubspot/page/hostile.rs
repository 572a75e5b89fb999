//! Replies that HubSpot should not send: a page of which every record is kept as sent, or a reason that names no more
//! than what was found.

use proptest::prelude::*;
use reqwest::header::HeaderMap;

use super::*;
use crate::damage::damaged;
use crate::hubspot::refusal;

const PAGES: &[&str] = &[
    r#"{"results":[{"objectId":"4065364319","event":"UPDATED","timestamp":"1583792674672"},{"timestamp":5}],"paging":{"next":{"after":"MTIz==","link":"https://api.hubapi.com/?after=1"}}}"#,
    r#"{"paging":{"next":{"link":"","after":""},"prev":{"before":"","link":""}},"results":[7,null,"x",{"meta":{"a":[1]}}]}"#,
    r#"{"results":[]}"#,
];

const REFUSALS: &[&str] = &[
    r#"{"status":"error","message":"This app hasn't been granted all required scopes","correlationId":"aeb5f871-7f07-4993-9211-075dc63e7cbf","category":"MISSING_SCOPES","errors":[{"message":"m","context":{"requiredGranularScopes":["content"]}}]}"#,
    r#"{"status":"error","message":"You have reached your daily limit.","errorType":"RATE_LIMIT","policyName":"DAILY"}"#,
    "<html><head><title>502 Bad Gateway</title></head><body>x</body></html>",
];

proptest! {
    #[test]
    fn whatever_comes_as_a_page_is_read_or_named(body in damaged(PAGES)) {
        match read(&body, Some(UtcMs(1))) {
            Ok(page) => {
                let raws: Vec<&str> = page.records.iter().map(|record| record.raw.get()).collect();
                let again = read(format!("{{\"results\":[{}]}}", raws.join(",")).as_bytes(), None);
                let again = again.map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
                prop_assert_eq!(again.records.iter().map(|record| record.raw.get()).collect::<Vec<_>>(), raws);
                prop_assert!(page.next.is_none_or(|after| !after.trim().is_empty()));
            }
            Err(NotAPage(_, said)) => prop_assert!(!said.is_empty()),
        }
    }

    #[test]
    fn whatever_comes_as_a_refusal_says_what_to_do_next(status in 300..600_u16, body in damaged(REFUSALS)) {
        let body = String::from_utf8_lossy(&body);
        let error = refusal::read(status, &HeaderMap::new(), &body, UtcMs(1_710_081_138_123));
        let said = error.to_string();
        prop_assert!(!said.is_empty() && said.chars().count() < 1_500, "{}", said);
    }
}
