use std::collections::BTreeMap;

use hubtrail_core::checkpoint::{Checkpoint, WalkPoint};
use hubtrail_core::identity::AccountKey;
use hubtrail_core::stream::Stream;

use super::*;
use crate::connector::{ConnectorId, Settings};
use crate::secret::Sealed;

/// 2024-03-10T14:32:18.123Z
const NOW: UtcMs = UtcMs(1_710_081_138_123);
const MINUTE_MS: i64 = 60_000;

fn connector() -> Connector {
    Connector {
        id: ConnectorId(1),
        account: AccountKey("acme".to_owned()),
        settings: Settings::new("acme", "http://127.0.0.1:1").unwrap(),
        sealed_token: Sealed(Vec::new()),
        sealed_oauth: None,
        created_at: NOW,
        portal_id: None,
        time_zone: None,
        removed: false,
        declared: false,
        revision: 1,
    }
}

fn polled(ago_ms: i64) -> StreamFacts {
    StreamFacts {
        connector: ConnectorId(1),
        stream: Stream::Content,
        entries: 5,
        unparsed: 0,
        future: 0,
        oldest: Some(UtcMs(1)),
        newest: Some(UtcMs(2)),
        appended_at: Some(NOW.minus(ago_ms)),
        polled_at: Some(NOW.minus(ago_ms)),
        brought: None,
        checkpoint: Checkpoint { since: Some(NOW), ..Checkpoint::default() },
        open_gaps: 0,
        failures: Vec::new(),
        verified: None,
    }
}

fn failure(walk: WalkKind, kind: &str) -> Failure {
    Failure {
        walk,
        kind: kind.to_owned(),
        code: kind.to_owned(),
        message: format!("{kind} happened"),
        fix: format!("mend {kind}"),
        began: NOW.minus(10_000),
        at: NOW.minus(10_000),
        until: None,
    }
}

fn failing(failures: &[Failure]) -> StreamFacts {
    StreamFacts { failures: failures.to_vec(), ..polled(20_000) }
}

fn tested(passed: bool, kind: &str, ago_ms: i64) -> LastTest {
    LastTest {
        at: NOW.minus(ago_ms),
        passed,
        message: format!("test: {kind}"),
        kind: Some(kind.to_owned()),
        code: None,
        fix: Some(format!("mend {kind}")),
    }
}

struct Case {
    what: &'static str,
    connector: Connector,
    facts: Option<StreamFacts>,
    test: Option<LastTest>,
    progress: Option<Progress>,
    label: &'static str,
    state: State,
}

fn case(what: &'static str, state: State, label: &'static str, facts: Option<StreamFacts>) -> Case {
    Case { what, connector: connector(), facts, test: None, progress: None, label, state }
}

impl Case {
    fn test(self, test: LastTest) -> Self {
        Self { test: Some(test), ..self }
    }

    fn judged(&self) -> Judged {
        judge(&Situation {
            connector: &self.connector,
            facts: self.facts.as_ref(),
            test: self.test.as_ref(),
            progress: self.progress.as_ref(),
            zone: &TimeZone::get("America/New_York").unwrap(),
            now: NOW,
        })
    }
}

fn progress(percent: Option<u8>) -> Progress {
    Progress { percent, from: None, to: NOW, at: None, events_per_s: None, eta_ms: None }
}

fn limit(code: &str, walk: WalkKind, in_ms: i64) -> Failure {
    Failure { code: code.to_owned(), until: Some(NOW.plus(in_ms)), ..failure(walk, "limit") }
}

fn well_and_unwell() -> Vec<Case> {
    use State::{Active, Backfilling, Delayed, Inactive, Paused};
    let paused = Settings { paused: true, ..connector().settings };
    let with_gaps = StreamFacts { open_gaps: 2, ..polled(1_000) };
    let lasting = |walk| Failure { began: NOW.minus(10 * MINUTE_MS), ..failure(walk, "unavailable") };
    vec![
        case("all is well", Active, "Active", Some(polled(59_000))),
        case("gaps are said, and are no state", Active, "Active", Some(with_gaps)),
        Case {
            progress: Some(progress(Some(43))),
            ..case("history to come", Backfilling, "Backfilling 43 %", Some(polled(1_000)))
        },
        Case {
            progress: Some(progress(None)),
            ..case("its beginning is not known yet", Backfilling, "Backfilling", Some(polled(1_000)))
        },
        case("nothing heard for a while", Delayed, "Delayed", Some(polled(61_000))),
        case("nobody is there", Inactive, "Inactive", Some(polled(16 * MINUTE_MS))),
        case("never started", Inactive, "Inactive", None),
        Case {
            connector: Connector { removed: true, ..connector() },
            ..case("removed", Inactive, "Inactive", Some(polled(0)))
        },
        Case {
            connector: Connector { settings: paused, ..connector() },
            ..case(
                "paused, whatever stands in the way",
                Paused,
                "Paused",
                Some(failing(&[failure(WalkKind::Tail, "plan")])),
            )
        },
        case("hubspot fails", Delayed, "Delayed", Some(failing(&[failure(WalkKind::Tail, "unavailable")]))),
        case(
            "a hiccup of a sweep",
            Active,
            "Active",
            Some(failing(&[failure(WalkKind::Deep, "unavailable")])),
        ),
        case("a sweep fails for long", Delayed, "Delayed", Some(failing(&[lasting(WalkKind::Deep)]))),
        case(
            "failing is a sign of life for longer",
            Delayed,
            "Delayed",
            Some(StreamFacts {
                polled_at: None,
                ..failing(&[Failure { at: NOW.minus(4 * MINUTE_MS), ..lasting(WalkKind::Tail) }])
            }),
        ),
        case(
            "a failure that nobody repeats",
            Inactive,
            "Inactive",
            Some(StreamFacts {
                polled_at: None,
                ..failing(&[Failure { at: NOW.minus(20 * MINUTE_MS), ..lasting(WalkKind::Tail) }])
            }),
        ),
    ]
}

