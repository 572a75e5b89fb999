//! The live tail: nothing missed, nothing twice, nothing of somebody else's, and an end.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{Request, Response};
use futures_util::StreamExt as _;
use hubtrail::access::Role;
use hubtrail::detect::READER;
use hubtrail::store::{Detected, Position, Store};
use hubtrail_core::detect::Change;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::api_support::Api;
use crate::findings_support::{finding, record};
use crate::store_support::{NOW, Record, at, page};

/// A client that reads events as a browser does.
struct Client {
    body: BodyDataStream,
    text: String,
    last_id: String,
}

impl Client {
    async fn open(api: &Api, token: &str, query: &str, last_id: &str) -> Self {
        Self::open_at(api, token, &format!("/api/v1/events/stream?{query}"), last_id).await
    }

    async fn open_at(api: &Api, token: &str, path: &str, last_id: &str) -> Self {
        let response = ask_at(api, token, path, last_id).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let body = response.into_body().into_data_stream();
        let mut client = Self { body, text: String::new(), last_id: String::new() };
        // The first block says where it begins.
        client.block().await.unwrap();
        client
    }

    /// The data of the next block; none: the stream has ended.
    async fn block(&mut self) -> Option<Option<Value>> {
        let end = loop {
            if let Some(end) = self.text.find("\n\n") {
                break end;
            }
            let chunk = self.body.next().await?.unwrap();
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        };
        let block: String = self.text.drain(..end + 2).collect();
        let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned));
        self.last_id = field("id: ").unwrap_or_else(|| self.last_id.clone());
        Some(field("data: ").map(|data| serde_json::from_str(&data).unwrap()))
    }

    async fn event(&mut self) -> Value {
        let next = async {
            loop {
                if let Some(event) = self.block().await.expect("the stream goes on") {
                    return event;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(10), next).await.expect("an event arrives")
    }

    async fn positions(&mut self, count: usize) -> Vec<i64> {
        let mut positions = Vec::new();
        for _ in 0..count {
            positions.push(self.event().await["position"].as_i64().unwrap());
        }
        positions
    }
}

async fn ask(api: &Api, token: &str, query: &str, last_id: &str) -> Response<Body> {
    ask_at(api, token, &format!("/api/v1/events/stream?{query}"), last_id).await
}

async fn ask_at(api: &Api, token: &str, path: &str, last_id: &str) -> Response<Body> {
    let request = Request::get(path)
        .header("authorization", format!("Bearer {token}"))
        .header("last-event-id", last_id);
    api.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

#[tokio::test]
async fn findings_are_told_beside_the_events_or_alone_at_their_positions() {
    let api = Api::new();
    let token = api.viewer();
    api.log.append(&[deleted(1_000).seen(), deleted(2_000).seen()]);
    let found = finding("r", &api.log.all());
    record(&api.log.store, &api.log, Position(2), vec![Change::Raised(found.clone())]);
    let mut both = Client::open(&api, &token, "from=1&findings=true", "").await;
    assert_eq!(both.positions(2).await, [2, 3]);
    let mut events = Client::open(&api, &token, "from=1", "").await;
    assert_eq!(events.positions(1).await, [2]);
    let mut alone = Client::open_at(&api, &token, "/api/v1/findings/stream?from=0", "").await;
    let news = alone.event().await;
    assert_eq!((&news["change"], &news["finding"]["id"]), (&"raised".into(), &found.id.to_string().into()));
    assert_eq!(alone.last_id, "3");
    let other = api.log.add("other");
    let stranger = api.token("stranger", Role::Viewer, Some(&[other.id]));
    let mut nothing = Client::open_at(&api, &stranger, "/api/v1/findings/stream?from=0", "").await;
    api.log.append_to(&other, &[deleted(3_000).seen()]);
    let theirs = finding("r", &api.log.all()[2..]);
    let changes = vec![(other.id, Change::Raised(theirs.clone()))];
    let up_to = api.log.store.head().unwrap();
    let detected = Detected { at: NOW, reader: READER, up_to, changes, accounts: Vec::new() };
    api.log.store.record_findings(detected).unwrap();
    assert_eq!(nothing.event().await["finding"]["id"], theirs.id.to_string(), "only their own");
}

fn deleted(ms: i64) -> Record {
    Record { event: "DELETED", ..at(ms) }
}

#[tokio::test]
async fn new_events_arrive_and_a_break_loses_and_doubles_none() {
    let api = Api::new();
    let token = api.viewer();
    api.log.append(&[at(1).seen()]);
    let mut client = Client::open(&api, &token, "", "").await;
    assert_eq!(client.last_id, "1");
    api.log.append(&[at(2).seen(), at(3).seen()]);
    assert_eq!(client.positions(2).await, [2, 3]);
    let last = client.last_id.clone();
    drop(client);
    let many: Vec<_> = (4..=1_000).map(|ms| at(ms).seen()).collect();
    api.log.append(&many);
    let mut client = Client::open(&api, &token, "from=0", &last).await;
    assert_eq!(client.positions(997).await, (4..=1_000).collect::<Vec<_>>());
    let mut from_the_start = Client::open(&api, &token, "from=0", "").await;
    let first = from_the_start.event().await;
    assert_eq!((&first["position"], &first["account"]["name"]), (&1.into(), &"acme".into()));
}

#[tokio::test]
async fn what_another_process_appends_arrives_as_well() {
    let api = Api::new();
    let token = api.viewer();
    let mut client = Client::open(&api, &token, "", "").await;
    let other = Store::open(api.log.dir.path()).unwrap();
    other.append_blocking(page(&api.log.acme, &[at(1).seen()])).unwrap();
    assert_eq!(client.positions(1).await, [1]);
}

#[tokio::test]
async fn only_what_is_asked_for_and_only_what_the_caller_may_see() {
    let api = Api::new();
    let other = api.log.add("other");
    let token = api.token("of-other", Role::Viewer, Some(&[other.id]));
    let mut client = Client::open(&api, &token, "eventType=DELETED&text=ann", "").await;
    api.log.append(&[deleted(1).seen()]);
    let by_bob = Record { full_name: "Bob".to_owned(), ..deleted(2) };
    api.log.append_to(&other, &[at(3).seen(), by_bob.seen(), deleted(4).seen()]);
    assert_eq!(client.positions(1).await, [4]);
}

#[tokio::test]
async fn a_connector_that_is_added_later_is_named() {
    let api = Api::new();
    let token = api.viewer();
    let mut client = Client::open(&api, &token, "", "").await;
    let later = api.log.add("later");
    api.log.append_to(&later, &[at(1).seen()]);
    assert_eq!(client.event().await["account"]["name"], "later");
}

#[tokio::test(start_paused = true)]
async fn it_shows_that_it_lives_and_ends_with_the_token() {
    let api = Api::new();
    let token = api.viewer();
    let mut client = Client::open(&api, &token, "eventType=DELETED", "").await;
    api.log.append(&[at(1).seen()]);
    assert_eq!((client.block().await, client.last_id.as_str()), (Some(None), "1"));
    api.revoke(&token);
    let asked = tokio::time::Instant::now();
    while client.block().await.is_some() {}
    assert!(asked.elapsed() <= Duration::from_secs(60));
}

#[tokio::test]
async fn what_is_no_position_is_refused() {
    let api = Api::new();
    let token = api.viewer();
    assert_eq!(ask(&api, &token, "", "seven").await.status(), 400);
    assert_eq!(ask(&api, &token, "from=-1", "").await.status(), 400);
    assert_eq!(ask(&api, "nobody", "", "").await.status(), 401);
    // A log that was restored from a backup may end earlier than what a client saw.
    let client = Client::open(&api, &token, "", "99").await;
    assert_eq!(client.last_id, "0");
}
