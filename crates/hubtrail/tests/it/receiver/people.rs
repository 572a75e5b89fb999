//! The services that people are told by, strict and from their published interfaces: Slack's Web API (`chat.postMessage`,
//! `chat.update`) and incoming webhooks, PagerDuty's Events API v2, a Teams workflow's adaptive card, and Standard Webhooks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::web::{Answer, Request, Web};

pub(crate) const BOT: &str = "xoxb-planted-hunter2-token";
pub(crate) const ROUTING_KEY: &str = "planted0hunter2routing0key0000ab";
pub(crate) const SIGNING: &str = "whsec_cGxhbnRlZC1odW50ZXIyLXNpZ25pbmctc2VjcmV0";
pub(crate) const CHANNEL: &str = "C0123456789";
pub(crate) const SECRET_PATH: &str = "/services/T000/B000/plantedhunter2";

/// What people see: of a message that was updated its newest form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) messages: BTreeMap<String, Value>,
    /// How often anything was sent.
    pub(crate) sent: usize,
    pub(crate) resolved: Vec<String>,
}

pub(crate) struct People {
    pub(crate) web: Web,
    seen: Arc<Mutex<Seen>>,
}

impl People {
    pub(crate) async fn start() -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let into = Arc::clone(&seen);
        let web = Web::start(move |request| judge(request, &mut into.lock().unwrap())).await;
        Self { web, seen }
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }
}

fn judge(request: &Request, seen: &mut Seen) -> Answer {
    if request.method != "POST" || request.header("content-type") != Some("application/json") {
        return Answer(400, "a POST of JSON is wanted".to_owned());
    }
    let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
        return Answer(400, "invalid_payload".to_owned());
    };
    match request.path.as_str() {
        "/api/chat.postMessage" | "/api/chat.update" => slack(request, &body, seen),
        SECRET_PATH => incoming(&body, seen),
        "/v2/enqueue" => pager_duty(&body, seen),
        "/workflow" => teams(&body, seen),
        "/hook" => hook(request, &body, seen),
        _ => Answer(404, "no_service".to_owned()),
    }
}

fn slack(request: &Request, body: &Value, seen: &mut Seen) -> Answer {
    let no = |error: &str| Answer(200, json!({"ok": false, "error": error}).to_string());
    if request.header("authorization") != Some(&format!("Bearer {BOT}")) {
        return no("invalid_auth");
    }
    if body["channel"] != CHANNEL {
        return no("channel_not_found");
    }
    if !are_blocks(body) {
        return no("invalid_blocks");
    }
    let ts = if request.path.ends_with("update") {
        let ts = body["ts"].as_str().unwrap_or_default().to_owned();
        if !seen.messages.contains_key(&ts) {
            return no("message_not_found");
        }
        ts
    } else {
        format!("1710081138.{:06}", seen.messages.len())
    };
    seen.sent += 1;
    seen.messages.insert(ts.clone(), body.clone());
    Answer(200, json!({"ok": true, "channel": CHANNEL, "ts": ts}).to_string())
}

fn are_blocks(body: &Value) -> bool {
    let blocks = body["attachments"][0]["blocks"].as_array();
    let is = |block: &Value| match block["type"].as_str() {
        Some("section") => {
            let text = block["text"]["text"].as_str().unwrap_or_default();
            block["text"]["type"] == "mrkdwn" && !text.is_empty() && text.chars().count() <= 3_000
        }
        Some("context") => block["elements"].is_array(),
        _ => false,
    };
    body["text"].is_string() && blocks.is_some_and(|blocks| !blocks.is_empty() && blocks.iter().all(is))
}

fn incoming(body: &Value, seen: &mut Seen) -> Answer {
    if !are_blocks(body) || body.get("channel").is_some() {
        return Answer(400, "invalid_payload".to_owned());
    }
    keep(seen, body);
    Answer(200, "ok".to_owned())
}

fn keep(seen: &mut Seen, body: &Value) {
    seen.sent += 1;
    seen.messages.insert(seen.sent.to_string(), body.clone());
}

fn pager_duty(body: &Value, seen: &mut Seen) -> Answer {
    let invalid = |what: &str| {
        let said = json!({"status": "invalid event", "message": "Event object is invalid", "errors": [what]});
        Answer(400, said.to_string())
    };
    if body["routing_key"] != ROUTING_KEY {
        return invalid("Invalid routing key");
    }
    let Some(key) = body["dedup_key"].as_str().filter(|key| key.len() <= 255) else {
        return invalid("'dedup_key' is missing");
    };
    match body["event_action"].as_str() {
        Some("trigger") => {
            let payload = &body["payload"];
            let severity = payload["severity"].as_str().unwrap_or_default();
            if !["critical", "error", "warning", "info"].contains(&severity) {
                return invalid("'payload.severity' is invalid");
            }
            if payload["summary"].as_str().is_none_or(|text| text.is_empty() || text.len() > 1_024) {
                return invalid("'payload.summary' is missing or too long");
            }
            if payload["source"].as_str().is_none_or(str::is_empty) {
                return invalid("'payload.source' is missing");
            }
            seen.messages.insert(key.to_owned(), payload.clone());
        }
        Some("resolve") => seen.resolved.push(key.to_owned()),
        _ => return invalid("'event_action' is invalid"),
    }
    seen.sent += 1;
    Answer(202, json!({"status": "success", "message": "Event processed", "dedup_key": key}).to_string())
}

fn teams(body: &Value, seen: &mut Seen) -> Answer {
    let card = &body["attachments"][0];
    let is_card = body["type"] == "message"
        && card["contentType"] == "application/vnd.microsoft.card.adaptive"
        && card["content"]["type"] == "AdaptiveCard"
        && card["content"]["body"].as_array().is_some_and(|body| !body.is_empty());
    if !is_card {
        return Answer(400, "TriggerInputSchemaMismatch".to_owned());
    }
    keep(seen, card);
    Answer(202, String::new())
}

fn hook(request: &Request, body: &Value, seen: &mut Seen) -> Answer {
    let header = |name| request.header(name).unwrap_or_default();
    let key = STANDARD.decode(SIGNING.trim_start_matches("whsec_")).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{}.{}.", header("webhook-id"), header("webhook-timestamp")).as_bytes());
    mac.update(&request.body);
    let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    if header("webhook-signature") != signature {
        return Answer(401, "signature".to_owned());
    }
    seen.sent += 1;
    let id = body["data"]["message"].as_str().unwrap_or_default().to_owned();
    seen.messages.insert(id, body["data"].clone());
    Answer(204, String::new())
}
