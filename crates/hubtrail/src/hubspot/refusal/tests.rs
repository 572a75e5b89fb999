use reqwest::header::{HeaderName, HeaderValue};
use serde_json::json;

use super::*;

const NOW: UtcMs = UtcMs(1_772_326_800_000);
const ID: &str = "c033cdaa-2c40-4a64-ae48-b4cec88dad24";

fn refusal(status: u16, body: &Value) -> ApiError {
    read(status, &HeaderMap::new(), &body.to_string(), NOW)
}

fn with_header(status: u16, name: &'static str, value: &'static str, body: &str) -> ApiError {
    let mut headers = HeaderMap::new();
    headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    read(status, &headers, body, NOW)
}

fn reason(error: ApiError) -> (Reason, Option<UtcMs>) {
    match error {
        ApiError::Wait { reason, not_before, .. } => (reason, not_before),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_limit_is_told_from_the_other() {
    let policy = |name: &str, message: &str| {
        let body = json!({"status":"error","message":message,"errorType":"RATE_LIMIT","correlationId":ID,
            "policyName":name,"category":"RATE_LIMITS"});
        reason(refusal(429, &body))
    };
    assert_eq!(policy("DAILY", "You have reached your daily limit."), (Reason::Daily, None));
    let burst = "You have reached your ten_secondly_rolling limit.";
    assert_eq!(policy("TEN_SECONDLY_ROLLING", burst), (Reason::Burst, None));
    assert_eq!(
        reason(refusal(429, &json!({"message":"You have reached your daily limit."}))).0,
        Reason::Daily
    );
    assert_eq!(reason(read(429, &HeaderMap::new(), "<html>slow down</html>", NOW)).0, Reason::Burst);
    let by_header = with_header(429, "x-hubspot-ratelimit-daily-remaining", "0", "");
    assert_eq!(reason(by_header).0, Reason::Daily);
    let told = with_header(429, "retry-after", "3", "");
    assert_eq!(reason(told), (Reason::Burst, Some(NOW.plus(3_000))));
}

#[test]
fn each_documented_status_says_what_to_do_next() {
    for (status, expected) in [(423, Reason::Locked), (477, Reason::Migrating), (408, Reason::ServerBusy)] {
        assert_eq!(reason(refusal(status, &json!({"message":"wait"}))).0, expected, "{status}");
    }
    for status in [500, 502, 503, 504, 521, 522, 523, 524, 525, 526, 599] {
        assert_eq!(
            reason(read(status, &HeaderMap::new(), "<html>Bad Gateway</html>", NOW)).0,
            Reason::ServerBusy
        );
    }
    let moved = with_header(477, "retry-after", "86400", "");
    assert_eq!(reason(moved).1, Some(NOW.plus(86_400_000)));
    assert!(matches!(reason(refusal(407, &Value::Null)).0, Reason::Unreachable { .. }));
    for status in [404, 410] {
        assert!(matches!(read(status, &HeaderMap::new(), "<html>", NOW), ApiError::VersionGone { .. }));
    }
    assert!(matches!(refusal(414, &Value::Null), ApiError::TooLong { .. }));
    for status in [201, 204, 207] {
        assert!(matches!(refusal(status, &Value::Null), ApiError::Malformed { .. }), "{status}");
    }
}

#[test]
fn a_missing_scope_is_named_in_both_forms() {
    let body = |field: &str| {
        json!({"status":"error","message":"This app hasn't been granted all required scopes to make this call. \
             Read more about required scopes here: https://developers.hubspot.com/scopes.","correlationId":ID,
            "errors":[{"message":"One or more of the following scopes are required.",
                       "context":{field:["content","content"]}}],
            "links":{"scopes":"https://developers.hubspot.com/scopes"},"category":"MISSING_SCOPES"})
    };
    for field in ["requiredGranularScopes", "requiredScopes"] {
        let error = refusal(403, &body(field));
        let ApiError::Scope { missing, said } = &error else { panic!("{error:?}") };
        assert_eq!(
            (missing.as_slice(), said.correlation_id.as_deref()),
            (&["content".to_owned()][..], Some(ID))
        );
        assert!(error.fix().starts_with("Create a new service key with the scope `content` in HubSpot"));
    }
    let unnamed = refusal(403, &json!({"category":"MISSING_SCOPES"}));
    assert!(matches!(&unnamed, ApiError::Scope { missing, .. } if missing.is_empty()));
    assert!(unnamed.fix().contains("`content`"));
}

#[test]
fn a_plan_without_the_audit_log_is_not_a_missing_scope() {
    for message in [
        "This feature requires Content Hub Enterprise.",
        "Your subscription does not include this API.",
        "Upgrade to use this API",
        "not available on your plan",
    ] {
        let error = refusal(403, &json!({"message":message,"category":"FORBIDDEN"}));
        assert!(matches!(error, ApiError::Plan { .. }), "{message}");
        assert!(error.fix().contains("Enterprise"));
    }
    let person = refusal(403, &json!({"message":"USER_DOES_NOT_HAVE_PERMISSIONS"}));
    assert!(matches!(&person, ApiError::Refused { parameter: None, .. }));
    assert!(person.fix().contains("super admin"));
}

#[test]
fn a_token_is_unknown_expired_or_revoked() {
    for (message, category, expected) in [
        ("Authentication credentials not found.", "INVALID_AUTHENTICATION", CredentialFault::Unknown),
        (
            "The OAuth token used to make this call expired 5 hours ago",
            "EXPIRED_AUTHENTICATION",
            CredentialFault::Expired,
        ),
        ("This key was revoked", "INVALID_AUTHENTICATION", CredentialFault::Revoked),
    ] {
        let body = json!({"status":"error","message":message,"correlationId":ID,"category":category});
        let error = refusal(401, &body);
        assert!(matches!(&error, ApiError::Credentials { fault, .. } if *fault == expected), "{error}");
        assert!(error.to_string().contains(ID) && error.to_string().contains(message));
    }
    assert!(matches!(read(401, &HeaderMap::new(), "", NOW), ApiError::Credentials { .. }));
}

#[test]
fn a_refused_parameter_is_found_wherever_hubspot_names_it() {
    for (body, expected) in [
        (json!({"errors":[{"message":"too large","in":"limit"}]}), Some("limit")),
        (json!({"errors":[{"message":"no","context":{"parameter":["objectType"]}}]}), Some("objectType")),
        (json!({"context":{"propertyName":"sort"}}), Some("sort")),
        (json!({"message":"Invalid value for 'before': it must be after 1970"}), Some("before")),
        (json!({"message":"unknown eventType EXPLODED, see limit"}), Some("eventType")),
        (json!({"message":"invalid limit"}), Some("limit")),
        (json!({"message":"thereafter unlimited"}), None),
        (json!({"errors":"broken","context":7,"message":["x"]}), None),
    ] {
        let error = refusal(400, &body);
        assert!(
            matches!(error, ApiError::Refused { parameter, .. } if parameter == expected),
            "{body}: {error}"
        );
    }
}

#[test]
fn a_web_page_in_place_of_a_refusal_comes_from_something_in_between() {
    for status in [400, 401, 403, 451] {
        let error = read(status, &HeaderMap::new(), " <!doctype html><html>Blocked</html>", NOW);
        assert!(matches!(&error, ApiError::Malformed { said, .. } if said.status == status), "{error}");
        assert!(error.fix().contains("proxy"));
    }
}

#[test]
fn what_hubspot_says_is_short_one_line_and_has_its_id_from_the_body_or_the_header() {
    let error = with_header(400, CORRELATION_HEADER, ID, &format!("a\n\tb\u{7} {}", "é".repeat(900)));
    let said = error.said().cloned().unwrap();
    assert!(said.message.starts_with("a b éé") && said.message.ends_with("é…"), "{}", said.message);
    assert_eq!(said.message.chars().count(), MESSAGE_CHARS + 1);
    assert_eq!(said.correlation_id.as_deref(), Some(ID));
}
