//! `hubtrail serve` killed while it delivers, again and again: nothing is missing at the receivers, and where a
//! receiver keeps ids nothing is there twice.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use hubtrail::connector::Settings;
use hubtrail::secret::Keyring;
use hubtrail::store::{NewConnector, Store};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use secrecy::SecretString;

use crate::receiver::elastic::{self, Elastic};
use crate::receiver::plain::Plain;
use crate::serve_support::Place;
use crate::store_support::{NOW, Record, at, page};

/// Kills of the usual run: half as many as other crash tests have.
const KILLS: u32 = 10;
/// Entries that one life of the process cannot get through.
const ENTRIES_PER_KILL: u32 = 400;
const BATCH: &str = "20";
const PATIENCE: Duration = Duration::from_secs(60);

#[expect(clippy::disallowed_methods, reason = "the length of a campaign is no setting of the product")]
fn wanted_kills() -> u32 {
    std::env::var("HUBTRAIL_CRASHES").map_or(KILLS, |kills| kills.parse::<u32>().unwrap() / 2)
}

fn fill(place: &Place, entries: u32) -> Store {
    let store = place.store();
    let keyring = Keyring::open(place.hubtrail.data_dir(), None).unwrap();
    let settings = Settings { paused: true, ..Settings::new("acme", "http://127.0.0.1:1").unwrap() };
    let new = NewConnector { settings, created_at: NOW };
    let acme = store.add_connector(new, SecretString::from("pat-na1-1"), &keyring).unwrap();
    let records: Vec<_> = (0..entries)
        .map(|n| Record { object: 1_000 + n, ..at(1_700_000_000_000 + i64::from(n)) }.seen())
        .collect();
    for part in records.chunks(1_000) {
        store.append_blocking(page(&acme, part)).unwrap();
    }
    store
}

fn objects(kept: &[String]) -> Vec<String> {
    let object = |entry: &String| {
        let entry: serde_json::Value = serde_json::from_str(entry).unwrap();
        entry["objectId"].as_str().unwrap().to_owned()
    };
    kept.iter().map(object).collect()
}

/// However much it is: what must not happen is that nothing more comes.
fn await_the_rest(store: &Store, received: impl Fn() -> usize) {
    let (mut seen, mut since) = (received(), Instant::now());
    while store.sinks().unwrap().iter().any(|sink| store.delivery(sink, NOW).unwrap().lag > 0) {
        if received() > seen {
            (seen, since) = (received(), Instant::now());
        }
        assert!(since.elapsed() < PATIENCE, "nothing more is delivered after {seen} entries");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_delivery_killed_anywhere_misses_nothing_and_doubles_nothing_that_has_a_place_for_ids() {
    let kills = wanted_kills();
    let entries = kills * ENTRIES_PER_KILL;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (elastic, plain) = runtime.block_on(async { (Elastic::start().await, Plain::start(|_| true).await) });
    let place = Place::new();
    let store = fill(&place, entries);
    let key = place.file("key", elastic::API_KEY);
    // Detection is at work as well, and its findings would be forwarded.
    let events = "--only-events";
    let common =
        [events, "--format", "raw", "--start", "beginning", "--batch-entries", BATCH, "--batch-wait", "0ms"];
    let elastic_url = format!("url={}", elastic.web.url());
    let of_elastic = [
        "--kind",
        "elasticsearch",
        "--set",
        &elastic_url,
        "--set",
        "auth.method=api_key",
        "--token-file",
        &key,
    ];
    place.hubtrail.prints(&[&["sink", "add", "elastic"][..], &of_elastic, &common].concat());
    let plain_url = format!("url={}", plain.url());
    place
        .hubtrail
        .prints(&[&["sink", "add", "plain", "--kind", "http", "--set", &plain_url][..], &common].concat());

    let mut rng = StdRng::seed_from_u64(7);
    for _ in 0..kills {
        let before = elastic.kept.len() + plain.kept.len();
        let served = place.serve(&[]);
        let more = rng.random_range(1..200);
        let began = Instant::now();
        while elastic.kept.len() + plain.kept.len() < before + more {
            assert!(began.elapsed() < PATIENCE, "it delivers nothing: {}", served.said());
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(rng.random_range(0..20_000)));
        served.kill();
    }
    let under_way = store.sinks().unwrap().iter().any(|sink| store.delivery(sink, NOW).unwrap().lag > 0);
    assert!(under_way, "every kill fell into a delivery");
    let served = place.serve(&[]);
    await_the_rest(&store, || elastic.kept.len() + plain.kept.len());
    assert!(served.terminate().success());

    let all: BTreeSet<String> = (0..entries).map(|n| (1_000 + n).to_string()).collect();
    let once = objects(&elastic.kept.all());
    assert_eq!(once.len(), entries as usize, "the receiver that keeps ids has each once");
    assert_eq!(once.into_iter().collect::<BTreeSet<_>>(), all);
    let some_twice = objects(&plain.kept.all());
    let batch: usize = BATCH.parse().unwrap();
    assert!(
        some_twice.len() <= entries as usize + batch * kills as usize,
        "a crash repeats one batch at most"
    );
    assert_eq!(some_twice.into_iter().collect::<BTreeSet<_>>(), all);
}
