//! What `_bulk` says of each entry.

use std::collections::HashMap;

use serde::Deserialize;

use crate::sink::exchange::Reply;
use crate::sink::{Receipt, Refused, SinkError};

#[derive(Deserialize)]
struct Wire {
    errors: bool,
    #[serde(default)]
    items: Vec<HashMap<String, Verdict>>,
}

#[derive(Deserialize)]
struct Verdict {
    status: u16,
    error: Option<Fault>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Fault {
    Told {
        #[serde(rename = "type")]
        kind: String,
        #[serde(default)]
        reason: Option<String>,
    },
    Text(String),
}

const MOST_REASON_CHARS: usize = 300;

/// 409 is an entry that is there already. One that must wait makes all of them come again: what is there by
/// then is left alone.
pub(super) fn read(reply: &Reply, entries: usize) -> Result<Receipt, SinkError> {
    if let Some(error) = reply.verdict() {
        return Err(error);
    }
    let unlike = || {
        let reason = format!("the receiver answers {}, which no _bulk says", reply.said());
        SinkError::misconfigured(reason, "check the address: host and port of Elasticsearch or OpenSearch")
    };
    let wire: Wire = serde_json::from_str(&reply.body).map_err(|_| unlike())?;
    if !wire.errors {
        // Every one of them, however many the receiver lists.
        return Ok(Receipt(format!("{entries} created")));
    }
    if wire.items.len() != entries {
        return Err(unlike());
    }
    let (mut created, mut held, mut refused) = (0, 0, Vec::new());
    for (index, item) in wire.items.into_iter().enumerate() {
        let verdict = item.into_values().next().ok_or_else(unlike)?;
        match verdict.status {
            200..=299 => created += 1,
            409 => held += 1,
            408 | 425 | 429 | 500.. => return Err(SinkError::retry(verdict.said())),
            // An index that takes nothing for now says so in different ways.
            _ if verdict.is_blocked() => return Err(SinkError::retry(verdict.said())),
            _ if verdict.misses_pipeline() => {
                return Err(SinkError::misconfigured(
                    verdict.said(),
                    "create that pipeline, or name another",
                ));
            }
            401 | 403 | 404 => {
                return Err(SinkError::misconfigured(
                    verdict.said(),
                    "let the user write to this data stream or index, and see that it exists",
                ));
            }
            _ => refused.push(Refused { index, reason: verdict.said() }),
        }
    }
    if refused.is_empty() {
        return Ok(Receipt(format!("{created} created, {held} there already")));
    }
    Err(SinkError::Entries { refused, rest_stored: true })
}

impl Verdict {
    fn is_blocked(&self) -> bool {
        matches!(&self.error, Some(Fault::Told { kind, .. }) if kind == "cluster_block_exception")
    }

    /// The only fault of a setting that is told as one of an entry.
    fn misses_pipeline(&self) -> bool {
        let Some(Fault::Told { kind, reason: Some(reason) }) = &self.error else { return false };
        kind == "illegal_argument_exception" && reason.starts_with("pipeline with id")
    }

    fn said(&self) -> String {
        let text = match &self.error {
            Some(Fault::Told { kind, reason }) => {
                format!("{kind}: {}", reason.as_deref().unwrap_or_default())
            }
            Some(Fault::Text(text)) => text.clone(),
            None => String::new(),
        };
        let text: String = text.chars().filter(|c| !c.is_control()).take(MOST_REASON_CHARS).collect();
        format!("the receiver answers {} for an entry: {text}", self.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(body: &str) -> Result<Receipt, SinkError> {
        read(&Reply { status: 200, retry_after: None, body: body.to_owned() }, 2)
    }

    #[test]
    fn each_entry_has_its_verdict() {
        let created = r#"{"errors":false,"items":[{"create":{"status":201}},{"create":{"status":201}}]}"#;
        assert_eq!(answered(created).unwrap().0, "2 created");
        assert_eq!(answered(r#"{"errors":false}"#).unwrap().0, "2 created");
        let again = r#"{"errors":true,"items":[{"create":{"status":409,"error":{"type":"version_conflict_engine_exception","reason":"x"}}},{"create":{"status":201}}]}"#;
        assert_eq!(answered(again).unwrap().0, "1 created, 1 there already");
        let refused = r#"{"errors":true,"items":[{"create":{"status":201}},{"create":{"status":400,"error":{"type":"document_parsing_exception","reason":"no"}}}]}"#;
        let Err(SinkError::Entries { refused, rest_stored: true }) = answered(refused) else { panic!() };
        assert_eq!((refused.len(), refused[0].index), (1, 1));
    }

    #[test]
    fn one_that_must_wait_makes_all_come_again() {
        for verdict in [
            r#""status":429,"error":{"type":"es_rejected_execution_exception","reason":"full"}"#,
            r#""status":403,"error":{"type":"cluster_block_exception","reason":"disk"}"#,
            r#""status":503,"error":{"type":"unavailable_shards_exception","reason":"gone"}"#,
        ] {
            let body = format!(
                r#"{{"errors":true,"items":[{{"create":{{"status":400}}}},{{"create":{{{verdict}}}}}]}}"#
            );
            assert!(matches!(answered(&body), Err(SinkError::Retry { .. })), "{verdict}");
        }
        let denied = r#"{"errors":true,"items":[{"create":{"status":404,"error":{"type":"index_not_found_exception"}}},{"create":{"status":201}}]}"#;
        assert!(matches!(answered(denied), Err(SinkError::Misconfigured { .. })));
        let no_pipeline = r#"{"errors":true,"items":[{"create":{"status":400,"error":{"type":"illegal_argument_exception","reason":"pipeline with id [x] does not exist"}}},{"create":{"status":201}}]}"#;
        assert!(matches!(answered(no_pipeline), Err(SinkError::Misconfigured { .. })));
        for odd in ["<html>", "{}", r#"{"errors":true,"items":[]}"#] {
            assert!(matches!(answered(odd), Err(SinkError::Misconfigured { .. })), "{odd}");
        }
    }
}
