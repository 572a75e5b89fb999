//! Servers that are not HubSpot: one that answers what it is told, over TLS if need be, one that breaks
//! connections, and a proxy.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// What each endpoint answers; the others are not found.
#[derive(Clone)]
pub(super) struct Script {
    pub(super) token_info: (u16, String),
    pub(super) page: (u16, String),
    pub(super) refresh: (u16, String),
}

impl Script {
    pub(super) fn good() -> Self {
        let token_info = format!(r#"{{"hubId":{},"scopes":["content"]}}"#, super::ACCOUNT);
        let refresh = r#"{"access_token":"access-1","refresh_token":"refresh-1","expires_in":1800,"token_type":"bearer"}"#;
        Self {
            token_info: (200, token_info),
            page: (200, r#"{"results":[]}"#.to_owned()),
            refresh: (200, refresh.to_owned()),
        }
    }
}

/// A server whose script may be changed while it runs.
pub(super) struct Fake {
    pub(super) address: SocketAddr,
    script: Arc<Mutex<Script>>,
}

impl Fake {
    pub(super) async fn start() -> Self {
        Self::at("127.0.0.1:0".parse().unwrap()).await
    }

    pub(super) async fn at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (script, app) = app();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { address, script }
    }

    /// Behind the certificate.
    pub(super) async fn over_tls(certificate: &Certificate) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (script, app) = app();
        let tls = axum_server::tls_rustls::RustlsConfig::from_pem(
            certificate.pem.clone().into_bytes(),
            certificate.key.clone().into_bytes(),
        );
        let server = axum_server::from_tcp_rustls(listener, tls.await.unwrap()).unwrap();
        tokio::spawn(async move { server.serve(app.into_make_service()).await.unwrap() });
        Self { address, script }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn answers(&self, script: Script) {
        *self.script.lock().unwrap() = script;
    }
}

fn app() -> (Arc<Mutex<Script>>, Router) {
    let script = Arc::new(Mutex::new(Script::good()));
    (Arc::clone(&script), Router::new().fallback(answer).with_state(script))
}

async fn answer(State(script): State<Arc<Mutex<Script>>>, uri: Uri) -> Response {
    let script = script.lock().unwrap().clone();
    let (status, body) = match uri.path() {
        "/oauth/v2/private-apps/get/access-token-info" => script.token_info,
        path if path.starts_with("/cms/") => script.page,
        path if path.starts_with("/oauth/") => script.refresh,
        _ => (404, "{}".to_owned()),
    };
    (StatusCode::from_u16(status).unwrap(), body).into_response()
}

/// A self-signed certificate, and the file by which a client trusts it.
pub(super) struct Certificate {
    pem: String,
    key: String,
    pub(super) file: PathBuf,
}

impl Certificate {
    pub(super) fn of(name: &str, dir: &Path) -> Self {
        let params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        Self::made(params, dir)
    }

    pub(super) fn expired(name: &str, dir: &Path) -> Self {
        let mut params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
        Self::made(params, dir)
    }

    fn made(params: rcgen::CertificateParams, dir: &Path) -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        let file = dir.join("trusted.pem");
        std::fs::write(&file, &pem).unwrap();
        Self { pem, key: key.serialize_pem(), file }
    }
}

/// What is done with each connection.
#[derive(Clone)]
pub(super) enum Breaks {
    /// It is taken, and nothing ever comes.
    Silence,
    /// These bytes, then the end.
    Says(String),
    /// A reset, as soon as something is asked.
    Reset,
}

pub(super) async fn broken(breaks: Breaks) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(break_off(stream, breaks.clone()));
        }
    });
    address
}

async fn break_off(mut stream: TcpStream, breaks: Breaks) {
    let mut asked = [0; 4096];
    if stream.read(&mut asked).await.unwrap_or(0) == 0 {
        return;
    }
    match breaks {
        Breaks::Silence => std::future::pending().await,
        Breaks::Says(bytes) => {
            let _ = stream.write_all(bytes.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
        Breaks::Reset => drop(stream.set_zero_linger()),
    }
}

/// A proxy that leads every tunnel to one address, or refuses all of them.
pub(super) async fn proxy(to: Option<SocketAddr>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(tunnel(stream, to));
        }
    });
    address
}

async fn tunnel(mut stream: TcpStream, to: Option<SocketAddr>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let Some(to) = to else {
        let _ = stream
            .write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            .await;
        return;
    };
    let mut far = TcpStream::connect(to).await.unwrap();
    let _ = stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await;
    let _ = copy_bidirectional(&mut stream, &mut far).await;
}
