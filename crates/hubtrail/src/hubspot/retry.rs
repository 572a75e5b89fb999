//! From an error to what the caller does: ask again after a while, or give up and show it.

use hubtrail_core::allowance::next_midnight;
use hubtrail_core::backoff::Backoff;
use hubtrail_core::time::UtcMs;
use jiff::tz::TimeZone;

use super::error::{ApiError, Reason};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Directive {
    Retry { after_ms: u64 },
    GiveUp,
}

/// How often the same page is asked for again before the walk has failed and a later one tries.
const PATIENCE: u32 = 8;
/// A reply that makes no sense seldom makes more the sixth time.
const PATIENCE_WITH_NONSENSE: u32 = 5;
/// A zone that is unknown or wrong must not cost a second day.
const AFTER_MIDNIGHT_MS: i64 = 15 * 60_000;
/// Accounts of one zone do not all come back in the same second.
const SPREAD_MS: f64 = 30_000.0;

const FAILED: Backoff = constant(1_000, 60_000);
const BURST: Backoff = constant(2_000, 10_000);
/// HubSpot's locks last two seconds; half of the first delay is the shortest.
const LOCKED: Backoff = constant(4_000, 30_000);
const MIGRATING: Backoff = constant(600_000, 3_600_000);

const fn constant(first_ms: u64, most_ms: u64) -> Backoff {
    match Backoff::new(first_ms, most_ms) {
        Ok(backoff) => backoff,
        Err(_) => panic!("checked when compiling"),
    }
}

/// What to do after failure number `attempt` of one page, the first being 0. `random` is a fraction of 1.
#[must_use]
pub fn directive(error: &ApiError, attempt: u32, now: UtcMs, zone: &TimeZone, random: f64) -> Directive {
    let (reason, not_before) = match error {
        ApiError::Wait { reason, not_before, .. } => (reason, *not_before),
        ApiError::Malformed { .. } if attempt < PATIENCE_WITH_NONSENSE => {
            return Directive::Retry { after_ms: FAILED.delay_ms(attempt, random) };
        }
        ApiError::Malformed { .. }
        | ApiError::Credentials { .. }
        | ApiError::Scope { .. }
        | ApiError::Plan { .. }
        | ApiError::VersionGone { .. }
        | ApiError::TooLong { .. }
        | ApiError::Refused { .. } => return Directive::GiveUp,
    };
    let told_ms = not_before.map(|until| until.since(now).max(0).unsigned_abs());
    let after_ms = match reason {
        Reason::Daily => daily(attempt, now, zone, random).max(told_ms.unwrap_or(0)),
        Reason::OwnShare => told_ms.unwrap_or_else(|| BURST.delay_ms(attempt, random)),
        Reason::Burst => told_ms.unwrap_or(0).max(BURST.delay_ms(attempt, random)),
        Reason::Locked => told_ms.unwrap_or(0).max(LOCKED.delay_ms(attempt, random)),
        Reason::Migrating => told_ms.unwrap_or_else(|| MIGRATING.delay_ms(attempt, random)),
        Reason::ServerBusy | Reason::Unreachable { .. } if attempt >= PATIENCE => return Directive::GiveUp,
        Reason::ServerBusy | Reason::Unreachable { .. } => {
            told_ms.unwrap_or(0).max(FAILED.delay_ms(attempt, random))
        }
    };
    Directive::Retry { after_ms }
}

/// Until midnight; when that has not helped, more often.
fn daily(attempt: u32, now: UtcMs, zone: &TimeZone, random: f64) -> u64 {
    let midnight = next_midnight(now, zone);
    let until = if attempt == 0 { midnight } else { midnight.min(now.plus(AFTER_MIDNIGHT_MS)) };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a fraction of a small constant; the cast saturates"
    )]
    let spread = (SPREAD_MS * random.clamp(0.0, 1.0)) as u64;
    until.since(now).max(0).unsigned_abs() + spread
}

#[cfg(test)]
mod tests {
    use super::super::error::{CredentialFault, NetworkFault, Nonsense, Said};
    use super::*;

    const NOW: UtcMs = UtcMs(1_772_326_800_000);

    fn wait(reason: Reason, after_ms: Option<i64>) -> ApiError {
        ApiError::Wait { reason, not_before: after_ms.map(|ms| NOW.plus(ms)), said: None }
    }

    fn after_ms(error: &ApiError, attempt: u32, random: f64) -> u64 {
        match directive(error, attempt, NOW, &TimeZone::UTC, random) {
            Directive::Retry { after_ms } => after_ms,
            Directive::GiveUp => panic!("gave up on {error}"),
        }
    }

    #[test]
    fn each_wait_has_its_length() {
        for (reason, told, least, most) in [
            (Reason::Burst, None, 1_000, 2_000),
            (Reason::Burst, Some(7_000), 7_000, 7_000),
            (Reason::Daily, None, 23 * 3_600_000, 23 * 3_600_000 + 30_000),
            (Reason::OwnShare, Some(90_000), 90_000, 90_000),
            (Reason::Locked, None, 2_000, 4_000),
            (Reason::Migrating, Some(86_400_000), 86_400_000, 86_400_000),
            (Reason::Migrating, None, 300_000, 600_000),
            (Reason::ServerBusy, None, 500, 1_000),
            (Reason::ServerBusy, Some(20_000), 20_000, 20_000),
        ] {
            let error = wait(reason, told);
            assert_eq!((after_ms(&error, 0, 0.0), after_ms(&error, 0, 1.0)), (least, most), "{error}");
        }
    }

    #[test]
    fn a_day_ends_in_the_zone_of_the_account_and_a_wrong_zone_costs_minutes() {
        let daily = wait(Reason::Daily, None);
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        let expected = Directive::Retry { after_ms: 14 * 3_600_000 };
        assert_eq!(directive(&daily, 0, NOW, &tokyo, 0.0), expected);
        assert_eq!(after_ms(&daily, 1, 0.0), 900_000);
    }

    #[test]
    fn what_waiting_does_not_mend_is_given_up_and_what_it_may_mend_is_given_up_late() {
        let said = || Said { status: 400, ..Said::default() };
        for error in [
            ApiError::Credentials { fault: CredentialFault::Unknown, said: said() },
            ApiError::Scope { missing: Vec::new(), said: said() },
            ApiError::Plan { said: said() },
            ApiError::VersionGone { said: said() },
            ApiError::TooLong { said: said() },
            ApiError::Refused { parameter: None, said: said() },
        ] {
            assert_eq!(directive(&error, 0, NOW, &TimeZone::UTC, 0.5), Directive::GiveUp, "{error}");
        }
        let reset = ApiError::unreachable(NetworkFault::Reset, String::new());
        let malformed =
            ApiError::Malformed { form: Nonsense::Other, what: "an empty body".to_owned(), said: said() };
        for (error, patience) in [(reset, PATIENCE), (malformed, PATIENCE_WITH_NONSENSE)] {
            assert_ne!(directive(&error, patience - 1, NOW, &TimeZone::UTC, 0.5), Directive::GiveUp);
            assert_eq!(directive(&error, patience, NOW, &TimeZone::UTC, 0.5), Directive::GiveUp);
        }
        assert_ne!(directive(&wait(Reason::Burst, None), 99, NOW, &TimeZone::UTC, 0.5), Directive::GiveUp);
    }
}
