//! The body of an export request. HubSpot mails the export to people; here it is only checked.

use serde_json::{Map, Value};

use crate::error::ApiError;

/// # Errors
/// 400 listing every field that is missing or of the wrong kind.
pub fn check(body: &[u8]) -> Result<(), ApiError> {
    let Ok(Value::Object(body)) = serde_json::from_slice(body) else {
        return Err(ApiError::InvalidBody { problems: vec!["the body is not a JSON object".to_owned()] });
    };
    let problems: Vec<String> =
        FIELDS.iter().filter_map(|field| field.problem(&body)).chain(filters(&body)).collect();
    if problems.is_empty() { Ok(()) } else { Err(ApiError::InvalidBody { problems }) }
}

struct Field {
    name: &'static str,
    expected: &'static str,
    fits: fn(&Value) -> bool,
}

const FIELDS: [Field; 6] = [
    Field { name: "email", expected: "a string", fits: Value::is_string },
    Field {
        name: "format",
        expected: "CSV, XLS or XLSX",
        fits: |value| matches!(value.as_str(), Some("CSV" | "XLS" | "XLSX")),
    },
    Field { name: "portalId", expected: "a whole number", fits: Value::is_i64 },
    Field {
        name: "recipientUserIds",
        expected: "a list of whole numbers",
        fits: |value| value.as_array().is_some_and(|ids| ids.iter().all(Value::is_i64)),
    },
    Field { name: "shouldMarkExportFileAsSensitive", expected: "true or false", fits: Value::is_boolean },
    Field { name: "type", expected: "a string", fits: Value::is_string },
];

impl Field {
    fn problem(&self, body: &Map<String, Value>) -> Option<String> {
        let Self { name, expected, fits } = self;
        match body.get(*name) {
            None => Some(format!("`{name}` is missing")),
            Some(value) if fits(value) => None,
            Some(_) => Some(format!("`{name}` is not {expected}")),
        }
    }
}

fn filters(body: &Map<String, Value>) -> Option<String> {
    let types = body.get("filters")?.get("objectType");
    let fits = types.and_then(Value::as_array).is_some_and(|types| types.iter().all(Value::is_string));
    (!fits).then(|| "`filters.objectType` is not a list of strings".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"email":"a@example.com","format":"CSV","portalId":1,"recipientUserIds":[1],
        "shouldMarkExportFileAsSensitive":false,"type":"AUDIT_LOGS","filters":{"objectType":["BLOG"]}}"#;

    #[test]
    fn a_complete_body_is_accepted() {
        assert_eq!(check(GOOD.as_bytes()), Ok(()));
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let bad = GOOD.replace("CSV", "PDF").replace(r#""portalId":1,"#, "").replace("[\"BLOG\"]", "1");
        let Err(ApiError::InvalidBody { problems }) = check(bad.as_bytes()) else { panic!("accepted") };
        assert_eq!(
            problems,
            [
                "`format` is not CSV, XLS or XLSX",
                "`portalId` is missing",
                "`filters.objectType` is not a list of strings"
            ]
        );
        assert!(check(b"[]").is_err());
        assert!(check(b"").is_err());
    }
}
