//! What HubSpot's headers say about limits and time, and the gate that every call passes.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hubtrail_core::allowance::{Allowance, RateHeaders, Reservation, Spent, Usage, next_midnight};
use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::time::UtcMs;
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use tokio::time::Instant;

use super::error::{ApiError, Reason};

/// HubSpot sends a moved account away for up to a day; a longer wait is a mistake.
const LONGEST_RETRY_AFTER_MS: i64 = 26 * 3_600_000;
/// The account's zone may be unknown or wrong, so a spent day is asked about before its midnight.
const DAILY_HOLD_MS: i64 = 15 * 60_000;
const BURST_HOLD_MS: i64 = 1_000;

pub(super) fn rate_headers(headers: &HeaderMap) -> RateHeaders {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse().ok();
    RateHeaders {
        max: number("x-hubspot-ratelimit-max"),
        remaining: number("x-hubspot-ratelimit-remaining"),
        interval_ms: number("x-hubspot-ratelimit-interval-milliseconds"),
        daily: number("x-hubspot-ratelimit-daily"),
        daily_remaining: number("x-hubspot-ratelimit-daily-remaining"),
    }
}

/// HubSpot's clock when it answered.
pub(super) fn hub_now(headers: &HeaderMap) -> Option<UtcMs> {
    http_date(headers.get(DATE)?.to_str().ok()?)
}

/// `Retry-After` in seconds or as a date.
pub(super) fn retry_after(headers: &HeaderMap, now: UtcMs) -> Option<UtcMs> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait_ms = match value.parse::<u32>() {
        Ok(seconds) => i64::from(seconds) * 1_000,
        Err(_) => http_date(value)?.since(hub_now(headers).unwrap_or(now)),
    };
    Some(now.plus(wait_ms.clamp(0, LONGEST_RETRY_AFTER_MS)))
}

fn http_date(value: &str) -> Option<UtcMs> {
    rfc2822::DateTimeParser::new().parse_timestamp(value).ok().map(UtcMs::from)
}

/// The time at the start of a call, carried along through the waits of the call.
#[derive(Clone, Copy)]
pub(super) struct Watch {
    began: UtcMs,
    at: Instant,
}

impl Watch {
    pub(super) fn start(now: UtcMs) -> Self {
        Self { began: now, at: Instant::now() }
    }

    pub(super) fn now(&self) -> UtcMs {
        self.began.plus(i64::try_from(self.elapsed_ms()).unwrap_or(i64::MAX))
    }

    pub(super) fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.at.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// The allowance of an account, shared by its walks.
#[derive(Debug)]
pub(super) struct Gate(Mutex<Account>);

#[derive(Debug)]
struct Account {
    allowance: Allowance,
    /// Why HubSpot wanted us to wait when it last did.
    held_for: Reason,
}

impl Gate {
    pub(super) const fn new(allowance: Allowance) -> Self {
        Self(Mutex::new(Account { allowance, held_for: Reason::Burst }))
    }

    /// Waits for our turn, or says from when on to ask again when that is far away.
    pub(super) async fn pass(&self, watch: Watch, kind: WalkKind) -> Result<(), ApiError> {
        let (reserved, held_for) = {
            let mut account = self.lock();
            (account.allowance.reserve(watch.now(), kind), account.held_for.clone())
        };
        let (until, reason) = match reserved {
            Reservation::Granted { wait_ms: 0 } => return Ok(()),
            Reservation::Granted { wait_ms } => {
                tokio::time::sleep(Duration::from_millis(wait_ms)).await;
                return Ok(());
            }
            Reservation::Exhausted { until } => (until, Reason::OwnShare),
            Reservation::Held { until } => (until, held_for),
        };
        Err(ApiError::Wait { reason, not_before: Some(until), said: None })
    }

    pub(super) fn observe(&self, now: UtcMs, headers: &RateHeaders) {
        self.lock().allowance.observe(now, headers);
    }

    /// What HubSpot refuses one walk for the account's sake, no other walk asks for meanwhile.
    pub(super) fn heed(&self, now: UtcMs, zone: &TimeZone, error: &ApiError) {
        let ApiError::Wait { reason, not_before, .. } = error else { return };
        let until = match reason {
            Reason::Daily => Some(next_midnight(now, zone).min(now.plus(DAILY_HOLD_MS))),
            Reason::Burst => not_before.or(Some(now.plus(BURST_HOLD_MS))),
            Reason::Locked | Reason::Migrating => *not_before,
            Reason::OwnShare | Reason::ServerBusy | Reason::Unreachable { .. } => None,
        };
        if let Some(until) = until {
            let mut account = self.lock();
            account.allowance.hold(until);
            account.held_for = reason.clone();
        }
    }

    pub(super) fn set_zone(&self, zone: TimeZone, now: UtcMs) {
        self.lock().allowance.set_zone(zone, now);
    }

    pub(super) fn usage(&self, now: UtcMs) -> Usage {
        self.lock().allowance.usage(now)
    }

    pub(super) fn spent(&self) -> Spent {
        self.lock().allowance.spent().clone()
    }

    /// No code that holds the lock can panic half-way through a change, so poison means nothing.
    fn lock(&self) -> MutexGuard<'_, Account> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod hostile;

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |&(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value));
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn the_limits_are_read_and_nonsense_is_as_good_as_missing() {
        let read = rate_headers(&headers(&[
            ("x-hubspot-ratelimit-max", "190"),
            ("x-hubspot-ratelimit-remaining", " 12 "),
            ("x-hubspot-ratelimit-interval-milliseconds", "ten"),
            ("x-hubspot-ratelimit-daily", "-1"),
            ("x-hubspot-ratelimit-daily-remaining", "0"),
        ]));
        let expected = RateHeaders {
            max: Some(190),
            remaining: Some(12),
            daily_remaining: Some(0),
            ..RateHeaders::default()
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_by_hubspots_clock() {
        let now = UtcMs(1_000_000);
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        for (value, wait_ms) in [
            ("30", Some(30_000)),
            ("0", Some(0)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10_000)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("999999999", Some(LONGEST_RETRY_AFTER_MS)),
            ("soon", None),
        ] {
            let read = retry_after(&headers(&[date, ("retry-after", value)]), now);
            assert_eq!(read.map(|at| at.since(now)), wait_ms, "{value}");
        }
        assert_eq!(hub_now(&headers(&[date])), Some(UtcMs(784_111_777_000)));
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
