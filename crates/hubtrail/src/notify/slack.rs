//! Slack: by a bot, whose message is updated in place, or by an incoming webhook, which can only say more.

use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use super::letter::{Letter, colour, mark};
use super::post::Post;
use crate::sink::SinkError;

/// Slack cuts a section's text off behind this.
const MOST_CHARS: usize = 2_900;

/// Where a bot's message is.
#[derive(Serialize, Deserialize)]
struct Handle {
    channel: String,
    ts: String,
}

#[derive(Deserialize)]
struct Answer {
    ok: bool,
    error: Option<String>,
    ts: Option<String>,
    channel: Option<String>,
}

/// By a bot. Gives back where the message is.
pub(super) async fn by_bot(
    post: &Post,
    api: &Url,
    channel: &str,
    token: &str,
    letter: &Letter,
) -> Result<String, SinkError> {
    let before: Option<Handle> = letter.handle.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let mut message = message(letter);
    let method = match &before {
        Some(handle) => {
            message["ts"] = json!(handle.ts);
            message["channel"] = json!(handle.channel);
            "chat.update"
        }
        None => {
            message["channel"] = json!(channel);
            "chat.postMessage"
        }
    };
    let url =
        api.join(method).map_err(|_| SinkError::misconfigured("no address", "check the API's address"))?;
    let unusable =
        |_| SinkError::misconfigured("the bot token cannot be used", "copy it from Slack once more");
    let mut bearer = HeaderValue::from_str(&format!("Bearer {token}")).map_err(unusable)?;
    bearer.set_sensitive(true);
    let reply = post.json(url, &message, vec![(AUTHORIZATION, bearer)]).await?;
    let answer: Answer =
        serde_json::from_str(&reply).map_err(|_| SinkError::retry("Slack does not answer in JSON"))?;
    if answer.ok {
        let handle = match (before, answer.channel, answer.ts) {
            (Some(handle), _, _) => handle,
            (None, Some(channel), Some(ts)) => Handle { channel, ts },
            (None, ..) => return Err(SinkError::retry("Slack does not say where the message is")),
        };
        return Ok(serde_json::to_string(&handle).unwrap_or_default());
    }
    Err(refused(&answer.error.unwrap_or_default()))
}

/// What Slack says no with, by what is to be done.
fn refused(error: &str) -> SinkError {
    let reason = format!("Slack refuses it: {error}");
    match error {
        "ratelimited"
        | "rate_limited"
        | "internal_error"
        | "fatal_error"
        | "service_unavailable"
        | "request_timeout" => SinkError::retry(reason),
        "channel_not_found" | "not_in_channel" | "is_archived" => {
            SinkError::misconfigured(reason, "invite the bot into the channel, and check the channel's id")
        }
        "missing_scope" => SinkError::misconfigured(reason, "give the bot the scope chat:write"),
        "message_not_found" | "cant_update_message" | "edit_window_closed" => SinkError::Together(reason),
        _ => SinkError::misconfigured(reason, "give it a bot token that Slack accepts"),
    }
}

pub(super) async fn by_webhook(post: &Post, url: Url, letter: &Letter) -> Result<(), SinkError> {
    post.json(url, &message(letter), Vec::new()).await.map(drop)
}

fn message(letter: &Letter) -> Value {
    let (items, rest) = letter.told();
    let mut blocks: Vec<Value> = items
        .iter()
        .map(|item| {
            let what = item.over.as_ref().map(|over| format!("Over: {over}"));
            let to_do = what.unwrap_or_else(|| item.fix.clone());
            let link = letter.link(item);
            let lines = [
                format!("*{}*  <{link}|{}>", mark(item), plain(&item.title)),
                plain(&item.text),
                plain(&to_do),
            ];
            let text = lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
            let text: String = text.chars().take(MOST_CHARS).collect();
            json!({"type": "section", "text": {"type": "mrkdwn", "text": text}})
        })
        .collect();
    if rest > 0 {
        let text = format!("and {rest} more");
        blocks.push(json!({"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}));
    }
    let colour = format!("#{}", colour(letter.story.severity(), letter.story.is_over()));
    json!({"text": plain(&letter.title()), "attachments": [{"color": colour, "blocks": blocks}]})
}

/// Names come from strangers: they must not mention a channel or make a link.
fn plain(text: &str) -> String {
    let text = hubtrail_core::sentence::harmless(text);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
