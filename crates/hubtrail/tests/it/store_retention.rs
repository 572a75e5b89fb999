//! What retention takes out of the log, and what it must leave.

use hubtrail::store::{Position, Retention};
use hubtrail_core::checkpoint::Change;
use hubtrail_core::time::UtcMs;

use crate::store_support::{Log, at, page, times};

const HOUR: i64 = 3_600_000;

#[test]
fn what_a_sweep_will_read_again_is_not_taken_out() {
    let log = Log::new();
    log.append(&[at(HOUR).seen(), at(40 * HOUR).seen(), at(60 * HOUR).seen()]);
    let mut append = page(&log.acme, &[]);
    append.changes = vec![Change::TailFrom { since: UtcMs(60 * HOUR) }];
    log.store.append_blocking(append).unwrap();
    let retention = Retention {
        before: UtcMs(900 * HOUR),
        connectors: None,
        past_readers: false,
        past_sinks_before: None,
    };
    assert_eq!(log.store.retire(&retention).unwrap().entries, 1);
    assert_eq!(times(&log.all()), [40 * HOUR, 60 * HOUR], "they would come back as something new");
}

#[test]
fn retention_waits_for_the_slowest_reader_unless_told_not_to() {
    let log = Log::new();
    log.append(&[at(1).seen(), at(HOUR).seen(), at(2 * HOUR).seen()]);
    log.store.register_reader("fast", Position(3)).unwrap();
    log.store.register_reader("slow", Position(1)).unwrap();
    let mut retention = Retention {
        before: UtcMs(2 * HOUR + 5),
        connectors: None,
        past_readers: false,
        past_sinks_before: None,
    };
    let retired = log.store.retire(&retention).unwrap();
    assert_eq!((retired.entries, retired.hours, retired.held_back), (1, 1, 1));
    assert_eq!(retired.slowest_reader.as_deref(), Some("slow"));
    assert_eq!(times(&log.all()), [HOUR, 2 * HOUR]);
    retention.past_readers = true;
    assert_eq!(log.store.retire(&retention).unwrap().entries, 1);
    assert_eq!(times(&log.all()), [2 * HOUR]);
    assert_eq!(log.append(&[at(3 * HOUR).seen()]).head, Position(4), "no position is used twice");
}