fn waiting() -> Vec<Case> {
    use State::{Active, Backfilling, Waiting};
    vec![
        case(
            "in the account's zone",
            Waiting,
            "Waiting for HubSpot's limit until 14:05",
            Some(failing(&[limit("daily-limit", WalkKind::Tail, 3 * 3_600_000 + 33 * MINUTE_MS)])),
        ),
        case(
            "another day",
            Waiting,
            "Waiting for HubSpot's limit until 2024-03-11 00:00",
            Some(failing(&[limit("daily-limit", WalkKind::Tail, 48_462_000)])),
        ),
        case(
            "the share is ours",
            Waiting,
            "Waiting for our share of HubSpot's limit until 10:42",
            Some(failing(&[limit("own-share", WalkKind::Tail, 10 * MINUTE_MS)])),
        ),
        case(
            "from the first call on, whatever a test says",
            Waiting,
            "Waiting for HubSpot's limit until 10:42",
            Some(StreamFacts {
                polled_at: None,
                ..failing(&[limit("daily-limit", WalkKind::Tail, 10 * MINUTE_MS)])
            }),
        )
        .test(tested(false, "limit", 1_000)),
        Case {
            progress: Some(progress(Some(7))),
            ..case(
                "only the history waits",
                Backfilling,
                "Backfilling 7 %",
                Some(failing(&[limit("own-share", WalkKind::Backfill, MINUTE_MS)])),
            )
        },
        case(
            "a sweep waits",
            Active,
            "Active",
            Some(failing(&[limit("own-share", WalkKind::Deep, MINUTE_MS)])),
        ),
    ]
}

fn needing() -> Vec<Case> {
    use State::{ActionNeeded, Active, Delayed, Inactive};
    let tail = |kind| Some(failing(&[failure(WalkKind::Tail, kind)]));
    vec![
        case("the token", ActionNeeded, "Action needed: the token", tail("credentials")),
        case(
            "any walk shows it",
            ActionNeeded,
            "Action needed: the token",
            Some(failing(&[failure(WalkKind::Deep, "credentials")])),
        ),
        case("the scope", ActionNeeded, "Action needed: the token's permissions", tail("scope")),
        case("the plan", ActionNeeded, "Action needed: the account's plan", tail("plan")),
        case("the version", ActionNeeded, "Action needed: the API version", tail("version_gone")),
        case("a test shows that it is mended", Active, "Active", tail("credentials"))
            .test(tested(true, "", 1_000)),
        case("an older test shows nothing", ActionNeeded, "Action needed: the token", tail("credentials"))
            .test(tested(true, "", 60_000)),
        case("before the first poll", ActionNeeded, "Action needed: the token", None).test(tested(
            false,
            "credentials",
            1_000,
        )),
        case("before the first poll, unreachable", Delayed, "Delayed", None).test(tested(
            false,
            "unreachable",
            1_000,
        )),
        case("before the first poll, all well", Inactive, "Inactive", None).test(tested(true, "", 1_000)),
        case("HubSpot answered since", Active, "Active", Some(polled(1_000))).test(tested(
            false,
            "credentials",
            5_000,
        )),
        case("a test knows first", ActionNeeded, "Action needed: the token", Some(polled(9_000)))
            .test(tested(false, "other_account", 5_000)),
        case("a poll will tell", Active, "Active", Some(polled(9_000))).test(tested(
            false,
            "unreachable",
            5_000,
        )),
    ]
}

#[test]
fn each_state_follows_from_its_facts() {
    let mut reached = BTreeMap::new();
    for case in [well_and_unwell(), waiting(), needing()].into_iter().flatten() {
        let judged = case.judged();
        assert_eq!(
            (judged.state, judged.label.as_str()),
            (case.state, case.label),
            "{}: {}",
            case.what,
            judged.reason
        );
        assert!(!judged.reason.is_empty(), "{}", case.what);
        let needs_fix =
            !matches!(judged.state, State::Active | State::Backfilling) && !case.connector.removed;
        assert!(!needs_fix || judged.fix.is_some_and(|fix| !fix.is_empty()), "{}: what to do?", case.what);
        *reached.entry(judged.state).or_insert(0) += 1;
    }
    assert_eq!(reached.len(), State::ALL.len(), "{reached:?}");
}

#[test]
fn a_reason_names_what_is_unfinished_and_for_how_long() {
    let mut facts = polled(7_200_000);
    facts.checkpoint.walks.insert(WalkKind::Backfill, WalkPoint::new(None, None, NOW));
    let judged = case("", State::Inactive, "", Some(facts)).judged();
    assert_eq!(judged.reason, "nobody has collected it for 2 h, and a backfill walk is unfinished");
    let failing =
        case("", State::Delayed, "", Some(failing(&[failure(WalkKind::Tail, "unreachable")]))).judged();
    assert_eq!(failing.reason, "unreachable happened (for 10 s)");
    assert_eq!(failing.fix.as_deref(), Some("mend unreachable"));
}
