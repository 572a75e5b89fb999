//! Forwarding as a whole: what a sink takes, where it begins, what becomes of dead letters, and a sink that waits
//! for a person.

use hubtrail::forward::SinkState;
use hubtrail::http::router;
use hubtrail::sink::{Auth, By, Credentials, Limits, Selection, Settings, Target};
use hubtrail::store::{NewSink, Position, Retention, SinkChange};
use hubtrail_core::time::UtcMs;
use secrecy::SecretString;
use serde_json::json;

use crate::api_support::app;
use crate::receiver::Fault;
use crate::receiver::dnif::{Block, Dnif};
use crate::receiver::plain::Plain;
use crate::sink_support::{Kind, Scene, network, sent, until};
use crate::store_support::{Log, at};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_way_to_authenticate_opens_dnif_and_only_with_the_right_secret() {
    let secret = |text: &str| Some(SecretString::from(text));
    let none = Credentials::default;
    for (block, auth, right) in [
        (
            Block::Basic { user: "ann", password: "p:w ü" },
            json!({ "method": "basic", "user": "ann" }),
            Credentials { password: secret("p:w ü"), ..none() },
        ),
        (Block::Bearer("abc"), json!({ "method": "bearer" }), Credentials { token: secret("abc"), ..none() }),
        (
            Block::SharedSecret { header: "X-Key", secret: "abc" },
            json!({ "method": "shared_secret", "header": "X-Key" }),
            Credentials { token: secret("abc"), ..none() },
        ),
        (
            Block::Hmac { header: "X-Signature", key: "abc" },
            json!({ "method": "hmac", "header": "X-Signature" }),
            Credentials { signing_secret: secret("abc"), ..none() },
        ),
    ] {
        let dnif = Dnif::start(block).await;
        let target = json!({ "kind": "dnif", "url": dnif.url(), "auth": auth });
        let settings = settings(target, "dnif");
        let wrong = Credentials {
            password: secret("x"),
            token: secret("x"),
            signing_secret: secret("x"),
            client_key: None,
        };
        for (credentials, passes) in [(right, true), (wrong, false)] {
            settings.check_credentials(&credentials).unwrap();
            let dir = tempfile::tempdir().unwrap();
            let clock = hubtrail::clock::Clock::system();
            let trial = hubtrail::forward::trial(&settings, credentials, &network(), dir.path(), clock).await;
            assert_eq!(trial.passed, passes, "{auth}: {trial:?}");
        }
        let kept = dnif.kept.all();
        assert_eq!(kept.len(), 1, "the marked event, once");
        assert!(kept[0].contains("HUBTRAIL_TEST"), "{kept:?}");
    }
}

