//! Sinks in the console: all that the API can do, asked before what cannot be undone, and no secret on any page.

use axum::body::Body;
use http::{Method, StatusCode, header};
use hubtrail::access::{Accounts, Role};
use hubtrail::secret::Keyring;
use hubtrail::sink::{By, Configured, SinkId};
use hubtrail::store::{NewDeadLetter, NewSink, Position, Progress};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::access_support::{Client, Reply, Service};
use crate::store_support::{NOW, at};

const SECRET: &str = "planted-hunter2";

async fn person(service: &Service, name: &str, role: Role, accounts: Accounts) -> Client {
    service.user(name, role, accounts);
    service.browser(name).await.with("accept", "text/html")
}

async fn send(service: &Service, browser: &Client, path: &str, fields: &[(&str, &str)]) -> Reply {
    let browser = browser.clone().with("content-type", "application/x-www-form-urlencoded");
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    service.send(&browser, Method::POST, path, Body::from(body)).await
}

async fn listed(service: &Service, browser: &Client) -> Value {
    let api = browser.clone().with("accept", "application/json");
    service.get(&api, "/api/v1/sinks").await.json()["sinks"].clone()
}

fn led_to(reply: &Reply) -> &str {
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    reply.headers[header::LOCATION].to_str().unwrap()
}

/// As a browser would send a page's form back when nothing in it is touched: ticks, choices and texts.
fn as_shown(html: &str) -> Vec<(String, String)> {
    let form = html.split_once("<form class=\"form\"").unwrap().1.split_once("</form>").unwrap().0;
    let attribute = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
        Some(unescaped(rest.split_once('"')?.0))
    };
    let mut fields = Vec::new();
    let mut chosen: Option<(String, Option<String>)> = None;
    for piece in form.split('<') {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        let name = attribute(tag, "name");
        let is_off = matches!(attribute(tag, "type").as_deref(), Some("checkbox" | "radio"))
            && !tag.contains(" checked");
        match (tag.split(' ').next().unwrap(), name) {
            ("input", Some(name)) if !is_off => {
                fields.push((name, attribute(tag, "value").unwrap_or_default()));
            }
            ("textarea", Some(name)) => {
                fields.push((name, unescaped(text).trim_start_matches('\n').to_owned()))
            }
            ("select", Some(name)) => chosen = Some((name, None)),
            ("option", _) => {
                let value = attribute(tag, "value").unwrap_or_else(|| unescaped(text));
                if let Some((_, held)) = &mut chosen
                    && (held.is_none() || tag.ends_with(" selected"))
                {
                    *held = Some(value);
                }
            }
            ("/select", _) => {
                if let Some((name, value)) = chosen.take() {
                    fields.push((name, value.unwrap_or_default()));
                }
            }
            _ => {}
        }
    }
    fields
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#39;", "'");
    text.replace("&#38;", "&")
}

fn changed<'a>(fields: &'a [(String, String)], with: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let kept = kept.filter(|(name, _)| with.iter().all(|(own, _)| own != name));
    kept.chain(with.iter().copied().filter(|(_, value)| *value != "-")).collect()
}

