use proptest::prelude::*;

use super::*;

const MIDNIGHT: UtcMs = UtcMs(1_772_323_200_000);
const HOUR_MS: i64 = 3_600_000;
const KINDS: [WalkKind; 5] =
    [WalkKind::Tail, WalkKind::Sweep, WalkKind::Deep, WalkKind::Backfill, WalkKind::Range];

fn allowance() -> Allowance {
    Allowance::new(RateLimit::default(), TimeZone::UTC, None, MIDNIGHT)
}

fn small_day(daily: u64) -> Allowance {
    let mut allowance = allowance();
    allowance.observe(MIDNIGHT, &RateHeaders { daily: Some(daily), ..RateHeaders::default() });
    allowance
}

/// Asks far enough apart that the burst never matters; how many calls were granted.
fn drain(allowance: &mut Allowance, now: UtcMs, kind: WalkKind) -> u64 {
    (0..2_000_000).take_while(|_| matches!(allowance.reserve(now, kind), Reservation::Granted { .. })).count()
        as u64
}

#[test]
fn without_headers_the_documented_limits_hold() {
    let usage = allowance().usage(MIDNIGHT);
    assert_eq!((usage.burst, usage.interval_ms), (95, 10_000));
    assert_eq!((usage.of_today, usage.account_daily, usage.account_remaining), (100_000, 1_000_000, None));
    assert_eq!(usage.resets_at, MIDNIGHT.plus(24 * HOUR_MS));
}

#[test]
fn headers_replace_what_is_documented_and_nonsense_does_not() {
    let mut allowance = allowance();
    let headers = RateHeaders {
        max: Some(250),
        interval_ms: Some(5_000),
        daily: Some(250_000),
        daily_remaining: Some(9),
        remaining: Some(249),
    };
    allowance.observe(MIDNIGHT, &headers);
    let zeros = RateHeaders { max: Some(0), interval_ms: Some(0), daily: Some(0), ..RateHeaders::default() };
    allowance.observe(MIDNIGHT, &zeros);
    let usage = allowance.usage(MIDNIGHT);
    assert_eq!((usage.burst, usage.interval_ms, usage.of_today), (125, 5_000, 25_000));
    assert_eq!(usage.account_remaining, Some(9));
}

#[test]
fn a_spent_day_ends_at_midnight_in_the_zone_of_the_account() {
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    let mut allowance = small_day(1_000);
    allowance.set_zone(berlin, MIDNIGHT);
    assert_eq!(
        drain(&mut allowance, MIDNIGHT, WalkKind::Tail),
        78,
        "beyond its part it leaves the sweeps theirs"
    );
    assert_eq!(drain(&mut allowance, MIDNIGHT, WalkKind::Sweep), 22);
    let until = MIDNIGHT.plus(23 * HOUR_MS);
    for kind in KINDS {
        assert_eq!(allowance.reserve(until.minus(1), kind), Reservation::Exhausted { until });
    }
    assert_eq!(allowance.usage(MIDNIGHT).used_today, 100);
    let tomorrow = MIDNIGHT.plus(23 * HOUR_MS);
    assert_eq!(allowance.reserve(tomorrow, WalkKind::Tail), Reservation::Granted { wait_ms: 0 });
    assert_eq!(allowance.usage(tomorrow).used_today, 1);
}

#[test]
fn the_day_on_which_clocks_change_is_not_24_hours_long() {
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    let spring = "2026-03-29T00:00:00+01:00".parse::<UtcMs>().unwrap();
    assert_eq!(next_midnight(spring, &berlin).since(spring), 23 * HOUR_MS);
    assert_eq!(next_midnight(spring.minus(1), &berlin), spring);
}

#[test]
fn what_was_used_before_a_restart_counts_on_the_same_day_only() {
    let mut before = allowance();
    for _ in 0..7 {
        assert_eq!(before.reserve(MIDNIGHT, WalkKind::Sweep), Reservation::Granted { wait_ms: 0 });
    }
    let stored = serde_json::to_string(before.spent()).unwrap();
    let restart = |now: UtcMs| {
        let spent = serde_json::from_str(&stored).unwrap();
        Allowance::new(RateLimit::default(), TimeZone::UTC, Some(spent), now).usage(now).used_today
    };
    assert_eq!(restart(MIDNIGHT.plus(HOUR_MS)), 7);
    assert_eq!(restart(MIDNIGHT.plus(24 * HOUR_MS)), 0);
}

#[test]
fn others_using_up_the_account_stops_us_too() {
    let mut allowance = allowance();
    allowance.observe(MIDNIGHT, &RateHeaders { daily_remaining: Some(0), ..RateHeaders::default() });
    let until = MIDNIGHT.plus(24 * HOUR_MS);
    assert_eq!(allowance.reserve(MIDNIGHT, WalkKind::Tail), Reservation::Exhausted { until });
    assert_eq!(allowance.blocked_until(MIDNIGHT, WalkKind::Tail), Some(until));
    assert_eq!(allowance.reserve(until, WalkKind::Tail), Reservation::Granted { wait_ms: 0 });
}

