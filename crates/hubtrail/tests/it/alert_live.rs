//! From HubSpot to people: what is found while the service runs is told, and ends when somebody judges it.

use hubtrail::access::Actor;
use hubtrail::judgement::{Status, Verdict};
use hubtrail::store::{FindingSearch, Judged};
use hubtrail_core::time::UtcMs;
use serde_json::Value;

use crate::lab::record;
use crate::receiver::people::{People, SIGNING};
use crate::serve_support::{Place, TOKEN, account, now, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_spree_is_told_once_for_all_of_it_and_is_over_when_it_is_judged() {
    let spree = |n: i64| {
        let mut deleted = record(now() - 300_000 + n * 5_000, 7, 2, n.unsigned_abs());
        deleted.event = "DELETED".to_owned();
        deleted.object_type = "LANDING_PAGE".to_owned();
        deleted
    };
    let emulator = account(|_| {}, (0..30).map(spree).collect()).await;
    let people = People::start().await;
    let place = Place::new();
    let url = emulator.url();
    place.add("acme", &url, TOKEN, &[]);
    let secret = place.file("signing", SIGNING);
    let hook = format!("{}/hook", people.web.url());
    let more = ["--webhook", &hook, "--secret-file", &secret, "--severity", "medium", "--gather", "0"];
    place.hubtrail.prints(&[&["alert", "add", "hook"], &more[..]].concat());
    let tried = place.hubtrail.prints(&["alert", "test", "hook"]);
    assert!(tried.contains("the service has taken it"), "{tried}");
    let served = place.serve(&[]);
    let told = |is: fn(&Value) -> bool| {
        people.seen().messages.values().any(|data| data["about"] == "acme" && is(data))
    };
    until("people are told", || told(|data| data["over"] == false));
    let about: Vec<Value> =
        people.seen().messages.into_values().filter(|data| data["about"] == "acme").collect();
    assert_eq!(about.len(), 1, "one person, one message: {about:?}");
    assert!(about[0]["items"][0]["link"].as_str().unwrap().contains("/findings/f1-"), "{about:?}");
    let store = place.store();
    let found = store.findings(&FindingSearch { limit: 100, ..FindingSearch::default() }).unwrap();
    let all = found.iter().map(|kept| kept.finding.id).collect();
    let judged = Judged { status: Some(Status::Closed(Verdict::Expected)), ..Judged::new(all, UtcMs(now())) };
    store.judge(judged, &Actor::command_line()).unwrap();
    until("it is over", || told(|data| data["over"] == true));
    let list = place.hubtrail.prints(&["alert", "list"]);
    assert!(list.contains("hook") && list.contains("active"), "{list}");
    let said = format!("{}{list}{tried}", served.said());
    assert!(!said.contains("whsec_") && !said.contains(&SIGNING[6..]), "{said}");
}
