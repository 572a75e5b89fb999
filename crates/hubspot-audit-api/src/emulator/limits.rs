//! HubSpot's allowances: so many calls in any ten seconds, and so many a day until midnight in the
//! account's time zone. Time is the account's own; a refused call does not count.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;

use http::{HeaderMap, HeaderValue};
use jiff::tz::TimeZone;

use crate::error::Policy;
use crate::time;

/// <https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines>
pub const ENTERPRISE_DAILY: u64 = 1_000_000;
const ENTERPRISE_CALLS: u32 = 190;
const INTERVAL_S: u32 = 10;

/// `190/10`: so many calls in any so many seconds, or `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit(pub Option<Rate>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub calls: u32,
    pub seconds: u32,
}

impl RateLimit {
    pub const OFF: Self = Self(None);
}

impl Default for RateLimit {
    fn default() -> Self {
        Self(Some(Rate { calls: ENTERPRISE_CALLS, seconds: INTERVAL_S }))
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("off"),
            Some(Rate { calls, seconds }) => write!(f, "{calls}/{seconds}"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no rate limit; use calls per seconds such as 190/10, or off")]
pub struct NotARate(String);

impl FromStr for RateLimit {
    type Err = NotARate;

    fn from_str(text: &str) -> Result<Self, NotARate> {
        if text == "off" {
            return Ok(Self::OFF);
        }
        let positive = |text: &str| text.parse::<u32>().ok().filter(|number| *number > 0);
        let (calls, seconds) = text.split_once('/').ok_or_else(|| NotARate(text.to_owned()))?;
        match (positive(calls), positive(seconds)) {
            (Some(calls), Some(seconds)) => Ok(Self(Some(Rate { calls, seconds }))),
            _ => Err(NotARate(text.to_owned())),
        }
    }
}

#[derive(Debug)]
pub(super) struct Limiter {
    rate: Option<Rate>,
    daily: Option<u64>,
    zone: TimeZone,
    recent: VecDeque<i64>,
    today: u64,
    midnight_ms: i64,
}

impl Limiter {
    pub(super) fn new(rate: RateLimit, daily: Option<u64>, zone: TimeZone) -> Self {
        Self { rate: rate.0, daily, zone, recent: VecDeque::new(), today: 0, midnight_ms: i64::MIN }
    }

    fn forget(&mut self, now_ms: i64) {
        if now_ms >= self.midnight_ms {
            self.today = 0;
            self.midnight_ms = time::next_midnight(now_ms, &self.zone);
        }
        let interval_ms = self.rate.map_or(0, |rate| i64::from(rate.seconds) * 1000);
        while self.recent.front().is_some_and(|call| now_ms - call >= interval_ms) {
            self.recent.pop_front();
        }
    }

    /// Counts a call, or says which allowance is used up.
    pub(super) fn take(&mut self, now_ms: i64) -> Result<(), Policy> {
        self.forget(now_ms);
        if self.daily.is_some_and(|daily| self.today >= daily) {
            return Err(Policy::Daily);
        }
        if let Some(rate) = self.rate {
            if self.recent.len() >= rate.calls as usize {
                return Err(Policy::TenSecondlyRolling);
            }
            self.recent.push_back(now_ms);
        }
        self.today += 1;
        Ok(())
    }

    /// Calls made today, how many are allowed, and until when.
    pub(super) fn day(&mut self, now_ms: i64) -> (u64, Option<u64>, i64) {
        self.forget(now_ms);
        (self.today, self.daily, self.midnight_ms)
    }

    /// What is left, as HubSpot's headers say it; nothing is said of an allowance that is off.
    pub(super) fn write_headers(&self, headers: &mut HeaderMap, exhausted: Option<Policy>) {
        let mut set = |name: &'static str, value: u64| headers.insert(name, HeaderValue::from(value));
        if let Some(daily) = self.daily {
            let left = daily.saturating_sub(self.today);
            set("x-hubspot-ratelimit-daily", daily);
            set(
                "x-hubspot-ratelimit-daily-remaining",
                if exhausted == Some(Policy::Daily) { 0 } else { left },
            );
        }
        if let Some(Rate { calls, seconds }) = self.rate {
            let left = u64::from(calls).saturating_sub(self.recent.len() as u64);
            let none_left = exhausted == Some(Policy::TenSecondlyRolling);
            set("x-hubspot-ratelimit-interval-milliseconds", u64::from(seconds) * 1000);
            set("x-hubspot-ratelimit-max", u64::from(calls));
            set("x-hubspot-ratelimit-remaining", if none_left { 0 } else { left });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_read_as_it_is_written() {
        assert_eq!(RateLimit::default().to_string(), "190/10");
        for text in ["190/10", "1/1", "off"] {
            assert_eq!(text.parse::<RateLimit>().unwrap().to_string(), text);
        }
        for text in ["", "190", "0/10", "a/b", "10/0"] {
            assert!(text.parse::<RateLimit>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_window_rolls_and_refused_calls_do_not_count() {
        let mut limiter = Limiter::new("2/10".parse().unwrap(), None, TimeZone::UTC);
        assert_eq!(limiter.take(0), Ok(()));
        assert_eq!(limiter.take(5_000), Ok(()));
        assert_eq!(limiter.take(9_999), Err(Policy::TenSecondlyRolling));
        assert_eq!(limiter.take(10_000), Ok(()));
        assert_eq!(limiter.take(10_001), Err(Policy::TenSecondlyRolling));
        assert_eq!(limiter.take(15_000), Ok(()));
    }

    #[test]
    fn the_day_ends_at_midnight_of_the_account() {
        let zone = TimeZone::fixed(jiff::tz::offset(-5));
        let midnight = 5 * 3_600_000;
        let mut limiter = Limiter::new(RateLimit::OFF, Some(1), zone);
        assert_eq!(limiter.take(0), Ok(()));
        assert_eq!(limiter.take(midnight - 1), Err(Policy::Daily));
        assert_eq!(limiter.day(midnight - 1), (1, Some(1), midnight));
        assert_eq!(limiter.take(midnight), Ok(()));
    }

    #[test]
    fn headers_tell_what_is_left() {
        let mut limiter = Limiter::new(RateLimit::default(), Some(5), TimeZone::UTC);
        limiter.take(0).unwrap();
        let mut headers = HeaderMap::new();
        limiter.write_headers(&mut headers, None);
        assert_eq!(headers["x-hubspot-ratelimit-daily-remaining"], "4");
        assert_eq!(headers["x-hubspot-ratelimit-remaining"], "189");
        assert_eq!(headers["x-hubspot-ratelimit-interval-milliseconds"], "10000");
        limiter.write_headers(&mut headers, Some(Policy::Daily));
        assert_eq!(headers["x-hubspot-ratelimit-daily-remaining"], "0");
        let mut none = HeaderMap::new();
        Limiter::new(RateLimit::OFF, None, TimeZone::UTC).write_headers(&mut none, None);
        assert!(none.is_empty());
    }
}