fn settings(target: serde_json::Value, format: &str) -> Settings {
    Settings {
        name: "siem".to_owned(),
        format: format.parse().unwrap(),
        original: true,
        target: serde_json::from_value::<Target>(target).unwrap(),
        select: Selection::default(),
        batch: Limits::default(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_letter_is_delivered_once_more_when_somebody_asks_or_given_up() {
    let scene = Scene::new(Kind::Http, 10, None).await;
    let store = &scene.log.store;
    // Every delivery is refused, until each entry stands alone.
    for _ in 0..40 {
        scene.faults().push(Fault::Status(422, None));
    }
    scene.forwarder().drain().await.unwrap();
    let letters = store.dead_letters(scene.sink.id, 0, 100).unwrap();
    assert_eq!((letters.len(), scene.received().len()), (10, 0));
    assert!(letters[0].reason.contains("422"), "{letters:?}");
    let shown = || hubtrail::forward::of(store, &scene.sink, hubtrail::clock::Clock::system().now()).unwrap();
    let refusing = shown();
    assert_eq!(refusing.state, SinkState::Refusing);
    assert!(refusing.reason.unwrap().contains("422") && refusing.fix.unwrap().contains("dead-letters retry"));
    assert!(refusing.last_error.unwrap().contains("422") && refusing.last_error_at.is_some());
    while scene.faults().pending() > 0 {
        scene.bare().deliver(&[]).await.ok();
    }
    assert_eq!(store.retry_dead_letters(scene.sink.id, Some(letters[3].id)).unwrap(), 1);
    scene.forwarder().drain().await.unwrap();
    assert_eq!(scene.received(), ["1003"]);
    let taken = shown();
    assert_eq!((taken.state, taken.reason), (SinkState::Current, None));
    assert!(taken.last_error.unwrap().contains("422"), "what went wrong last is told when it is over");
    assert_eq!(store.drop_dead_letters(scene.sink.id, Some(letters[0].id)).unwrap(), 1);
    assert_eq!(store.retry_dead_letters(scene.sink.id, None).unwrap(), 8);
    scene.forwarder().drain().await.unwrap();
    assert_eq!(scene.delivery().dead_letters, 0);
    assert_eq!(scene.received().len(), 9);
    // One that is refused again stays.
    let letter = Scene::new(Kind::Http, 3, Some(1)).await;
    letter.forwarder().drain().await.unwrap();
    letter.log.store.retry_dead_letters(letter.sink.id, None).unwrap();
    letter.forwarder().drain().await.unwrap();
    let left = letter.log.store.dead_letters(letter.sink.id, 0, 10).unwrap();
    assert_eq!((left.len(), left[0].attempts, left[0].again), (1, 2, false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_delivers_again_from_a_time_on_and_then_goes_on() {
    let scene = Scene::new(Kind::Http, 10, None).await;
    scene.forwarder().drain().await.unwrap();
    let store = &scene.log.store;
    store.replay_sink(scene.sink.id, Some(UtcMs(1_700_000_000_000 + 7))).unwrap();
    // Late, and older than the replay begins: it is new to the sink.
    scene.log.append(&[crate::store_support::Record { object: 5_000, ..at(1_600_000_000_000) }.seen()]);
    scene.forwarder().drain().await.unwrap();
    let expected = [sent(10), vec!["1007".into(), "1008".into(), "1009".into(), "5000".into()]].concat();
    assert_eq!(scene.received(), expected);
    assert_eq!(store.readers().unwrap().len(), 1, "the reader before it is gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sink_begins_where_it_is_told_and_takes_what_it_is_told() {
    let plain = Plain::start(|_| true).await;
    let log = Log::new();
    let other = log.add("other");
    let app = app(&log.store, hubtrail::clock::Clock::at_speed(1_000));
    let record = |object, event, ms| crate::store_support::Record { object, event, ..at(ms) }.seen();
    log.append(&[record(1, "DELETED", 1_000), record(2, "UPDATED", 2_000), record(3, "DELETED", 3_000)]);
    log.append_to(&other, &[record(4, "DELETED", 4_000)]);
    let add = |name: &str, since: Option<i64>, select: Selection| {
        let target = json!({ "kind": "http", "url": plain.url() });
        let settings = Settings { name: name.to_owned(), select, ..settings(target, "raw") };
        let new = NewSink {
            settings,
            credentials: Credentials::default(),
            by: By::Request,
            paused: false,
            since: since.map(UtcMs),
            declared_in: None,
            created_at: UtcMs(5_000),
        };
        log.store.add_sink(new, &app.keyring).unwrap()
    };
    let deleted = Selection {
        accounts: vec![log.acme.id],
        event_types: vec!["deleted".to_owned()],
        ..Selection::default()
    };
    for (name, since, select, objects) in [
        ("all", None, Selection::default(), &["1", "2", "3", "4"][..]),
        ("since", Some(2_000), Selection::default(), &["2", "3", "4"]),
        ("now", Some(5_000), Selection::default(), &[]),
        ("deleted", None, deleted, &["1", "3"]),
        ("findings", None, Selection { events: false, ..Selection::default() }, &[]),
    ] {
        let sink = add(name, since, select);
        let before = plain.kept.all().len();
        let (keyring, network) = (&app.keyring, &app.config.network);
        let forwarder =
            hubtrail::forward::Forwarder::new(&log.store, sink.clone(), keyring, network, app.clock).unwrap();
        forwarder.drain().await.unwrap();
        let found: Vec<String> = plain.kept.all()[before..]
            .iter()
            .map(|entry| {
                serde_json::from_str::<serde_json::Value>(entry).unwrap()["objectId"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        assert_eq!(found, objects, "{name}");
        let delivery = log.store.delivery(&sink, UtcMs(6_000)).unwrap();
        assert_eq!(
            (delivery.position, delivery.lag),
            (Position(4), 0),
            "{name}: what it does not take is done with"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_misconfigured_sink_stops_says_so_and_goes_on_when_it_is_mended() {
    let scene = Scene::new(Kind::Http, 10, None).await;
    let store = &scene.log.store;
    let app = app(store, hubtrail::clock::Clock::system());
    let mut settings = scene.sink.settings.clone();
    let Target::Http(http) = &mut settings.target else { panic!() };
    http.url.set_path("/elsewhere");
    let change = |settings| SinkChange {
        settings,
        paused: false,
        credentials: None,
        by: By::Request,
        declared_in: None,
    };
    let wrong = store.update_sink(&scene.sink, change(settings.clone()), &app.keyring).unwrap();
    let running = tokio::spawn(scene.forwarder().run());
    until("it is shown", || scene.delivery().stopped).await;
    running.abort();
    let shown = hubtrail::forward::of(store, &wrong, app.clock.now()).unwrap();
    assert_eq!(shown.state, SinkState::ActionNeeded);
    assert!(shown.reason.unwrap().contains("404") && shown.fix.unwrap().contains("address"));
    let ready = ask(&app, "/readyz").await;
    assert_eq!(ready, r#"{"log":"ok","sinks":"action_needed"}"#);

    http_of(&mut settings).url.set_path("/ingest");
    store.update_sink(&wrong, change(settings), &app.keyring).unwrap();
    scene.forwarder().drain().await.unwrap();
    assert_eq!(scene.received(), sent(10));
    assert_eq!(ask(&app, "/readyz").await, r#"{"log":"ok","sinks":"ok"}"#);
}

fn http_of(settings: &mut Settings) -> &mut hubtrail::sink::Http {
    match &mut settings.target {
        Target::Http(http) => http,
        other => panic!("{other:?}"),
    }
}

async fn ask(app: &hubtrail::http::App, path: &str) -> String {
    use axum::body::{Body, to_bytes};
    use tower::ServiceExt as _;
    let request = http::Request::get(path).body(Body::empty()).unwrap();
    let response = router(app.clone()).oneshot(request).await.unwrap();
    String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_do_not_follow_to_another_receiver() {
    let scene = Scene::new(Kind::Http, 1, None).await;
    let store = &scene.log.store;
    let keyring = hubtrail::secret::Keyring::open(scene.log.dir.path(), None).unwrap();
    let mut settings = scene.sink.settings.clone();
    http_of(&mut settings).url = "https://elsewhere.example/ingest".parse().unwrap();
    let change =
        SinkChange { settings, paused: false, credentials: None, by: By::Operator, declared_in: None };
    let error = store.update_sink(&scene.sink, change.clone(), &keyring).unwrap_err().to_string();
    assert!(error.contains("another receiver"), "{error}");
    let given = Credentials { token: Some(SecretString::from("new")), ..Credentials::default() };
    store.update_sink(&scene.sink, SinkChange { credentials: Some(given), ..change }, &keyring).unwrap();
    let mut settings = scene.sink.settings.clone();
    http_of(&mut settings).auth = Auth::None;
    assert_eq!(settings.check(By::Request), Ok(()));
}

#[test]
fn retention_waits_for_a_sink_and_only_so_long() {
    const HOUR: i64 = 3_600_000;
    let log = Log::new();
    let app = app(&log.store, hubtrail::clock::Clock::system());
    let target = json!({ "kind": "http", "url": "http://127.0.0.1:9/" });
    let new = NewSink {
        settings: settings(target, "raw"),
        credentials: Credentials::default(),
        by: By::Request,
        paused: true,
        since: None,
        declared_in: None,
        created_at: UtcMs(0),
    };
    log.store.add_sink(new, &app.keyring).unwrap();
    log.append(&[at(HOUR / 2).seen(), at(HOUR + HOUR / 2).seen(), at(100 * HOUR).seen()]);
    let mut retention =
        Retention { before: UtcMs(3 * HOUR), connectors: None, past_readers: false, past_sinks_before: None };
    let waits = log.store.retire(&retention).unwrap();
    assert_eq!((waits.entries, waits.held_back, waits.waits_from), (0, 2, Some(UtcMs(0))));
    retention.past_sinks_before = Some(UtcMs(HOUR));
    let partly = log.store.retire(&retention).unwrap();
    assert_eq!((partly.entries, partly.held_back, partly.waits_from), (1, 1, Some(UtcMs(HOUR))));
    // Another reader than a sink is waited for all the same.
    log.store.register_reader("detect", Position(1)).unwrap();
    retention.past_sinks_before = Some(UtcMs(3 * HOUR));
    let held = log.store.retire(&retention).unwrap();
    assert_eq!((held.entries, held.slowest_reader.as_deref()), (0, Some("detect")));
}
