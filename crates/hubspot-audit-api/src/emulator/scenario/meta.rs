//! What `meta` says about a change. HubSpot does not document its inner form: only that HubDB tells
//! rows and settings tell the changed fields.

use serde_json::json;

use super::agenda::Detail;
use super::objects::{Kind, Object, Verb};

pub(super) const SETTINGS: &[&str] = &[
    "siteHeaderHtml",
    "siteFooterHtml",
    "favicon",
    "googleAnalyticsId",
    "cookieBannerEnabled",
    "robotsTxt",
    "contentSecurityPolicy",
    "defaultLanguage",
    "commentModeration",
    "rssLimit",
    "socialSharingImage",
    "searchPage",
    "notFoundPage",
    "httpStrictTransportSecurity",
    "brandColors",
    "ampEnabled",
];

/// JSON text, or none where HubSpot sends no `meta`.
pub(super) fn meta(object: &Object, verb: Verb, detail: &Detail) -> Option<String> {
    match detail {
        Detail::Rows { updated, deleted } => {
            return Some(format!(r#"{{"rowsUpdated":{updated},"rowsDeleted":{deleted}}}"#));
        }
        Detail::Changed(fields) => return Some(json!({ "changed": fields }).to_string()),
        Detail::Plain => {}
    }
    if object.kind == Kind::UrlMapping {
        let (from, to) = object.name.split_once(" → ")?;
        return Some(json!({ "routePrefix": from, "destination": to, "redirectStyle": 301 }).to_string());
    }
    if object.kind.is_code() && !object.place.is_empty() {
        return Some(json!({ "path": object.place }).to_string());
    }
    let tells_address = object.kind.is_page() && verb == Verb::Published && object.id.is_multiple_of(3);
    tells_address.then(|| json!({ "url": object.place }).to_string())
}
