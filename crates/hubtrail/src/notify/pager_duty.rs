//! PagerDuty, Events API v2: an incident for a story, updated and resolved by its key.

use hubtrail_core::finding::Severity;
use hubtrail_core::sentence::harmless;
use serde_json::{Value, json};
use url::Url;

use super::letter::{Letter, mark};
use super::post::Post;
use crate::sink::SinkError;

/// PagerDuty cuts a summary off behind this.
const MOST_CHARS: usize = 1_000;

pub(super) async fn deliver(post: &Post, api: &Url, key: &str, letter: &Letter) -> Result<(), SinkError> {
    post.json(api.clone(), &event(letter, key), Vec::new()).await.map(drop)
}

fn event(letter: &Letter, routing_key: &str) -> Value {
    if letter.story.is_over() {
        return json!({"routing_key": routing_key, "event_action": "resolve", "dedup_key": letter.key()});
    }
    let (items, rest) = letter.told();
    let details: Vec<Value> = items
        .iter()
        .map(|item| {
            json!({"severity": mark(item), "title": harmless(&item.title), "why": harmless(&item.text),
                "to_do": harmless(&item.fix), "at": item.at.to_string(), "over": item.over})
        })
        .collect();
    let links: Vec<Value> = items
        .iter()
        .take(3)
        .map(|item| json!({"href": letter.link(item), "text": harmless(&item.title)}))
        .collect();
    let summary: String = letter.title().chars().take(MOST_CHARS).collect();
    let first = letter.story.items.first().map(|item| item.at.to_string());
    json!({
        "routing_key": routing_key,
        "event_action": "trigger",
        "dedup_key": letter.key(),
        "client": "Hubtrail",
        "client_url": letter.console.as_str(),
        "links": links,
        "payload": {
            "summary": summary,
            "source": letter.story.about,
            "severity": severity(letter.story.severity()),
            "timestamp": first,
            "component": "HubSpot CMS",
            "group": letter.story.about,
            "custom_details": {"who": harmless(&letter.story.who), "what": details, "more": rest},
        },
    })
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Informational => "info",
    }
}
