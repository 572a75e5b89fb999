//! What goes on beside each other: commands beside the service, accounts beside accounts, tests beside walks.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use hubspot_audit_api::emulator::behaviour::Behaviour;
use hubspot_audit_api::emulator::faults::Fault;
use hubtrail::connection::EVERY_MS;
use hubtrail::http::App;
use hubtrail::http::listen::Listener;
use hubtrail::serve;
use hubtrail::status::{self, State};
use hubtrail::store::ConnectionTest;
use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::stream::Stream;

use crate::api_support::app;
use crate::binary::Running;
use crate::lab::{Lab, record};
use crate::serve_support::{Place, TOKEN, account, history, now, records, until};

async fn status_of(url: &str, token: &str) -> u16 {
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let asked = client.get(format!("{url}/api/v1/status")).bearer_auth(token.trim());
    asked.send().await.map_or(0, |reply| reply.status().as_u16())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_goes_on_although_nobody_reads_what_it_prints() {
    let place = Place::new();
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = place.hubtrail.command(&["serve", "--listen", &address.to_string()]);
    let mut serving = Running(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    drop(serving.0.stdout.take());
    let url = format!("http://{address}");
    let answers = async {
        while status_of(&url, "nobody").await != 401 {
            assert!(serving.0.try_wait().unwrap().is_none(), "it has ended");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), answers).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_works_beside_the_service() {
    let emulator = account(|_| (), history(20)).await;
    let place = Place::new();
    place.add("acme", &emulator.url(), TOKEN, &[]);
    let served = place.serve(&[]);
    let store = place.store();
    until("the history is there", || records(&store).len() == 20);
    let copy = place.file("copy", "");
    std::fs::remove_file(&copy).unwrap();
    for (command, shown) in [
        (&["status"][..], "acme"),
        (&["events", "--limit", "1"], "Person 7"),
        (&["connector", "list"], "acme"),
        (&["connector", "show", "acme"], &emulator.url()),
        (&["connector", "test", "acme"], "Connection successful"),
        (&["connector", "backfill", "acme", "--since", "1h"], "is asked for"),
        (&["verify", "acme", "--since", "1d"], "the log holds all 20 events"),
        (&["doctor"], "log"),
        (&["backup", &copy], "copy"),
        (&["user", "list"], ""),
        (&["rules", "list"], ""),
        (&["serve", "--check"], "would be collected"),
    ] {
        let printed = place.hubtrail.prints(command);
        assert!(printed.contains(shown), "{command:?}: {printed}");
    }
    let made = place.hubtrail.prints(&["token", "create", "siem"]);
    let token = made.lines().find(|line| line.starts_with("ht_")).unwrap();
    assert_eq!(status_of(&served.url, token).await, 200, "a token is good at once");
    place.hubtrail.prints(&["token", "revoke", "1"]);
    assert_eq!(status_of(&served.url, token).await, 401, "and so is its end");
    assert_eq!(served.terminate().code(), Some(0));
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_limits_nor_history_of_one_account_delay_another() {
    let healthy = account(|_| (), history(5)).await;
    let limited = account(|_| (), history(5)).await;
    let large = account(|_| (), history(20_000)).await;
    limited.faults().extend([Fault::DailyLimit; 1_000]);
    let place = Place::new();
    place.add("limited", &limited.url(), TOKEN, &[]);
    place.add("large", &large.url(), TOKEN, &["--page-size", "1"]);
    let served = place.serve(&[]);
    let store = place.store();
    let state = |name: &str| {
        let connector = store.connector(name).unwrap();
        status::of(&store, &connector, hubtrail_core::time::UtcMs(now())).unwrap().remove(0).state
    };
    until("one waits for its limit", || state("limited") == State::Waiting);
    let large_id = store.connector("large").unwrap().id;
    let loads =
        || store.checkpoint(large_id, Stream::Content).unwrap().walks.contains_key(&WalkKind::Backfill);
    until("another loads its history", loads);
    place.add("healthy", &healthy.url(), TOKEN, &[]);
    let of_healthy = || {
        let id = store.connector("healthy").unwrap().id;
        let search = hubtrail::store::Search { connectors: Some(vec![id]), ..Default::default() };
        store.count(&search).unwrap()
    };
    until("the third is collected", || of_healthy() == 5);
    healthy.push(vec![record(now() - 10, 7, 3, 1_000_000)]);
    until("its news arrive", || of_healthy() == 6);
    until("it is active", || state("healthy") == State::Active);
    assert!(loads() && state("limited") == State::Waiting, "the others are as they were");
    assert_eq!(served.terminate().code(), Some(0));
}

/// A quarter of an hour takes a second.
const SPEED: u32 = 900;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_connection_is_tried_again_every_quarter_of_an_hour_and_a_recovery_needs_nobody() {
    let lab = Lab::at_speed(SPEED, Behaviour::default(), 100, vec![]).await;
    let App { config, .. } = app(&lab.store, lab.clock);
    let mut config = (*config).clone();
    config.server.listen.set_port(0);
    let app = App { config: Arc::new(config), ..app(&lab.store, lab.clock) };
    let listener = Listener::bind(&app.config.server).await.unwrap();
    let tests = || lab.store.connection_tests(lab.connector.id, 100).unwrap();
    let newest_passed = |passed: bool| async move {
        while tests().first().map(|test| test.passed) != Some(passed) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let story = async {
        newest_passed(true).await;
        lab.emulator.faults().extend([Fault::WrongPlan; 100_000]);
        newest_passed(false).await;
        lab.emulator.faults().clear();
        newest_passed(true).await;
    };
    let patience = tokio::time::timeout(Duration::from_secs(60), story);
    serve::run(app, listener, async { patience.await.expect("the tests go on by themselves") })
        .await
        .unwrap();
    let held = tests();
    assert!(held.len() >= 3, "{}", held.len());
    let apart = |pair: &[ConnectionTest]| pair[0].at.since(pair[1].at).unsigned_abs();
    assert!(held.windows(2).map(apart).all(|ms| ms >= EVERY_MS), "no more often than that");
    let connector = lab.store.connector("acme").unwrap();
    let status = status::of(&lab.store, &connector, lab.clock.now()).unwrap().remove(0);
    assert!(status.last_test.is_some_and(|test| test.passed) && status.state != State::ActionNeeded);
}
