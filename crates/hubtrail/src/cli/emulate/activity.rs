//! Life in an emulated account: its people, an intruder, and what happens while it is watched.

use std::sync::Arc;

use hubspot_audit_api::directory;
use hubspot_audit_api::emulator::clock::Clock;
use hubspot_audit_api::emulator::portal::Portal;
use hubspot_audit_api::emulator::scenario::{Attack, Person, Role, Scenario};
use hubspot_audit_api::record::Record;
use hubtrail_core::time::UtcMs;

/// Lets records, ascending by time, happen when their time has come by the account's clock.
pub(in crate::cli) async fn enliven(
    portal: Arc<Portal>,
    clock: Arc<Clock>,
    coming: impl Iterator<Item = Record> + Send,
) {
    let mut coming = coming.peekable();
    while let Some(next) = coming.peek() {
        clock.reach(next.timestamp_ms).await;
        let now_ms = clock.now_ms();
        let due = std::iter::from_fn(|| coming.next_if(|record| record.timestamp_ms <= now_ms));
        portal.push(due.collect());
    }
}

/// The records of an attack that begins at `start`.
pub(in crate::cli) fn attack(scenario: &Scenario, attack: Attack, start: UtcMs) -> Vec<Record> {
    intruder(scenario, start).map_or_else(Vec::new, |by| scenario.attack(attack, by, start.0))
}

/// Whose account the intruder took over: somebody who may do everything.
fn intruder(scenario: &Scenario, at: UtcMs) -> Option<&Person> {
    let mut members = scenario.people().iter().filter(|person| person.is_member(at.0));
    let operator = members.clone().find(|person| person.role == Role::WebOps);
    operator.or_else(|| members.next())
}

/// The scenario's people as HubSpot's users and owners show them.
pub(in crate::cli) fn people(scenario: &Scenario, now: UtcMs) -> Vec<directory::Person> {
    let began_ms = scenario.records.first().map_or(now.0, |record| record.timestamp_ms);
    let shown = |person: &Person| directory::Person {
        user_id: person.id.clone(),
        owner_id: person.owner_id.clone(),
        first_name: person.first.clone(),
        last_name: person.last.clone(),
        email: person.email.clone(),
        super_admin: person.super_admin,
        archived: person.left.is_some_and(|left| left <= now.0),
        created_ms: person.joined.unwrap_or(began_ms),
    };
    scenario.people().iter().map(shown).collect()
}
