//! From the bytes of a 200 to a page. Every element of `results` is kept as sent; what the page
//! itself lacks is named, because a page misread as the last one would end a walk too early.

use std::borrow::Cow;

use hubtrail_core::page::{Page, Seen};
use hubtrail_core::time::UtcMs;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use url::form_urlencoded;

use super::error::Nonsense;

/// What was found where a page should have been.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotAPage(pub(super) Nonsense, pub(super) String);

impl NotAPage {
    fn other(what: impl Into<String>) -> Self {
        Self(Nonsense::Other, what.into())
    }
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    results: Option<&'a RawValue>,
    paging: Option<Value>,
}

pub(super) fn read(body: &[u8], hub_now: Option<UtcMs>) -> Result<Page, NotAPage> {
    let text = text(body);
    let body = text.trim_start_matches('\u{feff}').trim();
    match body.as_bytes().first() {
        Some(b'{') => {}
        Some(b'<') => return Err(NotAPage(Nonsense::WebPage, "a web page instead of JSON".to_owned())),
        None => return Err(NotAPage::other("an empty body")),
        Some(_) => return Err(NotAPage::other(instead_of_object(body))),
    }
    let wire: Wire<'_> = serde_json::from_str(body).map_err(|error| invalid(&error))?;
    let Some(results) = wire.results.filter(|results| results.get() != "null") else {
        return Err(NotAPage::other(without_results(body)));
    };
    if !results.get().starts_with('[') {
        return Err(NotAPage::other(format!("`results` is {}", kind_of(results.get()))));
    }
    let elements: Vec<Box<RawValue>> =
        serde_json::from_str(results.get()).map_err(|error| invalid(&error))?;
    let next = wire.paging.as_ref().map_or(Ok(None), next_cursor)?;
    Ok(Page { records: elements.into_iter().map(Seen::read).collect(), next, hub_now })
}

/// Bytes that are not UTF-8 become replacement characters: a record with a damaged name is still a record.
fn text(body: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(body)
}

/// `paging.next.after`, or what its link says where `after` is missing; the link is never followed.
fn next_cursor(paging: &Value) -> Result<Option<String>, NotAPage> {
    let next = match paging {
        Value::Null => return Ok(None),
        Value::Object(paging) => paging.get("next").unwrap_or(&Value::Null),
        other => return Err(NotAPage::other(format!("`paging` is {}", kind(other)))),
    };
    let Value::Object(next) = next else {
        return if next.is_null() {
            Ok(None)
        } else {
            Err(NotAPage::other(format!("`paging.next` is {}", kind(next))))
        };
    };
    let after = match next.get("after").unwrap_or(&Value::Null) {
        Value::Null => None,
        Value::String(after) => Some(after.clone()),
        Value::Number(after) => Some(after.to_string()),
        other => return Err(NotAPage::other(format!("`paging.next.after` is {}", kind(other)))),
    };
    let after = after.filter(|after| !after.trim().is_empty());
    Ok(after.or_else(|| after_of_link(next.get("link")?.as_str()?)))
}

fn after_of_link(link: &str) -> Option<String> {
    let query = link.split_once('?')?.1;
    let query = query.split('#').next()?;
    let after = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "after")?.1;
    Some(after.into_owned()).filter(|after| !after.trim().is_empty())
}

/// HubSpot's gateways have been seen to send an error with status 200; its message is worth showing.
fn without_results(body: &str) -> String {
    let message = serde_json::from_str::<Value>(body).ok();
    match message.as_ref().and_then(|body| body.get("message")).and_then(Value::as_str) {
        Some(message) => format!("no `results`, but the message \"{message}\""),
        None => "no `results`".to_owned(),
    }
}

fn instead_of_object(body: &str) -> String {
    match serde_json::from_str::<Value>(body) {
        Ok(value) => format!("{} instead of an object", kind(&value)),
        Err(_) => "text that is not JSON".to_owned(),
    }
}

fn invalid(error: &serde_json::Error) -> NotAPage {
    let (form, what) = if error.is_eof() {
        (Nonsense::CutOff, "JSON that is cut off")
    } else {
        (Nonsense::Other, "invalid JSON")
    };
    NotAPage(form, format!("{what} at line {}, column {}", error.line(), error.column()))
}

fn kind_of(raw: &str) -> &'static str {
    serde_json::from_str::<Value>(raw).map_or("not readable", |value| kind(&value))
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod hostile;

