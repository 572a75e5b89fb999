//! What a fault does to a good answer: to its bytes, to the page in it, or to the connection that
//! carries it. An answer that is an error already is left as it is.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Fault;
use crate::emulator::line::{self, Line};
use crate::emulator::portal::Portal;

/// Long enough for what was written before to leave the machine.
const BEFORE_THE_CUT: Duration = Duration::from_millis(5);
const DRIPS: usize = 20;

pub(in crate::emulator) async fn disturb(
    fault: Fault,
    response: Response,
    portal: &Arc<Portal>,
    line: Line,
) -> Response {
    if response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.remove(header::CONTENT_LENGTH);
    let length = body.len();
    let body = match fault {
        Fault::ResetBeforeBody => {
            parts.headers.insert(header::CONTENT_LENGTH, length.into());
            cut_after(Bytes::new(), line)
        }
        Fault::ResetInBody => {
            parts.headers.insert(header::CONTENT_LENGTH, length.into());
            cut_after(body.slice(..length / 2), line)
        }
        Fault::Drip => {
            parts.headers.insert(header::CONTENT_LENGTH, length.into());
            dripping(body, portal)
        }
        Fault::Redirect => {
            parts.status = StatusCode::FOUND;
            let to = format!("{}/cms/v3/audit-logs/", portal.config.faults.redirect_to);
            if let Ok(to) = HeaderValue::try_from(to) {
                parts.headers.insert(header::LOCATION, to);
            }
            Body::empty()
        }
        _ => Body::from(altered(fault, body)),
    };
    (parts, body).into_response()
}

/// Sends what there is, and then a reset.
fn cut_after(sent: Bytes, line: Line) -> Body {
    Body::from_stream(stream::unfold((Some(sent), line), |(sent, line)| async {
        if let Some(sent) = sent {
            return Some((Ok(sent), (None, line)));
        }
        tokio::time::sleep(BEFORE_THE_CUT).await;
        line.cut();
        Some((Err(io::Error::from(io::ErrorKind::ConnectionReset)), (None, line)))
    }))
}

fn dripping(body: Bytes, portal: &Arc<Portal>) -> Body {
    let piece = body.len().div_ceil(DRIPS).max(1);
    let state = (body, portal.config.faults.drip, portal.stop.clone());
    Body::from_stream(stream::unfold(state, move |(mut rest, pause, stop)| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = line::stopped(stop.clone()) => {}
        }
        let drop = rest.split_to(piece.min(rest.len()));
        Some((Ok::<_, Infallible>(drop), (rest, pause, stop)))
    }))
}

#[derive(Deserialize, Serialize)]
struct Answer {
    results: Vec<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paging: Option<Box<RawValue>>,
}

/// The bytes of the disturbed body; those of the good one where there is nothing to disturb.
fn altered(fault: Fault, body: Bytes) -> Bytes {
    match fault {
        Fault::Truncated => return body.slice(..body.len() / 2),
        Fault::InvalidJson => return Bytes::from_static(b"{\"results\":[{\"objectId\":}],,}"),
        Fault::ResultsObject => return Bytes::from_static(b"{\"results\":{}}"),
        Fault::BodyArray => return Bytes::from_static(b"[]"),
        Fault::BodyNull => return Bytes::from_static(b"null"),
        Fault::EmptyBody => return Bytes::new(),
        Fault::LyingEmpty => return Bytes::from_static(b"{\"results\":[]}"),
        _ => {}
    }
    let Ok(mut answer) = serde_json::from_slice::<Answer>(&body) else { return body };
    let middle = answer.results.len() / 2;
    let foreign = match fault {
        Fault::RecordNumber => Some("42"),
        Fault::RecordNull => Some("null"),
        Fault::RecordWithoutTime => Some(r#"{"objectId":"0","event":"UPDATED"}"#),
        _ => None,
    };
    if let Some(foreign) = foreign.and_then(|json| RawValue::from_string(json.to_owned()).ok()) {
        answer.results.insert(middle, foreign);
    }
    match fault {
        Fault::Hole if !answer.results.is_empty() => {
            answer.results.remove(middle);
        }
        Fault::Unordered if !answer.results.is_empty() => answer.results.rotate_right(1),
        _ => {}
    }
    serde_json::to_vec(&answer).map_or(body, Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &[u8] = br#"{"results":[{"t":1.50},{"t":2},{"t":3}],"paging":{"next":{"after":"3"}}}"#;

    fn text(fault: Fault) -> String {
        String::from_utf8(altered(fault, Bytes::from_static(PAGE)).to_vec()).unwrap()
    }

    #[test]
    fn a_disturbed_page_keeps_the_other_records_as_they_were() {
        let rest = r#"],"paging":{"next":{"after":"3"}}}"#;
        for (fault, results) in [
            (Fault::Hole, r#"{"t":1.50},{"t":3}"#),
            (Fault::Unordered, r#"{"t":3},{"t":1.50},{"t":2}"#),
            (Fault::RecordNumber, r#"{"t":1.50},42,{"t":2},{"t":3}"#),
            (Fault::RecordNull, r#"{"t":1.50},null,{"t":2},{"t":3}"#),
        ] {
            assert_eq!(text(fault), format!(r#"{{"results":[{results}{rest}"#), "{fault}");
        }
    }

    #[test]
    fn a_broken_body_is_broken_in_the_way_it_says() {
        for fault in [Fault::Truncated, Fault::InvalidJson, Fault::EmptyBody] {
            assert!(serde_json::from_str::<serde_json::Value>(&text(fault)).is_err(), "{fault}");
        }
        for fault in [Fault::ResultsObject, Fault::BodyArray, Fault::BodyNull] {
            assert!(serde_json::from_str::<serde_json::Value>(&text(fault)).is_ok(), "{fault}");
            assert!(
                serde_json::from_str::<Answer>(&text(fault)).is_err() || fault == Fault::BodyArray,
                "{fault}"
            );
        }
        assert_eq!(text(Fault::LyingEmpty), r#"{"results":[]}"#);
    }

    #[test]
    fn an_empty_page_cannot_be_disturbed_further() {
        let empty = Bytes::from_static(b"{\"results\":[]}");
        for fault in [Fault::Hole, Fault::Unordered] {
            assert_eq!(altered(fault, empty.clone()), empty);
        }
    }
}