/// A sink of every kind with everything that may be said of it.
fn sinks() -> Vec<Value> {
    let connection = json!({ "ca": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" });
    let targets = [
        json!({ "kind": "splunk_hec", "url": "https://splunk.example/", "index": "main", "source": "s", "host": "h",
                "sourcetype": "t", "acknowledge": true, "gzip": true, "connection": connection }),
        json!({ "kind": "elasticsearch", "url": "https://elastic.example/", "index": "logs-x", "pipeline": "p",
                "auth": { "method": "basic", "user": "u" } }),
        json!({ "kind": "syslog", "address": "siem.example:6514", "transport": "tls", "protocol": "rfc3164",
                "facility": 4, "hostname": "h", "appName": "a", "confirm": false }),
        json!({ "kind": "http", "url": "https://http.example/x", "body": "ndjson", "gzip": true,
                "headers": { "X-A": "b", "X-C": "d: e" }, "auth": { "method": "hmac", "header": "X-Sign" } }),
        json!({ "kind": "dnif", "url": "https://dnif.example/events", "auth": { "method": "bearer" } }),
        json!({ "kind": "file", "path": "a.ndjson", "rotateBytes": 8192, "rotateMs": 3_600_000,
                "compression": "none" }),
        json!({ "kind": "stdout" }),
    ];
    let select = json!({ "accounts": [1], "objectTypes": ["DOMAIN", "URL_MAPPING"], "eventTypes": ["DELETED"],
                         "severities": ["high", "critical"] });
    let batch = json!({ "entries": 7, "bytes": 2048, "waitMs": 0, "timeoutMs": 90_000 });
    let credentials = json!({ "token": SECRET, "password": SECRET, "signingSecret": SECRET });
    let sink = |target: &Value| {
        json!({ "name": target["kind"], "format": "ecs", "original": false, "target": target, "paused": true,
                "select": select, "batch": batch, "credentials": credentials })
    };
    targets.iter().map(sink).collect()
}

#[tokio::test]
async fn the_form_of_every_kind_holds_what_is_held_and_sent_back_changes_nothing() {
    let service = Service::new();
    let browser = person(&service, "dana", Role::Admin, Accounts::All).await;
    let api = browser.clone().with("accept", "application/json");
    for sink in sinks() {
        let made = service.post(&api, "/api/v1/sinks", &sink).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        let (before, id) = (made.json(), made.json()["id"].clone());
        let page = service.get(&browser, &format!("/sinks/{id}")).await.text();
        assert!(page.contains(&format!("/sinks/{id}/edit")), "{page}");
        let said =
            "events of type DELETED on DOMAIN, URL_MAPPING and findings of high, critical severity, of acme";
        assert!(page.contains(said), "{page}");
        let form = service.get(&browser, &format!("/sinks/{id}/edit")).await.text();
        assert!(!form.contains(SECRET), "a secret is shown");
        let fields = as_shown(&form);
        let same = send(&service, &browser, &format!("/sinks/{id}/edit"), &changed(&fields, &[])).await;
        assert_eq!(led_to(&same), format!("/sinks/{id}?said=saved"));
        let after = service.get(&api, &format!("/api/v1/sinks/{id}")).await.json();
        for part in ["name", "format", "original", "target", "select", "batch", "paused", "hasCredentials"] {
            assert_eq!(after[part], before[part], "{part} of {}", sink["name"]);
        }
        assert_eq!(after["revision"], 2);
    }
    let sink = service.log.store.sink("http").unwrap();
    let held = sink.credentials(&service.app.keyring).unwrap();
    assert_eq!(held.signing_secret.unwrap().expose_secret(), SECRET, "what was left blank stays");
}

#[tokio::test]
async fn a_sink_is_added_with_what_is_rarely_said_and_changed_by_one_editor_at_a_time() {
    let service = Service::new();
    let browser = person(&service, "dana", Role::Admin, Accounts::All).await;
    let blank = as_shown(&service.get(&browser, "/sinks/new?kind=http").await.text());
    let said = [
        ("name", "siem"),
        ("target.url", "https://a.example/"),
        ("target.auth.method", "bearer"),
        ("secret", SECRET),
        ("start", "beginning"),
        ("paused", "yes"),
        ("original", "-"),
        ("select.events", "-"),
        ("batch.entries", "9"),
        ("batch.timeout", "1m"),
        ("target.headers", "X-A: b"),
    ];
    let fields = changed(&blank, &said);
    let added = send(&service, &browser, "/sinks/new", &fields).await;
    assert_eq!(led_to(&added), "/sinks/1?said=sink");
    let held = &listed(&service, &browser).await[0];
    assert_eq!(
        (&held["original"], &held["paused"], &held["hasCredentials"]),
        (&json!(false), &json!(true), &json!(true))
    );
    assert_eq!((&held["select"]["events"], &held["select"]["findings"]), (&json!(false), &json!(true)));
    assert_eq!(
        held["batch"],
        json!({ "entries": 9, "bytes": 1_048_576, "waitMs": 500, "timeoutMs": 60_000 })
    );
    assert_eq!(held["target"]["headers"], json!({ "X-A": "b" }));

    let form = as_shown(&service.get(&browser, "/sinks/1/edit").await.text());
    let moved = changed(&form, &[("target.url", "https://b.example/")]);
    let refused = send(&service, &browser, "/sinks/1/edit", &moved).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let text = refused.text();
    assert!(
        text.contains("would be sent to another receiver") && text.contains("https://b.example/"),
        "{text}"
    );
    let with = changed(&form, &[("target.url", "https://b.example/"), ("secret", "another")]);
    assert_eq!(led_to(&send(&service, &browser, "/sinks/1/edit", &with).await), "/sinks/1?said=saved");
    let stale = send(&service, &browser, "/sinks/1/edit", &changed(&form, &[("name", "late")])).await;
    assert!(stale.text().contains("omebody else has changed it"), "{}", stale.text());
    let trail = service.get(&browser, "/settings/audit?action=sink.update").await.text();
    assert!(trail.contains("with other credentials"), "{trail}");

    // Another kind of receiver, which asks for nothing: what opened the other one is not held on to.
    let file = as_shown(&service.get(&browser, "/sinks/1/edit?kind=file").await.text());
    let file = changed(&file, &[("target.path", "x.ndjson")]);
    assert_eq!(led_to(&send(&service, &browser, "/sinks/1/edit", &file).await), "/sinks/1?said=saved");
    let held = &listed(&service, &browser).await[0];
    assert_eq!((&held["target"]["path"], &held["hasCredentials"]), (&json!("x.ndjson"), &json!(false)));
}

#[tokio::test]
async fn what_is_refused_is_said_at_its_field_and_its_part_of_the_form_is_open() {
    let service = Service::new();
    let browser = person(&service, "dana", Role::Admin, Accounts::All).await;
    let http = as_shown(&service.get(&browser, "/sinks/new?kind=http").await.text());
    let usual = [("name", "siem"), ("target.url", "https://a.example/")];
    for (with, id, said) in [
        (("target.url", "a.example"), "target.url", "https://"),
        (("target.auth.method", "bearer"), "secret", "It is missing"),
        (("target.headers", "X-Token: a"), "target.headers", "not for settings"),
        (("target.connection.clientCertificate", "PEM"), "credentials.clientKey", "not both there"),
        (("select.accounts", "some"), "", "None is ticked"),
        (("batch.bytes", "many"), "batch.bytes", "`many` is no number"),
        (("batch.wait", "2m"), "batch.wait", "outside of what makes sense"),
        (("start", "soon"), "start", "Not a time"),
        (("name", ""), "name", "It is empty"),
    ] {
        let mut fields = usual.to_vec();
        fields.retain(|(name, _)| *name != with.0);
        fields.push(with);
        let reply = send(&service, &browser, "/sinks/new", &changed(&http, &fields)).await;
        let text = reply.text();
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{with:?}");
        assert!(text.contains(said) && text.contains("class=\"wrong\""), "{with:?}: {text}");
        let field = text.split('<').find(|tag| tag.contains(&format!("id=\"{id}\""))).unwrap_or_default();
        assert!(id.is_empty() || field.contains("aria-invalid=\"true\""), "{with:?}: {field}");
        let open = text.matches("<details class=\"more\" open>").count();
        let folded = ["target.headers", "target.connection", "select", "batch"];
        assert_eq!(open > 0, folded.iter().any(|part| with.0.starts_with(part)), "{with:?}");
    }
    assert_eq!(listed(&service, &browser).await, json!([]));
}

/// One that is sealed under another key than the service has.
fn sealed_elsewhere(service: &Service, name: &str) -> Configured {
    let elsewhere = tempfile::tempdir().unwrap();
    let keyring = Keyring::open(elsewhere.path(), None).unwrap();
    service.log.store.add_sink(new(name), &keyring).unwrap()
}

fn new(name: &str) -> NewSink {
    let settings = json!({ "name": name, "format": "raw", "target": { "kind": "splunk_hec", "url": "https://a.example/" } });
    let credentials = json!({ "token": SECRET });
    NewSink {
        settings: serde_json::from_value(settings).unwrap(),
        credentials: serde_json::from_value::<hubtrail::sink::NewCredentials>(credentials).unwrap().into(),
        by: By::Operator,
        paused: true,
        since: None,
        declared_in: None,
        created_at: NOW,
    }
}

#[tokio::test]
async fn credentials_of_a_lost_key_are_given_again() {
    let service = Service::new();
    let browser = person(&service, "dana", Role::Admin, Accounts::All).await;
    sealed_elsewhere(&service, "siem");
    let page = service.get(&browser, "/sinks/1/edit").await.text();
    assert!(page.contains("cannot be read with the key of this data directory"), "{page}");
    let form = as_shown(&page);
    let without = send(&service, &browser, "/sinks/1/edit", &changed(&form, &[])).await;
    assert_eq!(without.status, StatusCode::BAD_REQUEST, "{}", without.text());
    assert!(without.text().contains("There is no HEC token"), "{}", without.text());
    let with = send(&service, &browser, "/sinks/1/edit", &changed(&form, &[("secret", "another")])).await;
    assert_eq!(led_to(&with), "/sinks/1?said=saved");
    let held = service.log.store.sink("siem").unwrap().credentials(&service.app.keyring).unwrap();
    assert_eq!(held.token.unwrap().expose_secret(), "another");
}

#[tokio::test]
async fn a_client_certificate_is_shown_with_its_key_and_both_can_be_taken_back() {
    let service = Service::new();
    let browser = person(&service, "dana", Role::Admin, Accounts::All).await;
    let blank = as_shown(&service.get(&browser, "/sinks/new?kind=syslog").await.text());
    let pem = "-----BEGIN CERTIFICATE-----\r\nAAAA\r\n-----END CERTIFICATE-----\r\n";
    let said = [
        ("name", "siem"),
        ("target.address", "siem.example:6514"),
        ("target.connection.clientCertificate", pem),
        ("credentials.clientKey", SECRET),
        ("paused", "yes"),
    ];
    let added = send(&service, &browser, "/sinks/new", &changed(&blank, &said)).await;
    assert_eq!(led_to(&added), "/sinks/1?said=sink");
    let key =
        || service.log.store.sink("siem").unwrap().credentials(&service.app.keyring).unwrap().client_key;
    assert_eq!(key().unwrap().expose_secret(), SECRET);
    let form = as_shown(&service.get(&browser, "/sinks/1/edit").await.text());
    let taken = changed(&form, &[("target.connection.clientCertificate", "")]);
    assert_eq!(led_to(&send(&service, &browser, "/sinks/1/edit", &taken).await), "/sinks/1?said=saved");
    assert!(key().is_none(), "the key goes with its certificate");
}

#[tokio::test]
async fn only_who_decides_for_all_changes_a_sink_and_a_declared_one_is_changed_in_its_file() {
    let service = Service::new();
    let own = Accounts::Some([service.log.acme.id].into());
    let mut declared = new("declared");
    declared.declared_in = Some("/etc/hubtrail.toml".to_owned());
    declared.settings.select.accounts = vec![service.log.acme.id];
    let mut free = new("free");
    free.settings.select.accounts = vec![service.log.acme.id];
    for sink in [declared, free] {
        service.log.store.add_sink(sink, &service.app.keyring).unwrap();
    }
    let admin = person(&service, "dana", Role::Admin, Accounts::All).await;
    let page = service.get(&admin, "/sinks/1").await.text();
    assert!(page.contains("Declared in the configuration file") && !page.contains("/sinks/1/edit"), "{page}");
    for reply in
        [service.get(&admin, "/sinks/1/edit").await, send(&service, &admin, "/sinks/1/edit", &[]).await]
    {
        assert_eq!(reply.status, StatusCode::CONFLICT);
        assert!(reply.text().contains("is declared in the configuration file"), "{}", reply.text());
    }
    for (name, role, accounts) in [("vera", Role::Viewer, Accounts::All), ("ann", Role::Admin, own)] {
        let browser = person(&service, name, role, accounts).await;
        let page = service.get(&browser, "/sinks/2").await.text();
        assert!(page.contains("free") && !page.contains("/sinks/2/edit"), "{name}");
        for action in ["edit", "pause", "resume", "remove", "replay"] {
            let reply = send(&service, &browser, &format!("/sinks/2/{action}"), &[("since", "1d")]).await;
            assert_eq!(reply.status, StatusCode::FORBIDDEN, "{name} {action}");
        }
        assert_eq!(service.get(&browser, "/sinks/2/edit").await.status, StatusCode::FORBIDDEN, "{name}");
    }
    assert_eq!(service.log.store.sink("free").unwrap().revision, 1);
}

async fn with_dead_letters(service: &Service, count: i64) -> SinkId {
    let records: Vec<_> = (0..count).map(|n| at(1_000 + n).seen()).collect();
    service.log.append(&records);
    let sink = service.log.store.add_sink(new("siem"), &service.app.keyring).unwrap();
    let refused = (1..=count).map(|n| NewDeadLetter {
        position: Position(n),
        event_id: format!("h1-{n}"),
        reason: "<b>422</b> no such index".to_owned(),
    });
    let done = Progress { upto: Position(count), refused: refused.collect(), ..Progress::default() };
    service.log.store.delivered(sink.id, sink.reader, done, NOW).await.unwrap();
    sink.id
}

#[tokio::test]
async fn dead_letters_are_counted_paged_and_given_up_only_when_asked_again() {
    let service = Service::new();
    let id = with_dead_letters(&service, 120).await;
    let browser = person(&service, "dana", Role::Admin, Accounts::All).await;
    let letters = || service.log.store.dead_letters(id, 0, 1_000).unwrap();
    let page = service.get(&browser, "/sinks/1").await.text();
    assert!(page.contains("The receiver has refused 120 entries for good, 50 on a page"), "{page}");
    assert!(page.contains("Give up all 120 dead letters?") && !page.contains("<b>422</b>"), "{page}");
    assert_eq!(page.matches("<tr id=\"letter-").count(), 50);
    let next = page.split('"').find(|href| href.starts_with("/sinks/1?after=")).unwrap().to_owned();
    let second = service.get(&browser, &next).await.text();
    assert!(second.contains("<tr id=\"letter-51\"") && !second.contains("<tr id=\"letter-50\""), "{second}");
    let last = service.get(&browser, "/sinks/1?after=100").await.text();
    assert_eq!((last.matches("<tr id=\"letter-").count(), last.contains("Next page")), (20, false));
    // What destroys is no button of the page itself: its form is in what opens first.
    for html in [&page, &second] {
        let outside: String =
            html.split("<dialog").map(|part| part.rsplit("</dialog>").next().unwrap()).collect();
        assert!(!outside.contains("value=\"drop\"") && outside.contains("value=\"again\""), "{outside}");
    }
    let act = async |fields: &[(&str, &str)]| send(&service, &browser, "/sinks/1/letters", fields).await;
    assert_eq!(
        led_to(&act(&[("do", "again"), ("id", "60"), ("after", "50")]).await),
        "/sinks/1?after=50&said=again"
    );
    assert_eq!(letters().iter().filter(|one| one.again).map(|one| one.id).collect::<Vec<_>>(), [60]);
    assert_eq!(
        led_to(&act(&[("do", "drop"), ("id", "61"), ("after", "50")]).await),
        "/sinks/1?after=50&said=given-up"
    );
    assert_eq!(letters().len(), 119);
    assert_eq!(act(&[("do", "drop"), ("id", "sixty")]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(letters().len(), 119, "what cannot be read is not all of them");
    let analyst = person(&service, "ann", Role::Analyst, Accounts::All).await;
    let page = service.get(&analyst, "/sinks/1").await.text();
    assert!(page.contains("Deliver all once more") && !page.contains("value=\"drop\""), "{page}");
    assert_eq!(
        send(&service, &analyst, "/sinks/1/letters", &[("do", "drop")]).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(led_to(&act(&[("do", "drop")]).await), "/sinks/1?said=given-up");
    assert!(letters().is_empty());
}