#[test]
fn a_hold_stops_every_kind_and_survives_no_clock_that_was_set_back() {
    for limit in [RateLimit::default(), RateLimit::Off] {
        let mut allowance = Allowance::new(limit, TimeZone::UTC, None, MIDNIGHT);
        allowance.hold(MIDNIGHT.plus(3_000));
        allowance.hold(MIDNIGHT.plus(1_000));
        assert_eq!(allowance.reserve(MIDNIGHT, WalkKind::Tail), Reservation::Granted { wait_ms: 3_000 });
        assert_eq!(allowance.reserve(MIDNIGHT, WalkKind::Range), Reservation::Granted { wait_ms: 3_000 });
        let set_back = MIDNIGHT.minus(5 * HOUR_MS);
        assert_eq!(allowance.reserve(set_back, WalkKind::Tail), Reservation::Granted { wait_ms: 0 });
    }
}

#[test]
fn a_long_hold_is_said_instead_of_waited_for() {
    let mut allowance = allowance();
    let until = MIDNIGHT.plus(HOUR_MS);
    allowance.hold(until);
    assert_eq!(allowance.reserve(MIDNIGHT, WalkKind::Tail), Reservation::Held { until });
    assert_eq!(allowance.usage(MIDNIGHT).blocked_until, Some(until));
    assert_eq!(allowance.usage(MIDNIGHT).used_today, 0);
    assert_eq!(allowance.usage(until).blocked_until, None);
}

#[test]
fn an_empty_burst_is_waited_out() {
    let mut allowance = allowance();
    allowance.observe(MIDNIGHT, &RateHeaders { remaining: Some(0), ..RateHeaders::default() });
    assert_eq!(allowance.reserve(MIDNIGHT, WalkKind::Tail), Reservation::Granted { wait_ms: 10_000 });
}

#[test]
fn switched_off_it_counts_and_never_waits() {
    let mut allowance = Allowance::new(RateLimit::Off, TimeZone::UTC, None, MIDNIGHT);
    for _ in 0..500 {
        assert_eq!(allowance.reserve(MIDNIGHT, WalkKind::Backfill), Reservation::Granted { wait_ms: 0 });
    }
    assert_eq!(allowance.usage(MIDNIGHT).used_today, 500);
}

#[test]
fn a_backfill_that_takes_all_it_gets_does_not_make_the_tail_wait() {
    let mut allowance = allowance();
    let taken = drain(&mut allowance, MIDNIGHT, WalkKind::Backfill);
    assert_eq!(taken, 50_000, "half of the day is kept back");
    assert_eq!(allowance.reserve(MIDNIGHT, WalkKind::Tail), Reservation::Granted { wait_ms: 0 });
}

proptest! {
    #[test]
    fn no_window_ever_holds_more_calls_than_our_share_of_the_burst(
        max in 1_u64..40,
        interval in 100_u64..5_000,
        asks in prop::collection::vec((0_i64..400, 0_usize..5), 1..300),
    ) {
        let mut allowance = allowance();
        let headers = RateHeaders { max: Some(max), interval_ms: Some(interval), ..RateHeaders::default() };
        allowance.observe(MIDNIGHT, &headers);
        let share = usize::try_from((max / 2).max(1)).unwrap();
        let mut now = MIDNIGHT;
        let mut slots = Vec::new();
        for (passed, kind) in asks {
            now = now.plus(passed);
            match allowance.reserve(now, KINDS[kind]) {
                Reservation::Granted { wait_ms } => slots.push(now.plus(wait_ms.cast_signed())),
                Reservation::Exhausted { .. } | Reservation::Held { .. } => prop_assert!(false, "the day is far from spent"),
            }
        }
        slots.sort();
        for window in slots.windows(share + 1) {
            prop_assert!(window[share].since(window[0]) >= interval.cast_signed());
        }
    }

    #[test]
    fn no_day_ever_holds_more_calls_than_our_part_and_the_tail_can_always_go_on(
        daily in 100_u64..2_000,
        asks in prop::collection::vec((0_i64..HOUR_MS, 0_usize..5, 1_usize..30), 1..80),
    ) {
        let mut allowance = small_day(daily);
        let part = (daily / 10).max(1);
        let mut now = MIDNIGHT;
        let mut tail = 0;
        let mut day = 0;
        let mut used = 0;
        for (passed, kind, times) in asks {
            now = now.plus(passed);
            if now.since(MIDNIGHT) / (24 * HOUR_MS) != day {
                (day, used, tail) = (now.since(MIDNIGHT) / (24 * HOUR_MS), 0, 0);
            }
            let rest = MIDNIGHT.plus((day + 1) * 24 * HOUR_MS).since(now).unsigned_abs();
            for _ in 0..times {
                if !matches!(allowance.reserve(now, KINDS[kind]), Reservation::Granted { .. }) {
                    break;
                }
                used += 1;
                prop_assert!(used <= part, "{used} of {part}");
                if KINDS[kind] == WalkKind::Tail {
                    tail += 1;
                    continue;
                }
                let of_rest = part / 2 * rest / (24 * HOUR_MS).unsigned_abs();
                let kept = (part / 2).saturating_sub(tail).min(of_rest) / 2;
                prop_assert!(drain(&mut allowance.clone(), now, WalkKind::Tail) >= kept);
            }
        }
    }
}
