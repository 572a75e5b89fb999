//! What goes wrong with collecting and forwarding, as items. They follow from the status, and so does their end.

use hubtrail_core::finding::Severity;
use hubtrail_core::time::UtcMs;

use super::story::{Item, Thread};
use crate::connector::ConnectorId;
use crate::forward::{SinkState, SinkStatus};
use crate::status::{ConnectorStatus, State};

/// A sink that waits longer than this is told of; so is a collection that is delayed.
const PATIENCE_MS: i64 = 15 * 60_000;
/// Of our share of an account's calls.
const RUNNING_OUT_PERCENT: u64 = 90;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// None: of no account in particular.
    pub(crate) connector: Option<ConnectorId>,
    pub(crate) thread: Thread,
    pub(crate) about: String,
    pub(crate) item: Item,
}

pub(crate) fn troubles(accounts: &[ConnectorStatus], sinks: &[SinkStatus], now: UtcMs) -> Vec<Trouble> {
    let mut found: Vec<Trouble> = accounts.iter().flat_map(|status| of_account(status, now)).collect();
    found.extend(sinks.iter().flat_map(|status| of_sink(status, now)));
    found
}

fn of_account(status: &ConnectorStatus, now: UtcMs) -> Vec<Trouble> {
    let connector = ConnectorId(status.connector_id);
    let path = format!("connectors/{}", status.connector);
    let trouble = |key: &str, severity, title: &str, text: &str, fix: &str| Trouble {
        connector: Some(connector),
        thread: Thread::Collection(connector),
        about: status.connector.clone(),
        item: item(key, severity, (title, text, fix), &path, now),
    };
    let fix = status.fix.as_deref().unwrap_or_default();
    let mut found = Vec::new();
    let stands_since = status.errors.iter().map(|error| error.since).min();
    match status.state {
        State::ActionNeeded => {
            found.push(trouble(
                "action_needed",
                Severity::High,
                "Collection needs somebody",
                &status.reason,
                fix,
            ));
        }
        State::Delayed if stands_since.is_some_and(|since| now.since(since) > PATIENCE_MS) => {
            found.push(trouble("delayed", Severity::Medium, "Collection is delayed", &status.reason, fix));
        }
        _ => {}
    }
    if status.open_gaps > 0 {
        let text = status.gaps.first().map_or_else(String::new, |gap| {
            format!("not everything from {} to {} could be read: {}", gap.from, gap.to, gap.reason)
        });
        found.push(trouble(
            "gap",
            Severity::Medium,
            "There is a gap in the log",
            &text,
            "it is read again by itself",
        ));
    }
    if let Some(silence) = &status.unusual_silence {
        let to_do = "look whether HubSpot still records this account's changes";
        found.push(trouble(
            "silence",
            Severity::Medium,
            "The account is unusually silent",
            &silence.to_string(),
            to_do,
        ));
    }
    if let Some(calls) = &status.api_calls
        && calls.of.is_some_and(|of| calls.today * 100 >= of * RUNNING_OUT_PERCENT)
    {
        let text = format!("{} of {} calls of today are used", calls.today, calls.of.unwrap_or_default());
        let to_do = "collection slows down until tomorrow; give it a larger share with --rate-limit";
        found.push(trouble("allowance", Severity::Low, "The day's API calls are running out", &text, to_do));
    }
    found
}

fn of_sink(status: &SinkStatus, now: UtcMs) -> Vec<Trouble> {
    let trouble = |key: &str, severity, title: &str| {
        let reason = status.reason.as_deref().unwrap_or("entries wait to be delivered");
        let fix = status.fix.as_deref().unwrap_or("see `hubtrail sink show`");
        Trouble {
            connector: None,
            thread: Thread::Forwarding(status.id),
            about: format!("sink {}", status.name),
            item: item(key, severity, (title, reason, fix), "sinks", now),
        }
    };
    let waits = status.oldest_undelivered_ms.is_some_and(|ms| ms > PATIENCE_MS);
    match status.state {
        SinkState::ActionNeeded => vec![trouble("stopped", Severity::High, "Forwarding needs somebody")],
        SinkState::Refusing => {
            vec![trouble("refused", Severity::High, "The receiver refuses what it is sent")]
        }
        SinkState::Retrying | SinkState::Behind if waits => {
            vec![trouble("lagging", Severity::Medium, "Forwarding lags behind")]
        }
        _ => Vec::new(),
    }
}

fn item(
    key: &str,
    severity: Severity,
    (title, text, fix): (&str, &str, &str),
    path: &str,
    at: UtcMs,
) -> Item {
    Item {
        key: key.to_owned(),
        severity,
        title: title.to_owned(),
        text: text.to_owned(),
        fix: fix.to_owned(),
        at,
        path: path.to_owned(),
        over: None,
    }
}
