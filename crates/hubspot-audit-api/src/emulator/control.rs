//! `/emulator/*`: what a test needs to know of the account, and to do to it, from outside.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::portal::{Portal, Renamed, Visible};
use crate::error::ApiError;
use crate::query::Pairs;
use crate::record::Record;
use crate::router::json;

/// A large history can be added at once.
const MAX_BODY_BYTES: usize = 256 << 20;
const NDJSON: HeaderValue = HeaderValue::from_static("application/x-ndjson");

pub(super) fn routes(portal: Arc<Portal>) -> Router {
    Router::new()
        .route("/emulator/truth", get(truth))
        .route("/emulator/stats", get(stats))
        .route("/emulator/records", post(records))
        .route("/emulator/rename", post(rename))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(portal)
}

async fn truth(State(portal): State<Arc<Portal>>) -> Response {
    let mut lines = portal.truth().join("\n");
    if !lines.is_empty() {
        lines.push('\n');
    }
    ([(header::CONTENT_TYPE, NDJSON)], lines).into_response()
}

async fn stats(State(portal): State<Arc<Portal>>) -> Response {
    json(serde_json::to_vec(&portal.stats()).unwrap_or_default().into())
}

/// Takes a JSON array or one record a line. `visibleAtMs` and `visibleAfterRequests` (counted from
/// now) in the query string make them late.
async fn records(
    State(portal): State<Arc<Portal>>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Result<StatusCode, ApiError> {
    let records = parse(&body)?;
    let pairs = Pairs::decode(query.as_deref().unwrap_or_default());
    let number = |parameter| match pairs.last(parameter) {
        None => Ok(None),
        Some(text) => text
            .parse::<i64>()
            .map(Some)
            .map_err(|_| ApiError::invalid(parameter, format!("`{text}` is not a whole number"))),
    };
    match (number("visibleAtMs")?, number("visibleAfterRequests")?) {
        (None, None) => portal.push(records),
        (from_ms, after) => {
            let after_requests = portal.requests() + u64::try_from(after.unwrap_or(0)).unwrap_or(0);
            let from_ms = from_ms.unwrap_or(i64::MIN);
            portal.push_visible(records, Visible { from_ms, after_requests });
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

fn parse(body: &[u8]) -> Result<Vec<Record>, ApiError> {
    let invalid = |index: usize, error: &dyn std::error::Error| ApiError::InvalidBody {
        problems: vec![format!("record {}: {error}", index + 1)],
    };
    if body.trim_ascii_start().starts_with(b"[") {
        let items: Vec<&RawValue> = serde_json::from_slice(body).map_err(|error| invalid(0, &error))?;
        let read =
            |(index, item): (usize, &&RawValue)| Record::read(item.get()).map_err(|e| invalid(index, &e));
        return items.iter().enumerate().map(read).collect();
    }
    let text = std::str::from_utf8(body).map_err(|error| invalid(0, &error))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(index, line)| Record::read(line).map_err(|error| invalid(index, &error))).collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", untagged)]
enum Rename {
    #[serde(rename_all = "camelCase")]
    User { user_id: String, full_name: String },
    #[serde(rename_all = "camelCase")]
    Object { object_id: String, object_name: String },
}

async fn rename(State(portal): State<Arc<Portal>>, body: Bytes) -> Result<StatusCode, ApiError> {
    let problem = "neither `userId` and `fullName` nor `objectId` and `objectName`".to_owned();
    let rename =
        serde_json::from_slice(&body).map_err(|_| ApiError::InvalidBody { problems: vec![problem] })?;
    match rename {
        Rename::User { user_id, full_name } => portal.rename(Renamed::User(user_id), full_name),
        Rename::Object { object_id, object_name } => portal.rename(Renamed::Object(object_id), object_name),
    }
    Ok(StatusCode::NO_CONTENT)
}
