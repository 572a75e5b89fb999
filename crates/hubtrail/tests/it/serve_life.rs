//! `hubtrail serve`, from its start to its end: who collects when, and that nothing is lost on the way.

use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::stream::Stream;

use crate::lab::record;
use crate::oauth::{CLIENT_SECRET, REFRESH_TOKEN, app};
use crate::serve_support::{Place, TOKEN, account, history, now, records, truth, until};

#[tokio::test(flavor = "multi_thread")]
async fn it_is_alone_ends_when_told_and_goes_on_where_it_stopped() {
    let emulator = account(|_| (), history(3_000)).await;
    let place = Place::new();
    place.add("acme", &emulator.url(), TOKEN, &["--page-size", "10"]);
    let served = place.serve(&[]);
    for other in [&["serve"][..], &["collect", "acme"]] {
        let refused = place.hubtrail.fails(1, other);
        assert!(refused.contains("`hubtrail serve` (pid ") && refused.contains("stop it first"), "{refused}");
    }
    let store = place.store();
    until("some history is there", || records(&store).len() > 100);
    let status = served.terminate();
    assert_eq!(status.code(), Some(0));
    let stored = records(&store);
    assert!(stored.len() < 3_000, "it was stopped on the way");
    emulator.push(vec![record(now() - 10, 7, 3, 9_999)]);
    let served = place.serve(&[]);
    until("everything is there", || records(&store).len() >= 3_001);
    assert_eq!(records(&store), truth(&emulator), "nothing is missing and nothing is doubled");
    assert_eq!(served.terminate().code(), Some(0));
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_commands_change_takes_effect_while_it_runs() {
    let emulator = account(|_| (), history(5)).await;
    let place = Place::new();
    let served = place.serve(&[]);
    place.add("acme", &emulator.url(), TOKEN, &[]);
    let store = place.store();
    let failure = || place.hubtrail.prints(&["status", "--json"]);
    until("the new connector is collected", || records(&store).len() == 5);

    place.hubtrail.prints(&["connector", "pause", "acme"]);
    let asked = || emulator.stats().requests;
    let mut before = asked();
    until("nobody asks any more", || {
        std::thread::sleep(std::time::Duration::from_millis(1_500));
        std::mem::replace(&mut before, asked()) == asked()
    });
    emulator.push(vec![record(now() - 10, 7, 3, 100)]);
    place.hubtrail.prints(&["connector", "resume", "acme"]);
    until("it goes on", || records(&store).len() == 6);

    let revoked = place.file("revoked", "pat-na1-revoked");
    place.hubtrail.prints(&["connector", "token", "acme", "--token-file", &revoked]);
    until("the token is refused", || failure().contains("\"credentials\""));
    emulator.push(vec![record(now() - 10, 7, 3, 101)]);
    let right = place.file("right", TOKEN);
    place.hubtrail.prints(&["connector", "token", "acme", "--token-file", &right]);
    until("the right one is used at once", || records(&store).len() == 7);
    until("nothing stands in the way", || !failure().contains("\"credentials\""));

    place.hubtrail.prints(&["connector", "edit", "acme", "--name", "renamed", "--labels", "emea,shop"]);
    emulator.push(vec![record(now() - 10, 7, 3, 102)]);
    until("it goes on under its new name", || records(&store).len() == 8);
    assert!(place.hubtrail.prints(&["connector", "list", "--json"]).contains("renamed"));

    place.hubtrail.fails(2, &["connector", "remove", "renamed", "--erase-entries"]);
    place.hubtrail.prints(&["connector", "remove", "renamed", "--erase-entries", "--confirm", "renamed"]);
    until("its entries are gone", || records(&store).is_empty());
    let said = served.said();
    assert_eq!(served.terminate().code(), Some(0));
    assert!(!said.contains(TOKEN) && !said.contains("panicked"), "{said}");
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_with_one_connector_touches_no_other() {
    let emulator = account(|config| config.app = Some(app(true)), history(5)).await;
    let place = Place::new();
    place.add("healthy", &emulator.url(), TOKEN, &[]);
    place.add("revoked", &emulator.url(), "pat-na1-revoked", &[]);
    place.add("gone", "http://127.0.0.1:1", TOKEN, &[]);
    let served = place.serve(&[]);
    let store = place.store();
    until("the healthy one is collected", || records(&store).len() == 5);
    until("the others say why they are not", || {
        let facts = store.facts().unwrap();
        let kinds: Vec<_> =
            facts.iter().flat_map(|facts| &facts.failures).map(|failure| &failure.kind).collect();
        kinds.iter().any(|kind| *kind == "credentials") && kinds.iter().any(|kind| *kind == "unreachable")
    });
    let oauth = format!(
        "client_id = \"app-1\"\nclient_secret = \"{CLIENT_SECRET}\"\nrefresh_token = \"{REFRESH_TOKEN}\"\n"
    );
    let oauth = place.file("oauth.toml", &oauth);
    place.hubtrail.prints(&["connector", "token", "revoked", "--oauth-file", &oauth]);
    emulator.push(vec![record(now() - 10, 7, 3, 100)]);
    until("both have everything, one of them as a public app", || records(&store).len() == 12);
    let said = served.said();
    assert!(!said.contains(REFRESH_TOKEN) && !said.contains(CLIENT_SECRET), "{said}");
    assert_eq!(served.terminate().code(), Some(0));
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn new_events_arrive_while_history_loads_and_history_can_be_asked_for_again() {
    let emulator = account(|_| (), history(4_000)).await;
    let place = Place::new();
    place.add("acme", &emulator.url(), TOKEN, &["--page-size", "2"]);
    let served = place.serve(&[]);
    let store = place.store();
    let acme = store.connector("acme").unwrap().id;
    let loads = || store.checkpoint(acme, Stream::Content).unwrap().walks.contains_key(&WalkKind::Backfill);
    until("the history loads", || loads() && records(&store).len() > 20);
    emulator.push(vec![record(now() - 10, 7, 3, 77_777)]);
    let is_new = |record: &String| record.contains("77777");
    until("the new event is there", || records(&store).iter().any(is_new));
    assert!(loads(), "the history was still being loaded");

    place.hubtrail.prints(&["connector", "edit", "acme", "--page-size", "100"]);
    until("the history is there", || !loads());
    assert_eq!(records(&store), truth(&emulator));
    let asked = place.hubtrail.prints(&["connector", "backfill", "acme", "--since", "1h"]);
    assert!(asked.contains("`acme` is asked for"), "{asked}");
    until("it was carried out", || store.backfills(acme, 1).unwrap()[0].outcome.is_some());
    let backfill = store.backfills(acme, 1).unwrap().remove(0);
    assert!(backfill.outcome.unwrap().starts_with("ended: 0 new events"), "nothing was missing");
    assert!(store.open_backfills(acme).unwrap().is_empty());
    assert_eq!(served.terminate().code(), Some(0));
    emulator.shutdown().await;
}
