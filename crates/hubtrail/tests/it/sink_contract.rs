//! What every sink keeps, whatever its receiver is: order, repetition, waiting, refusals, breaks, and silence
//! about secrets.

use std::collections::BTreeSet;
use std::time::Duration;

use hubtrail::sink::{Item, SinkError};
use hubtrail_core::finding::Severity;

use crate::receiver::Fault;
use crate::sink_support::{Kind, SECRETS, Scene, sent, until};

const ENTRIES: u32 = 130;

/// UDP is confirmed by nobody: what was sent is there a moment later.
async fn received(scene: &Scene, count: usize) -> Vec<String> {
    until(&format!("{:?} has {count}", scene.kind), || scene.received().len() >= count).await;
    scene.received()
}

fn items(scene: &Scene) -> Vec<Item> {
    let entries = scene.log.store.entries_after(hubtrail::store::Position(0), 1_000).unwrap();
    let item = |entry: hubtrail::store::Entry| Item {
        position: entry.position,
        id: entry.event_id.to_string(),
        time: entry.timestamp,
        severity: Severity::Informational,
        body: entry.raw.into_bytes(),
    };
    entries.into_iter().map(item).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_come_in_the_order_of_the_log_and_each_once() {
    for kind in Kind::ALL {
        let scene = Scene::new(kind, ENTRIES, None).await;
        scene.forwarder().drain().await.unwrap();
        assert_eq!(received(&scene, ENTRIES as usize).await, sent(ENTRIES), "{kind:?}");
        let delivery = scene.delivery();
        assert_eq!(
            (delivery.lag, delivery.entries, delivery.dead_letters),
            (0, i64::from(ENTRIES), 0),
            "{kind:?}"
        );
        assert_eq!(delivery.failing_since, None, "{kind:?}");
        scene.forwarder().drain().await.unwrap();
        assert_eq!(scene.received().len(), ENTRIES as usize, "{kind:?}: nothing is new");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_batch_may_come_twice() {
    for kind in Kind::ALL {
        let scene = Scene::new(kind, 10, None).await;
        let (mut sink, items) = (scene.bare(), items(&scene));
        for _ in 0..2 {
            sink.deliver(&items).await.unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        }
        let times = if kind.keeps_ids() { 1 } else { 2 };
        let mut expected: Vec<_> = std::iter::repeat_n(sent(10), times).flatten().collect();
        let mut found = received(&scene, expected.len()).await;
        expected.sort();
        found.sort();
        assert_eq!(found, expected, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_says_how_long_is_waited_for() {
    for kind in Kind::WEB {
        let scene = Scene::new(kind, ENTRIES, None).await;
        for status in [429, 503] {
            scene.faults().push(Fault::Status(status, Some("7")));
            let error = scene.bare().deliver(&items(&scene)[..3]).await.unwrap_err();
            let SinkError::Retry { after, .. } = &error else { panic!("{kind:?}: {error:?}") };
            assert_eq!(*after, Some(Duration::from_secs(7)), "{kind:?}");
        }
        scene.faults().push(Fault::Status(429, Some("30")));
        let began = scene.clock.now();
        scene.forwarder().drain().await.unwrap();
        assert!(scene.clock.now().since(began) >= 30_000, "{kind:?} was asked too soon");
        assert_eq!(scene.received(), sent(ENTRIES), "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_fails_gets_the_same_again() {
    for kind in Kind::WEB {
        let scene = Scene::new(kind, ENTRIES, None).await;
        for status in [500, 502, 503, 504, 408] {
            scene.faults().push(Fault::Status(status, None));
        }
        scene.forwarder().drain().await.unwrap();
        assert_eq!(scene.faults().pending(), 0);
        assert_eq!(scene.received(), sent(ENTRIES), "{kind:?}");
        let delivery = scene.delivery();
        assert!(delivery.failure.is_some() && delivery.failing_since.is_none(), "{kind:?}: {delivery:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_that_is_refused_stands_alone_and_all_others_arrive() {
    for kind in Kind::WEB {
        for unwanted in [0, 57, ENTRIES - 1] {
            let scene = Scene::new(kind, ENTRIES, Some(unwanted)).await;
            scene.forwarder().drain().await.unwrap();
            let mut wanted = sent(ENTRIES);
            wanted.remove(unwanted as usize);
            let mut found = scene.received();
            if kind == Kind::Splunk || kind == Kind::SplunkAcknowledged {
                // It keeps what came before the one that it refuses, and gets that again.
                let mut seen = BTreeSet::new();
                found.retain(|object| seen.insert(object.clone()));
            }
            assert_eq!(found, wanted, "{kind:?}, {unwanted}");
            let letters = scene.log.store.dead_letters(scene.sink.id, 0, 10).unwrap();
            assert_eq!(letters.len(), 1, "{kind:?}, {unwanted}: {letters:?}");
            assert_eq!(letters[0].position.0, i64::from(unwanted) + 1, "{kind:?}");
            assert_eq!(scene.position(), scene.log.store.head().unwrap(), "{kind:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_receiver_is_given_up_and_asked_again() {
    for kind in Kind::CONNECTED {
        let scene = Scene::new(kind, 10, None).await;
        scene.faults().push(Fault::Slow(Duration::from_secs(4)));
        let error = scene.bare().deliver(&items(&scene)).await.unwrap_err();
        assert!(matches!(error, SinkError::Retry { .. }), "{kind:?}: {error:?}");
        scene.forwarder().drain().await.unwrap();
        let found: BTreeSet<_> = scene.received().into_iter().collect();
        assert_eq!(found, sent(10).into_iter().collect(), "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_break_before_or_after_the_receiver_has_it_loses_nothing() {
    for kind in Kind::CONNECTED {
        let scene = Scene::new(kind, ENTRIES, None).await;
        for fault in [Fault::ResetBefore, Fault::ResetAfter, Fault::ResetAfter, Fault::ResetBefore] {
            scene.faults().push(fault);
        }
        scene.forwarder().drain().await.unwrap();
        assert_eq!(scene.faults().pending(), 0, "{kind:?}");
        let found = scene.received();
        let mut first = BTreeSet::new();
        let in_order: Vec<_> =
            found.iter().filter(|object| first.insert((*object).clone())).cloned().collect();
        assert_eq!(in_order, sent(ENTRIES), "{kind:?}");
        if kind.keeps_ids() {
            assert_eq!(found.len(), ENTRIES as usize, "{kind:?} has no entry twice");
        } else {
            assert!(found.len() > ENTRIES as usize, "{kind:?}: a break after it was kept was noticed");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_is_down_is_waited_for_and_what_waits_is_shown() {
    for kind in Kind::WEB {
        let scene = Scene::new(kind, ENTRIES, None).await;
        for _ in 0..6 {
            scene.faults().push(Fault::ResetBefore);
        }
        let forwarder = scene.forwarder();
        let running = tokio::spawn(forwarder.run());
        until("it is shown", || scene.delivery().failing_since.is_some() || scene.delivery().lag == 0).await;
        let shown = scene.delivery();
        if shown.failing_since.is_some() {
            assert!(shown.retry_at.is_some() && shown.oldest_undelivered.is_some(), "{kind:?}: {shown:?}");
            assert!(!shown.stopped, "{kind:?}: {shown:?}");
        }
        until("it has all", || scene.delivery().lag == 0).await;
        assert_eq!(scene.received(), sent(ENTRIES), "{kind:?}");
        running.abort();
    }
}

/// Nobody listens at all, for as long as the run lasts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_receiver_nothing_moves_and_nothing_is_lost() {
    for kind in [Kind::Http, Kind::Elastic, Kind::Splunk, Kind::Dnif, Kind::SyslogTcp, Kind::SyslogTls] {
        let mut scene = Scene::new(kind, ENTRIES, None).await;
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        scene.points_to(free);
        let running = tokio::spawn(scene.forwarder().run());
        until("several attempts failed", || {
            let delivery = scene.delivery();
            delivery
                .failed_at
                .zip(delivery.failing_since)
                .is_some_and(|(last, first)| last.since(first) > 20_000)
        })
        .await;
        running.abort();
        assert_eq!((scene.position().0, scene.received().len()), (0, 0), "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_error_holds_a_secret() {
    for kind in Kind::CONNECTED {
        let scene = Scene::new(kind, 5, None).await;
        let mut errors = Vec::new();
        for status in [400, 401, 403, 404, 422, 429, 500, 302] {
            scene.faults().push(Fault::Status(status, None));
            if Kind::WEB.contains(&kind) {
                errors.push(scene.bare().deliver(&items(&scene)).await.unwrap_err());
            }
        }
        if errors.is_empty() {
            scene.faults().push(Fault::ResetBefore);
            errors.extend(scene.bare().deliver(&items(&scene)).await.err());
        }
        for error in errors {
            let text = format!("{error} {error:?}");
            for secret in SECRETS {
                assert!(!text.contains(secret), "{kind:?}: {text}");
            }
        }
    }
}
