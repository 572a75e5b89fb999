//! From a status that is not 200 to the error that says what to do next.
//!
//! HubSpot asks that every field of its error bodies be treated as optional, and its gateways answer
//! in HTML: <https://developers.hubspot.com/docs/api-reference/error-handling>.

use std::collections::BTreeSet;

use hubtrail_core::time::UtcMs;
use reqwest::header::{HeaderMap, LOCATION};
use serde_json::Value;
use url::Url;

use super::error::{ApiError, CredentialFault, NetworkFault, Nonsense, Reason, Said};
use super::limits::{rate_headers, retry_after};

/// The parameters that HubSpot can refuse, the least ambiguous names first.
const PARAMETERS: [&str; 8] =
    ["eventType", "objectType", "objectId", "userId", "before", "after", "limit", "sort"];
const MESSAGE_CHARS: usize = 400;
const CORRELATION_HEADER: &str = "x-hubspot-correlation-id";

/// `body` is cleared of the token.
pub(super) fn read(status: u16, headers: &HeaderMap, body: &str, now: UtcMs) -> ApiError {
    let refusal = Refusal::new(status, headers, body);
    let wait = |reason| ApiError::Wait {
        reason,
        not_before: retry_after(headers, now),
        said: Some(refusal.said.clone()),
    };
    match status {
        404 | 410 => ApiError::VersionGone { said: refusal.said },
        408 | 425 | 500.. => wait(Reason::ServerBusy),
        407 => {
            let reason = Reason::Unreachable { fault: NetworkFault::Proxy, detail: String::new() };
            wait(reason)
        }
        414 | 431 => ApiError::TooLong { said: refusal.said },
        423 => wait(Reason::Locked),
        429 if refusal.is_daily() || rate_headers(headers).daily_remaining == Some(0) => wait(Reason::Daily),
        429 => wait(Reason::Burst),
        477 => wait(Reason::Migrating),
        400..=499 if refusal.html => refusal.malformed(
            Nonsense::WebPage,
            "a web page, which HubSpot's API does not send: something in between answered",
        ),
        401 => ApiError::Credentials { fault: refusal.credential_fault(), said: refusal.said },
        403 => refusal.forbidden(),
        400..=499 => ApiError::Refused { parameter: refusal.parameter(), said: refusal.said },
        300..=399 => {
            let what = format!("a redirect{}, which is not followed", redirect_host(headers));
            refusal.malformed(Nonsense::Redirect, &what)
        }
        _ => refusal.malformed(Nonsense::Other, "a status that this call does not have"),
    }
}

/// The words of a reply, shortened to what a person can read.
pub(super) fn said(status: u16, headers: &HeaderMap, message: &str, correlation_id: Option<&str>) -> Said {
    let header = || headers.get(CORRELATION_HEADER)?.to_str().ok();
    let correlation_id = correlation_id.or_else(header).map(excerpt).filter(|id| !id.is_empty());
    Said { status, message: excerpt(message), correlation_id }
}

pub(super) fn excerpt(text: &str) -> String {
    let mut excerpt: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    excerpt.retain(|c| !c.is_control());
    match excerpt.char_indices().nth(MESSAGE_CHARS) {
        Some((end, _)) => format!("{}…", &excerpt[..end]),
        None => excerpt,
    }
}

fn redirect_host(headers: &HeaderMap) -> String {
    let location = headers.get(LOCATION).and_then(|location| location.to_str().ok()).unwrap_or_default();
    let host = Url::parse(location).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.map(|host| format!(" to {host}")).unwrap_or_default()
}

struct Refusal {
    body: Value,
    html: bool,
    said: Said,
}

impl Refusal {
    fn new(status: u16, headers: &HeaderMap, text: &str) -> Self {
        let text = text.trim_start_matches('\u{feff}').trim();
        let html = text.starts_with('<');
        let body: Value = serde_json::from_str(text).unwrap_or(Value::Null);
        let field = |name: &str| body.get(name).and_then(Value::as_str);
        let message = match field("message").or_else(|| field("error_description")) {
            Some(message) => message,
            None if html => "a web page",
            None if body.is_null() => text,
            None => "",
        };
        let said = said(status, headers, message, field("correlationId"));
        Self { body, html, said }
    }

