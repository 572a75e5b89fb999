//! Headers that HubSpot should not send: what they say of limits and waits is read as it stands or left aside, and none
//! of it keeps us away for longer than HubSpot's own limits could.

use hubtrail_core::allowance::RateLimit;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use reqwest::header::{HeaderName, HeaderValue};

use super::*;
use crate::damage::damaged;
use crate::hubspot::refusal;

const NOW: UtcMs = UtcMs(1_710_081_138_123);
/// What one window of calls may keep us waiting for, beside a hold of the same length.
const LONGEST_WINDOW_MS: u64 = 60_000;
const MOST_CHARS: usize = 2_000;
const LIMITS: [&str; 5] = [
    "x-hubspot-ratelimit-max",
    "x-hubspot-ratelimit-remaining",
    "x-hubspot-ratelimit-interval-milliseconds",
    "x-hubspot-ratelimit-daily",
    "x-hubspot-ratelimit-daily-remaining",
];
const NAMES: &[&str] = &[
    LIMITS[0],
    LIMITS[1],
    LIMITS[2],
    LIMITS[3],
    LIMITS[4],
    "retry-after",
    "date",
    "location",
    "x-hubspot-correlation-id",
];
const VALUES: &[&str] = &[
    "190",
    "0",
    "1",
    "10000",
    "60000",
    "250000",
    "4294967295",
    "18446744073709551615",
    "18446744073709551616",
    "-1",
    "+30",
    " 30 ",
    "3e2",
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Sun, 10 Mar 2024 14:32:19 -0000",
    "Thu, 01 Jan 1970 00:00:00 +2359",
    "https://elsewhere.example/oauth?token=1",
    "5e4a3c1e-0f7a-4a0e-8f0e-1d2c3b4a5f60",
];

fn any_headers() -> impl Strategy<Value = HeaderMap> {
    let name = prop_oneof![9 => select(NAMES).prop_map(|name| name.as_bytes().to_vec()), 1 => damaged(NAMES)];
    vec((name, damaged(VALUES)), 0..12).prop_map(|pairs| {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            // What is no header at all does not come through the HTTP library either.
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(&name), HeaderValue::from_bytes(&value)) {
                headers.append(name, value);
            }
        }
        headers
    })
}

/// A number is the one that is written there.
fn judged_numbers(headers: &HeaderMap, read: &RateHeaders) -> Result<(), TestCaseError> {
    let numbers = [read.max, read.remaining, read.interval_ms, read.daily, read.daily_remaining];
    for (name, number) in LIMITS.into_iter().zip(numbers) {
        let text = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().trim();
        let digits = text.trim_start_matches('+');
        let plain = (1..20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        match number {
            Some(number) => {
                let written = digits.trim_start_matches('0');
                prop_assert_eq!(number.to_string(), if written.is_empty() { "0" } else { written });
            }
            None => prop_assert!(!plain || text.starts_with("++"), "{}: {}", name, text),
        }
    }
    Ok(())
}

/// With these limits calls still come, the tail's on the next day at the latest.
fn judged_allowance(limit: RateLimit, read: &RateHeaders) -> Result<(), TestCaseError> {
    let mut allowance = Allowance::new(limit, TimeZone::UTC, None, NOW);
    allowance.observe(NOW, read);
    let midnight = next_midnight(NOW, &TimeZone::UTC);
    let mut now = NOW;
    for kind in
        [WalkKind::Tail, WalkKind::Backfill, WalkKind::Sweep, WalkKind::Tail, WalkKind::Deep].repeat(3)
    {
        match allowance.reserve(now, kind) {
            Reservation::Granted { wait_ms } => {
                prop_assert!(wait_ms <= 2 * LONGEST_WINDOW_MS, "{} ms", wait_ms);
                now = now.plus(i64::try_from(wait_ms).unwrap());
            }
            Reservation::Exhausted { until } => prop_assert!(now < until && until <= midnight),
            Reservation::Held { until } => prop_assert!(false, "held until {}", until),
        }
    }
    let usage = allowance.usage(now);
    prop_assert!(usage.burst > 0 && (1..=LONGEST_WINDOW_MS).contains(&usage.interval_ms), "{:?}", usage);
    prop_assert!(usage.of_today <= usage.account_daily.max(1), "{:?}", usage);
    let next_day = allowance.reserve(usage.resets_at.max(now), WalkKind::Tail);
    prop_assert!(matches!(next_day, Reservation::Granted { .. }), "{:?}", next_day);
    Ok(())
}

/// A refusal with them is told in words, and no walk stays away for more than a day and a bit.
fn judged_refusal(status: u16, headers: &HeaderMap) -> Result<(), TestCaseError> {
    let latest = NOW.plus(LONGEST_RETRY_AFTER_MS);
    if let Some(at) = retry_after(headers, NOW) {
        prop_assert!(NOW <= at && at <= latest, "{}", at);
    }
    let error = refusal::read(status, headers, "", NOW);
    let said = format!("{error} {}", error.fix());
    prop_assert!(said.len() < MOST_CHARS && !said.contains(char::is_control), "{:?}", said);
    let gate = Gate::new(Allowance::new(RateLimit::default(), TimeZone::UTC, None, NOW));
    gate.observe(NOW, &rate_headers(headers));
    gate.heed(NOW, &TimeZone::UTC, &error);
    prop_assert!(gate.usage(NOW).blocked_until.is_none_or(|at| at <= latest));
    Ok(())
}

proptest! {
    #[test]
    fn whatever_the_headers_of_a_reply_say_no_wait_is_without_end_and_no_number_is_made_up(
        headers in any_headers(),
        status in prop_oneof![Just(429_u16), 300..600_u16],
        daily_percent in 1..=100_u8,
    ) {
        let read = rate_headers(&headers);
        judged_numbers(&headers, &read)?;
        let share = RateLimit::Share { burst_percent: 50, daily_percent };
        for limit in [share, RateLimit::Off] {
            judged_allowance(limit, &read)?;
        }
        judged_refusal(status, &headers)?;
        // The clock of a reply is one that can be shown.
        prop_assert!(hub_now(&headers).is_none_or(|at| at.to_string().ends_with('Z')));
    }
}
