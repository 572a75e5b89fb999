//! What the collector answers: a code of its own beside the status, and which event it stumbled over.

use std::collections::HashMap;

use serde::Deserialize;

use crate::sink::exchange::Reply;
use crate::sink::{Refused, SinkError};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wire {
    code: Option<u64>,
    #[serde(rename = "ackId")]
    ack_id: Option<u64>,
    acks: HashMap<String, bool>,
    #[serde(rename = "invalid-event-number")]
    invalid: Option<usize>,
}

pub(super) struct Answer {
    pub(super) said: String,
    pub(super) ack_id: Option<u64>,
    acks: HashMap<String, bool>,
}

impl Answer {
    pub(super) fn has(&self, id: u64) -> bool {
        self.acks.get(&id.to_string()).copied().unwrap_or_default()
    }
}

/// The codes that mean something else than their status does.
/// <https://docs.splunk.com/Documentation/Splunk/latest/Data/TroubleshootHTTPEventCollector>
pub(super) fn read(reply: &Reply, entries: usize) -> Result<Answer, SinkError> {
    let wire: Option<Wire> = serde_json::from_str(&reply.body).ok();
    let Some(error) = reply.verdict() else {
        let Some(wire) = wire else {
            let reason = format!("the receiver answers {}, which no collector says", reply.said());
            return Err(SinkError::misconfigured(
                reason,
                "check the address: host and port of the collector",
            ));
        };
        return Ok(Answer { said: reply.said(), ack_id: wire.ack_id, acks: wire.acks });
    };
    let wire = wire.unwrap_or_default();
    let said = format!("splunk answers {}", reply.said());
    Err(match (wire.code, wire.invalid) {
        // Those before it may have been taken: they are sent again, and Splunk has them twice.
        (Some(5 | 6 | 12 | 13 | 15), Some(index)) if index < entries => {
            SinkError::Entries { refused: vec![Refused { index, reason: said }], rest_stored: false }
        }
        (Some(7), _) => SinkError::misconfigured(said, "name an index that the token may write to"),
        (Some(10 | 11 | 14 | 16), _) => {
            SinkError::misconfigured(said, "let the token's indexer acknowledgement and `acknowledge` agree")
        }
        (Some(8 | 9 | 18..=20 | 26 | 27), _) => SinkError::Retry { reason: said, after: reply.retry_after },
        _ => error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, body: &str) -> Result<Answer, SinkError> {
        read(&Reply { status, retry_after: None, body: body.to_owned() }, 3)
    }

    #[test]
    fn a_code_says_more_than_the_status() {
        let taken = answered(200, r#"{"text":"Success","code":0,"ackId":7}"#).unwrap();
        assert_eq!(taken.ack_id, Some(7));
        let acks = answered(200, r#"{"acks":{"7":true,"8":false}}"#).unwrap();
        assert!(acks.has(7) && !acks.has(8) && !acks.has(9));
        let invalid = answered(400, r#"{"text":"Invalid data format","code":6,"invalid-event-number":2}"#);
        assert!(
            matches!(invalid, Err(SinkError::Entries { ref refused, rest_stored: false }) if refused[0].index == 2)
        );
        for (status, body) in [
            (400, r#"{"text":"Incorrect index","code":7}"#),
            (400, r#"{"text":"Data channel is missing","code":10}"#),
            (403, r#"{"text":"Invalid token","code":4}"#),
            (401, r#"{"text":"Token is required","code":2}"#),
            (200, "<html>"),
        ] {
            assert!(matches!(answered(status, body), Err(SinkError::Misconfigured { .. })), "{body}");
        }
        for (status, body) in
            [(503, r#"{"text":"Server is busy","code":9}"#), (500, r#"{"code":8}"#), (429, "")]
        {
            assert!(matches!(answered(status, body), Err(SinkError::Retry { .. })), "{body}");
        }
        assert!(matches!(answered(413, "too large"), Err(SinkError::Together(_))));
    }
}
