//! How late records become visible is learnt from every page, also from a walk's last.

use std::time::Duration;

use hubspot_audit_api::emulator::behaviour::Behaviour;
use hubspot_audit_api::record::Record;
use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::stream::Stream;

use crate::lab::{Lab, record};

const DAY_MS: i64 = 86_400_000;

fn behaviour() -> Behaviour {
    Behaviour { max_limit: 1_000, ..Behaviour::default() }
}

fn some(from: i64, count: u64) -> Vec<Record> {
    (0..count).map(|n| record(from + i64::try_from(n / 2).unwrap() * 1_000, n % 4, n, n)).collect()
}

#[tokio::test]
async fn how_late_records_came_is_remembered_also_of_a_tail_of_one_page() {
    let lab = Lab::new(behaviour(), 100, some(1_700_000_000_000, 20)).await;
    let lateness = || lab.store.checkpoint(lab.connector.id, Stream::Content).unwrap().lateness;
    let collector = lab.collector();
    let stop = async {
        first_tail(&lab).await;
        assert_eq!(lateness().observed(), 0, "history says nothing about it");
        lab.emulator.push(vec![record(lab.clock.now().0, 5, 3, 7_001)]);
        for _ in 0..1_500 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            if !lateness().is_empty() {
                break;
            }
        }
    };
    Box::pin(collector.follow(stop)).await.unwrap();
    assert_eq!(lateness().observed(), 1);
}

#[tokio::test]
async fn how_late_the_records_of_a_walks_last_page_were_is_kept() {
    let lab = Lab::new(behaviour(), 100, vec![]).await;
    lab.emulator.push(some(lab.clock.now().0 - DAY_MS, 40));
    lab.once(1).await.unwrap();
    let checkpoint = || lab.store.checkpoint(lab.connector.id, Stream::Content).unwrap();
    let stop = async {
        first_tail(&lab).await;
        lab.emulator.push(some(lab.clock.now().0, 10));
        for _ in 0..6_000 {
            tokio::time::sleep(Duration::from_millis(5)).await;
            if checkpoint().lateness.observed() == 10 {
                break;
            }
        }
    };
    Box::pin(lab.collector().follow(stop)).await.unwrap();
    assert_eq!(checkpoint().lateness.observed(), 10);
}

/// The first look at an account says nothing about what came after an earlier one, and neither does a sweep
/// that began with it.
async fn first_tail(lab: &Lab) {
    let checkpoint = || lab.store.checkpoint(lab.connector.id, Stream::Content).unwrap();
    while [WalkKind::Tail, WalkKind::Sweep].iter().any(|kind| !checkpoint().completed.contains_key(kind)) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