#[cfg(test)]
mod tests {
    use super::*;

    fn page(body: &str) -> Page {
        read(body.as_bytes(), None).unwrap()
    }

    #[test]
    fn the_documented_shape_is_read_and_its_empty_cursor_is_none() {
        let page = page(
            r#"{"paging":{"next":{"link":"","after":""},"prev":{"before":"","link":""}},
                "results":[{"objectId":"4065364319", "event":"UPDATED","timestamp":"1583792674672"}]}"#,
        );
        assert_eq!(page.next, None);
        assert_eq!(
            page.records[0].raw.get(),
            r#"{"objectId":"4065364319", "event":"UPDATED","timestamp":"1583792674672"}"#
        );
        assert_eq!(page.newest(), Some(UtcMs(1_583_792_674_672)));
    }

    #[test]
    fn a_cursor_may_be_a_string_a_number_or_only_in_the_link() {
        for (paging, next) in [
            (r#"{"next":{"after":"MTIz=="}}"#, Some("MTIz==")),
            (r#"{"next":{"after":1710081138123}}"#, Some("1710081138123")),
            (r#"{"next":{"link":"https://elsewhere.example/?limit=1&after=a%2Bb#x"}}"#, Some("a+b")),
            (r#"{"next":{"after":" ","link":"/x"}}"#, None),
            (r#"{"next":{}}"#, None),
            (r#"{"next":null}"#, None),
            (r#"{"prev":{"before":"1"}}"#, None),
            ("null", None),
        ] {
            let body = format!(r#"{{"results":[],"paging":{paging}}}"#);
            assert_eq!(page(&body).next.as_deref(), next, "{paging}");
        }
        assert_eq!(page(r#"{"results":[]}"#).next, None);
    }

    #[test]
    fn a_bad_record_costs_nothing_but_itself() {
        let page = page(r#"{"results":[7,{"timestamp":"soon"},{"timestamp":5,"objectName":"\ud800"},null]}"#);
        assert_eq!(page.records.len(), 4);
        assert_eq!(page.events().count(), 1);
        assert_eq!(page.records[1].raw.get(), r#"{"timestamp":"soon"}"#);
    }

    #[test]
    fn a_byte_order_mark_and_broken_utf_8_are_read_over() {
        let mut body = b"\xef\xbb\xbf {\"results\":[{\"timestamp\":1,\"objectName\":\"caf".to_vec();
        body.extend_from_slice(b"\xe9\"}]}");
        let page = read(&body, Some(UtcMs(9))).unwrap();
        assert_eq!(page.events().next().unwrap().object_name, "caf\u{fffd}");
        assert_eq!(page.hub_now, Some(UtcMs(9)));
    }

    #[test]
    fn what_is_no_page_is_named() {
        for (body, what) in [
            ("", "an empty body"),
            (" \n", "an empty body"),
            ("<html><body>502</body></html>", "a web page instead of JSON"),
            ("[]", "an array instead of an object"),
            ("null", "null instead of an object"),
            ("OK", "text that is not JSON"),
            ("{}", "no `results`"),
            (r#"{"results":null}"#, "no `results`"),
            (r#"{"status":"error","message":"oops"}"#, "no `results`, but the message \"oops\""),
            (r#"{"results":"none"}"#, "`results` is a string"),
            (r#"{"results":{}}"#, "`results` is an object"),
            (r#"{"results":[],"paging":[]}"#, "`paging` is an array"),
            (r#"{"results":[],"paging":{"next":"x"}}"#, "`paging.next` is a string"),
            (r#"{"results":[],"paging":{"next":{"after":true}}}"#, "`paging.next.after` is a boolean"),
            (r#"{"results":[{"timestamp":"#, "JSON that is cut off at line 1, column 25"),
            (r#"{"results":[]} x"#, "invalid JSON at line 1, column 16"),
        ] {
            assert_eq!(read(body.as_bytes(), None).unwrap_err().1, what, "{body}");
        }
    }

    #[test]
    fn deep_nesting_is_kept_and_overflows_nothing() {
        let deep = format!(r#"{{"timestamp":1,"meta":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        let page = page(&format!(r#"{{"results":[{deep}]}}"#));
        assert_eq!(page.records[0].raw.get(), deep);
        assert!(read("[".repeat(100_000).as_bytes(), None).is_err());
    }
}
