//! The service in process: its routes over a log in a directory of its own.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use hubtrail::access::{Accounts, Actor, Role, digest};
use hubtrail::clock::Clock;
use hubtrail::config::{Config, Layers};
use hubtrail::connector::ConnectorId;
use hubtrail::http::{App, router};
use hubtrail::secret::Keyring;
use hubtrail::store::{NewToken, Store};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::store_support::{Log, NOW};

pub(crate) struct Api {
    pub(crate) log: Log,
    pub(crate) router: Router,
}

pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Api {
    pub(crate) fn new() -> Self {
        let log = Log::new();
        let router = router(app(&log.store, Clock::system()));
        Self { log, router }
    }

    pub(crate) fn token(&self, name: &str, role: Role, accounts: Option<&[ConnectorId]>) -> String {
        token(&self.log.store, name, role, accounts)
    }

    pub(crate) fn revoke(&self, token: &str) {
        let tokens = self.log.store.tokens(&Accounts::All).unwrap();
        let id = tokens.iter().find(|one| one.name == token).unwrap().id;
        self.log.store.revoke_token(id, &Actor::command_line(), NOW).unwrap();
    }

    /// A token that may see all accounts.
    pub(crate) fn viewer(&self) -> String {
        self.token("viewer-of-all", Role::Viewer, None)
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Reply { status, headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Reply {
        self.get_with(token, path, &[]).await
    }

    pub(crate) async fn get_with(&self, token: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
        let mut request = Request::get(path);
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }
}

pub(crate) fn app(store: &Store, clock: Clock) -> App {
    let dir = store.path().parent().unwrap();
    let layers = Layers { data_dir: Some(dir.to_owned()), ..Layers::default() };
    let config = Arc::new(Config::from_layers(&layers).unwrap());
    App::new(store.clone(), clock, config, Keyring::open(dir, None).unwrap())
}

/// A token that is its name; no accounts means all.
pub(crate) fn token(store: &Store, name: &str, role: Role, accounts: Option<&[ConnectorId]>) -> String {
    let accounts = accounts.map_or(Accounts::All, |ids| Accounts::Some(ids.iter().copied().collect()));
    let (digest, hint) = (digest(name), String::new());
    let new = NewToken { name: name.to_owned(), digest, hint, role, accounts, expires_at: None };
    store.create_token(new, &Actor::command_line(), NOW).unwrap();
    name.to_owned()
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn pretty(&self) -> String {
        serde_json::to_string_pretty(&self.json()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The values of one property of each event.
    pub(crate) fn each(&self, property: &str) -> Vec<Value> {
        self.json()["events"].as_array().unwrap().iter().map(|event| event[property].clone()).collect()
    }

    #[track_caller]
    pub(crate) fn assert_problem(&self, status: u16, field: &str, detail: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.body);
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["field"].as_str().unwrap_or_default(), field, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(detail), "{problem}");
    }
}
