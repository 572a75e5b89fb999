//! Every state of a collection that runs is caused, and left again without a restart.

use std::time::Duration;

use hubspot_audit_api::emulator::behaviour::Behaviour;
use hubspot_audit_api::emulator::faults::Fault;
use hubtrail::status::{self, ConnectorStatus, State};
use hubtrail_core::time::UtcMs;
use jiff::tz::{Offset, TimeZone};

use crate::lab::{Lab, record};

const DAY_MS: i64 = 86_400_000;
/// A minute takes a second: what is retried every minute is seen to recover.
const SPEED: u32 = 60;
const PATIENCE: Duration = Duration::from_secs(120);

fn now(lab: &Lab, at: UtcMs) -> ConnectorStatus {
    let connector = lab.store.connector("acme").unwrap();
    status::of(&lab.store, &connector, at).unwrap().remove(0)
}

/// Looks until the connector is in this state.
async fn until(lab: &Lab, state: State) -> ConnectorStatus {
    let looking = async {
        loop {
            let status = now(lab, lab.clock.now());
            if status.state == state {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    };
    let seen = tokio::time::timeout(PATIENCE, looking).await;
    seen.unwrap_or_else(|_| panic!("never {state}, but {:?}", now(lab, lab.clock.now())))
}

fn pause(lab: &Lab, paused: bool) {
    let mut connector = lab.store.connector("acme").unwrap();
    connector.settings.paused = paused;
    lab.store.update_connector(&connector).unwrap();
}

/// What a person does, and what HubSpot does, in the order in which it may happen to anybody.
async fn story(lab: &Lab) {
    let backfilling = until(lab, State::Backfilling).await;
    assert!(backfilling.label.starts_with("Backfilling"), "{}", backfilling.label);
    let active = until(lab, State::Active).await;
    assert_eq!((active.total, active.errors.len(), active.fix.as_deref()), (2_000, 0, None));
    assert_eq!(active.reason, "everything that HubSpot showed is in the log");
    for (fault, state, code, label) in [
        (Fault::Unavailable, State::Delayed, "hubspot-unavailable", "Delayed"),
        (Fault::Truncated, State::Delayed, "json-cut-off", "Delayed"),
        (Fault::Unauthenticated, State::ActionNeeded, "token-unknown", "Action needed: the token"),
        (Fault::MissingScope, State::ActionNeeded, "scope-missing", "Action needed: the token's permissions"),
        (Fault::WrongPlan, State::ActionNeeded, "plan", "Action needed: the account's plan"),
    ] {
        lab.emulator.faults().extend([fault; 10_000]);
        let status = until(lab, state).await;
        assert_eq!((status.label.as_str(), status.errors[0].code.as_str()), (label, code));
        assert!(status.fix.is_some_and(|fix| !fix.is_empty()), "{code}");
        lab.emulator.faults().clear();
        until(lab, State::Active).await;
    }
    lab.emulator.faults().push(Fault::DailyLimit);
    let waiting = until(lab, State::Waiting).await;
    assert!(waiting.label.starts_with("Waiting for HubSpot's limit until "), "{}", waiting.label);
    until(lab, State::Active).await;
    pause(lab, true);
    until(lab, State::Paused).await;
    pause(lab, false);
    until(lab, State::Active).await;
}

/// A zone in which it is a few minutes before midnight.
fn late_evening(now: UtcMs) -> TimeZone {
    let before_midnight_s = 180;
    let passed_s = i32::try_from(now.0.rem_euclid(DAY_MS) / 1_000).unwrap();
    let mut offset_s = 86_400 - before_midnight_s - passed_s;
    if offset_s > 43_200 {
        offset_s -= 86_400;
    }
    TimeZone::fixed(Offset::from_seconds(offset_s).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_state_is_reached_and_left_while_the_collection_runs() {
    let lab = Lab::at_speed(SPEED, Behaviour::default(), 10, vec![]).await;
    let from = lab.clock.now().0 - DAY_MS;
    lab.emulator.push((0..2_000).map(|n| record(from + n * 1_000, 1, 1, 1)).collect());
    assert_eq!(now(&lab, lab.clock.now()).state, State::Inactive, "nobody has begun");
    let collector = lab.collector();
    let stop = async {
        let story = story(&lab);
        let evening = async {
            // A day's limit must end while somebody looks, whenever the test gets there.
            loop {
                collector.set_zone(late_evening(lab.clock.now()));
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        tokio::select! { () = story => {}, () = evening => {} }
    };
    Box::pin(collector.follow(stop)).await.unwrap();
    let stopped = lab.clock.now();
    let delayed = now(&lab, stopped.plus(5 * 60_000));
    assert_eq!(delayed.state, State::Delayed, "{delayed:?}");
    let inactive = now(&lab, stopped.plus(20 * 60_000));
    assert_eq!((inactive.state, inactive.label.as_str()), (State::Inactive, "Inactive"));
    assert!(inactive.reason.starts_with("nobody has collected it for "), "{}", inactive.reason);
    let stop = async { drop(until(&lab, State::Active).await) };
    Box::pin(lab.collector().follow(stop)).await.unwrap();
    lab.store.remove_connector("acme", false).unwrap();
    assert!(status::all(&lab.store, stopped, None).unwrap().is_empty());
    let removed = status::all(&lab.store, stopped, Some(&[lab.connector.id])).unwrap();
    assert_eq!((removed[0].state, removed[0].total), (State::Inactive, 2_000));
}

#[test]
fn every_state_is_documented() {
    let page = include_str!("../../../../docs/status.md");
    for state in State::ALL {
        assert!(page.contains(&format!("| `{state}` |")), "{state} is not in docs/status.md");
    }
}
