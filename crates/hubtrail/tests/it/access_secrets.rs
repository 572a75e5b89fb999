//! Secrets that are planted are found nowhere: not in the log or its journal, not in what is logged at the
//! finest level, not in a reply, not in the metrics, not in a backup.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use http::Method;
use hubspot_audit_api::emulator::oauth::App as PublicApp;
use hubspot_audit_api::emulator::{Config as Account, Emulator};
use hubtrail::access::{Accounts, Role};
use hubtrail::connector::{Credentials, OAuth, Settings};
use hubtrail::http::document;
use hubtrail::http::listen::Listener;
use hubtrail::serve;
use hubtrail::store::NewConnector;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::prelude::*;

use crate::access_support::{self, Client, Reply, Service};
use crate::lab::record;
use crate::serve_support::now;

const HUBSPOT_TOKEN: &str = "pat-na1-planted-0123456789";
const SINK_TOKEN: &str = "hec-planted-0123456789";
const REVOKED_TOKEN: &str = "pat-na1-planted-revoked-77";
const CLIENT_SECRET: &str = "planted-client-secret";
const REFRESH_TOKEN: &str = "planted-refresh-token";
const PASSWORD: &str = "planted kettle ferry";
const NEW_PASSWORD: &str = "planted octagon lamp";

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn holds(bytes: &[u8], secret: &str) -> bool {
    bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
}

/// All that is in the directory, but for the key, which is where it belongs.
fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && path.file_name().unwrap() != "secret.key" {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    found
}

async fn use_everything(service: &Service, admin: &Client) -> Vec<(String, Reply)> {
    let mut replies = Vec::new();
    let user = json!({ "name": "jon", "password": PASSWORD, "role": "analyst" });
    replies.push(("user".to_owned(), service.post(admin, "/api/v1/users", &user).await));
    for password in [PASSWORD, "a wrong password"] {
        replies.push(("sign in".to_owned(), service.try_sign_in("jon", password).await));
    }
    let name = json!({ "name": PASSWORD, "password": "jon" });
    replies.push(("mistaken".to_owned(), service.post(&Client::default(), "/api/v1/session", &name).await));
    let signed_in = &replies[1].1;
    let browser = Client::default()
        .with("cookie", &signed_in.cookie())
        .with("x-csrf-token", signed_in.json()["csrf"].as_str().unwrap());
    let change = json!({ "current": PASSWORD, "new": NEW_PASSWORD });
    let changed = service.json(&browser, Method::PUT, "/api/v1/session/password", &change).await;
    replies.push(("password".to_owned(), changed));
    let broken = format!("{{\"name\": \"eva\", \"password\": \"{PASSWORD}\", \"role\": 7");
    let json = admin.clone().with("content-type", "application/json");
    replies.push((
        "broken".to_owned(),
        service.send(&json, Method::POST, "/api/v1/users", Body::from(broken)).await,
    ));
    service.user("dana", Role::Admin, Accounts::All);
    let dana = service.browser("dana").await.with("accept", "text/html");
    for path in everything() {
        let is_page = !path.starts_with("/api/") && !path.starts_with("/cms/") && path != "/metrics";
        let reply = service.get(if is_page { &dana } else { admin }, &path).await;
        assert!(!reply.status.is_redirection() && reply.status.as_u16() != 401, "{path}: {}", reply.status);
        replies.push((path, reply));
    }
    for connector in CONNECTORS {
        let test = format!("/api/v1/connectors/{connector}/test");
        replies.push((test.clone(), service.send(admin, Method::POST, &test, Body::empty()).await));
    }
    let backup = service.send(admin, Method::POST, "/api/v1/backup", Body::empty()).await;
    replies.push(("backup".to_owned(), backup));
    replies
}

/// What the paths of the API name besides a connector.
const NAMED: [(&str, &str); 9] = [
    ("{position}", "1"),
    ("{userId}", "7"),
    ("{objectId}", "1"),
    ("{channel}", "1"),
    ("{exception}", "1"),
    ("{id}", "1"),
    ("{finding}", "f1-00000000000000000000000000000000"),
    ("{rule}", "many_deletions"),
    ("{sink}", "planted"),
];

/// Every path that can be looked at: of the API by its own document, of the archive and of the console.
fn everything() -> Vec<String> {
    let document = document();
    let paths = document["paths"].as_object().unwrap().iter().filter(|(_, item)| item.get("get").is_some());
    let mut everything = vec!["/metrics".to_owned(), "/readyz".to_owned(), "/cms/v3/audit-logs/".to_owned()];
    for (path, _) in paths.filter(|(path, _)| !path.ends_with("/stream")) {
        for connector in CONNECTORS {
            let path = path.replace("{connector}", connector).replace("{account}", connector);
            let path = NAMED.iter().fold(path, |path, (name, value)| path.replace(name, value));
            assert!(!path.contains('{'), "{path}");
            everything.push(format!("/api/v1{path}"));
        }
    }
    let pages =
        ["", "events", "events/1", "connectors", "status", "status.csv", "settings", "settings/people"];
    everything.extend(pages.iter().map(|page| format!("/{page}")));
    everything.extend(["settings/tokens", "settings/audit", "connectors/new"].map(|page| format!("/{page}")));
    let of_connectors =
        (2..=4).flat_map(|id| ["", "/edit", "/test"].map(|page| format!("/connectors/{id}{page}")));
    everything.extend(of_connectors);
    everything.sort();
    everything.dedup();
    everything
}

/// Collected with a token, as a public app, and with a token that is refused.
const CONNECTORS: [&str; 3] = ["planted", "app", "revoked"];

