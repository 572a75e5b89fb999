//! Slows down whoever tries passwords, by name and by address. In memory and bounded; nobody is locked
//! out for long, or an attacker could keep a person out by guessing.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use hubtrail_core::time::UtcMs;

use super::Origin;
use crate::access::{Digest, digest};
use crate::http::Problem;

/// Failures that cost nothing: people mistype.
const FREE_OF_NAME: u32 = 5;
/// More people than one may be behind an address.
const FREE_OF_ADDRESS: u32 = 20;
const FIRST_WAIT_MS: i64 = 1_000;
const LONGEST_WAIT_MS: i64 = 300_000;
/// After so long without a failure nothing is held against anybody.
const FORGOTTEN_AFTER_MS: i64 = 3_600_000;
const MOST_REMEMBERED: usize = 10_000;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    /// By digest: a password that was typed as a name must not stay around.
    Name(Digest),
    Address(IpAddr),
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: UtcMs,
}

#[derive(Default)]
pub(super) struct Throttle(Mutex<HashMap<Key, Failures>>);

/// Counted as a failure from the start, so that many at once are not free.
#[must_use]
pub(super) struct Attempt<'a> {
    throttle: &'a Throttle,
    name: Key,
    address: Option<Key>,
}

impl Throttle {
    /// Refuses whoever has failed too often to try again already.
    pub(super) fn attempt(&self, name: &str, origin: Origin, now: UtcMs) -> Result<Attempt<'_>, Problem> {
        let name = Key::Name(digest(&name.trim().to_lowercase()));
        let address = origin.0.map(|address| Key::Address(network(address)));
        let keys = || [Some((name, FREE_OF_NAME)), address.map(|key| (key, FREE_OF_ADDRESS))];
        let mut all = self.lock();
        let wait_ms = keys().into_iter().flatten().map(|(key, free)| wait_ms(all.get(&key), free, now)).max();
        if let Some(wait_ms) = wait_ms.filter(|wait_ms| *wait_ms > 0) {
            return Err(Problem::too_many_attempts(wait_ms));
        }
        make_room(&mut all, now);
        for (key, _) in keys().into_iter().flatten() {
            let failures = all.entry(key).or_insert(Failures { count: 0, last: now });
            if now.since(failures.last) > FORGOTTEN_AFTER_MS {
                failures.count = 0;
            }
            *failures = Failures { count: failures.count.saturating_add(1), last: now };
        }
        Ok(Attempt { throttle: self, name, address })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Failures>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt<'_> {
    /// It was the right password. Of the address only this attempt is forgiven: else somebody with an
    /// account could go on guessing others' for ever.
    pub(super) fn forgive(self) {
        let mut all = self.throttle.lock();
        all.remove(&self.name);
        if let Some(failures) = self.address.and_then(|key| all.get_mut(&key)) {
            failures.count = failures.count.saturating_sub(1);
        }
    }
}

fn wait_ms(failures: Option<&Failures>, free: u32, now: UtcMs) -> i64 {
    let Some(failures) = failures else { return 0 };
    let Some(over) = failures.count.checked_sub(free) else { return 0 };
    let wait = FIRST_WAIT_MS.saturating_mul(1 << over.min(20)).min(LONGEST_WAIT_MS);
    failures.last.plus(wait).since(now).clamp(0, LONGEST_WAIT_MS)
}

/// An IPv6 client has a whole network to itself.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Forgets what is old, and then whoever failed least: a flood of names must not wash out one that is attacked.
fn make_room(all: &mut HashMap<Key, Failures>, now: UtcMs) {
    if all.len() < MOST_REMEMBERED {
        return;
    }
    all.retain(|_, failures| now.since(failures.last) <= FORGOTTEN_AFTER_MS);
    if all.len() >= MOST_REMEMBERED {
        let mut kept: Vec<_> = all.drain().collect();
        kept.sort_by_key(|(_, failures)| std::cmp::Reverse((failures.count, failures.last)));
        kept.truncate(MOST_REMEMBERED / 2);
        all.extend(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UtcMs = UtcMs(1_710_081_138_123);

    fn from(address: &str) -> Origin {
        Origin(Some(address.parse().unwrap()))
    }

    fn retry_after(throttle: &Throttle, name: &str, origin: Origin, now: UtcMs) -> Option<u32> {
        throttle
            .attempt(name, origin, now)
            .err()
            .and_then(|problem| problem.retry_after_seconds)
            .map(Into::into)
    }

    #[test]
    fn after_some_failures_each_costs_twice_as_long_and_success_forgives_the_name() {
        let throttle = Throttle::default();
        let origin = from("192.0.2.7");
        for _ in 0..5 {
            assert_eq!(retry_after(&throttle, "Maria", origin, NOW), None);
        }
        assert_eq!(retry_after(&throttle, "maria ", origin, NOW), Some(1), "case and blanks do not matter");
        assert_eq!(retry_after(&throttle, "maria", from("192.0.2.8"), NOW), Some(1), "nor does the address");
        assert_eq!(retry_after(&throttle, "jon", origin, NOW), None, "others are not held up");
        let later = NOW.plus(1_000);
        assert_eq!(retry_after(&throttle, "maria", origin, later), None);
        assert_eq!(retry_after(&throttle, "maria", origin, later), Some(2));
        throttle.attempt("maria", origin, later.plus(2_000)).ok().unwrap().forgive();
        assert_eq!(retry_after(&throttle, "maria", origin, later.plus(2_000)), None);
    }

    #[test]
    fn an_address_that_tries_many_names_is_held_up_and_nobody_for_longer_than_minutes() {
        let throttle = Throttle::default();
        let mut now = NOW;
        let mut waits = Vec::new();
        for attempt in 0..60 {
            let name = format!("user {attempt}");
            if let Some(seconds) = retry_after(&throttle, &name, from("2001:db8::1"), now) {
                waits.push(seconds);
                now = now.plus(i64::from(seconds) * 1_000);
            }
        }
        assert_eq!(waits[..4], [1, 2, 4, 8]);
        assert_eq!(waits.iter().max(), Some(&300));
        now = now.plus(LONGEST_WAIT_MS);
        assert_eq!(retry_after(&throttle, "jon", from("2001:db8::2"), now), None, "it has waited");
        assert_eq!(retry_after(&throttle, "eva", from("2001:db8::3"), now), Some(300), "the same network");
        assert_eq!(retry_after(&throttle, "eva", from("2001:db8:0:1::3"), now), None, "another network");
        let later = now.plus(FORGOTTEN_AFTER_MS + 1);
        for name in ["tom", "kim"] {
            assert_eq!(retry_after(&throttle, name, from("2001:db8::3"), later), None, "forgotten");
        }
    }

    #[test]
    fn a_flood_of_names_is_not_remembered_for_ever_and_washes_nobody_out() {
        let throttle = Throttle::default();
        for _ in 0..6 {
            let _ = throttle.attempt("maria", Origin(None), NOW);
        }
        for flood in 0..MOST_REMEMBERED + 10 {
            let _ = throttle.attempt(&flood.to_string(), Origin(None), NOW);
        }
        assert!(throttle.lock().len() <= MOST_REMEMBERED);
        assert_eq!(retry_after(&throttle, "maria", Origin(None), NOW), Some(1));
    }
}
