//! Splunk's HTTP Event Collector by its documentation ("Format events for HTTP Event Collector", "About HTTP Event
//! Collector Indexer Acknowledgment", "Troubleshoot HTTP Event Collector"): the endpoints, the codes, the channel.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::Kept;
use super::plain::UNWANTED;
use super::web::{Answer, Request, Web};

pub(crate) const TOKEN: &str = "5a1b7c7e-2f0c-4a0e-8d3a-hec-token-of-a-test";
/// The fields of an event that the collector knows.
const FIELDS: [&str; 7] = ["time", "host", "source", "sourcetype", "index", "event", "fields"];

pub(crate) struct Splunk {
    pub(crate) web: Web,
    pub(crate) kept: Kept,
}

#[derive(Default)]
struct Acks {
    next: u64,
    /// By channel: a batch, and how often it was asked for.
    pending: BTreeMap<String, BTreeMap<u64, u32>>,
}

impl Splunk {
    /// `acknowledges`: whether the token has indexer acknowledgement enabled.
    pub(crate) async fn start(acknowledges: bool) -> Self {
        let kept = Kept::default();
        let (into, acks) = (kept.clone(), Arc::new(Mutex::new(Acks::default())));
        let web = Web::start(move |request| {
            if let Some(refused) = refused(request, acknowledges) {
                return refused;
            }
            match request.path.as_str() {
                "/services/collector/event" => event(request, &into, acknowledges, &mut acks.lock().unwrap()),
                "/services/collector/ack" => ack(request, acknowledges, &mut acks.lock().unwrap()),
                _ => said(404, "The requested URL was not found on this server.", 404),
            }
        });
        Self { web: web.await, kept }
    }
}

fn said(status: u16, text: &str, code: u32) -> Answer {
    Answer(status, json!({ "text": text, "code": code }).to_string())
}

fn refused(request: &Request, acknowledges: bool) -> Option<Answer> {
    if request.method != "POST" {
        return Some(said(405, "Method Not Allowed", 405));
    }
    let Some(authorization) = request.header("authorization") else {
        return Some(said(401, "Token is required", 2));
    };
    let Some(token) = authorization.strip_prefix("Splunk ") else {
        return Some(said(401, "Invalid authorization", 3));
    };
    if token != TOKEN {
        return Some(said(403, "Invalid token", 4));
    }
    let Some(channel) = request.header("x-splunk-request-channel") else {
        return acknowledges.then(|| said(400, "Data channel is missing", 10));
    };
    let lengths: Vec<usize> = channel.split('-').map(str::len).collect();
    let is_guid = lengths == [8, 4, 4, 4, 12] && channel.chars().all(|c| c == '-' || c.is_ascii_hexdigit());
    (!is_guid).then(|| said(400, "Invalid data channel", 11))
}

fn event(request: &Request, into: &Kept, acknowledges: bool, acks: &mut Acks) -> Answer {
    if request.body.is_empty() {
        return said(400, "No data", 5);
    }
    let mut events = Vec::new();
    for (number, event) in
        serde_json::Deserializer::from_slice(&request.body).into_iter::<Value>().enumerate()
    {
        let fault = match &event {
            Err(_) => Some(("Invalid data format", 6)),
            Ok(event) => fault(event),
        };
        if let Some((text, code)) = fault {
            // What came before it has gone into the queue already.
            into.extend(events);
            return Answer(
                400,
                json!({ "text": text, "code": code, "invalid-event-number": number }).to_string(),
            );
        }
        events.extend(event.iter().map(|event| event["event"].to_string()));
    }
    into.extend(events);
    if !acknowledges {
        return said(200, "Success", 0);
    }
    let id = acks.next;
    acks.next += 1;
    let channel = request.header("x-splunk-request-channel").unwrap().to_owned();
    acks.pending.entry(channel).or_default().insert(id, 0);
    Answer(200, json!({ "text": "Success", "code": 0, "ackId": id }).to_string())
}

fn fault(event: &Value) -> Option<(&'static str, u32)> {
    let Some(fields) = event.as_object() else { return Some(("Invalid data format", 6)) };
    if fields.keys().any(|key| !FIELDS.contains(&key.as_str())) {
        return Some(("Invalid data format", 6));
    }
    if !fields.get("time").is_none_or(|time| time.is_number()) {
        return Some(("Invalid data format", 6));
    }
    // Indexed fields are flat.
    if fields.get("fields").is_some_and(|fields| {
        fields.as_object().is_none_or(|fields| fields.values().any(|value| value.is_object()))
    }) {
        return Some(("Error in handling indexed fields", 15));
    }
    match fields.get("event") {
        None => Some(("Event field is required", 12)),
        Some(Value::Null) => Some(("Event field cannot be blank", 13)),
        Some(Value::String(text)) if text.is_empty() => Some(("Event field cannot be blank", 13)),
        Some(event) if event["objectId"] == UNWANTED => Some(("Invalid data format", 6)),
        Some(_) => None,
    }
}

/// An acknowledgement is true at the second asking, once, and forgotten then.
fn ack(request: &Request, acknowledges: bool, acks: &mut Acks) -> Answer {
    if !acknowledges {
        return said(400, "ACK is disabled", 14);
    }
    let asked: Option<Value> = serde_json::from_slice(&request.body).ok();
    let Some(ids) = asked.as_ref().and_then(|asked| asked["acks"].as_array()) else {
        return said(400, "Invalid data format", 6);
    };
    let pending =
        acks.pending.entry(request.header("x-splunk-request-channel").unwrap().to_owned()).or_default();
    let mut answered = serde_json::Map::new();
    for id in ids.iter().filter_map(Value::as_u64) {
        let asked = pending.get_mut(&id).map(|asked| {
            *asked += 1;
            *asked
        });
        let indexed = asked.is_some_and(|asked| asked >= 2);
        if indexed {
            pending.remove(&id);
        }
        answered.insert(id.to_string(), indexed.into());
    }
    Answer(200, json!({ "acks": answered }).to_string())
}