fn plant(service: &Service, url: &str) {
    let app = OAuth {
        client_id: "app-1".to_owned(),
        client_secret: SecretString::from(CLIENT_SECRET),
        refresh_token: SecretString::from(REFRESH_TOKEN),
    };
    let token = |token: &str| Credentials::from(SecretString::from(token));
    let credentials = [token(HUBSPOT_TOKEN), app.into(), token(REVOKED_TOKEN)];
    for (name, credentials) in CONNECTORS.into_iter().zip(credentials) {
        let settings = Settings { poll_interval_ms: 1_000, ..Settings::new(name, url).unwrap() };
        let new = NewConnector { settings, created_at: crate::store_support::NOW };
        service.log.store.add_connector(new, credentials, &service.app.keyring).unwrap();
    }
}

/// The service at work, until every connector has come to what it can come to.
async fn collected(service: &Service) {
    let facts = || service.log.store.facts().unwrap();
    let done = || {
        let facts = facts();
        let refused =
            |of: &hubtrail::store::StreamFacts| of.failures.iter().any(|it| it.kind == "credentials");
        facts.iter().filter(|of| of.entries == 3).count() == 2 && facts.iter().any(refused)
    };
    let waiting = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let config = access_support::config("[server]\nlisten = \"127.0.0.1:0\"");
    let listener = Listener::bind(&config.server).await.unwrap();
    let patience = tokio::time::timeout(Duration::from_secs(60), waiting);
    let stop = async { patience.await.unwrap_or_else(|_| panic!("not collected: {:?}", facts())) };
    serve::run(service.app.clone(), listener, stop).await.unwrap();
}

/// A runtime of which every thread, also those that block, says everything to `logged`.
fn talkative(logged: &Captured) -> tokio::runtime::Runtime {
    let layer = tracing_subscriber::fmt::layer().with_writer(logged.clone()).with_ansi(false);
    let subscriber = tracing_subscriber::registry().with(layer.with_filter(LevelFilter::TRACE));
    let dispatch = tracing::Dispatch::new(subscriber);
    // With a single one in the process, whoever reaches a place first decides whether it is ever logged.
    let second = tracing::Dispatch::new(tracing_subscriber::registry());
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    // The thread is gone before its logging would have to be undone.
    let start = move || {
        std::mem::forget((tracing::dispatcher::set_default(&dispatch), second.clone()));
    };
    runtime.worker_threads(2).enable_all().on_thread_start(start).build().unwrap()
}

#[test]
fn planted_secrets_are_found_nowhere() {
    // HubSpot's own log is its own.
    let elsewhere =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let app = PublicApp {
        client_id: "app-1".to_owned(),
        client_secret: CLIENT_SECRET.to_owned(),
        refresh_token: REFRESH_TOKEN.to_owned(),
        expires_in_s: 1_800,
        rotates: false,
    };
    let account = Account { token: HUBSPOT_TOKEN.to_owned(), app: Some(app), ..Account::default() };
    let history = (0..3).map(|n| record(now() - 60_000 - n * 1_000, 7, 2, 1)).collect();
    let emulator = elsewhere.block_on(Emulator::start(account, Arc::new(now), history)).unwrap();
    let logged = Captured::default();
    let runtime = talkative(&logged);
    let used = runtime.spawn(plant_and_search(logged, emulator.url()));
    runtime.block_on(used).unwrap();
}

async fn plant_and_search(logged: Captured, hubspot: String) {
    drop(rustls::crypto::ring::default_provider().install_default());
    let service = Service::new();
    plant(&service, &hubspot);
    collected(&service).await;
    let token = service.token("admin", Role::Admin, Accounts::All);
    let sink = json!({
        "name": "planted", "format": "raw", "target": { "kind": "splunk_hec", "url": "http://127.0.0.1:9" },
        "credentials": { "token": SINK_TOKEN },
    });
    let client = Client::token(&token);
    let mut replies = use_everything(&service, &client).await;
    replies.push(("sink".to_owned(), service.post(&client, "/api/v1/sinks", &sink).await));
    for path in ["/api/v1/sinks/planted/test", "/api/v1/sinks/planted/resume"] {
        replies.push((path.to_owned(), service.post(&client, path, &json!({})).await));
    }
    replies.push(("sinks".to_owned(), service.get(&client, "/api/v1/sinks").await));
    let cookies: Vec<String> = replies
        .iter()
        .filter(|(_, reply)| reply.headers.contains_key("set-cookie"))
        .map(|(_, reply)| reply.cookie().split_once('=').unwrap().1.to_owned())
        .collect();
    assert_eq!(cookies.len(), 2);

    let mut secrets =
        vec![HUBSPOT_TOKEN, SINK_TOKEN, REVOKED_TOKEN, CLIENT_SECRET, REFRESH_TOKEN, PASSWORD, NEW_PASSWORD];
    secrets.extend([access_support::PASSWORD, token.expose_secret()]);
    secrets.extend(cookies.iter().map(String::as_str));
    service.log.store.backup(&service.log.dir.path().join("backup.db")).unwrap();
    let mut places = files(service.log.dir.path());
    assert!(places.iter().any(|(name, _)| name.ends_with("backup.db")));
    assert!(places.iter().any(|(name, _)| name.ends_with("-wal")), "the journal is looked into");
    places.push(("what was logged".to_owned(), logged.0.lock().unwrap().clone()));
    for said in ["somebody could not sign in", "connecting to 127.0.0.1", "TRACE"] {
        assert!(holds(&places.last().unwrap().1, said), "what others log is looked into as well: {said}");
    }
    places.extend(replies.into_iter().map(|(name, reply)| (format!("the reply to {name}"), reply.body)));
    for (place, bytes) in &places {
        for secret in &secrets {
            assert!(!holds(bytes, secret), "{secret} is in {place}");
        }
    }
}
