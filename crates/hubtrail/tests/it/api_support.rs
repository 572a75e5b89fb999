//! The service in process: its routes over a log in a directory of its own.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use hubtrail::access::Role;
use hubtrail::clock::Clock;
use hubtrail::config::{Config, Layers};
use hubtrail::connector::ConnectorId;
use hubtrail::http::{App, router};
use hubtrail::secret::Keyring;
use hubtrail::store::Store;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;

use crate::store_support::Log;

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
        let router = served(&log.store, Clock::system());
        Self { log, router }
    }

    pub(crate) fn token(&self, name: &str, role: Role, accounts: Option<&[ConnectorId]>) -> String {
        token(&self.log.store, name, role, accounts)
    }

    pub(crate) fn revoke(&self, token: &str) {
        let conn = rusqlite::Connection::open(self.log.store.path()).unwrap();
        conn.execute("UPDATE token SET revoked_at = 0 WHERE name = ?1", [token]).unwrap();
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

/// All routes over a log.
pub(crate) fn served(store: &Store, clock: Clock) -> Router {
    let dir = store.path().parent().unwrap();
    let layers = Layers { data_dir: Some(dir.to_owned()), ..Layers::default() };
    let config = Arc::new(Config::from_layers(&layers).unwrap());
    router(App { store: store.clone(), clock, config, keyring: Keyring::open(dir, None).unwrap() })
}

/// A token of this name; no accounts means all.
pub(crate) fn token(store: &Store, name: &str, role: Role, accounts: Option<&[ConnectorId]>) -> String {
    let accounts =
        accounts.map(|ids| serde_json::to_string(&ids.iter().map(|id| id.0).collect::<Vec<_>>()).unwrap());
    let digest: [u8; 32] = Sha256::digest(name).into();
    let conn = rusqlite::Connection::open(store.path()).unwrap();
    conn.execute(
        "INSERT INTO token (name, digest, hint, role, accounts, created_at, created_by) VALUES (?1, ?2, '', ?3, ?4, 0, '')",
        rusqlite::params![name, digest, role.as_str(), accounts],
    )
    .unwrap();
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
