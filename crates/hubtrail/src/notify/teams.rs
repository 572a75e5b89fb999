//! Microsoft Teams, by a workflow that takes an adaptive card. What was sent cannot be changed; a turn is a card of its own.

use hubtrail_core::sentence::harmless;
use serde_json::{Value, json};
use url::Url;

use super::letter::{Letter, mark};
use super::post::Post;
use crate::sink::SinkError;

pub(super) async fn deliver(post: &Post, url: Url, letter: &Letter) -> Result<(), SinkError> {
    post.json(url, &message(letter), Vec::new()).await.map(drop)
}

fn message(letter: &Letter) -> Value {
    let (items, rest) = letter.told();
    let block = |text: &str, weight: &str| json!({"type": "TextBlock", "wrap": true, "weight": weight, "text": plain(text)});
    let mut body = vec![block(&letter.title(), "bolder")];
    for item in items {
        body.push(block(&format!("{}: {}", mark(item), item.title), "bolder"));
        body.push(block(&item.text, "default"));
        let to_do = item.over.as_ref().map_or_else(|| item.fix.clone(), |over| format!("Over: {over}"));
        if !to_do.is_empty() {
            body.push(block(&to_do, "default"));
        }
        body.push(json!({"type": "ActionSet", "actions": [
            {"type": "Action.OpenUrl", "title": "Open in Hubtrail", "url": letter.link(item)}
        ]}));
    }
    if rest > 0 {
        body.push(block(&format!("and {rest} more"), "default"));
    }
    json!({"type": "message", "attachments": [{
        "contentType": "application/vnd.microsoft.card.adaptive",
        "content": {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard", "version": "1.4", "body": body,
        },
    }]})
}

/// A card's text is Markdown: what would format it, or make a link, is escaped.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in harmless(text).chars() {
        if matches!(c, '*' | '_' | '[' | ']' | '(' | ')' | '#' | '`' | '~' | '\\' | '<' | '>') {
            plain.push('\\');
        }
        plain.push(c);
    }
    plain
}
