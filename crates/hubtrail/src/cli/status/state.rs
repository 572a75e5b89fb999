//! The state of a stream in a word and a sentence, from nothing but what the log knows.
//!
//! It never claims more than that: whether a process is at work is only told by when HubSpot last answered.

use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::time::{UtcMs, spoken};
use serde::Serialize;

use crate::connector::Connector;
use crate::store::StreamFacts;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// HubSpot answers, and what it has is in the log.
    Current,
    /// HubSpot answers, and there is history to come.
    CatchingUp,
    /// Something stands in the way.
    Failing,
    /// Nothing was heard of HubSpot for too long; nobody seems to collect.
    Silent,
    Paused,
    NotStarted,
}

impl State {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::CatchingUp => "catching up",
            Self::Failing => "failing",
            Self::Silent => "silent",
            Self::Paused => "paused",
            Self::NotStarted => "not started",
        }
    }
}

/// So many polls may be missed before silence means something: HubSpot may have had us wait.
const MISSED_POLLS: i64 = 6;
const PATIENCE_MS: i64 = 60_000;

pub(super) fn judge(connector: &Connector, facts: Option<&StreamFacts>, now: UtcMs) -> (State, String) {
    let name = connector.name();
    if connector.settings.paused {
        return (State::Paused, format!("a person paused it; `hubtrail connector resume {name}` goes on"));
    }
    let Some(facts) = facts else {
        return (State::NotStarted, format!("nothing was collected yet; `hubtrail collect {name}` begins"));
    };
    if let Some(failure) = &facts.failure {
        return (State::Failing, format!("{} ({} ago)", failure.message, spoken(now.since(failure.at))));
    }
    let Some(answered) = facts.appended_at else {
        return (
            State::NotStarted,
            format!("HubSpot has not answered yet; `hubtrail collect {name}` begins"),
        );
    };
    let silence_ms = now.since(answered);
    let patience_ms = connector.settings.poll_interval_ms.saturating_mul(MISSED_POLLS).max(PATIENCE_MS);
    if silence_ms > patience_ms {
        let left_off = facts
            .checkpoint
            .walks
            .keys()
            .next()
            .map_or_else(String::new, |kind| format!(", in the middle of a {} walk", kind.as_str()));
        let reason = format!(
            "nothing was heard of HubSpot for {}{left_off}; `hubtrail collect {name}` goes on",
            spoken(silence_ms)
        );
        return (State::Silent, reason);
    }
    let history = facts.checkpoint.walks.contains_key(&WalkKind::Backfill);
    match (facts.checkpoint.since, facts.open_gaps) {
        (Some(_), 0) if !history => {
            (State::Current, "everything that HubSpot showed is in the log".to_owned())
        }
        (Some(_), _) if !history => (
            State::Current,
            "everything that HubSpot showed is in the log, but for the gaps below".to_owned(),
        ),
        _ => (State::CatchingUp, "the history is being collected".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use hubtrail_core::checkpoint::{Checkpoint, WalkPoint};
    use hubtrail_core::identity::AccountKey;
    use hubtrail_core::stream::Stream;

    use super::*;
    use crate::connector::{ConnectorId, Settings};
    use crate::secret::Sealed;
    use crate::store::Failure;

    const NOW: UtcMs = UtcMs(1_710_081_138_123);

    fn connector(paused: bool) -> Connector {
        Connector {
            id: ConnectorId(1),
            account: AccountKey("acme".to_owned()),
            settings: Settings { paused, ..Settings::new("acme", "http://127.0.0.1:1").unwrap() },
            sealed_token: Sealed(Vec::new()),
            sealed_oauth: None,
            declared: false,
            revision: 1,
            created_at: NOW,
            portal_id: None,
            time_zone: None,
            removed: false,
        }
    }

    fn facts(appended_ago_ms: i64, since: Option<UtcMs>) -> StreamFacts {
        StreamFacts {
            connector: ConnectorId(1),
            stream: Stream::Content,
            entries: 5,
            unparsed: 0,
            future: 0,
            oldest: Some(UtcMs(1)),
            newest: Some(UtcMs(2)),
            appended_at: Some(NOW.minus(appended_ago_ms)),
            checkpoint: Checkpoint { since, ..Checkpoint::default() },
            open_gaps: 0,
            failure: None,
            verified: None,
        }
    }

    #[test]
    fn what_stands_in_the_way_is_said_before_what_is_well() {
        let failure =
            Failure { kind: String::new(), message: "no token".to_owned(), fix: String::new(), at: NOW };
        let failing = StreamFacts { failure: Some(failure), ..facts(0, Some(NOW)) };
        let mut in_its_history = facts(59_000, Some(NOW));
        in_its_history.checkpoint.walks.insert(WalkKind::Backfill, WalkPoint::new(None, Some(NOW), NOW));
        for (paused, facts, state) in [
            (true, Some(failing.clone()), State::Paused),
            (false, Some(failing), State::Failing),
            (false, None, State::NotStarted),
            (false, Some(StreamFacts { appended_at: None, ..facts(0, None) }), State::NotStarted),
            (false, Some(facts(59_000, Some(NOW))), State::Current),
            (false, Some(facts(59_000, None)), State::CatchingUp),
            (false, Some(in_its_history), State::CatchingUp),
            (false, Some(facts(61_000, Some(NOW))), State::Silent),
        ] {
            assert_eq!(judge(&connector(paused), facts.as_ref(), NOW).0, state);
        }
    }

    #[test]
    fn an_interrupted_walk_is_named() {
        let mut silent = facts(7_200_000, None);
        silent.checkpoint.walks.insert(WalkKind::Backfill, WalkPoint::new(None, None, NOW));
        assert_eq!(
            judge(&connector(false), Some(&silent), NOW).1,
            "nothing was heard of HubSpot for 2 h, in the middle of a backfill walk; `hubtrail collect acme` goes on"
        );
    }
}
