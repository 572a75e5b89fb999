//! Elasticsearch's `_bulk` by its documentation ("Bulk index or delete documents", "Data streams"): a data stream
//! takes `create` only, wants a `@timestamp`, and has each id once.

use std::collections::BTreeSet;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::Kept;
use super::plain::UNWANTED;
use super::web::{Answer, Request, Web};

pub(crate) const API_KEY: &str = "VnVhQ2ZHY0JDZGJrU0tTLXRlc3Q6cGxhbnRlZA==";
const STREAM: &str = "logs-hubtrail-default";

pub(crate) struct Elastic {
    pub(crate) web: Web,
    pub(crate) kept: Kept,
}

impl Elastic {
    pub(crate) async fn start() -> Self {
        let kept = Kept::default();
        let (into, ids) = (kept.clone(), Mutex::new(BTreeSet::new()));
        let web = Web::start(move |request| bulk(request, &into, &mut ids.lock().unwrap()));
        Self { web: web.await, kept }
    }
}

fn error(status: u16, kind: &str, reason: &str) -> Answer {
    let error = json!({ "type": kind, "reason": reason });
    Answer(status, json!({ "error": error, "status": status }).to_string())
}

fn bulk(request: &Request, into: &Kept, ids: &mut BTreeSet<String>) -> Answer {
    if request.header("authorization") != Some(&format!("ApiKey {API_KEY}")) {
        return error(401, "security_exception", "unable to authenticate");
    }
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    if path != format!("/{STREAM}/_bulk") || !matches!(request.method.as_str(), "POST" | "PUT") {
        return error(405, "illegal_argument_exception", "incorrect path or method");
    }
    if !matches!(request.header("content-type"), Some("application/x-ndjson" | "application/json")) {
        return error(406, "media_type_header_exception", "Content-Type is not supported");
    }
    if query.split('&').any(|pair| !pair.is_empty() && !pair.starts_with("filter_path=")) {
        return error(400, "illegal_argument_exception", "unrecognized parameter");
    }
    if !request.body.ends_with(b"\n") {
        return error(
            400,
            "illegal_argument_exception",
            "The bulk request must be terminated by a newline [\\n]",
        );
    }
    let mut lines = request.text().lines();
    let mut items = Vec::new();
    while let Some(action) = lines.next() {
        let Ok(action) = serde_json::from_str::<Value>(action) else {
            return error(400, "illegal_argument_exception", "Malformed action/metadata line");
        };
        let Some(document) = lines.next() else {
            return error(400, "illegal_argument_exception", "a document is missing");
        };
        items.push(item(&action, document, into, ids));
    }
    let errors = items.iter().any(|item| item["create"]["status"] != 201);
    Answer(200, json!({ "errors": errors, "items": items }).to_string())
}

fn item(action: &Value, document: &str, into: &Kept, ids: &mut BTreeSet<String>) -> Value {
    let refused = |status: u16, kind: &str, reason: &str| {
        let error = json!({ "type": kind, "reason": reason });
        json!({ "create": { "status": status, "error": error } })
    };
    let Some(create) = action.get("create").filter(|_| action.as_object().unwrap().len() == 1) else {
        return refused(
            400,
            "illegal_argument_exception",
            "only write ops with an op_type of create are allowed",
        );
    };
    let document: Value = match serde_json::from_str(document) {
        Ok(Value::Object(fields)) => Value::Object(fields),
        _ => return refused(400, "document_parsing_exception", "the document is no object"),
    };
    let is_time = |text: &str| text.parse::<jiff::Timestamp>().is_ok();
    if !document["@timestamp"].as_str().is_some_and(is_time) {
        let reason = "data stream timestamp field [@timestamp] is missing";
        return refused(400, "document_parsing_exception", reason);
    }
    let record = &document["hubspot"];
    if record["objectId"] == UNWANTED {
        return refused(400, "document_parsing_exception", "failed to parse field [hubspot.objectId]");
    }
    let id = create["_id"].as_str().unwrap_or_default().to_owned();
    if id.len() > 512 {
        return refused(400, "illegal_argument_exception", "id is too long");
    }
    if !ids.insert(id.clone()) {
        let reason = format!("[{id}]: version conflict, document already exists");
        return refused(409, "version_conflict_engine_exception", &reason);
    }
    into.extend([record.to_string()]);
    json!({ "create": { "status": 201 } })
}
