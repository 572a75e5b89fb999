//! Secrets that are planted are found nowhere: not in the log or its journal, not in what is logged at the
//! finest level, not in a reply, not in the metrics, not in a backup.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use http::Method;
use hubtrail::access::{Accounts, Role};
use secrecy::ExposeSecret as _;
use serde_json::json;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::prelude::*;

use crate::access_support::{Client, Reply, Service};

const HUBSPOT_TOKEN: &str = "pat-na1-planted-0123456789";
const SINK_TOKEN: &str = "hec-planted-0123456789";
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
    for path in ["/api/v1/users", "/api/v1/tokens", "/api/v1/audit", "/api/v1/session", "/metrics", "/readyz"]
    {
        replies.push((path.to_owned(), service.get(admin, path).await));
    }
    let backup = service.send(admin, Method::POST, "/api/v1/backup", Body::empty()).await;
    replies.push(("backup".to_owned(), backup));
    replies
}

/// A runtime of which every thread, also those that block, says everything to `logged`.
fn talkative(logged: &Captured) -> tokio::runtime::Runtime {
    let layer = tracing_subscriber::fmt::layer().with_writer(logged.clone()).with_ansi(false);
    let subscriber = tracing_subscriber::registry().with(layer.with_filter(LevelFilter::TRACE));
    let dispatch = tracing::Dispatch::new(subscriber);
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    // The thread is gone before its logging would have to be undone.
    let start = move || std::mem::forget(tracing::dispatcher::set_default(&dispatch));
    runtime.worker_threads(2).enable_all().on_thread_start(start).build().unwrap()
}

#[test]
fn planted_secrets_are_found_nowhere() {
    let logged = Captured::default();
    let runtime = talkative(&logged);
    let used = runtime.spawn(plant_and_search(logged));
    runtime.block_on(used).unwrap();
}

async fn plant_and_search(logged: Captured) {
    let service = Service::new();
    let keyring = &service.app.keyring;
    let settings = hubtrail::connector::Settings::new("planted", "http://127.0.0.1:1").unwrap();
    let new = hubtrail::store::NewConnector { settings, created_at: crate::store_support::NOW };
    service.log.store.add_connector(new, secrecy::SecretString::from(HUBSPOT_TOKEN), keyring).unwrap();
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

    let mut secrets = vec![HUBSPOT_TOKEN, SINK_TOKEN, PASSWORD, NEW_PASSWORD, token.expose_secret()];
    secrets.extend(cookies.iter().map(String::as_str));
    let mut places = files(service.log.dir.path());
    assert!(places.iter().any(|(name, _)| name.ends_with("-wal")), "the journal is looked into");
    places.push(("what was logged".to_owned(), logged.0.lock().unwrap().clone()));
    assert!(holds(&places.last().unwrap().1, "somebody could not sign in"), "it is logged at all");
    places.extend(replies.into_iter().map(|(name, reply)| (format!("the reply to {name}"), reply.body)));
    for (place, bytes) in &places {
        for secret in &secrets {
            assert!(!holds(bytes, secret), "{secret} is in {place}");
        }
    }
}
