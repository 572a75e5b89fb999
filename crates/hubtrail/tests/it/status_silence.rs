//! A quiet account is active; one that is unusually silent for its own hour of the week says so.

use hubtrail::status::{self, ConnectorStatus, State};
use hubtrail::store::Append;
use hubtrail_core::identity::identify;
use hubtrail_core::page::Seen;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;

use crate::store_support::{Log, Record, at};

const HOUR_MS: i64 = 3_600_000;
const WEEK_MS: i64 = 168 * HOUR_MS;
/// Wednesday, 2024-03-06T15:00:00Z.
const AFTERNOON: UtcMs = UtcMs(1_709_737_200_000);

/// Nine weeks in which each hour from 9 to 17 has ten events; the last one falls silent at `stops`.
fn working_hours(stops: UtcMs) -> Vec<Seen> {
    let monday = AFTERNOON.0 - 63 * HOUR_MS;
    let mut records = Vec::new();
    for week in 0..10 {
        for hour in (0..5).flat_map(|day| (9..17).map(move |hour| day * 24 + hour)) {
            let begins = monday + (week - 9) * WEEK_MS + hour * HOUR_MS;
            records.extend((0..10).map(|n| begins + n * 300_000));
        }
    }
    records.retain(|&ms| ms < stops.0);
    records
        .iter()
        .enumerate()
        .map(|(n, &ms)| Record { object: u32::try_from(n).unwrap(), ..at(ms) }.seen())
        .collect()
}

/// As it is at `now`, HubSpot having answered a moment ago.
fn status_at(log: &Log, records: Vec<Seen>, now: UtcMs) -> ConnectorStatus {
    let page = Append {
        ids: identify(&log.acme.account, Stream::Content, &records),
        records,
        ..Append::new(log.acme.id, Stream::Content, now.minus(5_000))
    };
    log.store.append_blocking(page).unwrap();
    status::of(&log.store, &log.acme, now).unwrap().remove(0)
}

#[test]
fn a_silence_in_working_hours_is_said_and_is_no_state() {
    let log = Log::new();
    let status = status_at(&log, working_hours(AFTERNOON.minus(2 * HOUR_MS)), AFTERNOON);
    assert_eq!(status.state, State::Active);
    let silence = status.unusual_silence.unwrap();
    assert_eq!(silence.weeks, 8);
    assert!((15.0..25.0).contains(&silence.expected) && silence.chance < 0.001, "{silence:?}");
    assert!(status.reason.contains("unusual for this time of the week"), "{}", status.reason);
}

#[test]
fn the_same_silence_at_night_is_none() {
    let log = Log::new();
    let night = AFTERNOON.plus(9 * HOUR_MS);
    let status = status_at(&log, working_hours(night), night);
    assert_eq!((status.state, status.unusual_silence), (State::Active, None));
    assert_eq!(status.reason, "everything that HubSpot showed is in the log");
}

#[test]
fn a_log_that_is_younger_than_a_month_says_nothing() {
    let log = Log::new();
    let mut records = working_hours(AFTERNOON.minus(2 * HOUR_MS));
    let young = AFTERNOON.minus(3 * WEEK_MS + 2 * HOUR_MS);
    records.retain(|seen| seen.event.as_ref().is_ok_and(|event| event.timestamp > young));
    let status = status_at(&log, records, AFTERNOON);
    assert_eq!(status.unusual_silence, None);
    assert_eq!(status.events_by_hour.len(), 24);
    assert_eq!(
        status.events_by_hour.iter().map(|hour| hour.events).sum::<i64>(),
        50,
        "one hour of Tuesday, four of Wednesday"
    );
}