    fn text(&self, name: &str) -> &str {
        self.body.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The names by which HubSpot sorts its errors, in lower case.
    fn categories(&self) -> String {
        let names = ["category", "subCategory", "errorType", "policyName", "status"];
        names.map(|name| self.text(name)).join(" ").to_lowercase()
    }

    fn details(&self) -> impl Iterator<Item = &Value> {
        self.body.get("errors").and_then(Value::as_array).into_iter().flatten()
    }

    fn is_daily(&self) -> bool {
        let categories = self.categories();
        let burst = categories.contains("second");
        !burst && (categories.contains("daily") || self.said.message.to_lowercase().contains("daily limit"))
    }

    fn credential_fault(&self) -> CredentialFault {
        let words = format!("{} {}", self.categories(), self.said.message.to_lowercase());
        let says = |any: &[&str]| any.iter().any(|word| words.contains(word));
        if says(&["expired"]) {
            CredentialFault::Expired
        } else if says(&["revoked", "deactivated", "rotated", "deleted", "disabled"]) {
            CredentialFault::Revoked
        } else {
            CredentialFault::Unknown
        }
    }

    fn forbidden(self) -> ApiError {
        let missing = self.missing_scopes();
        let message = self.said.message.to_lowercase();
        let categories = self.categories();
        let of_scopes = categories.contains("scope") || message.contains("scope");
        if of_scopes || !missing.is_empty() {
            return ApiError::Scope { missing, said: self.said };
        }
        let of_plan = ["enterprise", "subscription", "upgrade", " tier", " plan"];
        let words = format!(" {} {message}", categories.replace('_', " "));
        if of_plan.iter().any(|word| words.contains(word)) {
            return ApiError::Plan { said: self.said };
        }
        ApiError::Refused { parameter: None, said: self.said }
    }

    /// Granular scopes are what a person grants; the older field names groups of them.
    fn missing_scopes(&self) -> Vec<String> {
        let contexts: Vec<&Value> = self
            .details()
            .filter_map(|detail| detail.get("context"))
            .chain(self.body.get("context"))
            .collect();
        let named = |name: &str| -> BTreeSet<String> {
            let values = contexts.iter().filter_map(|context| context.get(name));
            values.flat_map(strings).map(excerpt).collect()
        };
        let granular = named("requiredGranularScopes");
        let scopes = if granular.is_empty() { named("requiredScopes") } else { granular };
        scopes.into_iter().collect()
    }

    /// The parameter that HubSpot complains of: named on its own, or else in a sentence.
    fn parameter(&self) -> Option<&'static str> {
        let named = self.details().chain([&self.body]).find_map(|part| {
            let context = part.get("context").and_then(Value::as_object);
            let values = context.into_iter().flat_map(|context| context.values()).flat_map(strings);
            part.get("in").and_then(Value::as_str).into_iter().chain(values).find_map(known_parameter)
        });
        let sentences = || {
            let details = self.details().filter_map(|detail| detail.get("message").and_then(Value::as_str));
            details.chain([self.said.message.as_str()]).find_map(parameter_in)
        };
        named.or_else(sentences)
    }

    fn malformed(self, form: Nonsense, what: &str) -> ApiError {
        ApiError::Malformed { form, what: what.to_owned(), said: self.said }
    }
}

/// A string, or the strings of an array.
fn strings(value: &Value) -> Box<dyn Iterator<Item = &str> + '_> {
    match value {
        Value::String(text) => Box::new(std::iter::once(text.as_str())),
        Value::Array(values) => Box::new(values.iter().filter_map(Value::as_str)),
        _ => Box::new(std::iter::empty()),
    }
}

fn known_parameter(name: &str) -> Option<&'static str> {
    PARAMETERS.into_iter().find(|parameter| *parameter == name)
}

/// `after` and `limit` are also English words: a quoted name counts before a bare one.
fn parameter_in(sentence: &str) -> Option<&'static str> {
    let quoted = PARAMETERS.into_iter().find(|name| {
        ['\'', '"', '`', '\u{201c}'].into_iter().any(|quote| sentence.contains(&format!("{quote}{name}")))
    });
    quoted.or_else(|| {
        let mut words = sentence.split(|c: char| !c.is_ascii_alphanumeric());
        words.find_map(known_parameter)
    })
}

#[cfg(test)]
mod tests;
