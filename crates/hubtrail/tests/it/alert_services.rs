//! Each service, strict and over real HTTP: what people see, what is updated, what is retried, and no secret in any error.

use std::time::Duration;

use hubtrail::clock::Clock;
use hubtrail::config::{Config, Layers};
use hubtrail::notify::{Item, Letter, Pace, Route, Service, Settings, Story, deliver};
use hubtrail::sink::SinkError;
use hubtrail_core::finding::Severity;
use hubtrail_core::time::UtcMs;
use secrecy::SecretString;

use crate::receiver::Fault;
use crate::receiver::people::{BOT, CHANNEL, People, ROUTING_KEY, SECRET_PATH, SIGNING};

const KINDS: [&str; 5] = ["bot", "incoming", "teams", "pager_duty", "hook"];

fn service(kind: &str, people: &People) -> (Service, String) {
    let url = |path: &str| format!("{}{path}", people.web.url());
    let parsed = |path: &str| url(path).parse().unwrap();
    match kind {
        "bot" => (Service::Slack { channel: Some(CHANNEL.to_owned()), api: parsed("/api/") }, BOT.to_owned()),
        "incoming" => (Service::Slack { channel: None, api: parsed("/api/") }, url(SECRET_PATH)),
        "teams" => (Service::Teams {}, url("/workflow")),
        "pager_duty" => (Service::PagerDuty { api: parsed("/v2/enqueue") }, ROUTING_KEY.to_owned()),
        _ => (Service::Webhook { url: parsed("/hook") }, SIGNING.to_owned()),
    }
}

fn item(key: &str) -> Item {
    Item {
        key: key.to_owned(),
        severity: Severity::High,
        title: format!("Pages <!channel> & [x](y) {key}"),
        text: "“a|b” \u{202e}hidden".to_owned(),
        fix: "Ask them.".to_owned(),
        at: UtcMs(1_710_081_138_123),
        path: "findings/f1-x".to_owned(),
        over: None,
    }
}

fn letter(items: usize, version: i64, handle: Option<String>) -> Letter {
    let mut story = Story::new("acme".to_owned(), "Maria".to_owned());
    for n in 0..items {
        story.take(item(&n.to_string()));
    }
    Letter { message: 17, version, story, console: "https://hubtrail.example.org/".parse().unwrap(), handle }
}

async fn told(
    kind: &str,
    people: &People,
    secret: Option<&str>,
    letter: &Letter,
) -> Result<Option<String>, SinkError> {
    let (service, own) = service(kind, people);
    let settings =
        Settings { name: kind.to_owned(), service, route: Route::default(), pace: Pace::default() };
    settings.check().unwrap();
    settings.check_secret(Some(secret.unwrap_or(&own))).unwrap();
    let secret = SecretString::from(secret.unwrap_or(&own));
    let network = Config::from_layers(&Layers::default()).unwrap().network;
    deliver(&settings, Some(&secret), letter, &network, Clock::system()).await
}

#[tokio::test]
async fn each_takes_a_message_its_update_and_its_end() {
    for kind in KINDS {
        let people = People::start().await;
        let handle = told(kind, &people, None, &letter(1, 1, None)).await.unwrap();
        let more = letter(40, 2, handle.clone());
        told(kind, &people, None, &more).await.unwrap();
        let mut over = letter(1, 3, handle);
        let last = over.story.items[0].clone();
        over.story.take(Item { over: Some("judged".to_owned()), ..last });
        told(kind, &people, None, &over).await.unwrap();
        let seen = people.seen();
        assert_eq!(seen.sent, 3, "{kind}");
        let messages = if matches!(kind, "incoming" | "teams") { 3 } else { 1 };
        assert_eq!(seen.messages.len(), messages, "{kind}: one message where it can be updated");
        if kind == "pager_duty" {
            assert_eq!(seen.resolved, ["hubtrail-17"]);
        }
        let text = serde_json::to_string(&seen.messages).unwrap();
        assert!(!text.contains('\u{202e}') || kind == "hook", "{kind}: {text}");
        assert!(
            !text.contains("<!channel>") || !matches!(kind, "bot" | "incoming"),
            "nobody is mentioned: {text}"
        );
    }
}

#[tokio::test]
async fn what_is_wrong_is_named_by_what_to_do_and_holds_no_secret() {
    for kind in KINDS {
        let people = People::start().await;
        let wrong = match kind {
            "bot" => "xoxb-hunter2-wrong".to_owned(),
            "incoming" | "teams" => format!("{}/services/hunter2-wrong", people.web.url()),
            "pager_duty" => "hunter2wrong".to_owned(),
            _ => "whsec_aHVudGVyMi1odW50ZXIyLWh1bnRlcjItaHVudGVyMg==".to_owned(),
        };
        let error = told(kind, &people, Some(&wrong), &letter(1, 1, None)).await.unwrap_err();
        let said = format!("{error} {error:?}");
        let named = matches!(error, SinkError::Misconfigured { .. })
            || (kind == "pager_duty" && matches!(error, SinkError::Together(_)));
        assert!(named, "{kind}: {said}");
        assert!(!said.contains("hunter2") && !said.contains(&wrong), "{kind}: {said}");
        for (fault, waits) in [(Fault::Status(503, None), None), (Fault::Status(429, Some("7")), Some(7))] {
            people.web.faults.push(fault);
            let error = told(kind, &people, None, &letter(1, 1, None)).await.unwrap_err();
            let SinkError::Retry { after, reason } = &error else { panic!("{kind}: {error:?}") };
            assert_eq!(*after, waits.map(Duration::from_secs), "{kind}");
            assert!(!reason.contains("hunter2") && !reason.contains("planted"), "{kind}: {reason}");
        }
    }
}

#[tokio::test]
async fn a_message_that_is_gone_is_said_so_that_it_is_sent_anew() {
    let people = People::start().await;
    let gone = serde_json::json!({"channel": CHANNEL, "ts": "1.0"}).to_string();
    let error = told("bot", &people, None, &letter(1, 2, Some(gone))).await.unwrap_err();
    assert!(matches!(error, SinkError::Together(_)), "{error:?}");
}
