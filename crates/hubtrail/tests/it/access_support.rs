//! The service without a listener, over a log of its own, and clients of it: browsers with a cookie,
//! programs with a token, and nobody.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use http::{HeaderMap, Method, Request, StatusCode, header};
use hubtrail::access::{Accounts, Actor, PasswordHash, Role, TOKEN_PREFIX, digest, fresh, hint};
use hubtrail::clock::Clock;
use hubtrail::config::{Config, Layers};
use hubtrail::http::{App, router};
use hubtrail::secret::Keyring;
use hubtrail::store::{NewToken, NewUser, Store, User};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::store_support::{Log, NOW};

pub(crate) const PASSWORD: &str = "kettle ferry octagon";

pub(crate) struct Service {
    pub(crate) log: Log,
    pub(crate) app: App,
    pub(crate) router: Router,
}

#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The cookie that a browser would send back.
    pub(crate) fn cookie(&self) -> String {
        let set = self.headers[header::SET_COOKIE].to_str().unwrap();
        set.split(';').next().unwrap().to_owned()
    }
}

/// What a client sends with every request.
#[derive(Clone, Default)]
pub(crate) struct Client(pub(crate) Vec<(String, String)>);

impl Client {
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn token(token: &SecretString) -> Self {
        Self::default().with("authorization", &format!("Bearer {}", token.expose_secret()))
    }
}

pub(crate) fn config(file: &str) -> Config {
    let file = Some(("hubtrail.toml".into(), file.to_owned()));
    Config::from_layers(&Layers { file, data_dir: Some("unused".into()), ..Layers::default() }).unwrap()
}

pub(crate) fn token_over(store: &Store, name: &str, role: Role, accounts: Accounts) -> SecretString {
    let token = fresh(TOKEN_PREFIX).unwrap();
    let new = NewToken {
        name: name.to_owned(),
        digest: digest(token.expose_secret()),
        hint: hint(&token),
        role,
        accounts,
        expires_at: None,
    };
    store.create_token(new, &Actor::command_line(), NOW).unwrap();
    token
}

impl Service {
    pub(crate) fn new() -> Self {
        Self::configured("")
    }

    pub(crate) fn configured(file: &str) -> Self {
        let log = Log::new();
        let mut config = config(file);
        config.storage.data_dir = log.dir.path().to_owned();
        let keyring = Keyring::open(log.dir.path(), None).unwrap();
        let app = App::new(log.store.clone(), Clock::system(), Arc::new(config), keyring);
        let router = router(app.clone());
        Self { log, app, router }
    }

    pub(crate) fn user(&self, name: &str, role: Role, accounts: Accounts) -> User {
        let password = PasswordHash::of_new(&PASSWORD.into(), name).unwrap();
        let new = NewUser { name: name.to_owned(), password, role, accounts };
        self.log.store.create_user(new, &Actor::command_line(), NOW).unwrap()
    }

    pub(crate) fn token(&self, name: &str, role: Role, accounts: Accounts) -> SecretString {
        token_over(&self.log.store, name, role, accounts)
    }

    pub(crate) async fn send(&self, client: &Client, method: Method, path: &str, body: Body) -> Reply {
        self.send_from("127.0.0.1:40000", client, method, path, body).await
    }

    pub(crate) async fn send_from(
        &self,
        peer: &str,
        client: &Client,
        method: Method,
        path: &str,
        body: Body,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "127.0.0.1:8787");
        for (name, value) in &client.0 {
            request = request.header(name, value);
        }
        let peer: SocketAddr = peer.parse().unwrap();
        let request = request.extension(ConnectInfo(peer)).body(body).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Reply { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, client: &Client, path: &str) -> Reply {
        self.send(client, Method::GET, path, Body::empty()).await
    }

    pub(crate) async fn json(&self, client: &Client, method: Method, path: &str, body: &Value) -> Reply {
        let client = client.clone().with("content-type", "application/json");
        self.send(&client, method, path, Body::from(body.to_string())).await
    }

    pub(crate) async fn post(&self, client: &Client, path: &str, body: &Value) -> Reply {
        self.json(client, Method::POST, path, body).await
    }

    pub(crate) async fn try_sign_in(&self, name: &str, password: &str) -> Reply {
        let body = json!({ "name": name, "password": password });
        self.post(&Client::default(), "/api/v1/session", &body).await
    }

    /// A browser in which this person is signed in: the cookie, and the value for changes.
    pub(crate) async fn browser(&self, name: &str) -> Client {
        let reply = self.try_sign_in(name, PASSWORD).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        let csrf = reply.json()["csrf"].as_str().unwrap().to_owned();
        Client::default().with("cookie", &reply.cookie()).with("x-csrf-token", &csrf)
    }
}
