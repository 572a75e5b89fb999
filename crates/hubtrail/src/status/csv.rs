//! The status as CSV (RFC 4180), safe to open in a spreadsheet: a cell that would be a formula gets a
//! leading apostrophe.

use hubtrail_core::encode::csv::cell;
use hubtrail_core::time::UtcMs;

use super::report::ConnectorStatus;

const HEADER: [&str; 28] = [
    "connector",
    "labels",
    "stream",
    "state",
    "label",
    "reason",
    "fix",
    "last_poll",
    "last_new_event",
    "newest_event",
    "freshness_ms",
    "lateness_p50_ms",
    "lateness_p99_ms",
    "events_24h",
    "total",
    "unparsed",
    "future",
    "gaps",
    "api_calls_today",
    "api_calls_of",
    "error",
    "error_fix",
    "error_at",
    "verified_at",
    "verified_missing",
    "tested_at",
    "test_passed",
    "progress_percent",
];

/// A header, then a line for each stream.
#[must_use]
pub fn csv(statuses: &[ConnectorStatus]) -> Vec<u8> {
    let mut text = format!("{}\r\n", HEADER.join(",")).into_bytes();
    for status in statuses {
        for (at, value) in cells(status).iter().enumerate() {
            if at > 0 {
                text.push(b',');
            }
            cell(value, &mut text);
        }
        text.extend_from_slice(b"\r\n");
    }
    text
}

fn cells(status: &ConnectorStatus) -> [String; HEADER.len()] {
    let error = status.errors.first();
    let (lateness, calls) = (status.lateness.as_ref(), status.api_calls.as_ref());
    let events: i64 = status.events_by_hour.iter().map(|hour| hour.events).sum();
    [
        status.connector.clone(),
        status.labels.join(" "),
        status.stream.to_owned(),
        status.state.to_string(),
        status.label.clone(),
        status.reason.clone(),
        status.fix.clone().unwrap_or_default(),
        time(status.last_poll),
        time(status.last_new_event.as_ref().map(|event| event.at)),
        time(status.newest_event),
        number(status.freshness_ms),
        number(lateness.and_then(|lateness| lateness.p50_ms)),
        number(lateness.and_then(|lateness| lateness.p99_ms)),
        events.to_string(),
        status.total.to_string(),
        status.unparsed.to_string(),
        status.future.to_string(),
        status.open_gaps.to_string(),
        number(calls.map(|calls| calls.today)),
        number(calls.and_then(|calls| calls.of)),
        error.map(|error| error.message.clone()).unwrap_or_default(),
        error.map(|error| error.fix.clone()).unwrap_or_default(),
        time(error.map(|error| error.at)),
        time(status.last_verify.as_ref().map(|verified| verified.at)),
        number(status.last_verify.as_ref().map(|verified| verified.missing)),
        time(status.last_test.as_ref().map(|test| test.at)),
        number(status.last_test.as_ref().map(|test| test.passed)),
        number(status.progress.as_ref().and_then(|progress| progress.percent)),
    ]
}

fn time(at: Option<UtcMs>) -> String {
    number(at)
}

fn number(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
