//! Trying a sink out: one marked event, which is in no log, and what came back.

use std::path::Path;

use hubtrail_core::encode::{Account, Encoding, Recorded};
use hubtrail_core::event::Event;
use hubtrail_core::finding::Severity;
use hubtrail_core::identity::{AccountKey, identify};
use hubtrail_core::page::Seen;
use hubtrail_core::stream::Stream;
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::clock::Clock;
use crate::config::Network;
use crate::sink::{self, Credentials, Item, Opening, Settings, SinkError};
use crate::store::Position;

/// What a marked event met
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SinkTrial)]
pub struct Trial {
    pub passed: bool,
    /// The id of the marked event, by which the receiver has it.
    pub event_id: String,
    /// What the receiver answered, or why it cannot be reached.
    pub said: String,
    /// What to do about it.
    pub fix: Option<String>,
    #[schema(format = DateTime)]
    pub at: String,
    pub took_ms: i64,
}

/// Sends one event that says that it is a test. Nothing is stored, and no position moves.
pub async fn trial(
    settings: &Settings,
    credentials: Credentials,
    network: &Network,
    data_dir: &Path,
    clock: Clock,
) -> Trial {
    let began = clock.now();
    let item = marked(settings, clock);
    let event_id = item.id.clone();
    let opening = Opening { settings, credentials, network, data_dir, clock };
    let outcome = match sink::open(&opening) {
        Ok(mut sink) => sink::attempt(sink.deliver(std::slice::from_ref(&item))).await,
        Err(error) => Err(error),
    };
    let (passed, said, fix) = match outcome {
        Ok(receipt) => (true, receipt.0, None),
        Err(SinkError::Entries { refused, .. }) => {
            let reason = refused.into_iter().next().map(|refused| refused.reason).unwrap_or_default();
            (false, reason, Some("see what the receiver wants of an entry".to_owned()))
        }
        Err(SinkError::Misconfigured { reason, fix }) => (false, reason, Some(fix)),
        Err(error) => (false, error.to_string(), None),
    };
    let now = clock.now();
    Trial { passed, event_id, said, fix, at: now.to_string(), took_ms: now.since(began) }
}

fn marked(settings: &Settings, clock: Clock) -> Item {
    let now = clock.now();
    let raw = json!({
        "objectId": "0", "objectName": format!("Test of sink {}", settings.name), "objectType": "CONTENT_SETTINGS",
        "event": "HUBTRAIL_TEST", "userId": "0", "fullName": "Hubtrail", "timestamp": now.to_string(),
    });
    let raw = raw.to_string();
    let seen: Vec<Seen> = RawValue::from_string(raw.clone()).map(Seen::read).into_iter().collect();
    let account = AccountKey("hubtrail test".to_owned());
    let ids = identify(&account, Stream::Content, &seen);
    let event = Event::read(&raw).map_err(|error| error.to_string());
    let recorded = Recorded {
        id: ids.into_iter().next().unwrap_or(hubtrail_core::identity::EventId([0; 16])),
        position: None,
        stream: Stream::Content,
        account: Account { connector: "hubtrail-test", portal_id: None },
        time: now,
        seen_at: Some(now),
        raw: &raw,
        event: event.as_ref().map_err(String::as_str),
        person: None,
    };
    let mut body = Vec::new();
    Encoding { format: settings.format, original: settings.original }.encode(&recorded.into(), &mut body);
    let id = recorded.id.to_string();
    Item { position: Position::default(), id, time: now, severity: Severity::Informational, body }
}
